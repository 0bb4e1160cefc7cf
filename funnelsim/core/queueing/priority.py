"""Priority: classes of which the first is served first, first come first served within a class.

Arguments are one number per class, the class served first in front. With pre-emption the interrupted work
resumes where it stopped, and times are given instead of waits because waiting comes in pieces.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from funnelsim.core.queueing.erlang import mmc_mean_number, mmc_p_wait
from funnelsim.core.queueing.load import require_positive, stable_utilisation, utilisation
from funnelsim.core.queueing.single import residual_work


def cobham_mean_waits(
    arrival_rates: Sequence[float], service_means: Sequence[float], service_cvs: Sequence[float] | None = None
) -> list[float]:
    """Mean wait of each class in non-preemptive M/G/1, W0 / (1 - sigma(k-1)) / (1 - sigma(k)).

    Units: arrivals per unit of time; times in that unit; cvs default to 1 (exponential).
    Source: Cobham (1954).
    """
    sigma = cumulative_loads(arrival_rates, service_means)
    work_found = sum(residual_works(arrival_rates, service_means, service_cvs))
    return [work_found / (1 - before) / (1 - upto) for before, upto in itertools.pairwise(sigma)]


def preemptive_mean_times(
    arrival_rates: Sequence[float], service_means: Sequence[float], service_cvs: Sequence[float] | None = None
) -> list[float]:
    """Mean time in the system of each class in preemptive-resume M/G/1.

    E[S(k)] / (1 - sigma(k-1)) + R(k) / (1 - sigma(k-1)) / (1 - sigma(k)), R(k) the residual work of classes
    0..k. Units: arrivals per unit of time; times in that unit; cvs default to 1 (exponential).
    Source: White and Christie (1958); Conway, Maxwell and Miller (1967), chapter 8.
    """
    sigma = cumulative_loads(arrival_rates, service_means)
    work_found = itertools.accumulate(residual_works(arrival_rates, service_means, service_cvs))
    return [
        service / (1 - before) + work / (1 - before) / (1 - upto)
        for service, work, (before, upto) in zip(service_means, work_found, itertools.pairwise(sigma), strict=True)
    ]


def mmc_priority_mean_waits(arrival_rates: Sequence[float], service_mean: float, servers: int) -> list[float]:
    """Mean wait of each class in non-preemptive M/M/c, all classes with the same exponential service.

    C / (c mu) / (1 - sigma(k-1)) / (1 - sigma(k)). Units: arrivals per unit of time; times in that unit.
    Source: Cobham (1954); Davis (1966).
    """
    sigma = cumulative_loads(arrival_rates, [service_mean] * len(arrival_rates), servers)
    until_next_end = mmc_p_wait(sum(arrival_rates), service_mean, servers) * service_mean / servers
    return [until_next_end / (1 - before) / (1 - upto) for before, upto in itertools.pairwise(sigma)]


def mmc_preemptive_mean_times(arrival_rates: Sequence[float], service_mean: float, servers: int) -> list[float]:
    """Mean time in the system of each class in preemptive-resume M/M/c, all with the same mean service.

    Exponential service. Classes 0..k together are an M/M/c, so class k holds L(0..k) - L(0..k-1). Units:
    arrivals per unit of time; times in that unit. Source: Buzen and Bondi (1983).
    """
    for rate in arrival_rates:
        require_positive(arrival_rate=rate)
    cumulative_loads(arrival_rates, [service_mean] * len(arrival_rates), servers)
    upto = [mmc_mean_number(rate, service_mean, servers) for rate in itertools.accumulate(arrival_rates, initial=0.0)]
    return [
        (after - before) / rate for rate, (before, after) in zip(arrival_rates, itertools.pairwise(upto), strict=True)
    ]


def cumulative_loads(arrival_rates: Sequence[float], service_means: Sequence[float], servers: int = 1) -> list[float]:
    """Utilisation by the classes before each class and, last, by all: sigma, one longer than the classes.

    Units: arrivals per unit of time; times in that unit. ValueError if all together reach 1.
    Source: Cobham (1954).
    """
    loads = [utilisation(rate, mean, servers) for rate, mean in zip(arrival_rates, service_means, strict=True)]
    stable_utilisation(sum(loads) * servers, 1.0, servers, where="all classes together")
    return list(itertools.accumulate(loads, initial=0.0))


def residual_works(
    arrival_rates: Sequence[float], service_means: Sequence[float], service_cvs: Sequence[float] | None
) -> list[float]:
    """Mean work left of each class's prospect in service, as an arrival finds it, lambda E[S^2] / 2.

    Units: arrivals per unit of time; times in that unit; cvs default to 1.
    Source: Kleinrock (1975), chapter 5.
    """
    cvs = [1.0] * len(arrival_rates) if service_cvs is None else service_cvs
    return [residual_work(*each) for each in zip(arrival_rates, service_means, cvs, strict=True)]
