"""Erlang's formulas: c servers where newcomers are refused (B) or wait for ever, first come first served (C).

Erlang B holds for any service distribution with the same mean; everything named M/M/c needs exponential
service.
"""

from __future__ import annotations

import math

from funnelsim.core.queueing.load import (
    littles_law,
    offered_load,
    require_at_least_zero,
    require_servers,
    stable_utilisation,
)


def erlang_b(load: float, servers: int) -> float:
    """Probability that all c servers are busy and a newcomer is lost in M/G/c/c.

    B = (a^c / c!) / sum a^n / n!, `load` a in erlangs. 1/B(n) = 1 + n/a 1/B(n-1) adds only what is positive,
    and overflows only where B is 0. Source: Erlang (1917); recursion Jagerman (1974).
    """
    require_servers(servers)
    require_at_least_zero(load=load)
    if load == 0:
        return 0.0
    inverse = 1.0
    for n in range(1, servers + 1):
        inverse = 1 + n / load * inverse
    return 1 / inverse


def erlang_c(load: float, servers: int) -> float:
    """Probability that a newcomer waits in M/M/c, C = B / (1 - rho (1 - B)).

    `load` a in erlangs, below `servers`. Source: Erlang (1917).
    """
    rho = stable_utilisation(load, 1.0, servers)
    blocked = erlang_b(load, servers)
    return blocked / (1 - rho * (1 - blocked))


def mmc_p_wait(arrival_rate: float, service_mean: float, servers: int) -> float:
    """Probability that an arrival waits in M/M/c.

    Units: arrivals per unit of time; times in that unit. Source: Erlang (1917).
    """
    stable_utilisation(arrival_rate, service_mean, servers)
    return erlang_c(offered_load(arrival_rate, service_mean), servers)


def mmc_mean_wait(arrival_rate: float, service_mean: float, servers: int) -> float:
    """Mean wait before service in M/M/c over all arrivals, C / (c mu - lambda).

    Units: arrivals per unit of time; times in that unit. Source: Erlang (1917).
    """
    return mmc_p_wait(arrival_rate, service_mean, servers) / (servers / service_mean - arrival_rate)


def mmc_mean_time(arrival_rate: float, service_mean: float, servers: int) -> float:
    """Mean time in M/M/c, waiting and service.

    Units: arrivals per unit of time; times in that unit. Source: Erlang (1917).
    """
    return mmc_mean_wait(arrival_rate, service_mean, servers) + service_mean


def mmc_mean_queue(arrival_rate: float, service_mean: float, servers: int) -> float:
    """Mean number waiting in M/M/c, without those in service.

    Units: arrivals per unit of time; times in that unit. Source: Erlang (1917), Little (1961).
    """
    return littles_law(rate=arrival_rate, time=mmc_mean_wait(arrival_rate, service_mean, servers))


def mmc_mean_number(arrival_rate: float, service_mean: float, servers: int) -> float:
    """Mean number in M/M/c, waiting and in service.

    Units: arrivals per unit of time; times in that unit. Source: Erlang (1917), Little (1961).
    """
    return littles_law(rate=arrival_rate, time=mmc_mean_time(arrival_rate, service_mean, servers))


def mmc_wait_cdf(time: float, arrival_rate: float, service_mean: float, servers: int) -> float:
    """Probability that the wait before service in M/M/c is at most `time`, 1 - C exp(-(c mu - lambda) t).

    Units: arrivals per unit of time; times in that unit. Source: Erlang (1917).
    """
    if time < 0:
        return 0.0
    p_wait = mmc_p_wait(arrival_rate, service_mean, servers)
    return 1 - p_wait * math.exp(-(servers / service_mean - arrival_rate) * time)


def mmc_wait_quantile(p: float, arrival_rate: float, service_mean: float, servers: int) -> float:
    """The wait that a share `p` of arrivals does not exceed in M/M/c; 0 for p up to 1 - P(wait).

    Units: arrivals per unit of time; times in that unit; 0 <= p < 1. Source: Erlang (1917).
    """
    if not 0 <= p < 1:
        raise ValueError(f"p is {p}; it must be at least 0 and below 1")
    p_wait = mmc_p_wait(arrival_rate, service_mean, servers)
    if p <= 1 - p_wait:
        return 0.0
    return math.log(p_wait / (1 - p)) / (servers / service_mean - arrival_rate)
