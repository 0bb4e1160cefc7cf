"""What policies are judged by: for each replication a number, or a ratio of two, with its unit and its better side.

A ratio is one of means over replications, never a mean of ratios. Which measures there are follows from the dataset.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

Reals = NDArray[np.float64]
HIGHER, LOWER, NEITHER = 1, -1, 0
"""Which side is better."""
PERCENT: Final = 100.0
EXPECTED: Final = ("expected_wins", "expected_revenue")


@dataclass(frozen=True)
class Measure:
    """By replication `top`, over `bottom` where there is one; `name` is its key, `title` what people read."""

    name: str
    title: str
    unit: str
    better: int
    top: Reals
    bottom: Reals | None = None

    @property
    def is_ratio(self) -> bool:
        """Whether it is a ratio of two."""
        return self.bottom is not None


def measures(ds: xr.Dataset, *, coins: bool = False) -> dict[str, Measure]:
    """The measures of a run by name: money and wins, then stages, then teams; with `coins`, wins as they fell."""
    found = [*_totals(ds.drop_vars(EXPECTED, errors="ignore") if coins else ds), *_stages(ds), *_teams(ds)]
    return {each.name: each for each in found}


def margin(ds: xr.Dataset) -> float:
    """The share of revenue that is left when customers were served."""
    money = json.loads(ds.attrs["scenario"]).get("money")
    return float(money["margin"]) if money else 1.0


def months(ds: xr.Dataset) -> float:
    """The measured period in months of 365.25/12 days."""
    return float(ds["bucket_days"].sum()) / (365.25 / 12)


def counted(ds: xr.Dataset, name: str) -> Reals:
    """Wins or revenue by replication: expected ones where the run has them."""
    return _values(ds[f"expected_{name}"] if f"expected_{name}" in ds else ds[name])


def _totals(ds: xr.Dataset) -> Iterator[Measure]:
    money = str(ds.attrs["currency"])
    wins, revenue, cost = counted(ds, "wins"), counted(ds, "revenue"), _values(ds["cost"])
    yield Measure("wins", "wins", "deals", HIGHER, wins)
    yield Measure("revenue", "revenue", money, HIGHER, revenue)
    yield Measure("cost", "cost", money, LOWER, cost)
    left = margin(ds)
    title = "revenue less cost" if left == 1.0 else "margin less cost"
    yield Measure("profit", title, money, HIGHER, left * revenue - cost)
    yield Measure("cac", "cost per win (CAC)", money, LOWER, cost, wins)
    yield Measure("win_rate", "wins per prospect", "%", HIGHER, PERCENT * wins, _values(ds["prospects"]))
    yield Measure("cycle", "mean cycle", "d", LOWER, _values(ds["cycle_sum"]), _values(ds["wins"]))


def _stages(ds: xr.Dataset) -> Iterator[Measure]:
    """Response, promises kept and patience lost, of stages with a team."""
    for at, stage in enumerate(ds["stage"].values):
        if not str(ds["stage_team"].values[at]):
            continue
        here = ds.isel(stage=at)
        yield Measure(
            f"response.{stage}", f"{stage}: mean response", "h", LOWER,
            _values(here["response_time_sum"]), _values(here["served"]),
        )  # fmt: skip
        within, broken = (_values(here[name].sum("bucket")) for name in ("within_sla", "breaches"))
        if (within + broken).any():
            yield Measure(f"sla.{stage}", f"{stage}: within SLA", "%", HIGHER, PERCENT * within, within + broken)
        gave_up, entered = _values(here["abandoned"]), _values(here["entries"].sum("bucket"))
        if gave_up.any():
            yield Measure(f"abandoned.{stage}", f"{stage}: gave up", "%", LOWER, PERCENT * gave_up, entered)


def _teams(ds: xr.Dataset) -> Iterator[Measure]:
    for at, team in enumerate(ds["team"].values):
        open_hours = float(ds["capacity"].isel(team=at).sum())
        busy = _values(ds["busy"].isel(team=at).sum("bucket"))
        hours = np.full(busy.size, open_hours)
        yield Measure(f"utilisation.{team}", f"{team}: busy", "%", NEITHER, PERCENT * busy, hours)
        mine = ds["stage_team"].values == team
        yield Measure(
            f"queue.{team}", f"{team}: in line", "prospects", LOWER,
            _values(ds["queue_length_mean"].isel(stage=mine).sum("stage")),
        )  # fmt: skip


def _values(da: xr.DataArray) -> Reals:
    return np.asarray(da.values, np.float64)
