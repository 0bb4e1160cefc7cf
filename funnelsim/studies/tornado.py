"""One assumption at a time at the ends of its range, the others at their medians: how far a measure moves.

All runs meet the same people, so a swing is what the assumption does, not luck. What two assumptions do together is
not seen here; see `sobol`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import xarray as xr

from funnelsim.core.problems import Problem, ScenarioError, did_you_mean
from funnelsim.results.simulate import simulate
from funnelsim.scenario.loading import with_values
from funnelsim.scenario.model import Scenario
from funnelsim.studies.measures import Measure, measures
from funnelsim.studies.paired import Sample, bounded, difference

KIND: Final = "tornado"
ENDS: Final = ("low", "high")
KEPT: Final = ("name", "scenario", "scenario_file", "seed", "replications", "currency")
"""Attributes of a run that studies of assumptions have as well."""
Progress = Callable[[int], None]


def tornado(
    scenario: Scenario,
    *,
    measure: str = "profit",
    seed: int,
    replications: int = 50,
    level: float = 0.95,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """A measure at the low and the high end (5% and 95%) of each assumption, by `assumption` and `end`, the assumption
    with the largest swing first.

    `at` is the assumed value, `value` the measure, `difference` what it is more than with every assumption at its
    median, and `_low` and `_high` the ends of intervals. Raises ScenarioError where nothing is assumed with a range,
    and for a measure that there is not.
    """
    items = assumed(scenario)

    def run(values: dict[str, float]) -> xr.Dataset:
        each = with_values(scenario, values)
        return simulate(each, replications=replications, seed=seed, threads=threads, progress=progress, expected=True)

    base = run({})
    of = measure_of(base, measure)
    at = np.array([[each.low, each.high] for each in items])
    found = np.empty((6, len(items), 2))
    for row, each in enumerate(items):
        for end in range(2):
            own = measure_of(run({each.path: float(at[row, end])}), measure)
            one, more = bounded(sample(own), level), difference(sample(own), sample(of), level)
            found[:, row, end] = one.value, one.low, one.high, more.value, more.low, more.high
    swing = np.abs(found[3, :, 1] - found[3, :, 0])
    order = np.argsort(-swing, kind="stable")
    names = [f"{name}{end}" for name in ("value", "difference") for end in ("", "_low", "_high")]
    by = ("assumption", "end")
    variables: dict[str, Any] = {
        name: (by, found[place][order], {"units": of.unit}) for place, name in enumerate(names)
    }
    variables["at"] = (by, at[order], {"units": "as the assumption", "long_name": "assumed value"})
    middle = bounded(sample(of), level)
    variables |= {f"base{end}": ((), value, {"units": of.unit}) for end, value in
                  (("", middle.value), ("_low", middle.low), ("_high", middle.high))}  # fmt: skip
    coords = {
        "assumption": [items[row].path for row in order],
        "unit": ("assumption", [items[row].unit for row in order]),
        "centre": ("assumption", [items[row].centre for row in order]),
        "end": list(ENDS),
    }
    attrs = {name: base.attrs[name] for name in KEPT}
    about = {
        "kind": KIND,
        "title": f"funnelsim: {base.attrs['name']}, assumptions",
        "measure": measure,
        "measure_title": of.title,
    }
    return xr.Dataset(variables, coords, {**attrs, **about, "level": level})


def runs(scenario: Scenario) -> int:
    """How often a tornado runs a scenario. Raises ScenarioError where nothing is assumed with a range."""
    return 1 + 2 * len(assumed(scenario))


def assumed(scenario: Scenario) -> tuple[Any, ...]:
    """The assumptions of a scenario. Raises ScenarioError where it has none."""
    if not scenario.assumptions:
        remedy = 'write a range where a number stands, as 20% to 30%, or --set teams.sdr.salary="7000 to 9000 / mo"'
        name = scenario._origin.name or scenario.name
        raise ScenarioError([Problem(name, None, "", "no number in it has a range", "", remedy)])
    return tuple(scenario.assumptions)


def measure_of(ds: xr.Dataset, name: str) -> Measure:
    """A measure of a run by its name. Raises ScenarioError with the nearest name."""
    known = measures(ds)
    if name not in known:
        raise ScenarioError(
            [Problem("--measure", None, name, "there is no such measure", "", did_you_mean(name, known, 40))]
        )
    return known[name]


def sample(measure: Measure) -> Sample:
    """What replications say of a measure."""
    return Sample(measure.top, measure.bottom)


def sentence(ds: xr.Dataset) -> str:
    """The assumption that moves the measure most, if an interval says that it does."""
    from funnelsim.studies.sentences import digits

    known = (ds["difference_low"] > 0) | (ds["difference_high"] < 0)
    some = ds.isel(assumption=known.any("end").values)
    if not some.sizes["assumption"]:
        return f"No assumption moves {ds.attrs['measure_title']} beyond chance."
    row = some.isel(assumption=0)
    ends = sorted(float(each) for each in row["value"].values)
    width = ends[1] - ends[0]
    return (
        f"What moves {ds.attrs['measure_title']} most is {row['assumption'].values}: over its range it goes from "
        f"{digits(ends[0], width)} to {digits(ends[1], width)} {ds['value'].attrs['units']}."
    )
