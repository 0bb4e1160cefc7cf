"""Where a forecast starts: an empty funnel, one that runs as ever, or the deals that are open; and when it ends.

A warm-up that a scenario does not have is worked out by MSER (White 1997): of a pilot's prospects in each stage, week
by week, as much is left out as makes the mean of the rest the surest; the stage that takes longest decides,
and the warm-up is twice as long.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, get_args

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.core.problems import Problem, ScenarioError, did_you_mean
from funnelsim.results.simulate import simulate
from funnelsim.scenario.loading import changed
from funnelsim.scenario.model import Horizon, Scenario, horizon_of
from funnelsim.scenario.moments import say_moment
from funnelsim.scenario.refusal import Refusal

Start = Literal["empty", "steady", "pipeline"]
STARTS: Final = get_args(Start)
PILOT_WEEKS, PILOTS = 208, 10
WEEK: Final = 7 * 86_400.0


def started(scenario: Scenario, start: str | None, horizon: str | None, *, seed: int) -> tuple[Scenario, str]:
    """The scenario that a forecast runs, by month, and its start: the one asked for, else what the scenario has.

    The horizon counts from the first instant that is measured; by default it ends where the scenario's does. Raises
    ScenarioError where the scenario cannot start or end like that.
    """
    chosen = _chosen(scenario, start)
    begins = scenario.start
    if begins is None:
        if chosen == "steady" and scenario.warmup == 0.0:
            rule = "a steady state needs a date to start from"
            raise _problem("start", "first lead", rule, "write start: 2026-01-05")
        if horizon is not None:
            rule = "a horizon counts from a date, and this scenario starts with its first lead"
            raise _problem("horizon", horizon, rule, "leave it out, or write start: 2026-01-05")
        return changed(scenario, {"bucket": "month", **_funnel(chosen, scenario)}), chosen
    warmup = timedelta(seconds=0.0 if chosen == "empty" else scenario.warmup)
    lead_in = timedelta(0)
    if chosen == "steady" and not warmup:
        lead_in = timedelta(days=7 * settling_weeks(scenario, seed=seed))
        warmup = lead_in
    first = begins + warmup - lead_in
    end = _end(scenario.horizon, begins, first, horizon)
    changes: dict[str, object] = {
        "bucket": "month",
        "start": say_moment(begins - lead_in),
        "warmup": f"{warmup.total_seconds():.0f} s",
        **_funnel(chosen, scenario),
    }
    if end is not None:
        changes["horizon"] = f"{(end - begins + lead_in).total_seconds():.0f} s"
    return changed(scenario, changes), chosen


def _chosen(scenario: Scenario, start: str | None) -> str:
    if start is None:
        return "pipeline" if scenario.pipeline else "steady" if scenario.warmup > 0.0 else "empty"
    if start not in STARTS:
        raise _problem("start", start, f"a forecast starts {', '.join(STARTS)}", did_you_mean(start, STARTS))
    if start == "pipeline" and scenario.pipeline is None:
        remedy = "write pipeline: {deals: [{stage: demo, age: 12 d}]}, or start steady"
        raise _problem("start", start, f"{scenario.name} has no open deals", remedy)
    return start


def _funnel(start: str, scenario: Scenario) -> dict[str, object]:
    """Open deals are there only where a forecast starts with them."""
    return {"pipeline": None} if start != "pipeline" and scenario.pipeline is not None else {}


def _end(own: Horizon, begins: datetime, first: datetime, horizon: str | None) -> datetime | None:
    """The end of a forecast; None while it hangs on a lead list."""
    if horizon is None:
        return own.end(begins)
    try:
        wanted = horizon_of(horizon)
    except Refusal as refusal:
        raise _problem("horizon", horizon, refusal.rule or refusal.found, "write 12 mo or 52 w") from None
    if wanted.after_last is not None:
        raise _problem("horizon", horizon, "a forecast's horizon is a time", "write 12 mo or 52 w")
    return wanted.end(first)


def settling_weeks(scenario: Scenario, *, seed: int) -> int:
    """Weeks until an empty funnel runs as ever; raises ScenarioError if it does not within two years."""
    changes = {"warmup": "0 s", "bucket": "week", "horizon": f"{PILOT_WEEKS} w"}
    pilot = changed(scenario, {**changes, **_funnel("steady", scenario)})
    ds = simulate(pilot, replications=PILOTS, seed=seed)
    open_stages = ds["stage_kind"].values == "open"
    # The weeks at both ends may be cut short by the calendar.
    there = ds["work_in_process"].isel(stage=open_stages, bucket=slice(1, -1)).mean("replication")
    weeks = max((truncation(np.asarray(there.isel(stage=at).values)) for at in range(there.sizes["stage"])), default=0)
    if weeks >= PILOT_WEEKS // 2 - 2:
        slowest = _rising(there)
        rule = f"{slowest} still fills after {PILOT_WEEKS // 2} weeks, so there is no steady state to start from"
        raise _problem("start", "steady", rule, "write warmup: 26 w, more reps, or start empty")
    # MSER stops where what is left of the filling is small beside chance; a forecast of many runs sees it.
    return 2 * weeks + 1


def _rising(there: xr.DataArray) -> str:
    """The stage that fills most in the second half of a pilot."""
    half = there.sizes["bucket"] // 2
    growth = there.isel(bucket=slice(half, None)).mean("bucket") - there.isel(bucket=slice(None, half)).mean("bucket")
    return str(there["stage"].values[int(np.argmax(growth.values))])


def truncation(series: NDArray[np.float64]) -> int:
    """How many values at the beginning of a series to leave out, at most half of them: MSER (White 1997)."""
    n = series.size
    if n < 4 or np.ptp(series) == 0.0:
        return 0
    kept = np.arange(n, 0, -1)
    sums, squares = (np.cumsum(each[::-1])[::-1] for each in (series, series**2))
    scores = np.maximum(0.0, squares - sums**2 / kept) / kept**2.0
    return int(np.argmin(scores[: n // 2 + 1]))


def _problem(key: str, value: object, rule: str, remedy: str) -> ScenarioError:
    return ScenarioError([Problem(f"--{key}", None, str(value), rule, "", remedy)])
