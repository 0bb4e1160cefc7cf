"""Differences between policies that were run on the same people: replication by replication.

Replications are independent of each other, so Student's t holds for means; for ratios of means the jackknife (Miller
1974) leaves out one pair at a time. Of means both are the same. What pairing buys is said by the variance of the
difference that two independent runs would have, over that of the paired one.
"""

from __future__ import annotations

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

    def influences(self) -> Reals:
        """What each replication does to the value: pseudo-values of the jackknife less their mean; add up to 0."""
        if self.bottom is None:
            return np.asarray(self.top - self.top.mean())
        with np.errstate(divide="ignore", invalid="ignore"):
            left_out = (self.top.sum() - self.top) / (self.bottom.sum() - self.bottom)
        return np.asarray((self.n - 1) * (left_out.mean() - left_out))


@dataclass(frozen=True)
class Bound:
    """A value with the ends of its interval, and its standard error."""

    value: float
    low: float
    high: float
    error: float


def bounded(sample: Sample, level: float) -> Bound:
    """The interval of a value, at a level such as 0.95; nan ends for fewer than two replications."""
    return _around(sample.value, sample.influences(), level)


def difference(policy: Sample, baseline: Sample, level: float) -> Bound:
    """The interval of how much more a policy has than the baseline, run on the same people."""
    if policy.n != baseline.n:
        raise ValueError(f"{policy.n} replications beside {baseline.n}; pairs have the same ones")
    return _around(policy.value - baseline.value, policy.influences() - baseline.influences(), level)


def gain(policy: Sample, baseline: Sample) -> float:
    """How many times fewer replications pairs need than independent runs for the same interval; inf where policies do
    not differ at all, nan for fewer than two replications."""
    if policy.n < 2:
        return float("nan")
    one, other = policy.influences(), baseline.influences()
    paired = ((one - other) ** 2).sum()
    apart = (one**2).sum() + (other**2).sum()
    # What is left of a difference that is the same in every replication is rounding.
    return float("inf") if paired <= ROUNDING * apart else _ratio(apart, paired)


def _around(value: float, influences: Reals, level: float) -> Bound:
    from scipy.special import stdtrit

    if not 0 < level < 1:
        raise ValueError(f"level: found {level}; it must lie between 0 and 1, as 0.95 does")
    n = influences.size
    if n < 2:
        return Bound(value, float("nan"), float("nan"), float("nan"))
    error = float(np.sqrt((influences**2).sum() / (n * (n - 1))))
    half = float(stdtrit(n - 1, (1 + level) / 2)) * error
    return Bound(value, value - half, value + half, error)


def _ratio(top: float, bottom: float) -> float:
    return float(top / bottom) if bottom else float("nan")
