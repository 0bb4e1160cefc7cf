"""The best of a scenario's points or policies that keeps its limits, chosen with a guarantee: one dataset by candidate.

Cheapest staffing for a service level, most profit under a budget: the same question with other words. Replications go
to those that are still in the race (selection.py), all on the same people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.scenario.model import Scenario
from funnelsim.studies.candidates import Candidates, Progress
from funnelsim.studies.compare import KEPT
from funnelsim.studies.designs import designed, size
from funnelsim.studies.goals import Goal, goal_of
from funnelsim.studies.paired import bounded
from funnelsim.studies.points import check_size, in_force
from funnelsim.studies.precision import Precision, precision_of
from funnelsim.studies.selection import Rules, Selection, Told, select
from funnelsim.studies.sweep import AS_WRITTEN
from funnelsim.studies.variants import BASELINE, Policies, Variant, variants
from funnelsim.studies.varied import varied

KIND: Final = "search"
GROWTH: Final = 0.2
"""Looks are a fifth more replications apart, for each run is compiled anew."""
SHARE: Final = Precision(0.01, relative=True)
"""What does not matter, where nobody says: 1% of the largest value, and of each limit."""
METHOD: Final = "Kim and Nelson (2001), KN, fully sequential, with common random numbers"
LIMITED: Final = METHOD + "; limits by Andradottir and Kim (2010), both at once"


def search(
    scenario: Scenario,
    vary: Mapping[str, Any] | None = None,
    policies: Policies | None = None,
    *,
    seed: int,
    least: str | None = None,
    most: str | None = None,
    meet: Sequence[str | Goal] = (),
    delta: str | float | None = None,
    tolerance: str | None = None,
    level: float = 0.95,
    points: int | None = None,
    first_stage: int = 10,
    ceiling: int = 1000,
    threads: int | None = None,
    progress: Progress | None = None,
    told: Told | None = None,
) -> xr.Dataset:
    """The candidate with the least or most of a measure that meets all goals, such as `sla.qualify>=90%`.

    Candidates are the grid of what is varied, else the scenario's policies and the baseline. Differences below `delta`
    (`2%` or in the measure's unit) do not matter. Raises ScenarioError with all problems.
    """
    wanted, sense = _wanted(least, most)
    limits = [each if isinstance(each, Goal) else goal_of(each) for each in meet]
    chosen = _candidates(scenario, vary, policies, points, first_stage, seed, threads)
    bench = Candidates(chosen, wanted, sense, limits, seed, threads, progress)
    bench.start(first_stage)
    rules = _rules(bench, delta, tolerance, level, first_stage, ceiling)
    found = select(bench.rows, len(chosen), rules, told)
    return _dataset(bench, found, rules, level)


def _wanted(least: str | None, most: str | None) -> tuple[str, int]:
    if (least is None) == (most is None):
        found = "nothing is wanted" if least is None else "both are given"
        raise ScenarioError([Problem("--least, --most", None, "", found, "", "write --least cost or --most profit")])
    return (least, -1) if least is not None else (str(most), 1)


def _candidates(
    scenario: Scenario,
    vary: Mapping[str, Any] | None,
    policies: Policies | None,
    points: int | None,
    first_stage: int,
    seed: int,
    threads: int | None,
) -> list[Variant]:
    if vary:
        parts = varied(vary)
        check_size(scenario, size(parts, points), first_stage, seed, threads)
        return in_force(scenario, designed(parts, "grid", points, seed))
    found = variants(scenario, policies)
    if not found:
        remedy = "write --vary teams.sdr.reps=2..10, or a policies: block into the scenario"
        raise ScenarioError([Problem("search", None, "", "there is nothing to choose from", "", remedy)])
    return [Variant(BASELINE, scenario), *found]


def _rules(
    bench: Candidates, delta: str | float | None, tolerance: str | None, level: float, first_stage: int, ceiling: int
) -> Rules:
    """Shares are of the largest value of the first stage, and of the limit; of 0 there is none, so 1 stands for it."""
    values = np.abs([each[bench.wanted].value for each in bench.drawn])
    largest = float(np.max(values[np.isfinite(values)], initial=0.0)) or 1.0
    matters = SHARE if delta is None else precision_of(str(delta))
    keeps = SHARE if tolerance is None else precision_of(tolerance)
    return Rules(
        matters.goal(largest), tuple(keeps.goal(goal.bound or 1.0) for goal in bench.limits), 1 - level, first_stage,
        GROWTH, max(ceiling, first_stage),
    )  # fmt: skip


def _dataset(bench: Candidates, found: Selection, rules: Rules, level: float) -> xr.Dataset:
    names = bench.names
    bounds = [[bounded(each[name], level) for name in names] for each in bench.drawn]
    variables: dict[str, Any] = {
        "value" + suffix: (
            ("candidate", "measure"),
            np.array([[getattr(bound, part) for bound in row] for row in bounds]),
            {"units": "as the measure"},
        )
        for part, suffix in (("value", ""), ("low", "_low"), ("high", "_high"))
    }
    variables["spent"] = ("candidate", np.array(found.spent), {"units": "replications"})
    variables["fate"] = ("candidate", list(found.fates))
    variables["rival"] = ("candidate", [at in found.rivals for at in range(len(found.fates))])
    about = [bench.about[name] for name in names]
    coordinates: dict[str, Any] = {
        "candidate": [each.name for each in bench.variants],
        "changes": ("candidate", [json.dumps(each.changes or {}, default=str) for each in bench.variants]),
        "says": ("candidate", [each.says for each in bench.variants]),
        "measure": names,
        "title": ("measure", [each.title for each in about]),
        "unit": ("measure", [each.unit for each in about]),
    }
    for path in bench.variants[0].changes or {}:
        values = [str((each.changes or {}).get(path, "")) for each in bench.variants]
        coordinates[str(path) + AS_WRITTEN] = ("candidate", values)
    return xr.Dataset(variables, coordinates, _attributes(bench, found, rules, level))


def _attributes(bench: Candidates, found: Selection, rules: Rules, level: float) -> dict[str, Any]:
    of = bench.said
    return {
        **{name: of[name] for name in KEPT},
        "kind": KIND,
        "title": f"funnelsim: {of['name']}, search",
        "chosen": "" if found.chosen is None else bench.variants[found.chosen].name,
        "wanted": bench.wanted,
        "sense": bench.sense,
        "limits": "; ".join(map(str, bench.limits)),
        "delta": rules.delta,
        "tolerances": "; ".join(f"{each:,.6g}" for each in rules.tolerances),
        "level": level,
        "replications": sum(found.spent),
        "first_stage": rules.first_stage,
        "ceiling": rules.ceiling,
        "is_sure": int(found.is_sure),
        "method": LIMITED if bench.limits else METHOD,
    }
