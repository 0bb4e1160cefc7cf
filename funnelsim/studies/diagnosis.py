"""Where a funnel is held up: what a little more of every capacity, conversion and delay would bring.

Paired finite differences on the same people (Glasserman and Yao 1992 say when that pays): each nudge is run beside the
funnel as it is. A stage is named as degraded if a tenth less work there, or a tenth less time, brings more revenue than
chance allows, by at least `ALARM` of what a tenth more of everything would bring; intervals hold for all nudges at
once. A conversion has no such norm: its worth is told, and no alarm is raised. Beside a funnel that does better, every
stage and team that differs is put right by itself, which names what is worse, conversions too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr

from funnelsim.results.simulate import simulate
from funnelsim.scenario.model import Scenario
from funnelsim.studies.measures import counted, margin, measures, months
from funnelsim.studies.nudges import CAPACITY, CONVERSION, DELAY, RESTORED, SHARE, Nudge, nudges, restorations
from funnelsim.studies.paired import Bound, Pair, Sample, difference, gain
from funnelsim.studies.sentences import digits, span

KIND: Final = "diagnosis"
ALARM: Final = 0.1
"""Elasticity of revenue with respect to a stage's capacity or delay, from which on it is held up."""
Progress = Callable[[int], None]


def diagnose(
    scenario: Scenario,
    *,
    seed: int,
    replications: int = 40,
    level: float = 0.95,
    against: Scenario | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """What every nudge brings, by `nudge`; with `against`, a funnel that does better, what it brings to do as it does.

    `revenue` and `worth` (margin less cost) by the month for one unit of the nudge, `elasticity` (per cent more revenue
    for one per cent less work or time; nan for conversions and reps), each with its interval; `gain` says what pairing
    saves. The attribute `held_up` names the stage that is held up, empty if none is.
    """
    small = _changes(scenario, against)

    def run(of: Scenario) -> xr.Dataset:
        return simulate(of, replications=replications, seed=seed, threads=threads, progress=progress, expected=True)

    base = run(scenario)
    shared = 1.0 - (1.0 - level) / max(1, len(small))
    effects = [_effect(each, base, run(each.apply(scenario)), shared) for each in small]
    return _dataset(base, small, effects, level)


def _changes(scenario: Scenario, against: Scenario | None) -> list[Nudge]:
    return nudges(scenario) if against is None else restorations(scenario, against)


def runs(scenario: Scenario, against: Scenario | None) -> int:
    """How often a diagnosis runs a scenario, the funnel as it is among them."""
    return 1 + len(_changes(scenario, against))


@dataclass(frozen=True)
class _Effect:
    revenue: Bound
    worth: Bound
    elasticity: Bound
    gain: float


def _effect(nudge: Nudge, base: xr.Dataset, nudged: xr.Dataset, level: float) -> _Effect:
    n_months, units = months(base), nudge.amount or _points(nudge, base, nudged)
    one, other = Sample(counted(nudged, "revenue")), Sample(counted(base, "revenue"))
    revenue = difference(one, other, level)
    worth = difference(Sample(_left(nudged)), Sample(_left(base)), level)
    has_norm = nudge.kind in (CAPACITY, DELAY) and nudge.stage != "" and other.value > 0
    per = 1.0 / (other.value * SHARE) if has_norm else float("nan")
    return _Effect(
        _times(revenue, 1 / n_months / units),
        _times(worth, 1 / n_months / units),
        _times(revenue, per),
        gain(Pair(one, other)),
    )


def _left(ds: xr.Dataset) -> Any:
    return margin(ds) * counted(ds, "revenue") - measures(ds)["cost"].top


def _points(nudge: Nudge, base: xr.Dataset, nudged: xr.Dataset) -> float:
    """Percentage points by which more of those who left the stage went on."""
    shares = []
    for ds in (base, nudged):
        here = ds.sel(stage=nudge.stage)
        shares.append(float(here["went_on"].sum()) / max(1.0, float(here["left"].sum())))
    found = 100.0 * (shares[1] - shares[0])
    return found if found > 0 else float("nan")


def _times(bound: Bound, factor: float) -> Bound:
    return Bound(bound.value * factor, bound.low * factor, bound.high * factor, bound.error * factor)


def _dataset(base: xr.Dataset, small: Sequence[Nudge], effects: Sequence[_Effect], level: float) -> xr.Dataset:
    money = f"{base.attrs['currency']} / mo"
    variables: dict[str, Any] = {}
    for name, unit in (("revenue", money), ("worth", money), ("elasticity", "1")):
        for field, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
            numbers = [getattr(getattr(each, name), field) for each in effects]
            variables[name + suffix] = ("nudge", np.array(numbers, float), {"units": unit})
    variables["gain"] = ("nudge", np.array([each.gain for each in effects], float), {"units": "1"})
    coords = {
        "nudge": [each.name for each in small],
        **{
            field: ("nudge", [getattr(each, field) for each in small])
            for field in ("kind", "stage", "team", "what", "unit")
        },
    }
    kept = {
        name: base.attrs[name] for name in ("name", "scenario", "scenario_file", "seed", "replications", "currency")
    }
    attrs = {**kept, "kind": KIND, "title": f"funnelsim: {base.attrs['name']}, diagnosis", "level": level}
    found = xr.Dataset(variables, coords, attrs)
    return found.assign_attrs(held_up=held_up(found))


def held_up(ds: xr.Dataset) -> str:
    """The stage with the largest elasticity of those that an interval holds above the alarm; empty if none is."""
    worst = _worst(ds)
    return "" if worst is None else str(worst["stage"].values or worst["team"].values)


def _worst(ds: xr.Dataset) -> xr.Dataset | None:
    """The nudge that raises the alarm most."""
    restored = (ds["kind"] == RESTORED).values
    low = np.where(restored, ds["revenue_low"].values, ds["elasticity_low"].values - ALARM)
    size = np.where(low > 0, np.where(restored, ds["revenue"].values, ds["elasticity"].values), -np.inf)
    return ds.isel(nudge=int(np.argmax(size))) if (size > 0).any() else None


def sentence(ds: xr.Dataset) -> str:
    """What the diagnosis comes to, in words."""
    worst = _worst(ds)
    if worst is None and (ds["kind"] == RESTORED).any():
        return "Nothing that differs from the better funnel costs revenue beyond chance."
    if worst is None:
        return "No stage is held up: a tenth less work or time anywhere brings no more revenue than chance allows."
    place = str(worst["stage"].values or worst["team"].values)
    if str(worst["kind"].values) == RESTORED:
        value, low, high = (float(worst[f"revenue{end}"]) for end in ("", "_low", "_high"))
        unit = f"{ds.attrs['currency']} a month"
        more = f"{digits(value, high - low)} {unit} more ({span(low, high)})"
        return f"{place} is worse: as in the better funnel it brings {more}."
    value, low, high = (100 * SHARE * float(worst[f"elasticity{end}"]) for end in ("", "_low", "_high"))
    of = f" (team {worst['team'].values})" if str(worst["team"].values) else ""
    what = worst["what"].values
    return f"{place}{of} is held up: {what} there brings {value:.1f}% more revenue ({low:.1f} to {high:.1f}%)."


__all__ = ["ALARM", "CONVERSION", "KIND", "diagnose", "held_up", "sentence"]
