"""Formulas of one queue equal an independent computation: a Markov chain solved by linear algebra, an exact fraction, a
closed form of a special case, or the limit it must have."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from markov import birth_death, near, stationary
from scipy import stats

from funnelsim.core import queueing as q

# Load and Little's law


def test_littles_law_finds_the_third_of_any_two() -> None:
    assert q.littles_law(rate=6.0, time=0.5) == 3.0
    assert q.littles_law(number=3.0, time=0.5) == 6.0
    assert q.littles_law(number=3.0, rate=6.0) == 0.5
    with pytest.raises(ValueError, match="exactly two of number, rate and time"):
        q.littles_law(number=1.0)
    with pytest.raises(ValueError, match="exactly two"):
        q.littles_law(number=1.0, rate=1.0, time=1.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: q.mm1_mean_wait(1.25, 1.0),
        lambda: q.mg1_mean_wait(2.5, 0.5, 0.3),
        lambda: q.mmc_p_wait(5.0, 0.5, 2),
        lambda: q.cobham_mean_waits([0.5, 0.75], [1.0, 1.0]),
        lambda: q.preemptive_mean_times([0.5, 0.75], [1.0, 1.0]),
        lambda: q.mmc_priority_mean_waits([2.0, 3.0], 0.5, 2),
        lambda: q.mmc_preemptive_mean_times([2.0, 3.0], 0.5, 2),
        lambda: q.jackson_network([1.0], [[0.2]], [1.0], [1]),
    ],
)
def test_an_unstable_queue_is_refused_with_its_rho_and_the_way_out(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"unstable: rho = 1\.25 .* must be below 1\. .* at least \d servers"):
        call()


def test_a_load_of_exactly_one_is_unstable() -> None:
    with pytest.raises(ValueError, match="rho = 1 "):
        q.mm1_mean_wait(1.0, 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: q.mm1_mean_wait(-1.0, 1.0), "arrival_rate is -1.0"),
        (lambda: q.mm1_mean_wait(1.0, 0.0), "service_mean is 0.0"),
        (lambda: q.mmc_p_wait(1.0, 0.5, 0), "servers is 0"),
        (lambda: q.erlang_b(1.0, 2.5), "servers is 2.5"),  # type: ignore[arg-type]
        (lambda: q.erlang_a(1.0, 1.0, 1, math.inf), "patience_mean is inf"),
        (lambda: q.mg1_mean_wait(0.5, 1.0, -0.1), "service_cv is -0.1"),
        (lambda: q.mmc_preemptive_mean_times([0.2, 0.0], 1.0, 2), "arrival_rate is 0.0"),
        (lambda: q.jackson_network([1.0], [[0.0]], [1.0], [2.5]), "servers is 2.5"),
        (lambda: q.mmc_wait_quantile(1.0, 0.5, 1.0, 1), "p is 1.0"),
    ],
)
def test_a_number_that_cannot_be_is_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_importing_the_formulas_loads_neither_numpy_nor_scipy() -> None:
    look = "import sys, funnelsim.core.queueing; print([m for m in ('numpy', 'scipy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# One server


def test_mm1_is_its_markov_chain() -> None:
    lam, service = 0.6, 1.25
    p = birth_death(lambda n: lam, lambda n: 1 / service, 140)
    assert [q.mm1_number_pmf(n, lam, service) for n in range(20)] == near([p[n] for n in range(20)])
    assert q.mm1_mean_number(lam, service) == near(sum(n * p[n] for n in p))
    # An arrival finds n with probability p(n) and waits for n services.
    assert q.mm1_mean_wait(lam, service) == near(sum(n * service * p[n] for n in p))
    assert q.mm1_mean_time(lam, service) == near(q.mm1_mean_number(lam, service) / lam)
    assert q.mm1_number_pmf(-1, lam, service) == 0.0


def test_pollaczek_khinchine_with_less_variable_work_is_the_chain_of_erlang_phases() -> None:
    lam, service, k = 0.6, 1.0, 3  # work of three phases; state = phases of work left
    p = stationary(lambda w: [(w + k, lam if w < 400 else 0.0), (w - 1, k / service if w else 0.0)], 0)
    mean_wait = sum(w * service / k * p[w] for w in p)
    assert q.mg1_mean_wait(lam, service, 1 / math.sqrt(k)) == near(mean_wait)


def test_pollaczek_khinchine_with_more_variable_work_is_the_chain_of_two_kinds_of_work() -> None:
    lam, share, fast, slow = 0.5, 0.7, 3.0, 0.4
    begin = ((1, share), (2, 1 - share))
    speed = {1: fast, 2: slow}

    def moves(state: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
        n, kind = state
        if n == 0:
            return [((1, k), lam * w) for k, w in begin]
        after = [((0, 0), speed[kind])] if n == 1 else [((n - 1, k), speed[kind] * w) for k, w in begin]
        return [*after, ((n + 1, kind), lam if n < 600 else 0.0)]

    p = stationary(moves, (0, 0))
    mean = share / fast + (1 - share) / slow
    second = 2 * (share / fast**2 + (1 - share) / slow**2)
    cv = math.sqrt(second / mean**2 - 1)
    queue = sum(max(n - 1, 0) * p[n, kind] for n, kind in p)
    assert q.mg1_mean_queue(lam, mean, cv) == near(queue)
    assert q.mg1_mean_wait(lam, mean, cv) == near(queue / lam)
    assert q.mg1_mean_time(lam, mean, cv) == near(queue / lam + mean)


def test_mg1_with_cv_one_is_mm1_and_constant_work_waits_half_as_long() -> None:
    assert q.mg1_mean_wait(0.9, 1.0, 1.0) == near(q.mm1_mean_wait(0.9, 1.0))
    assert q.mg1_mean_wait(0.9, 1.0, 0.0) == near(q.mm1_mean_wait(0.9, 1.0) / 2)


# Erlang B and C


@pytest.mark.parametrize(("load", "servers"), [(0.3, 1), (1.0, 2), (4.5, 5), (9.0, 10), (30.0, 12)])
def test_erlang_b_recursion_is_the_exact_sum(load: float, servers: int) -> None:
    a = Fraction(load)
    terms = [a**n / math.factorial(n) for n in range(servers + 1)]
    assert q.erlang_b(load, servers) == near(float(terms[-1] / sum(terms)))


@pytest.mark.parametrize(("load", "servers"), [(0.3, 1), (1.0, 2), (4.5, 5), (9.0, 10), (118.0, 120)])
def test_erlang_c_is_the_exact_sum(load: float, servers: int) -> None:
    a = Fraction(load)
    queue = a**servers / math.factorial(servers) * servers / (servers - a)
    terms = [a**n / math.factorial(n) for n in range(servers)]
    assert q.erlang_c(load, servers) == near(float(queue / (queue + sum(terms))))


def test_erlang_tables() -> None:
    # Erlang B: 1% blocking is 4.4612 erlangs on 10 lines; Erlang C: 9 erlangs and 10 agents.
    assert q.erlang_b(4.4612, 10) == pytest.approx(0.01, abs=5e-6)
    assert q.erlang_b(10.0, 10) == pytest.approx(0.2146, abs=5e-5)
    assert q.erlang_c(9.0, 10) == pytest.approx(0.6687, abs=5e-5)
    assert q.erlang_b(1.0, 2) == near(1 / 5)
    assert q.erlang_c(1.0, 2) == near(1 / 3)
    assert q.erlang_b(0.0, 3) == 0.0


def test_erlang_b_of_thousands_of_servers_neither_overflows_nor_vanishes() -> None:
    load, servers = 5000.0, 5000
    log_terms = [n * math.log(load) - load - math.lgamma(n + 1) for n in range(servers + 1)]
    sizes = np.exp(log_terms)
    # lgamma of thousands is exact to 1e-16 of some 4e4, hence a few 1e-12.
    assert q.erlang_b(load, servers) == near(sizes[-1] / sizes.sum())
    assert q.erlang_b(1.0, 5000) == 0.0


def test_mmc_is_its_markov_chain() -> None:
    lam, service, c = 2.1, 1.0, 3
    mu = 1 / service
    p = birth_death(lambda n: lam, lambda n: min(n, c) * mu, 150)
    queue = sum(max(n - c, 0) * p[n] for n in p)
    assert q.mmc_p_wait(lam, service, c) == near(sum(p[n] for n in p if n >= c))
    assert q.mmc_mean_queue(lam, service, c) == near(queue)
    assert q.mmc_mean_wait(lam, service, c) == near(queue / lam)
    assert q.mmc_mean_number(lam, service, c) == near(sum(n * p[n] for n in p))
    assert q.mmc_mean_time(lam, service, c) == near(queue / lam + service)
    # Who finds n >= c waits for n - c + 1 departures: a gamma time.
    for time in (0.0, 0.4, 2.0, 9.0):
        cdf = sum(p[n] * (1.0 if n < c else stats.gamma.cdf(time, n - c + 1, scale=1 / (c * mu))) for n in p)
        assert q.mmc_wait_cdf(time, lam, service, c) == near(cdf)


def test_wait_quantile_inverts_the_cdf() -> None:
    queue = (9.0, 1.0, 10)
    at_once = 1 - q.mmc_p_wait(*queue)
    for p in (at_once + 1e-6, 0.5, 0.9, 0.999):
        assert q.mmc_wait_cdf(q.mmc_wait_quantile(p, *queue), *queue) == near(p)
    assert q.mmc_wait_quantile(at_once / 2, *queue) == 0.0
    assert q.mmc_wait_cdf(-1.0, *queue) == 0.0


def test_mmc_with_one_server_is_mm1() -> None:
    assert q.mmc_p_wait(0.9, 1.0, 1) == near(0.9)
    assert q.mmc_mean_wait(0.9, 1.0, 1) == near(q.mm1_mean_wait(0.9, 1.0))
    assert q.mmc_mean_number(0.9, 1.0, 1) == near(q.mm1_mean_number(0.9, 1.0))
    assert q.utilisation(9.0, 1.0, 10) == 0.9
