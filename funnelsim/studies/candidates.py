"""Variants to choose from as rows of numbers: what is wanted of each, and what its limits leave, by replication.

Ratios are drawn as straight lines at their value in the first stage: R + (top - R bottom) / b, R and b of that stage.
Their mean is the ratio, but for (R - ratio)(1 - E bottom / b), which is small of second order. A limit q on a ratio is
one on the mean of (top - q bottom) / b.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.problems import ScenarioError
from funnelsim.results.simulate import simulate
from funnelsim.studies.goals import Goal, check_unit
from funnelsim.studies.growing import no_measure
from funnelsim.studies.measures import Measure, measures, months
from funnelsim.studies.paired import Sample
from funnelsim.studies.variants import Variant

Reals = NDArray[np.float64]
Progress = Callable[[int], None]


@dataclass
class Candidates:
    """Variants, what is wanted (`sense` 1 for most, -1 for least) and their limits; `drawn` has every replication of
    each, by measure."""

    variants: Sequence[Variant]
    wanted: str
    sense: int
    limits: Sequence[Goal]
    seed: int
    threads: int | None = None
    progress: Progress | None = None
    drawn: list[dict[str, Sample]] = field(default_factory=list)
    about: dict[str, Measure] = field(default_factory=dict)
    said: dict[str, object] = field(default_factory=dict)
    _values: list[float] = field(default_factory=list)
    _below: list[dict[str, float]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The measures that are looked at, what is wanted first."""
        return list(dict.fromkeys([self.wanted, *(each.measure for each in self.limits)]))

    def start(self, n: int) -> None:
        """Draw the first stage of all; ScenarioError for measures that not all have."""
        for variant in self.variants:
            self.drawn.append(self._drawn(variant, 0, n))
        self._values = [each[self.wanted].value for each in self.drawn]
        self._below = [{name: _mean_below(sample) for name, sample in each.items()} for each in self.drawn]
        for goal in self.limits:
            check_unit(goal, self.about[goal.measure])

    def rows(self, which: Sequence[int], first: int, n: int) -> Reals:
        """A sampler for selection.py; the first stage must have been drawn."""
        found = []
        for at in which:
            have = self.drawn[at][self.wanted].n
            if first + n > have:
                new = self._drawn(self.variants[at], have, first + n - have)
                self.drawn[at] = {name: _joined(self.drawn[at][name], each) for name, each in new.items()}
            found.append(self._row(at, slice(first, first + n)))
        return np.array(found)

    def _row(self, at: int, part: slice) -> list[Reals]:
        wanted = self.drawn[at][self.wanted]
        value, below = self._values[at], self._below[at][self.wanted]
        rows = [self.sense * _straight(wanted, part, value, below)]
        for goal in self.limits:
            sample, below = self.drawn[at][goal.measure], self._below[at][goal.measure]
            rows.append(goal.sense * (_straight(sample, part, goal.bound, below) - goal.bound))
        return rows

    def _drawn(self, variant: Variant, first: int, n: int) -> dict[str, Sample]:
        ds = simulate(
            variant.scenario, replications=n, seed=self.seed, first=first, threads=self.threads, progress=self.progress
        )
        found = measures(ds)
        self.said = self.said or dict(ds.attrs)
        missing = [name for name in self.names if name not in found]
        if missing:
            raise ScenarioError([no_measure(name, list(found)) for name in missing])
        self.about = self.about or {name: found[name] for name in self.names}
        extra = variant.cost * months(ds) + variant.once
        return {name: _with_cost(found[name], extra) for name in self.names}


def _mean_below(sample: Sample) -> float:
    return 1.0 if sample.bottom is None else float(sample.bottom.mean())


def _straight(sample: Sample, part: slice, value: float, below: float) -> Reals:
    """By replication what has the value as its mean."""
    top = sample.top[part]
    if sample.bottom is None:
        return top
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(value + (top - value * sample.bottom[part]) / below)


def _with_cost(measure: Measure, extra: float) -> Sample:
    """The measure, with what a policy costs beyond what the funnel counts."""
    sign = {"cost": 1.0, "cac": 1.0, "profit": -1.0}.get(measure.name, 0.0)
    return Sample(measure.top + sign * extra, measure.bottom)


def _joined(one: Sample, more: Sample) -> Sample:
    bottom = None
    if one.bottom is not None and more.bottom is not None:
        bottom = np.concatenate([one.bottom, more.bottom])
    return Sample(np.concatenate([one.top, more.top]), bottom)
