"""A forecast: months ahead with bands, from assumptions that nobody knows exactly and from luck.

Bands are quantiles of all runs together: draws of the assumptions, each run several times. Deals count in the month in
which they are won; what is open at the end counts nowhere. Every run throws its coins: expected values would hide luck.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.scenario.loading import changed
from funnelsim.scenario.model import Scenario
from funnelsim.studies.importance import METHOD as IMPORTANCE
from funnelsim.studies.importance import importance
from funnelsim.studies.starts import started
from funnelsim.studies.targets import Target, chance, target_of
from funnelsim.studies.uncertainty import BATCH, METHOD, QUANTILES, Pool, pooled, sizes, split
from funnelsim.studies.windows import first_and_end

KIND: Final = "forecast"
BY_MONTH: Final = ("revenue", "bookings", "wins", "cost")
"""Measures by month."""
DAILY_BATCH: Final = 25
Reals = NDArray[np.float64]
Progress = Callable[[int], None]


def forecast(
    scenario: Scenario,
    *,
    seed: int,
    horizon: str | None = None,
    start: str | None = None,
    target: float | str | None = None,
    by: str | date | None = None,
    draws: int | None = None,
    replications: int | None = None,
    level: float = 0.95,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Revenue, bookings, wins, cost and the load of teams by month, with bands, and the chance of a target.

    `value` by `measure`, `draw`, `replication` and `month`; `band` and `mean` of it by month, `total_band` of the sum
    until the end of each month; `busy` in reps and `utilisation` by team and month, likewise with bands; shares of the
    variance of revenue by assumption; `chance` with its interval. `horizon` counts from the first measured instant
    (default: the scenario's); `start` is empty, steady or pipeline (default: what the scenario has). 200 draws of 5
    replications; without ranges one of 1000. Raises ScenarioError.
    """
    funnel, began = started(scenario, start, horizon, seed=seed)
    first, end = first_and_end(funnel)
    aim = target_of(target, by, scenario.currency, first, end)
    daily = aim is not None and aim.before != end and aim.before.day != 1
    if daily:
        funnel = changed(funnel, {"bucket": "day"})
    n, each = sizes(scenario, draws, replications)
    pool = pooled(
        funnel, _taken, draws=n, replications=each, seed=seed, threads=threads, progress=progress,
        batch=DAILY_BATCH if daily else BATCH,
    )  # fmt: skip
    ds = _by_month(pool, level)
    ds = _explained(ds, pool, aim, seed, level)
    asked = {"target": aim.amount, "by": aim.day.isoformat()} if aim is not None else {}
    return ds.assign_attrs(
        {
            **pool.attributes, **asked, "kind": KIND, "title": f"funnelsim: {scenario.name}, forecast", "start": began,
            "draws": n, "replications": each, "level": level, "variance_method": METHOD,
            "importance_method": IMPORTANCE,
        }
    )  # fmt: skip


def _taken(ds: xr.Dataset) -> dict[str, NDArray[Any]]:
    """What a forecast keeps of a run: by bucket the measures, and hours of teams."""
    n = ds.sizes["replication"]
    revenue = np.asarray(ds["revenue_by_bucket"].values, np.float64)
    more = [ds[name].sum(["channel", "segment"]).values for name in ("renewed", "expanded") if name in ds]
    columns = [revenue, revenue + sum(more), ds["wins_by_bucket"].values, ds["cost_by_bucket"].values]
    open_hours = np.broadcast_to(ds["capacity"].values, (n, *ds["capacity"].shape))
    return {
        "value": np.stack(columns, axis=1).astype(np.float64),
        "busy": np.asarray(ds["busy"].values, np.float64),
        "open": np.asarray(open_hours, np.float64),
        "reps": np.broadcast_to(_reps(ds), (n, ds.sizes["team"])),
        # The same in every run; kept once.
        "starts": np.broadcast_to(ds["bucket"].values, (n, ds.sizes["bucket"])),
        "days": np.broadcast_to(ds["bucket_days"].values, (n, ds.sizes["bucket"])),
        "teams": np.broadcast_to(ds["team"].values, (n, ds.sizes["team"])),
    }


def _reps(ds: xr.Dataset) -> NDArray[np.int64]:
    """Reps by team."""
    return np.array([(ds["rep_team"].values == team).sum() for team in ds["team"].values], np.int64)


