"""Differences between policies that were run on the same people: replication by replication.

Replications are independent of each other, so Student's t holds for means; for ratios of means the jackknife (Miller
1974) leaves out one pair at a time. Of means both are the same. How many prospects came is luck as well, but its mean
is known: a line through the differences against it takes that part of the luck out (a control variate; Lavenberg and
Welch 1981, whose interval this is). What all that buys is said by the variance of the difference that two independent
runs would have, over that of this one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
ROUNDING: Final = 1e-20


@dataclass(frozen=True)
class Sample:
    """A measure by replication: `top`, over `bottom` where there is one."""

    top: Reals
    bottom: Reals | None = None

    @property
    def n(self) -> int:
        """Number of replications."""
        return self.top.size

    @property
    def value(self) -> float:
        """The mean, or the ratio of means; nan where there is nothing to divide by."""
        return _ratio(self.top.sum(), float(self.n) if self.bottom is None else self.bottom.sum())

    def influences(self, first: int | None = None) -> Reals:
        """What each replication does to the value: pseudo-values of the jackknife less their mean; add up to 0.

        With `first` of the first replications only, by themselves.
        """
        top = self.top[:first]
        if self.bottom is None:
            return np.asarray(top - top.mean())
        bottom = self.bottom[:first]
        with np.errstate(divide="ignore", invalid="ignore"):
            left_out = (top.sum() - top) / (bottom.sum() - bottom)
            return np.asarray((top.size - 1) * (left_out.mean() - left_out))


@dataclass(frozen=True)
class Pair:
    """A measure of a policy and of the baseline by replication, both of the same people."""

    policy: Sample
    baseline: Sample

    def __post_init__(self) -> None:
        if self.policy.n != self.baseline.n:
            raise ValueError(f"{self.policy.n} replications beside {self.baseline.n}; pairs have the same ones")

    @property
    def n(self) -> int:
        """Number of pairs."""
        return self.policy.n

    @property
    def value(self) -> float:
        """How much more the policy has."""
        return self.policy.value - self.baseline.value

    def influences(self, first: int | None = None) -> Reals:
        """What each pair does to the difference."""
        return np.asarray(self.policy.influences(first) - self.baseline.influences(first))


@dataclass(frozen=True)
class Bound:
    """A value with the ends of its interval, and its standard error."""

    value: float
    low: float
    high: float
    error: float


def bounded(sample: Sample | Pair, level: float, first: int | None = None) -> Bound:
    """The interval of a value, at a level such as 0.95; nan ends for fewer than two replications.

    With `first` the spread is that of the first replications alone, with their degrees of freedom: where their spread
    decided how many there are in all, that is exact (stopping.py).
    """
    influences, value, root = sample.influences(first), sample.value, math.sqrt(sample.n)
    half = ruler(influences, level) / root
    return Bound(value, value - half, value + half, spread(influences) / root)


def difference(
    policy: Sample, baseline: Sample, level: float, first: int | None = None, control: Reals | None = None
) -> Bound:
    """The interval of how much more a policy has than the baseline, run on the same people.

    `control` is by replication what is known to be 0 on the average, as by how many more prospects came than expected;
    it is not used together with `first`.
    """
    pair = Pair(policy, baseline)
    if control is None or first is not None or not _controls(control):
        return bounded(pair, level, first)
    return _controlled(pair, control, level)


FEWEST: Final = 10
"""Replications below which a line is not worth the degree of freedom that it costs."""


def _controls(control: Reals) -> bool:
    return bool(control.size >= FEWEST and np.isfinite(control).all() and np.ptp(control) > 0)


def _controlled(pair: Pair, control: Reals, level: float) -> Bound:
    """The difference where the control is 0, on the line through all pairs."""
    from scipy.special import stdtrit

    influences, n = pair.influences(), pair.n
    centred = control - control.mean()
    squares = float(centred @ centred)
    slope = float(influences @ centred) / squares
    rest = influences - slope * centred
    error = math.sqrt(float(rest @ rest) / (n - 2) * (1 / n + control.mean() ** 2 / squares))
    value, half = pair.value - slope * float(control.mean()), float(stdtrit(n - 2, (1 + level) / 2)) * error
    return Bound(value, value - half, value + half, error)


def gain(pair: Pair, apart: Pair | None = None, control: Reals | None = None) -> float:
    """How many times fewer replications pairs need than independent runs for the same interval; `apart` is what these
    would count, if that is something else. inf where policies do not differ at all, nan for fewer than two
    replications."""
    if pair.n < 2:
        return float("nan")
    rest, lost = pair.influences(), pair.n - 1
    if control is not None and _controls(control):
        centred = control - control.mean()
        rest, lost = rest - float(rest @ centred) / float(centred @ centred) * centred, lost - 1
    beside = pair if apart is None else apart
    paired = float((rest**2).sum()) / lost
    independent = sum(float((each.influences() ** 2).sum()) for each in (beside.policy, beside.baseline)) / (pair.n - 1)
    # What is left of a difference that is the same in every replication is rounding.
    return float("inf") if paired <= ROUNDING * independent else _ratio(independent, paired)


def ruler(influences: Reals, level: float) -> float:
    """The half-width that an interval from a single replication of this spread would have; over sqrt(n) that of n."""
    from scipy.special import stdtrit

    if not 0 < level < 1:
        raise ValueError(f"level: found {level}; it must lie between 0 and 1, as 0.95 does")
    return (
        float(stdtrit(influences.size - 1, (1 + level) / 2)) * spread(influences) if influences.size > 1 else math.nan
    )


def spread(influences: Reals) -> float:
    """The standard deviation of one replication; nan for fewer than two."""
    n = influences.size
    return float(np.sqrt((influences**2).sum() / (n - 1))) if n > 1 else math.nan


def _ratio(top: float, bottom: float) -> float:
    return float(top / bottom) if bottom else float("nan")
