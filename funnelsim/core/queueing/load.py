"""Load: how much work arrives, whether the servers can carry it, and Little's law.

Everything else in this package asks `stable_utilisation` before it divides by 1 - rho.
"""

from __future__ import annotations

import math


def offered_load(arrival_rate: float, service_mean: float) -> float:
    """Work that arrives per unit of time, a = lambda E[S], in erlangs (servers busy if nobody waits).

    Units: arrivals per unit of time, and that unit of time. Source: Erlang (1917).
    """
    require_at_least_zero(arrival_rate=arrival_rate)
    require_positive(service_mean=service_mean)
    return arrival_rate * service_mean


def utilisation(arrival_rate: float, service_mean: float, servers: int = 1) -> float:
    """Share of its capacity that the load needs, rho = lambda E[S] / c; at 1 or more no steady state exists.

    Units: arrivals per unit of time, and that unit of time. Source: Kleinrock (1975), section 2.1.
    """
    require_servers(servers)
    return offered_load(arrival_rate, service_mean) / servers


def stable_utilisation(arrival_rate: float, service_mean: float, servers: int = 1, where: str = "") -> float:
    """The utilisation rho, if it is below 1; otherwise ValueError with rho and the way out.

    `where` names the station or class in the message. Units and source: as `utilisation`.
    """
    rho = utilisation(arrival_rate, service_mean, servers)
    if rho >= 1:
        enough = math.floor(offered_load(arrival_rate, service_mean)) + 1
        raise ValueError(
            f"{where + ': ' if where else ''}unstable: rho = {rho:.6g} "
            f"({arrival_rate:.6g} arrivals x {service_mean:.6g} of work / {servers} servers); "
            f"it must be below 1. Bring the arrival rate below {servers / service_mean:.6g}, "
            f"shorten the work, or have at least {enough} servers."
        )
    return rho


def littles_law(*, number: float | None = None, rate: float | None = None, time: float | None = None) -> float:
    """The one of L = lambda W that is not given: mean number inside, rate of entries, or mean time inside.

    Units: rate per unit of time, time in that unit. Holds for any system in steady state.
    Source: Little (1961).
    """
    if number is None and rate is not None and time is not None:
        return rate * time
    if rate is None and number is not None and time is not None:
        return number / time
    if time is None and number is not None and rate is not None:
        return number / rate
    raise ValueError(
        f"Little's law needs exactly two of number, rate and time; found {number=}, {rate=}, {time=}. "
        "Leave out the one you look for."
    )


def require_positive(**values: float) -> None:
    """Nothing comes back; ValueError names the first value that is not a finite number above 0."""
    for name, value in values.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{name} is {value}; it must be a finite number above 0")


def require_at_least_zero(**values: float) -> None:
    """Nothing comes back; ValueError names the first value that is not a finite number of at least 0."""
    for name, value in values.items():
        if not 0 <= value < math.inf:
            raise ValueError(f"{name} is {value}; it must be a finite number of at least 0")


def require_servers(servers: float) -> None:
    """Nothing comes back; ValueError if the number of servers is not a whole number of at least 1."""
    if not 1 <= servers < math.inf or servers != int(servers):
        raise ValueError(f"servers is {servers}; it must be a whole number of at least 1")
