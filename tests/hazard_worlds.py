"""Journeys drawn from the hazard models themselves, and their likelihood written from the formula, touch by touch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.journeys import Journeys
from attribution.journeys.ragged import DAY_US

Reals = NDArray[np.float64]
WINDOW = 60
"""Days of the log."""
UNTIL = WINDOW * DAY_US


def drawn(
    n: int, beta: list[float], omega: list[float], *, seed: int, base: float = 0.0, factor: float = 1.0
) -> Journeys:
    """Journeys of `n` prospects with 3 touches meant on average; the first conversion ends a journey.

    A touch meets its first conversion where its own part of the rate, added up, reaches an exponential number; so does
    the baseline, from the first touch on. A touch of the last channel after one of the first is `factor` as strong.
    """
    rng = np.random.default_rng(seed)
    meant = rng.poisson(3.0, n)
    meant = meant[meant > 0]
    first = np.concatenate([[0], np.cumsum(meant)])
    whose = np.repeat(np.arange(meant.size), meant)
    times = rng.random(whose.size) * WINDOW
    times = times[np.lexsort((times, whose))]
    codes = rng.integers(0, len(beta), times.size).astype(np.int32)
    strength = np.array(beta)[codes] * np.where(after_first(first, codes) & (codes == len(beta) - 1), factor, 1.0)
    spent = rng.exponential(size=times.size) / strength
    wait = np.where(spent < 1, -np.log1p(-np.minimum(spent, 1 - 1e-16)) / np.array(omega)[codes], np.inf)
    converts = np.minimum.reduceat(times + wait, first[:-1])
    if base > 0:
        converts = np.minimum(converts, times[first[:-1]] + rng.exponential(size=meant.size) / base)
    hit = converts < WINDOW
    ends = np.where(hit, converts, WINDOW)
    kept = times <= np.repeat(ends, meant)
    offsets = np.concatenate([[0], np.cumsum(np.add.reduceat(kept, first[:-1]))])
    time = np.round(times[kept] * DAY_US).astype(np.int64)
    # What `from_events` says of an open journey: it ended with its last touch.
    end = np.where(hit, np.round(ends * DAY_US).astype(np.int64), time[offsets[1:] - 1])
    names = tuple("abcdefghijkl"[: len(beta)])
    return Journeys(names, offsets, codes[kept], hit.astype(float), 1.0 - hit, 10.0 * hit, time, end)


def after_first(offsets: NDArray[np.int64], codes: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether a touch comes after one of the first channel in its journey."""
    met = np.concatenate([[0], np.cumsum(codes == 0)])
    return met[:-1] - np.repeat(met[offsets[:-1]], np.diff(offsets)) > 0


@dataclass(frozen=True)
class Likelihood:
    """The likelihood of journeys with counts of 0 and 1; parameters are by touch, so that cells are the caller's."""

    journeys: Journeys
    strength: Reals
    omega: Reals
    base: float = 0.0
    until: int = UNTIL

    def __post_init__(self) -> None:
        j = self.journeys
        assert j.time is not None
        assert j.end is not None
        closes = np.where(j.converted > 0, j.end, self.until)
        age = (np.repeat(closes, np.diff(j.offsets)) - j.time) / DAY_US
        left = np.exp(-self.omega * age)
        part = self.strength * self.omega * left
        rate = np.add.reduceat(part, j.offsets[:-1]) + self.base
        known = {"age": age, "left": left, "rate": rate, "days": (closes - j.time[j.offsets[:-1]]) / DAY_US}
        known["p"] = part / np.repeat(rate, np.diff(j.offsets)) * np.repeat(j.converted, np.diff(j.offsets))
        for name, value in known.items():
            object.__setattr__(self, name, value)

    def value(self) -> float:
        """The log-likelihood."""
        hits = self.journeys.converted > 0
        expected = (self.strength * (1 - self.left)).sum() + self.base * self.days.sum()
        return float(np.log(self.rate[hits]).sum() - expected)

    def slope_of_strength(self, which: NDArray[np.bool_]) -> Reals:
        """By journey, the derivative to the logarithm of what scales the strength of some touches."""
        return np.add.reduceat(which * (self.p - self.strength * (1 - self.left)), self.journeys.offsets[:-1])

    def slope_of_omega(self, which: NDArray[np.bool_]) -> Reals:
        """By journey, the derivative to the logarithm of the omega of some touches."""
        faded = self.omega * self.age
        slopes = self.p * (1 - faded) - self.strength * faded * self.left
        return np.add.reduceat(which * slopes, self.journeys.offsets[:-1])

    def slope_of_base(self) -> Reals:
        """By journey, the derivative to the logarithm of the baseline."""
        return self.journeys.converted * self.base / self.rate - self.base * self.days


def errors(slopes: list[Reals]) -> Reals:
    """Standard errors of logarithms of parameters, from the outer product of the slopes at the truth."""
    each = np.stack(slopes)
    return np.sqrt(np.diag(np.linalg.inv(each @ each.T)))
