"""Delay: servers without limit (M/G/infinity), with a steady rate or one that varies in time.

How many are inside is Poisson, whatever the distribution of the delay; only the mean is needed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from funnelsim.core.queueing.load import offered_load


def mginf_mean_number(arrival_rate: float, delay_mean: float) -> float:
    """Mean number inside a delay in steady state, lambda E[S].

    Units: arrivals per unit of time; delay in that unit. Source: Khinchine (1955), Little (1961).
    """
    return offered_load(arrival_rate, delay_mean)


def mginf_number_pmf(number: int, mean_number: float) -> float:
    """Probability of exactly `number` inside a delay whose mean is `mean_number`: Poisson.

    Holds at any time, in steady state or not, for Poisson arrivals into an empty system.
    Source: Palm (1943), Khinchine (1955).
    """
    if number < 0 or mean_number == 0:
        return float(number == 0)
    return math.exp(number * math.log(mean_number) - mean_number - math.lgamma(number + 1))


def mtginf_mean_number(
    time: float, edges: Sequence[float], rates: Sequence[float], survival: Callable[[float], float]
) -> float:
    """Mean number inside a delay at `time`, m(t) = integral of lambda(t - u) P(S > u) du.

    rates[i] holds from edges[i] to edges[i+1], one edge more than rates; outside of the edges nobody arrives,
    and nobody is inside at the first one. survival(u) = P(S > u). Units: rates per unit of time; times in
    that unit. Source: Palm (1943); Eick, Massey and Whitt (1993), theorem 1.
    """
    # Age of those who came in piece i, at `time`: from `youngest` to `oldest`.
    pieces = [
        (rate, max(time - end, 0.0), max(time - begin, 0.0))
        for rate, (begin, end) in zip(rates, itertools.pairwise(edges), strict=True)
    ]
    return math.fsum(rate * mean_overlap(youngest, oldest, survival) for rate, youngest, oldest in pieces)


def mean_overlap(begin: float, end: float, survival: Callable[[float], float]) -> float:
    """Mean time between the ages `begin` and `end` that a delay is still running, the integral of P(S > u).

    Units: those of the ages.
    Source: E[min(S, x)] = integral of P(S > u) from 0 to x, Eick, Massey and Whitt (1993).
    """
    from scipy.integrate import quad

    if end <= begin:
        return 0.0
    return float(quad(survival, begin, end, epsabs=1e-13 * (end - begin), epsrel=1e-12, limit=200)[0])
