"""Evidence: independent replications of a scenario, held against what theory says.

A test here has a fixed seed and is sized so that an error of 2% would fail: every comparison is made twice, with the
expected value and with a wrong one, and the second must be refused. Each prints both z.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from funnelsim.engines.run import Outcome, run_kernel
from funnelsim.engines.tallies import DIMENSIONS
from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.scenario import load, loads

Numbers = NDArray[np.float64]

FAR = 4.0
TOO_MUCH = 1.02


@dataclass(frozen=True)
class Runs:
    """Replications of one scenario; counts come as one number a replication, over all time after the warm-up."""

    compiled: Compiled
    outcome: Outcome

    def count(self, name: str, *which: str | int) -> Numbers:
        """A count by the names of its row: a stage, a team, an exit as stage and label, a tier as a number."""
        values = self.outcome.tally[name].astype(np.float64)
        dimensions = DIMENSIONS[name]
        if "bucket" in dimensions:
            values = values.sum(axis=1)
        rest = [dimension for dimension in dimensions if dimension != "bucket"]
        if not rest:
            return values
        return values[:, self._row(rest[0], which)] if len(rest) == 1 else values[:, self._row(rest[0], which), :]

    def hours(self, name: str, *which: str | int) -> Numbers:
        """A count of ticks in hours."""
        return self.count(name, *which) * self.compiled.timeline.tick / 3600

    @property
    def measured(self) -> float:
        """Hours from the end of the warm-up to the horizon."""
        timeline = self.compiled.timeline
        return (timeline.horizon - timeline.warmup) * timeline.tick / 3600

    def mean_wait(self, stage: str) -> Numbers:
        """Hours in line per start of work."""
        return self.hours("waited", stage) / self.count("starts", stage)

    def mean_time(self, stage: str) -> Numbers:
        """Hours in a stage per visit that ended."""
        labels = [name.label for name in self.compiled.exits if name.stage == stage]
        return self.hours("stage_time", stage) / sum(self.count("exits", stage, label) for label in labels)

    def mean_number(self, stage: str) -> Numbers:
        """Prospects in a stage, average over time."""
        return self.hours("stage_area", stage) / self.measured

    def mean_queue(self, stage: str) -> Numbers:
        """Prospects in line, average over time."""
        return self.hours("line_area", stage) / self.measured

    def share(self, stage: str, label: str) -> Numbers:
        """The share of a stage's entries that took an exit."""
        return self.count("exits", stage, label) / self.count("entries", stage)

    def busy(self, team: str, n_reps: int) -> Numbers:
        """The share of a team's reps that is at work, for a team that never closes."""
        return self.hours("busy_area", team) / self.measured / n_reps

    def _row(self, dimension: str, which: tuple[str | int, ...]) -> int:
        compiled = self.compiled
        if dimension == "exit":
            return [name[:2] for name in compiled.exits].index(which)  # type: ignore[arg-type]
        names: Mapping[str, tuple[str, ...]] = {
            "stage": compiled.stages,
            "team": compiled.teams,
            "channel": compiled.channels,
            "touch": compiled.touching,
        }
        (key,) = which
        return key if isinstance(key, int) else names[dimension].index(key)


def run(
    scenario: str,
    overrides: Mapping[str, object] | None = None,
    *,
    seed: int,
    replications: int,
    first: int = 0,
    trace: bool = False,
) -> Runs:
    """Replications of a shipped scenario (its name) or of one written out (its text)."""
    read = loads if "\n" in scenario else load
    compiled = compile_scenario(read(scenario, dict(overrides or {})))
    outcome = run_kernel(compiled.plan, seed=seed, replications=replications, first=first, threads=2, trace=trace)
    return Runs(compiled, outcome)


def z_of(sample: Numbers, expected: float) -> float:
    """How many of its own standard errors the mean of a sample lies above the expected value."""
    return float((sample.mean() - expected) / (sample.std(ddof=1) / np.sqrt(sample.size)))


def agree(what: str, sample: Numbers, expected: float, *, wrong: float | None = None) -> None:
    """The sample's mean is the expected one, and a wrong one (2% more, unless given) would have been refused.

    `wrong` is given where 2% of a parameter, and not of the result, is the error that must be seen.
    """
    assert sample.ndim == 1
    assert np.isfinite(sample).all()
    wrong = TOO_MUCH * expected if wrong is None else wrong
    z, control = z_of(sample, expected), z_of(sample, wrong)
    print(f"{what}: {sample.mean():.6g}, expected {expected:.6g}, z = {z:.2f}; of {wrong:.6g}, z = {control:.2f}")
    assert abs(z) < FAR, f"{what}: {sample.mean():.6g} instead of {expected:.6g}, z = {z:.2f}"
    assert abs(control) > FAR, f"{what}: too few runs to tell {expected:.6g} from {wrong:.6g}, z = {control:.2f}"


def agree_counts(what: str, counts: Any, expected: Any, wrong: Any, *, of_one_total: bool = False) -> None:
    """Counts have the expectations given (chi-square), and would not have had the wrong ones.

    They are independent and Poisson, or `of_one_total`, multinomial. The statistic is shown as the z of the same
    probability.
    """
    z, control = _chi_square(counts, expected, of_one_total), _chi_square(counts, wrong, of_one_total)
    print(f"{what}: {np.size(counts)} cells, chi-square as z = {z:.2f}; of the wrong ones, z = {control:.2f}")
    assert abs(z) < FAR, f"{what}: chi-square as z = {z:.2f}"
    assert control > FAR, f"{what}: too few to tell from the wrong ones, z = {control:.2f}"


def _chi_square(counts: Any, expected: Any, of_one_total: bool) -> float:
    counted, meant = np.asarray(counts, float).ravel(), np.asarray(expected, float).ravel()
    assert (meant > 5).all(), "too few to count in one cell"
    statistic = ((counted - meant) ** 2 / meant).sum()
    return float(stats.norm.isf(stats.chi2.sf(statistic, counted.size - of_one_total)))


def one_each(rows: NDArray[np.void], code: int, stage: int = 0) -> NDArray[np.void]:
    """The rows of a code and stage by prospect, of which each has at most one."""
    found = rows[(rows["code"] == code) & (rows["stage"] == stage)]
    found = found[np.argsort(found["prospect"])]
    assert (found["prospect"][1:] != found["prospect"][:-1]).all()
    return found


def of_same(rows: NDArray[np.void], others: NDArray[np.void]) -> NDArray[np.void]:
    """The row of each of the others' prospects; both as `one_each` gives them."""
    found = rows[np.searchsorted(rows["prospect"], others["prospect"])]
    assert (found["prospect"] == others["prospect"]).all()
    return found
