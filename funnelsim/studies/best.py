"""The best point of a sweep, which others may be as good, and that in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from funnelsim.core.problems import ScenarioError
from funnelsim.studies.growing import no_measure
from funnelsim.studies.measures import NEITHER
from funnelsim.studies.paired import Sample
from funnelsim.studies.screening import contenders
from funnelsim.studies.sentences import digits, span
from funnelsim.studies.sweep import AS_WRITTEN


@dataclass(frozen=True)
class Best:
    """By a measure the point whose value is best, and all that may be the best, it among them."""

    measure: str
    at: dict[str, str]
    cell: xr.Dataset
    rivals: list[dict[str, str]]
    n: int


def paths(ds: xr.Dataset) -> list[str]:
    """What is varied."""
    return [str(name).removesuffix(AS_WRITTEN) for name in ds.coords if str(name).endswith(AS_WRITTEN)]


def flat(ds: xr.Dataset) -> xr.Dataset:
    """The dataset with a dimension `point` in the place of those of a grid."""
    if "point" in ds.dims:
        return ds
    stacked = ds.stack(point=paths(ds), create_index=False)
    return stacked.transpose("point", ...)


def judged_by(ds: xr.Dataset, measure: str | None = None) -> str:
    """The measure that points are judged by: what was asked for, else profit, or wins where there is no revenue."""
    if measure is None:
        return "profit" if float(abs(ds["value"].sel(measure="revenue")).max()) > 0 else "wins"
    known = [str(each) for each in ds["measure"].values if int(ds["better"].sel(measure=each)) != NEITHER]
    if measure not in known:
        raise ScenarioError([no_measure(measure, known)])
    return measure


def samples(ds: xr.Dataset, measure: str) -> list[Sample]:
    """A measure by replication, of each point."""
    own = flat(ds).sel(measure=measure)
    ratio = bool(own["is_ratio"])
    return [
        Sample(top, bottom if ratio else None)
        for top, bottom in zip(own["top"].values, own["bottom"].values, strict=True)
    ]


def may_be_best(ds: xr.Dataset, measure: str) -> Any:
    """Of each point, in the order of `flat`, whether it may be the best."""
    return contenders(samples(ds, measure), int(ds["better"].sel(measure=measure)), float(ds.attrs["level"]))


def best(ds: xr.Dataset, measure: str | None = None) -> Best:
    """The best point by a measure; ScenarioError for one that there is not, or of which neither side is better."""
    chosen = judged_by(ds, measure)
    points = flat(ds)
    values = int(ds["better"].sel(measure=chosen)) * points["value"].sel(measure=chosen).values
    top = int(np.argmax(np.where(np.isfinite(values), values, -np.inf)))
    rivals = [at_point(points, int(at)) for at in np.flatnonzero(may_be_best(ds, chosen))]
    return Best(chosen, at_point(points, top), points.isel(point=top).sel(measure=chosen), rivals, values.size)


def at_point(points: xr.Dataset, at: int) -> dict[str, str]:
    """The values of a point, as they are written."""
    return {path: str(points[path + AS_WRITTEN].values[at]) for path in paths(points)}


def best_sentence(ds: xr.Dataset, measure: str | None = None) -> str:
    """The best point by a measure, and how sure that is."""
    found = best(ds, measure)
    value, low, high = (float(found.cell[name]) for name in ("value", "value_low", "value_high"))
    what = (
        f"{found.cell['title'].values!s}: {digits(value, high - low)} {found.cell['unit'].values!s} ({span(low, high)})"
    )
    said = f"Best by {what} at {_at(found.at)}."
    sure = f"with {100 * ds.attrs['level']:g}% the best is among them"
    others = [rival for rival in found.rivals if rival != found.at]
    if not others:
        return f"{said} No other of the {found.n} points may be as good, at {100 * ds.attrs['level']:g}%."
    named = "; ".join(_at(each) for each in others[:4]) + (f"; and {len(others) - 4} more" if len(others) > 4 else "")
    return f"{said} Of the {found.n - 1} others {len(others)} may be as good ({named}): {sure}."


def _at(point: Mapping[str, str]) -> str:
    return ", ".join(f"{path}={value}" for path, value in point.items())
