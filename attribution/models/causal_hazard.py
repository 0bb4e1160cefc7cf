"""Credit for what touches add to a conversion rate that is there without them: the baseline keeps its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.ragged import Codes, Ints, Journeys, Reals
from attribution.models.additive_hazard import MOST_STRENGTH, check_memory, improved, start
from attribution.models.climbing import climb
from attribution.models.credit import Credit, CreditModel
from attribution.models.hazard import PersonTime, person_time, shared_out
from attribution.models.incremental import shapley_shares
from attribution.models.sets import MOST

CREDITED = ("backward", "shapley")
SMALLEST = 1e-300
FACTORS = (1e-6, 1e6)
"""Bounds of the factor of a pair: where it never, or at once, leads to a conversion, the likelihood has none."""


@dataclass(frozen=True)
class CausalHazard(CreditModel):
    """Conversions are a Poisson process on the time that journeys are at risk, and a touch is credited with what the
    rate falls by when it is taken away, the last one first; or with its part of the Shapley value.

    After Shender et al. (2023); theirs is a rate of many features, this one is
    baseline + sum of strength omega exp(-omega x age) over touches, its integral in closed form. A strength is `beta`
    of the channel; with `pairs` times a factor for each other channel that touched the journey before (more than 1:
    synergy, less: substitutes). At risk is a journey from its first touch to its conversion, or `until` an instant
    (default: the last event of all); what came before the first touch, and a prospect's journeys before, count for
    nothing. Time at risk and not journeys, because a conversion ends a journey: those who wait collect more touches.

    With `credit_by="shapley"`, a touch gets its Shapley value in the game of what the touches of its journey add to the
    rate at the conversion. The increment is the same. Where touches only add up, without `pairs`, so are its parts;
    with pairs, what two touches do together is no longer the later one's alone but shared by both, and one that spoils
    a later one may get less than nothing.

    Credits add up to the conversions less `baseline_conversions`. `until`, `memory`, `tolerance`, `rounds`: as in
    `AdditiveHazard`; the fit is that with an immigrant, so the likelihood never decreases. No effect is negative and
    no covariate speaks of intent: where touches follow intent, credit is not what a channel caused.
    """

    name: ClassVar[str] = "causal_hazard"
    needs: ClassVar[tuple[str, ...]] = ("time", "lost")
    until: int | datetime | None = None
    pairs: bool = False
    memory: tuple[float, float] = (1.0 / 1440.0, 3650.0)
    tolerance: float = 1e-12
    rounds: int = 2000
    credit_by: str = "backward"

    def __post_init__(self) -> None:
        check_memory(self.name, self.memory)
        if self.credit_by not in CREDITED:
            raise ValueError(f"{self.name}: credit by {self.credit_by!r}; known are {', '.join(CREDITED)}")

    @property
    def label(self) -> str:
        """Its name in tables."""
        return self.name + "_pairs" * self.pairs + "_shapley" * (self.credit_by == "shapley")

    def credit(self, journeys: Journeys, *, by_touch: bool = False) -> Credit:
        """The credit of each channel; with `by_touch`, of each touch too.

        Besides, by channel: `beta` (conversions that a touch brings), `omega` (per day), `half_life` (days),
        `expected` (conversions that the rate expects of it over all time at risk: at the maximum, its credit); with
        pairs `factor`, by earlier and later channel (1 where never seen); and `baseline` (per day),
        `baseline_conversions`, `baseline_value`, `days_at_risk`, `log_likelihood`, `trace`, `rounds`, `converged`.
        """
        self.check(journeys)
        fit = _fit(person_time(journeys, self.until, self.label), len(journeys.channels), self.pairs, self.memory)
        found = climb(fit.step, fit.start, fit.low, fit.high, tolerance=self.tolerance, rounds=self.rounds)
        strength, omega, base = fit.by_cell(found.theta)
        counts = np.stack([journeys.converted, journeys.value])
        out, kept, shares = shared_out(fit.person, journeys.channel, fit.n, counts, strength, omega, base)
        details = {
            **fit.told(found.theta),
            "baseline_conversions": float(kept[0]),
            "baseline_value": float(kept[1]),
            "log_likelihood": found.trace[-1],
            "trace": np.array(found.trace),
            "rounds": found.rounds,
            "converged": found.converged,
        }
        if self.pairs:
            factor = details["factor"] = np.exp(found.theta[2 * fit.n + 1 :]).reshape(fit.n, fit.n)
            if self.credit_by == "shapley":
                shares = shapley_shares(journeys.offsets, journeys.channel, shares, factor)
                weights = shares * np.repeat(counts, np.diff(journeys.offsets), axis=1)
                out = np.stack([np.bincount(journeys.channel, row, fit.n) for row in weights])
        return Credit(out[0], out[1], shares if by_touch else None, details)


@dataclass(frozen=True)
class _Fit:
    """The likelihood of logarithms of beta, omega, the baseline and factors of pairs, one after the other.

    A cell is a channel, or, with pairs, a channel and the set of those that touched before: `channel` and `before` say
    which, by cell.
    """

    n: int
    person: PersonTime
    days: float
    channel: Ints
    before: NDArray[np.bool_]
    start: Reals
    low: Reals
    high: Reals

    def by_cell(self, theta: Reals) -> tuple[Reals, Reals, float]:
        """Strength and omega of each cell, and the baseline."""
        n = self.n
        beta, omega = np.exp(theta[: 2 * n]).reshape(2, n)
        return beta[self.channel] * self._shape(theta), omega[self.channel], float(np.exp(theta[2 * n]))

    def _shape(self, theta: Reals) -> Reals:
        """The product of the factors of each cell."""
        factors = theta[2 * self.n + 1 :].reshape(-1, self.n)
        if not factors.size:
            return np.ones(self.channel.size)
        return np.asarray(np.exp((self.before * factors[:, self.channel].T).sum(1)))

    def step(self, theta: Reals) -> tuple[float, Reals]:
        """The log-likelihood, and parameters that are no less likely: factors one by one, then beta, then omega."""
        n, out = self.n, theta.copy()
        strength, omega, base = self.by_cell(theta)
        value, by_base, sums = self.person.sweep(strength, omega, base)
        with np.errstate(divide="ignore"):
            out[2 * n] = np.log(by_base / self.days) if self.days > 0 else -np.inf
        if theta.size > 2 * n + 1:
            self._factors(out[2 * n + 1 :].reshape(n, n), strength.copy(), sums)
        shape = self._shape(out)
        by_channel = np.zeros((4, n))
        for row, weight in enumerate((1.0, 1.0, shape, shape)):
            by_channel[row] = np.bincount(self.channel, sums[row] * weight, n)
        out[: 2 * n] = improved(by_channel, np.exp(theta[n : 2 * n]), self.low[: 2 * n], self.high[: 2 * n])
        return value, out

    def _factors(self, factors: Reals, strength: Reals, sums: Reals) -> None:
        """Each factor anew where the others are as they are; `factors`, logarithms, and strengths are overwritten."""
        for earlier, later in zip(*np.nonzero(self._seen()), strict=True):
            cells = (self.channel == later) & self.before[:, earlier]
            p, expected = sums[0, cells].sum(), float(strength[cells] @ sums[2, cells])
            if expected > 0:
                before = factors[earlier, later]
                within = FACTORS[0] / np.exp(before), FACTORS[1] / np.exp(before)
                ratio = min(max(p, within[0] * expected), within[1] * expected) / expected
                factors[earlier, later] = before + np.log(ratio)
                strength[cells] *= ratio

    def _seen(self) -> NDArray[np.bool_]:
        """Whether a channel ever came before another, by earlier and later."""
        return np.stack([self.before[self.channel == later].any(0) for later in range(self.n)], axis=1)

    def told(self, theta: Reals) -> dict[str, Any]:
        """The parameters, and the conversions that they expect."""
        strength, by_cell, base = self.by_cell(theta)
        beta, omega = np.exp(theta[: 2 * self.n]).reshape(2, self.n)
        _, _, sums = self.person.sweep(strength, by_cell, base)
        omega = np.where(beta > 0, omega, np.nan)
        return {
            "beta": beta,
            "omega": omega,
            "half_life": np.log(2.0) / omega,
            "expected": np.bincount(self.channel, strength * sums[2], self.n),
            "baseline": base,
            "days_at_risk": self.days,
        }


def _fit(person: PersonTime, n: int, pairs: bool, memory: tuple[float, float]) -> _Fit:
    """The likelihood, and where a climb begins: with half of the conversions for the baseline, and factors of 1."""
    size = 2 * n + 1 + (n * n if pairs else 0)
    low, high = np.full(size, np.log(SMALLEST)), np.full(size, np.log(MOST_STRENGTH))
    low[n : 2 * n], high[n : 2 * n] = -np.log(memory[1]), -np.log(memory[0])
    high[2 * n] = -np.log(SMALLEST)
    low[2 * n + 1 :], high[2 * n + 1 :] = np.log(FACTORS)
    begin, days = np.zeros(size), person.days()
    begin[: 2 * n] = start(person, n, low[: 2 * n], high[: 2 * n])
    begin[:n] -= np.log(2.0)
    begin[2 * n] = np.log(person.converted.sum() / 2.0 / days) if days > 0 and person.converted.any() else -np.inf
    cell, channel, before = _cells(person, n) if pairs else (person.cell, np.arange(n), np.zeros((n, 0), bool))
    return _Fit(n, replace(person, cell=cell), days, channel, before, begin, low, high)


def _cells(person: PersonTime, n: int) -> tuple[Codes, Ints, NDArray[np.bool_]]:
    """The cell of each touch; the channel of each cell, and which others came before."""
    if n > MOST:
        raise ValueError(f"causal_hazard_pairs: {n} channels; pairs are kept for at most {MOST}: group the rare ones")
    bits = np.empty(person.cell.size, np.int64)
    _before(person.offsets, person.cell, bits)
    sets, which = np.unique(bits, return_inverse=True)
    keys, cell = np.unique(which * n + person.cell, return_inverse=True)
    before = (sets[keys // n][:, None] >> np.arange(n)) & 1 == 1
    return cell.astype(np.int32), keys % n, before


@kernel
def _before(offsets, channel, bits):
    """The channels that came before each touch in its journey, without its own, as bits."""
    for j in range(offsets.size - 1):
        met = np.int64(0)
        for at in range(offsets[j], offsets[j + 1]):
            bit = np.int64(1) << np.int64(channel[at])
            bits[at] = met & ~bit
            met |= bit
