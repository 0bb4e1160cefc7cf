"""Where prospects went in the measured period, as a map: ways between stages, losses, returns, and who is still there.

Every number is a mean over replications of prospects who took the way in the period. Who came back has no exit of its
own: it is what entered a stage beyond those who were new there and those who took an exit to it.
"""

from __future__ import annotations

import json
from typing import Final

import numpy as np
import xarray as xr

from funnelsim.results.intervals import Bounds, mean_bounds, rows

NEW: Final = "new"
AGAIN: Final = "back again"
LOST: Final = "lost"
"""Where ways begin and end that are no way between two stages."""


def flow_map(ds: xr.Dataset) -> xr.Dataset:
    """By `way`: `mean`, `low` and `high`, `kind` (new, on, back, lost, again), and the stages `of` and `to`.

    A way `back` leads to a stage before its own in the file; `again` brings back those who were lost. Exits of one
    stage that lead to the same place count together. By `stage`, lost ones left out: `through`, the mean of entries.
    """
    kinds = dict(zip(ds["stage"].values.tolist(), ds["stage_kind"].values.tolist(), strict=True))
    order = [name for name, kind in kinds.items() if kind != "lost"]
    place = {name: at for at, name in enumerate(order)}
    found: dict[tuple[str, str, str], xr.DataArray] = {}
    exits, entries = ds["exits"].sum("bucket"), ds["entries"].sum("bucket")
    known = {name: entries.isel(stage=0) * 0 for name in order}
    for at, (of, to) in enumerate(zip(ds["exit_stage"].values.tolist(), ds["exit_to"].values.tolist(), strict=True)):
        kind = "lost" if to not in place else "on" if place[to] > place[of] else "back"
        key = (kind, of, LOST if kind == "lost" else to)
        found[key] = found.get(key, 0) + exits.isel(exit=at)
        if to in known:
            known[to] = known[to] + exits.isel(exit=at)
    for name, came in _newcomers(ds, order).items():
        found["new", NEW, name] = came
        known[name] = known[name] + came
    for name in order:
        # A deal that was open when a replayed list began, or a prospect at the edge of the period, is no return.
        rest = entries.sel(stage=name) - known[name]
        if _comes_back(ds, name) and float(rest.mean()) > 0:
            found["again", AGAIN, name] = rest
    return _dataset({key: value for key, value in found.items() if float(value.mean()) > 0}, entries, order)


def _dataset(found: dict[tuple[str, str, str], xr.DataArray], entries: xr.DataArray, order: list[str]) -> xr.Dataset:
    ways = [mean_bounds(np.asarray(value.values, float)[:, None]) for value in found.values()]
    columns = {name: ("way", np.array([getattr(each, name)[0] for each in ways])) for name in ("mean", "low", "high")}
    through: Bounds = mean_bounds(rows(entries.sel(stage=order)))
    labels = {name: ("way", np.array([key[at] for key in found], "U")) for at, name in enumerate(("kind", "of", "to"))}
    return xr.Dataset({**columns, "through": ("stage", through.mean)}, {**labels, "stage": np.array(order, "U")})


def _newcomers(ds: xr.Dataset, order: list[str]) -> dict[str, xr.DataArray]:
    """Those born in the period, by the stage that their channel enters."""
    channels = json.loads(ds.attrs["scenario"])["channels"]
    born = ds["prospects_by"].sum(["bucket", "segment"])
    out: dict[str, xr.DataArray] = {}
    for at, name in enumerate(ds["channel"].values.tolist()):
        # The labels of a replayed list are no channels of the file: its leads begin where the list says, or first.
        stage = (channels.get(name) or {}).get("enters") or order[0]
        out[stage] = out.get(stage, 0) + born.isel(channel=at)
    return out


def _comes_back(ds: xr.Dataset, stage: str) -> bool:
    """Whether some lost stage sends people back to a stage."""
    stages = json.loads(ds.attrs["scenario"])["stages"]
    return any((each.get("recycle") or {}).get("to") == stage for each in stages.values())
