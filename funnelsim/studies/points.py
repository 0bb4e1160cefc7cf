"""Points of a design as variants of a scenario: each laid over it, with everything that is wrong with any of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.results.simulate import available, simulate
from funnelsim.scenario.loading import changed
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.overrides import ORIGIN
from funnelsim.studies.designs import Point
from funnelsim.studies.variants import Variant

MOST: Final = 2000
"""Points of a study."""


def label(point: Point) -> str:
    """`teams.sdr.reps=7, teams.ae.reps=8`."""
    return ", ".join(f"{path}={value}" for path, value in point.items())


def in_force(scenario: Scenario, points: Sequence[Point]) -> list[Variant]:
    """A variant for each point; ScenarioError with each problem once and where it comes up."""
    found, wrong = [], dict[Problem, list[str]]()
    for point in points:
        try:
            found.append(Variant(label(point), changed(scenario, point), "", dict(point)))
        except ScenarioError as error:
            for problem in error.problems:
                wrong.setdefault(problem, []).append(label(point))
    if wrong:
        raise ScenarioError([_placed(problem, where) for problem, where in wrong.items()])
    return found


def _placed(problem: Problem, where: list[str]) -> Problem:
    """A problem with the first point where it comes up, and how many more there are."""
    more = "" if len(where) == 1 else " and 1 more point" if len(where) == 2 else f" and {len(where) - 1} more points"
    file = "" if problem.file == ORIGIN else f", {problem.file}"
    return replace(problem, file=f"at {where[0]}{more}{file}")


def check_size(scenario: Scenario, n: int, replications: int, seed: int, threads: int | None) -> None:
    """Refuse more points than can be run, with how long they would take; ScenarioError."""
    if n <= MOST:
        return
    threads = threads or available()
    simulate(scenario, replications=1, seed=seed, threads=threads)
    begun = time.perf_counter()
    simulate(scenario, replications=threads, seed=seed, threads=threads)
    hours = (time.perf_counter() - begun) / threads * n * replications / 3600
    found = f"{n:,} points of {replications:,} replications, about {duration(hours)} on this machine"
    remedy = "give fewer values, a step (2..10..2), or --design lhs --points 64"
    raise ScenarioError([Problem("--vary", None, "", found, f"there may be {MOST:,} points at most", remedy)])


def duration(hours: float) -> str:
    """A time as people say it."""
    for unit, size in (("years", 8766.0), ("days", 24.0), ("hours", 1.0)):
        if hours >= size:
            return f"{hours / size:,.1f} {unit}"
    return f"{hours * 60:,.0f} minutes"
