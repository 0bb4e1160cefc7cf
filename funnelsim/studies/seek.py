"""Goal seek: the value of an assumption at which a goal is met, with an interval, on the same people at all values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import xarray as xr

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.results.simulate import simulate
from funnelsim.scenario.model import Scenario
from funnelsim.studies.compare import KEPT
from funnelsim.studies.goals import Goal, check_unit, goal_of
from funnelsim.studies.growing import Progress, no_measure
from funnelsim.studies.measures import Measure, measures
from funnelsim.studies.paired import Bound, Sample, bounded
from funnelsim.studies.points import in_force
from funnelsim.studies.roots import root
from funnelsim.studies.varied import Varied, scale, varied, written

KIND: Final = "seek"
MOST: Final = 200
"""Values of a list."""
METHOD: Final = "the values whose mean a t test does not tell from the goal (test inversion, Fieller 1954)"


@dataclass
class _Curve:
    """The measure at values of a path, each run once."""

    scenario: Scenario
    path: str
    goal: Goal
    replications: int
    seed: int
    level: float
    threads: int | None
    progress: Progress | None
    found: dict[Any, tuple[Measure, Bound]] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)

    def at(self, value: Any) -> Bound:
        """How much more there is than the goal, with its interval."""
        if value not in self.found:
            (variant,) = in_force(self.scenario, [{self.path: value}])
            ds = simulate(
                variant.scenario, replications=self.replications, seed=self.seed, threads=self.threads,
                progress=self.progress,
            )  # fmt: skip
            every = measures(ds)
            if self.goal.measure not in every:
                raise ScenarioError([no_measure(self.goal.measure, list(every))])
            own = every[self.goal.measure]
            check_unit(self.goal, own, "--goal")
            self.said = self.said or {name: ds.attrs[name] for name in KEPT}
            self.found[value] = own, bounded(Sample(own.top, own.bottom), self.level)
        bound = self.found[value][1]
        of = self.goal.bound
        return Bound(bound.value - of, bound.low - of, bound.high - of, bound.error)


def seek(
    scenario: Scenario,
    path: str,
    values: Any,
    goal: str | Goal,
    *,
    seed: int,
    replications: int = 100,
    level: float = 0.95,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """The value of a path at which a goal such as `wins>=200` is met: of a continuous range where the measure comes to
    it, of a list the first value that meets it.

    `answer`, `answer_low` and `answer_high` are texts as the scenario takes them, empty where the range ends before
    they are reached. `value` and its ends stand by `tried`. Raises ScenarioError with all problems.
    """
    (each,) = varied({path: values})
    if len(each.values) > MOST:
        found = f"{len(each.values)} values"
        raise ScenarioError([Problem("--seek", None, path, found, f"there may be {MOST} at most", "give a step")])
    wanted = goal if isinstance(goal, Goal) else goal_of(goal, "--goal")
    in_force(scenario, [{path: value} for value in (each.values or (each.at(0.0), each.at(1.0)))])
    curve = _Curve(scenario, path, wanted, replications, seed, level, threads, progress)
    answers = _of_list(curve, each) if each.values else _of_range(curve, each)
    return _dataset(curve, each, answers)


def _of_range(curve: _Curve, each: Varied) -> tuple[str, str, str]:
    last = 4 - int(np.floor(np.log10(each.high - each.low)))

    def value(x: float) -> Any:
        return written(round(x, last), each.unit)

    found = root(lambda x: curve.at(value(x)), each.low, each.high)
    x, low, high = ("" if x is None else str(value(x)) for x in (found.x, found.low, found.high))
    return x, low, high


def _of_list(curve: _Curve, each: Varied) -> tuple[str, str, str]:
    """The first value that meets the goal; the first that may; the first that is known to."""
    sense = curve.goal.sense
    bounds = [curve.at(value) for value in each.values]
    tests: tuple[Callable[[Bound], float], ...] = (
        lambda b: sense * b.value,
        lambda b: b.high if sense > 0 else -b.low,
        lambda b: b.low if sense > 0 else -b.high,
    )
    x, low, high = (
        next((str(value) for value, bound in zip(each.values, bounds, strict=True) if test(bound) >= 0), "")
        for test in tests
    )
    return x, low, high


def _dataset(curve: _Curve, each: Varied, answers: tuple[str, str, str]) -> xr.Dataset:
    order = list(curve.found)
    if each.is_continuous:
        order.sort(key=lambda value: float(scale([value])[0][0]))
    numbers, unit = scale(order)
    about = curve.found[order[0]][0]
    bounds = [curve.found[value][1] for value in order]
    variables = {
        "value" + suffix: ("tried", np.array([getattr(bound, part) for bound in bounds]), {"units": about.unit})
        for part, suffix in (("value", ""), ("low", "_low"), ("high", "_high"))
    }
    coordinates = {
        "tried": ("tried", numbers, {"units": unit, "long_name": each.path}),
        "tried_as_written": ("tried", [str(value) for value in order]),
    }
    attributes = {
        **curve.said,
        "kind": KIND,
        "title": f"funnelsim: {curve.said['name']}, goal seek",
        "path": each.path,
        "goal": str(curve.goal),
        "measure": curve.goal.measure,
        "measure_title": about.title,
        "bound": curve.goal.bound,
        "is_list": int(not each.is_continuous),
        "level": curve.level,
        "method": METHOD,
        "answer": answers[0],
        "answer_low": answers[1],
        "answer_high": answers[2],
    }
    return xr.Dataset(variables, coordinates, attributes)


def seek_sentence(ds: xr.Dataset) -> str:
    """The value that meets the goal, and how sure that is."""
    of = ds.attrs
    shown = f"{of['path']}, from {ds['tried_as_written'].values[0]} to {ds['tried_as_written'].values[-1]},"
    ends = f"{float(ds['value'][0]):,.4g} to {float(ds['value'][-1]):,.4g} {ds['value'].attrs['units']}"
    if not of["answer"]:
        return f"{of['goal']} is not reached by {shown} which gives {ends}."
    low, high = of["answer_low"], of["answer_high"]
    level = f"{100 * of['level']:g}%"
    if of["is_list"]:
        sure = f"known at {level} from {high} on" if high else f"at no value that was tried known at {level}"
        return f"{of['goal']} is met from {of['path']} = {of['answer']} on; it may be met from {low} on, {sure}."
    inner = f"{low or 'below the range'} to {high or 'beyond the range'}"
    return f"{of['goal']} is met at {of['path']} = {of['answer']} ({level} interval {inner})."
