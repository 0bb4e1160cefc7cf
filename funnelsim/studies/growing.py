"""Runs of several scenarios on the same people that grow by more replications as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import xarray as xr

from funnelsim.core.problems import Problem, ScenarioError, did_you_mean
from funnelsim.results.joined import joined
from funnelsim.results.simulate import simulate
from funnelsim.scenario.model import Scenario
from funnelsim.studies.measures import measures
from funnelsim.studies.paired import Sample

Progress = Callable[[int], None]


@dataclass
class Growing:
    """Scenarios by name, and by name the `runs` there are of them, all of the same replications."""

    scenarios: Mapping[str, Scenario]
    seed: int
    threads: int | None = None
    progress: Progress | None = None
    expected: bool = True
    """Whether wins and revenue are counted by their chances, which takes the luck of coins out."""
    runs: dict[str, xr.Dataset] = field(default_factory=dict)
    n: int = 0

    def grow(self, more: int) -> None:
        """Run so many more replications of each."""
        for name, scenario in self.scenarios.items():
            part = simulate(
                scenario,
                replications=more,
                seed=self.seed,
                first=self.n,
                threads=self.threads,
                progress=self.progress,
                expected=self.expected,
            )
            self.runs[name] = joined([self.runs[name], part]) if name in self.runs else part
        self.n += more

    def samples(self, measure: str) -> dict[str, Sample]:
        """A measure by replication, by name; ScenarioError where it is not one that all have."""
        found = {name: measures(ds) for name, ds in self.runs.items()}
        known = [name for name in next(iter(found.values())) if all(name in each for each in found.values())]
        if measure not in known:
            raise ScenarioError([no_measure(measure, known)])
        return {name: Sample(each[measure].top, each[measure].bottom) for name, each in found.items()}


def no_measure(name: str, known: list[str]) -> Problem:
    """What is wrong with the name of a measure that there is not."""
    return Problem("measure", None, name, "there is no such measure", "", did_you_mean(name, known, 40))
