"""Runs of one scenario that follow each other, joined to the run they would have been at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import xarray as xr

ADDED: Final = ("replications", "events", "prospects")
"""Attributes that add up."""


def joined(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """The dataset of all replications of some runs, each of which begins where the one before it ends.

    Equal to that of a single run, but for when it was made. Raises ValueError where a run does not follow.
    """
    for before, after in pairwise(parts):
        due = before.attrs["first"] + before.attrs["replications"]
        if after.attrs["first"] != due or after.attrs["seed"] != before.attrs["seed"]:
            found = f"replication {after.attrs['first']} of seed {after.attrs['seed']}"
            raise ValueError(f"found {found}; replication {due} of seed {before.attrs['seed']} must follow")
    if len(parts) == 1:
        return parts[0]
    whole = xr.concat(
        parts, "replication", data_vars="minimal", coords="minimal", compat="override", join="override",
        combine_attrs="override",
    )  # fmt: skip
    sums = {name: sum(part.attrs[name] for part in parts) for name in ADDED}
    most = max(part.attrs["most_at_once"] for part in parts)
    return whole.assign_attrs(**sums, most_at_once=most, created=parts[-1].attrs["created"])
