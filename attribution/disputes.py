"""Disputes: the journeys inside which two models place conversions on other channels, and what each of them says."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from scipy import sparse

from attribution.comparison import CAVEAT
from attribution.journeys.alike import paths_of
from attribution.journeys.cells import cells_of, journey_of_touch
from attribution.journeys.pieces import Pieces
from attribution.journeys.ragged import Codes, Ints, Journeys, Reals
from attribution.journeys.transforms import collapse
from attribution.models.credit import CreditModel, called_once
from attribution.shares import touch_shares

ALIKE: Final = ("path", "runs", "channels")
"""Journeys that are counted together: of one path; of one path once touches that repeat the one before are gone; of the
same channels, in whatever order and number."""
PLACED: Final = "conversions that the models place on other channels"


def disagreement_by_journey(
    journeys: Journeys, one: CreditModel, other: CreditModel, most: int | None = 20, *, alike: str = "path"
) -> xr.Dataset:
    """The journeys on which two models disagree most, by `path`, those on which they place the most conversions
    elsewhere first; `most` of them, or all.

    Journeys that went `alike` are one: of one `path`, of one path once `runs` of a channel are one touch, or of the
    same `channels`: where hardly two paths are the same, these say more. Variables: `journeys` and `conversions` of
    each path, `credit` (conversions, by model, path and channel), `placed_elsewhere` (half the sum of differences
    between the credits of channels inside the path) and `share` of all that is placed elsewhere; `rest`, by model and
    channel, is the credit on paths that are not shown.
    Credits of one model less those of the other, summed over paths with the rest, are the difference between the credit
    of channels. Attributes say how many paths there are (`paths`), and how many conversions are placed elsewhere on
    all of them.

    Raises ValueError for a model that hands out all conversions together (see `attribution.shares`).
    """
    if isinstance(journeys, Pieces):
        raise ValueError("disagreement by journey: journeys in pieces; ask for each piece by itself")
    if most is not None and most < 1:
        raise ValueError(f"disagreement by journey: most: {most}; it must be at least 1, or None for all")
    models = called_once([one, other])
    journeys = journeys.take(np.diff(journeys.offsets) > 0)
    shares = [touch_shares(model, journeys)[0] for model in models]
    group, example, shown = _grouped(journeys, alike)
    credit = [_credit(journeys, group, example.size, each) for each in shares]
    apart = np.asarray(abs(credit[0] - credit[1]).sum(axis=1), np.float64).ravel() / 2.0
    total, disputed = float(apart.sum()), np.flatnonzero(apart > ROUNDING * journeys.conversions)
    first = disputed[np.argsort(-apart[disputed], kind="stable")][:most]
    found = np.stack([each[first].toarray() for each in credit])
    of = np.bincount(group, journeys.converted + journeys.lost, example.size)
    whole = np.stack([np.asarray(each.sum(axis=0), np.float64).ravel() for each in credit])
    told = {"units": "conversions", "long_name": "conversions credited"}
    return xr.Dataset(
        {
            "journeys": ("path", of[first], {"units": "journeys"}),
            "conversions": ("path", np.bincount(group, journeys.converted, example.size)[first], told | {
                "long_name": "conversions of these journeys"
            }),
            "credit": (("model", "path", "channel"), found, told),
            "placed_elsewhere": ("path", apart[first], told | {"long_name": PLACED}),
            "share": ("path", apart[first] / total if total else apart[first], {
                "units": "1", "long_name": "share of all that is placed elsewhere"
            }),
            "rest": (("model", "channel"), whole - found.sum(1), told | {"long_name": "credit on other paths"}),
        },
        coords={
            "model": [model.label for model in models],
            "path": [_name(shown, int(example[at]), alike) for at in first],
            "channel": list(journeys.channels),
        },
        attrs={
            "says": CAVEAT,
            "alike": alike,
            "paths": int((np.bincount(group, journeys.converted, example.size) > 0).sum()),
            "disputed_paths": int(disputed.size),
            "placed_elsewhere": total,
            "conversions": journeys.conversions,
        },
    )  # fmt: skip


ROUNDING: Final = 1e-12
"""Part of all conversions below which a difference is none."""


def _grouped(journeys: Journeys, alike: str) -> tuple[Codes, Ints, Journeys]:
    """Which group each journey is of, the first journey of each group, and journeys whose paths are the groups' own."""
    if alike not in ALIKE:
        raise ValueError(f"alike is {alike!r}; it must be one of {', '.join(ALIKE)}")
    shown = journeys
    if alike == "channels":
        cells = cells_of(journeys)
        sizes = np.bincount(cells.journey, minlength=journeys.n)
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        counts = journeys.converted, journeys.lost, journeys.value
        shown = Journeys(journeys.channels, offsets, cells.channel, *counts)
    elif alike == "runs":
        shown = collapse(journeys)
    group, example = paths_of(shown)
    return group, example, shown


def _credit(journeys: Journeys, group: Codes, n_groups: int, shares: Reals) -> Any:
    """Conversions by group and channel, from shares by touch."""
    whose = journey_of_touch(journeys)
    given = shares * journeys.converted[whose]
    shape = (n_groups, len(journeys.channels))
    return sparse.csr_array(sparse.coo_array((given, (group[whose], journeys.channel)), shape=shape))


def _name(shown: Journeys, journey: int, alike: str) -> str:
    codes = shown.channel[shown.offsets[journey] : shown.offsets[journey + 1]]
    return (" + " if alike == "channels" else " > ").join(shown.channels[code] for code in codes)


def disagreement_in_words(found: xr.Dataset) -> pd.DataFrame:
    """What `disagreement_by_journey` found, a line a path: on which channels each model places what the other does not.

    Touches of a channel that follow each other are told once with their number, as `mail x3`.
    """
    one, other = map(str, found["model"].values)
    more = (found["credit"].sel(model=one) - found["credit"].sel(model=other)).transpose("path", "channel").values
    channels = [str(each) for each in found["channel"].values]
    lines = {
        "path": [_short(str(path)) for path in found["path"].values],
        "conversions": found["conversions"].values,
        "placed elsewhere": found["placed_elsewhere"].values.round(1),
        "of all (%)": (100 * found["share"].values).round(1),
        f"more by {one}": [_more(channels, row) for row in more],
        f"more by {other}": [_more(channels, -row) for row in more],
    }
    return pd.DataFrame(lines)


def _short(path: str) -> str:
    """A path with runs told once."""
    runs = [(name, len(list(touches))) for name, touches in groupby(path.split(" > "))]
    return " > ".join(f"{name} x{n}" if n > 1 else name for name, n in runs)


def _more(channels: list[str], row: Reals) -> str:
    """Channels that get more, the largest first."""
    order = [at for at in np.argsort(-row, kind="stable") if row[at] > 0.05]
    return ", ".join(f"{channels[at]} {row[at]:,.1f}" for at in order)
