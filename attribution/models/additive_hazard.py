"""Credit by a conversion rate that every touch adds to and that fades: survival, not shares of those who converted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import numpy as np

from attribution.journeys.ragged import Journeys, Reals
from attribution.models.climbing import climb
from attribution.models.credit import Credit, CreditModel
from attribution.models.hazard import PersonTime, person_time, shared_out

MOST_STRENGTH = 1e6
"""What the strength of touches that all are at the very instant of a conversion is stopped at."""


@dataclass(frozen=True)
class AdditiveHazard(CreditModel):
    """Touches share a conversion as they share the rate at which their journey converts at that instant: the sum of
    beta omega exp(-omega x age).

    Zhang, Wei and Ren (2014). `beta` is how many conversions a touch brings if it is watched forever, `omega` (per day)
    how fast it is forgotten; both by channel, by maximum likelihood. Journeys without conversion are observed `until`
    an instant (a datetime, or microseconds on the clock of the journeys; default: the last event of all), not to their
    last touch. The fit is by expectation and conditional maximisation: beta = sum p / sum (1 - exp(-omega T)), then
    with it omega = sum p / sum (p age + beta T exp(-omega T)), T being from touch to end; the second is the maximum of
    a lower bound (exp is convex), so the likelihood never decreases. It ends where a step changes the log-likelihood by
    less than `tolerance` of it. It may have several maxima: the one that is reached from one omega for all is told.

    `omega` may be given. Otherwise 1/omega, the mean memory, is kept within `memory` (days): where every conversion is
    at the instant of a touch, or the rate does not fade within the log, the likelihood has no maximum. There is no
    baseline and no negative effect: every conversion is credited in full.
    """

    name: ClassVar[str] = "additive_hazard"
    needs: ClassVar[tuple[str, ...]] = ("time", "lost")
    until: int | datetime | None = None
    omega: float | None = None
    memory: tuple[float, float] = (1.0 / 1440.0, 3650.0)
    tolerance: float = 1e-12
    rounds: int = 2000

    def __post_init__(self) -> None:
        if self.omega is not None and not 0 < self.omega < np.inf:
            raise ValueError(f"{self.name}: an omega of {self.omega:g} per day; it must be more than 0")
        check_memory(self.name, self.memory)

    def credit(self, journeys: Journeys, *, by_touch: bool = False) -> Credit:
        """The credit of each channel; with `by_touch`, of each touch too.

        Besides, by channel: `beta`, `omega` (per day, NaN where beta is 0), `at_bound` (memory is the shortest or
        longest allowed); and `log_likelihood`, `trace` (of every round), `rounds`, `converged`, `without_touch`
        (conversions of journeys without a touch, which nobody gets).
        """
        self.check(journeys)
        n, person = len(journeys.channels), person_time(journeys, self.until, self.label)
        slowest, fastest = 1.0 / self.memory[1], 1.0 / self.memory[0]
        if self.omega is not None:
            slowest = fastest = self.omega
        low = np.log(np.repeat([1e-300, slowest], n))
        high = np.log(np.repeat([MOST_STRENGTH, fastest], n))

        def step(theta: Reals) -> tuple[float, Reals]:
            beta, omega = np.exp(theta).reshape(2, n)
            value, _, sums = person.sweep(beta, omega, 0.0)
            return value, improved(sums, omega, low, high)

        found = climb(step, start(person, n, low, high), low, high, tolerance=self.tolerance, rounds=self.rounds)
        beta, omega = np.exp(found.theta).reshape(2, n)
        counts = np.stack([journeys.converted, journeys.value])
        out, _, shares = shared_out(person, journeys.channel, n, counts, beta, omega, 0.0)
        at_bound = (beta > 0) & (self.omega is None) & ((omega <= slowest * 1.001) | (omega >= fastest / 1.001))
        return Credit(
            out[0],
            out[1],
            shares if by_touch else None,
            {
                "beta": beta,
                "omega": np.where(beta > 0, omega, np.nan),
                "at_bound": at_bound,
                "log_likelihood": found.trace[-1],
                "trace": np.array(found.trace),
                "rounds": found.rounds,
                "converged": found.converged,
                "without_touch": float(journeys.converted[np.diff(journeys.offsets) == 0].sum()),
            },
        )


def check_memory(label: str, memory: tuple[float, float]) -> None:
    """Raises ValueError where the shortest and longest memory are not in order."""
    if not 0 < memory[0] < memory[1] < np.inf:
        raise ValueError(f"{label}: memory from {memory[0]:g} to {memory[1]:g} days; it runs from more than 0 upwards")


def start(person: PersonTime, n: int, low: Reals, high: Reals) -> Reals:
    """Logarithms of beta and omega to begin with: the same part of a conversion each, and forgotten at the mean age."""
    touches, age = person.ages(n)
    sizes = np.diff(person.offsets)
    all_of = np.bincount(person.cell, np.repeat(person.converted + person.lost, sizes), n)
    some = person.converted[sizes > 0].sum() / max(1.0, touches.sum())
    with np.errstate(divide="ignore"):
        # A channel without a converting touch adds nothing, from the first round on.
        beta = np.log(np.divide(touches * some, all_of, out=np.zeros(n), where=all_of > 0))
        omega = np.log(touches.sum() / max(age.sum(), 1e-300)) if touches.sum() > 0 else 0.0
    return np.concatenate([beta, np.clip(np.full(n, omega), low[n:], high[n:])])


def improved(sums: Reals, omega: Reals, low: Reals, high: Reals) -> Reals:
    """Logarithms of beta and omega that are no less likely and within bounds, from the sums at those before."""
    p, aged, gone, going = sums
    n = p.size
    with np.errstate(divide="ignore", over="ignore"):
        ratio = np.log(np.divide(p, gone, out=np.full(n, np.inf), where=gone > 0))
        beta = np.where(p > 0, np.clip(ratio, low[:n], high[:n]), -np.inf)
        # With the beta that was kept within bounds: another one could make the next step go down.
        faded = aged + np.exp(beta) * going
        per_day = np.log(np.divide(p, faded, out=np.full(n, np.inf), where=faded > 0))
    return np.concatenate([beta, np.where(p > 0, np.clip(per_day, low[n:], high[n:]), np.log(omega))])