def _by_month(pool: Pool, level: float) -> xr.Dataset:
    """Everything by month, with bands."""
    starts, days = pool.taken["starts"][0, 0], pool.taken["days"][0, 0]
    firsts, of_month = np.unique(starts.astype("datetime64[M]"), return_inverse=True)
    edges = np.flatnonzero(np.diff(of_month, prepend=-1))
    value, busy, hours = (np.add.reduceat(pool.taken[name], edges, axis=axis) for name, axis in _AXES)
    months = np.maximum(firsts.astype("datetime64[ns]"), starts[0].astype("datetime64[ns]"))
    value, sums = np.moveaxis(value, 2, 0), np.moveaxis(value.cumsum(axis=3), 2, 0)
    used = np.divide(busy, hours, out=np.zeros_like(busy), where=hours > 0)
    # Busy reps: of those employed, as many as are busy at a time when the team is open.
    reps = used * pool.taken["reps"][:, :, None, :]
    return xr.Dataset(
        {
            "value": (("measure", "draw", "replication", "month"), value, {"units": "as the measure"}),
            **_bands("", ("measure", "month"), value),
            **_bands("total_", ("measure", "month"), sums),
            **_bands("busy_", ("team", "month"), np.moveaxis(reps, 3, 0), "reps"),
            **_bands("utilisation_", ("team", "month"), np.moveaxis(used, 3, 0), "1"),
        },
        {
            "measure": list(BY_MONTH),
            "unit": ("measure", [pool.attributes["currency"], pool.attributes["currency"], "deals",
                                 pool.attributes["currency"]]),
            "month": months,
            "month_days": ("month", np.add.reduceat(days, edges), {"units": "days"}),
            "quantile": list(QUANTILES),
            "team": pool.taken["teams"][0, 0],
        },
    )  # fmt: skip


_AXES: Final = (("value", 3), ("busy", 2), ("open", 2))


def _bands(name: str, dims: tuple[str, ...], of: Reals, units: str = "as the measure") -> dict[str, Any]:
    """Quantiles and means over draws and replications, which stand behind the first dimension."""
    flat = of.reshape(of.shape[0], -1, of.shape[-1])
    quantiles = np.moveaxis(np.quantile(flat, QUANTILES, axis=1), 0, -1)
    return {
        f"{name}band": ((*dims, "quantile"), quantiles, {"units": units}),
        f"{name}mean": (dims, flat.mean(axis=1), {"units": units}),
    }


def _explained(ds: xr.Dataset, pool: Pool, aim: Target | None, seed: int, level: float) -> xr.Dataset:
    """With what explains revenue until the target's day, or the end, and the chance of the target."""
    revenue = _revenue_before(pool, aim)
    parts = split(revenue, level)
    found = importance(pool.draws["value"].values, revenue, seed=seed, level=level)
    columns = {
        f"explained{suffix}": ("assumption", getattr(found, name), {"units": "1"})
        for name, suffix in (("share", ""), ("low", "_low"), ("high", "_high"))
    }
    columns |= {
        "direction": ("assumption", found.direction, {"units": "1"}),
        "comes_first": ("assumption", found.first, {"units": "1"}),
    }
    known = {f"assumptions_share{suffix}": ((), getattr(parts, name), {"units": "1"})
             for name, suffix in (("share", ""), ("low", "_low"), ("high", "_high"))}  # fmt: skip
    if aim is not None:
        reached = chance(revenue >= aim.amount, level)
        known |= {f"chance{suffix}": ((), getattr(reached, name), {"units": "1"})
                  for name, suffix in (("value", ""), ("low", "_low"), ("high", "_high"))}  # fmt: skip
    drawn = pool.draws.rename(value="assumed", unit="assumption_unit")
    counted = {"counted": (("draw", "replication"), revenue, {"units": pool.attributes["currency"]})}
    return ds.assign({**columns, **known, **counted}).merge(drawn)


def _revenue_before(pool: Pool, aim: Target | None) -> Reals:
    """Revenue until the target's day, or until the end, by draw and replication."""
    revenue = pool.taken["value"][:, :, 0]
    if aim is None:
        return np.asarray(revenue.sum(axis=2))
    starts = pool.taken["starts"][0, 0]
    before = starts.astype("datetime64[s]") < np.datetime64(aim.before, "s")
    return np.asarray(revenue[:, :, before].sum(axis=2))


def last_day(ds: xr.Dataset) -> date:
    """The last day of a forecast."""
    return (datetime.fromisoformat(ds.attrs["measured_until"]) - timedelta(seconds=1)).date()
