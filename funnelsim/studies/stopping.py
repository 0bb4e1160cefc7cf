"""Run until precise: replications are added until intervals are as narrow as was asked for.

A first stage of `floor` replications measures the spread, once and for all; how many more are needed follows from it,
and all of them make the value. For a half-width in the unit of the measure this is Stein's (1945) two-stage procedure:
with the first stage's spread and degrees of freedom, Student's t is exact for normal data whatever the number of
replications, since that depends on the data through the spread alone, and the mean is independent of it. Looking at the
spread of all replications again and again, and stopping when it happens to be small, would not be (Chow and Robbins
1965 hold in the limit only: at 20 replications such intervals hold the truth in 93.5% of cases instead of 95%).

Relative to a value the unknown mean enters the rule (Nadas 1969). The mean is looked at again after each block; the
spread stays that of the first stage. What that costs: the mean is off by about 2.6 (r / t)^2 of itself. Of a half-width
r that is a share of 2.6 r / t^2, 5% at r = 10%; so r is at most 30%. tests/studies/test_stopping.py counts the covered.

Several quantities: each at its share of what may go wrong (Bonferroni), all with the replications that the last needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from funnelsim.studies.paired import Reals, ruler
from funnelsim.studies.precision import Precision

PROCEDURE: Final = "Stein's two-stage procedure (1945): spread and degrees of freedom of the first stage"
RELATIVE: Final = PROCEDURE + "; relative to the mean of all replications (Nadas 1969)"


FUTILE: Final = 2.0
"""Times the half-width that is asked for: what is further off at the ceiling is not worth the wait."""


class Estimator(Protocol):
    """What is to be known: a value over `n` replications, and what each of them does to it."""

    @property
    def n(self) -> int:
        """Number of replications."""

    @property
    def value(self) -> float:
        """The estimate."""

    def influences(self, first: int | None = None) -> Reals:
        """What each of the first replications (default: of all) does to the value of these."""


@dataclass(frozen=True)
class Reached:
    """Where it stopped: replications, cumulative by stage; for each quantity its half-width, the one that was asked
    for, whether it was reached, and about how many replications would reach it."""

    sizes: tuple[int, ...]
    halves: tuple[float, ...]
    goals: tuple[float, ...]
    met: tuple[bool, ...]
    needed: tuple[float, ...]
    next: int
    """Replications in all there will be after the next block; those there are, at the end."""

    @property
    def n(self) -> int:
        """Replications in all."""
        return self.sizes[-1]


More = Callable[[int], Sequence[Estimator]]
"""Runs so many more replications and returns the estimators of all."""
Watch = Callable[[Reached], None]


def until_precise(more: More, precision: Precision, level: float = 0.95, watch: Watch | None = None) -> Reached:
    """Ask for replications until every quantity is precise; tells `watch` after each block how far it is.

    Gives up at the ceiling; relative to values sooner, where the ceiling would bring no interval to twice what is
    asked for, were the value at its far end: what cannot be told from 0 has no relative precision.
    """
    found = more(precision.floor)
    shared = 1.0 - (1.0 - level) / max(1, len(found))
    rulers = [ruler(each.influences(precision.floor), shared) for each in found]
    sizes = [precision.floor]
    while True:
        reached = _reached(found, rulers, precision, sizes)
        if watch is not None:
            watch(reached)
        if reached.next == reached.n:
            return reached
        found = more(reached.next - reached.n)
        sizes.append(reached.next)


def _reached(
    found: Sequence[Estimator], rulers: Sequence[float], precision: Precision, sizes: Sequence[int]
) -> Reached:
    n = sizes[-1]
    halves = [each / math.sqrt(n) for each in rulers]
    goals = [precision.goal(each.value) for each in found]
    needed = [_needed(each, goal) for each, goal in zip(rulers, goals, strict=True)]
    # By numbers of replications: half-widths that differ by rounding must not end it short of its goal.
    met = [each <= n for each in needed]
    wanted = [
        least
        for each, ruled, least in zip(found, rulers, needed, strict=True)
        if not _hopeless(each.value, ruled, n, precision)
    ]
    # At most twice as many as there are: the mean may mislead at first.
    following = max(n, int(min(max(wanted, default=0), 2 * n, precision.ceiling)))
    return Reached(tuple(sizes), tuple(halves), tuple(goals), tuple(met), tuple(needed), following)


def _needed(ruled: float, goal: float) -> float:
    """Replications at which a half-width of ruled / sqrt(n) comes down to the goal."""
    if ruled == 0.0:
        return 1.0
    # A half-width above 0, or an unknown one, is never below a goal of 0, or an unknown one.
    return float(math.ceil((ruled / goal) ** 2)) if ruled > 0 and goal > 0 else math.inf


def _hopeless(value: float, ruled: float, n: int, precision: Precision) -> bool:
    """Whether a share of the value is out of reach, for the value is too near to 0 or unknown."""
    far = abs(value) + ruled / math.sqrt(n)
    if not math.isfinite(far):
        return True
    return precision.relative and ruled / math.sqrt(precision.ceiling) > FUTILE * precision.goal(far)
