"""Patience: c servers whose queue loses those who wait too long (Erlang A, M/M/c+M).

Exponential patience only, and no balking. It always has a steady state, overloaded or not.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

from funnelsim.core.queueing.load import require_positive, require_servers

NEGLIGIBLE = 1e-30  # of the likeliest state; what lies beyond it is left out


class ErlangA(NamedTuple):
    """What M/M/c+M does in steady state; times in the unit of the service mean, over all arrivals."""

    p_wait: float  # an arrival does not start at once
    p_abandon: float  # an arrival leaves without service
    mean_wait: float  # until service or abandonment
    mean_wait_served: float  # of those who got service
    mean_queue: float  # number waiting
    utilisation: float  # share of the servers that is busy


def erlang_a(arrival_rate: float, service_mean: float, servers: int, patience_mean: float) -> ErlangA:
    """Steady state of c servers with exponential service and exponential patience.

    Units: arrivals per unit of time; times in that unit.
    Source: Palm (1946); Garnett, Mandelbaum and Reiman (2002).
    """
    require_positive(arrival_rate=arrival_rate, service_mean=service_mean, patience_mean=patience_mean)
    require_servers(servers)
    lam, mu, theta, c = arrival_rate, 1 / service_mean, 1 / patience_mean, servers

    p = birth_death_probabilities(lam, mu, theta, c)
    at_least = list(itertools.accumulate(reversed(p)))[::-1]  # P(N >= n)
    mean_queue = math.fsum((n - c) * p[n] for n in range(c + 1, len(p)))

    # An arrival with k ahead of it needs k + 1 departures, at rates c mu + j theta, j = 0..k, before its
    # patience ends; summed by parts over what it finds, E[W; served] becomes
    # c mu / lambda times the sum over j of P(N >= c + j) / (c mu + j theta).
    served = 1 - theta * mean_queue / lam
    wait_and_served = c * mu / lam * math.fsum(at_least[c + j] / (c * mu + j * theta) for j in range(1, len(p) - c))
    return ErlangA(
        p_wait=at_least[c],
        p_abandon=theta * mean_queue / lam,
        mean_wait=mean_queue / lam,
        mean_wait_served=wait_and_served / served,
        mean_queue=mean_queue,
        utilisation=lam * served / (c * mu),
    )


def birth_death_probabilities(lam: float, mu: float, theta: float, c: int) -> list[float]:
    """Probabilities of n = 0, 1, ... in M/M/c+M until they are negligible; they add up to 1.

    Rates per unit of time: lam of arrival, mu of service, theta of abandonment.
    Source: Palm (1946); detailed balance p(n) lam = p(n+1) (min(n+1, c) mu + (n+1-c)+ theta).
    """

    def death(n: int) -> float:
        return min(n, c) * mu + max(n - c, 0) * theta

    # From the likeliest state outwards every factor is at most 1: nothing overflows, and what underflows
    # is nothing.
    mode = math.floor(lam / mu) if lam < c * mu else c + math.floor((lam - c * mu) / theta)
    below = list(itertools.accumulate((death(n) / lam for n in range(mode, 0, -1)), lambda w, x: w * x, initial=1.0))
    above = []
    weight = 1.0
    for n in itertools.count(mode + 1):
        weight *= lam / death(n)
        if weight < NEGLIGIBLE and n > c:  # callers may rely on state c, however unlikely a queue is
            break
        above.append(weight)
    weights = below[::-1] + above
    total = math.fsum(weights)
    return [weight / total for weight in weights]
