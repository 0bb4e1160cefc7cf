"""One server, first come first served: M/M/1 and M/G/1.

Waiting excludes service, time includes it. M/M/1 is M/G/1 with cv 1; both are given because one is the
other's oracle.
"""

from __future__ import annotations

from funnelsim.core.queueing.load import littles_law, require_at_least_zero, stable_utilisation


def mm1_mean_wait(arrival_rate: float, service_mean: float) -> float:
    """Mean wait before service in M/M/1, rho E[S] / (1 - rho).

    Units: arrivals per unit of time; times in that unit.
    Source: Erlang (1917); Kleinrock (1975), section 3.2.
    """
    rho = stable_utilisation(arrival_rate, service_mean)
    return rho * service_mean / (1 - rho)


def mm1_mean_time(arrival_rate: float, service_mean: float) -> float:
    """Mean time in M/M/1, waiting and service, E[S] / (1 - rho).

    Units: arrivals per unit of time; times in that unit. Source: Kleinrock (1975), section 3.2.
    """
    return service_mean / (1 - stable_utilisation(arrival_rate, service_mean))


def mm1_mean_number(arrival_rate: float, service_mean: float) -> float:
    """Mean number in M/M/1, waiting and in service, rho / (1 - rho).

    Units: arrivals per unit of time; times in that unit. Source: Kleinrock (1975), section 3.2.
    """
    rho = stable_utilisation(arrival_rate, service_mean)
    return rho / (1 - rho)


def mm1_number_pmf(number: int, arrival_rate: float, service_mean: float) -> float:
    """Probability of exactly `number` in M/M/1, (1 - rho) rho^n.

    Units: arrivals per unit of time; times in that unit. Source: Kleinrock (1975), section 3.2.
    """
    rho = stable_utilisation(arrival_rate, service_mean)
    return (1 - rho) * rho**number if number >= 0 else 0.0


def mg1_mean_wait(arrival_rate: float, service_mean: float, service_cv: float) -> float:
    """Mean wait before service in M/G/1, lambda E[S^2] / 2 / (1 - rho).

    Units: arrivals per unit of time; times in that unit; cv = standard deviation / mean of service.
    Source: Pollaczek (1930), Khinchine (1932).
    """
    rho = stable_utilisation(arrival_rate, service_mean)
    return residual_work(arrival_rate, service_mean, service_cv) / (1 - rho)


def mg1_mean_time(arrival_rate: float, service_mean: float, service_cv: float) -> float:
    """Mean time in M/G/1, waiting and service.

    Units and source: as `mg1_mean_wait`.
    """
    return mg1_mean_wait(arrival_rate, service_mean, service_cv) + service_mean


def mg1_mean_queue(arrival_rate: float, service_mean: float, service_cv: float) -> float:
    """Mean number waiting in M/G/1, without the one in service.

    Units and source: as `mg1_mean_wait`, with Little (1961).
    """
    return littles_law(rate=arrival_rate, time=mg1_mean_wait(arrival_rate, service_mean, service_cv))


def residual_work(arrival_rate: float, service_mean: float, service_cv: float) -> float:
    """Mean work left with the one in service, as an arrival finds it, lambda E[S^2] / 2.

    Units: arrivals per unit of time; times in that unit. Source: Kleinrock (1975), chapter 5.
    """
    require_at_least_zero(service_cv=service_cv)
    second_moment = service_mean**2 * (1 + service_cv**2)
    return arrival_rate * second_moment / 2
