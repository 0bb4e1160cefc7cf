"""Jackson's open network: stations with exponential service, Poisson arrivals, random routing with feedback.

In steady state every station looks like an M/M/c of its own, although feedback makes its arrivals bunch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from funnelsim.core.queueing.chain import expected_visits
from funnelsim.core.queueing.erlang import mmc_mean_wait, mmc_p_wait
from funnelsim.core.queueing.load import littles_law, require_servers, stable_utilisation


class JacksonNetwork(NamedTuple):
    """Steady state of an open network: one number per station, times per visit, and the whole journey."""

    arrival_rates: tuple[float, ...]  # from outside and from other stations
    visits: tuple[float, ...]  # mean number per newcomer
    utilisations: tuple[float, ...]  # 0 at a station without limit
    p_waits: tuple[float, ...]
    mean_waits: tuple[float, ...]
    mean_numbers: tuple[float, ...]  # waiting and in service
    mean_time: float  # from entry into the network until departure from it


def jackson_network(
    external_rates: Sequence[float],
    routing: Sequence[Sequence[float]],
    service_means: Sequence[float],
    servers: Sequence[float],
) -> JacksonNetwork:
    """Steady state of an open network; a station of `math.inf` servers is a pure delay of any law.

    Units: arrivals per unit of time; times in that unit. routing[i][j]: share of those who end i that go to
    j. Source: Jackson (1957).
    """
    rates = traffic_rates(external_rates, routing)
    rhos, p_waits, mean_waits = ([0.0] * len(rates) for _ in range(3))
    for station, (rate, mean, c) in enumerate(zip(rates, service_means, servers, strict=True)):
        if c == math.inf:
            continue
        require_servers(c)
        rhos[station] = stable_utilisation(rate, mean, int(c), where=f"station {station}")
        p_waits[station] = mmc_p_wait(rate, mean, int(c))
        mean_waits[station] = mmc_mean_wait(rate, mean, int(c))
    numbers = [rate * (wait + mean) for rate, wait, mean in zip(rates, mean_waits, service_means, strict=True)]
    entering = sum(external_rates)
    return JacksonNetwork(
        arrival_rates=rates,
        visits=tuple(rate / entering for rate in rates),
        utilisations=tuple(rhos),
        p_waits=tuple(p_waits),
        mean_waits=tuple(mean_waits),
        mean_numbers=tuple(numbers),
        mean_time=littles_law(number=sum(numbers), rate=entering),
    )


def traffic_rates(external_rates: Sequence[float], routing: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Arrival rate at each station, from the traffic equations lambda = gamma + R' lambda.

    Units: per unit of time, as the external rates. ValueError if somebody could never leave.
    Source: Jackson (1957).
    """
    return tuple(float(rate) for rate in expected_visits(routing, external_rates))
