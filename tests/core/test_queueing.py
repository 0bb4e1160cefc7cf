"""Every textbook formula equals an independent computation: a Markov chain solved by linear algebra, an exact
fraction, a closed form of a special case, or the limit it must have."""

import itertools
import math
import re
import subprocess
import sys
from collections.abc import Callable, Hashable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from scipy import sparse, stats

from funnelsim.core import queueing as q

TIGHT = 1e-9


def near(value: Any) -> Any:
    return pytest.approx(value, rel=TIGHT, abs=1e-12)


State = TypeVar("State", bound=Hashable)


def stationary(moves: Callable[[State], Iterable[tuple[State, float]]], start: State) -> dict[State, float]:
    """Stationary distribution of the Markov chain in continuous time that `moves` spans from `start`."""
    index = {start: 0}
    frontier, rows = [start], []
    for state in frontier:
        for after, rate in moves(state):
            if rate > 0:
                if after not in index:
                    index[after] = len(index)
                    frontier.append(after)
                rows.append((index[state], index[after], rate))
    source, target, rates = map(np.array, zip(*rows, strict=True))
    n = len(index)
    generator = sparse.csr_matrix((rates, (target, source)), (n, n)) - sparse.diags(
        np.bincount(source, rates, minlength=n)
    )
    # One balance equation is redundant: p(start) = 1 replaces it, and the sum is made 1 afterwards.
    inner = generator[1:, 1:].tocsc()
    p = np.concatenate([[1.0], sparse.linalg.spsolve(inner, -generator[1:, [0]].toarray().ravel())])
    return dict(zip(index, p / p.sum(), strict=True))


def birth_death(birth: Callable[[int], float], death: Callable[[int], float], top: int) -> dict[int, float]:
    return stationary(lambda n: [(n + 1, birth(n) if n < top else 0.0), (n - 1, death(n) if n > 0 else 0.0)], 0)


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


# Erlang A


def erlang_a_by_linear_algebra(lam: float, service: float, c: int, patience: float, top: int) -> q.ErlangA:
    mu, theta = 1 / service, 1 / patience
    p = birth_death(lambda n: lam, lambda n: min(n, c) * mu + max(n - c, 0) * theta, top)
    queue = sum(max(n - c, 0) * p[n] for n in p)
    busy = sum(min(n, c) * p[n] for n in p)
    # First step analysis of an arrival with `ahead` before it: chance of service, and time on the ways to it.
    served, time_served, chance, time = 0.0, 0.0, 1.0, 0.0
    for n in range(top + 1):
        if n >= c:
            ahead = n - c
            step = c * mu + (ahead + 1) * theta  # a departure ahead of it, or its own patience
            stays = (step - theta) / step
            chance, time = stays * chance, stays * (chance / step + time)
        served += p[n] * chance
        time_served += p[n] * time
    return q.ErlangA(
        p_wait=sum(p[n] for n in p if n >= c),
        p_abandon=1 - served,
        mean_wait=queue / lam,
        mean_wait_served=time_served / served,
        mean_queue=queue,
        utilisation=busy / c,
    )


@pytest.mark.parametrize(
    ("lam", "service", "c", "patience"),
    [
        (50.0, 0.09, 5, 0.2055),
        (0.9, 1.0, 1, 2.0),
        (9.0, 1.0, 10, 0.3),
        (8.0, 1.0, 4, 5.0),
        (2.0, 1.0, 10, 1.0),
    ],
)
def test_erlang_a_is_its_markov_chain(lam: float, service: float, c: int, patience: float) -> None:
    expected = erlang_a_by_linear_algebra(lam, service, c, patience, 300)
    assert q.erlang_a(lam, service, c, patience)._asdict() == near(expected._asdict())


def test_erlang_a_grows_into_erlang_c_as_patience_grows() -> None:
    queue = (9.0, 1.0, 10)
    patient = q.erlang_a(*queue, patience_mean=1e13)
    assert patient.p_wait == near(q.mmc_p_wait(*queue))
    assert patient.mean_wait == near(q.mmc_mean_wait(*queue))
    assert patient.mean_wait_served == near(q.mmc_mean_wait(*queue))
    assert patient.mean_queue == near(q.mmc_mean_queue(*queue))
    assert patient.utilisation == near(0.9)
    assert patient.p_abandon == pytest.approx(0, abs=1e-12)


def test_erlang_a_shrinks_to_erlang_b_as_patience_vanishes() -> None:
    impatient = q.erlang_a(9.0, 1.0, 10, patience_mean=1e-13)
    assert impatient.p_wait == near(q.erlang_b(9.0, 10))
    assert impatient.p_abandon == near(q.erlang_b(9.0, 10))


def test_erlang_a_with_patience_like_service_holds_a_poisson_number() -> None:
    answer = q.erlang_a(30.0, 1.0, 28, patience_mean=1.0)
    assert answer.p_wait == near(stats.poisson.sf(27, 30.0))
    assert answer.utilisation * 28 + answer.mean_queue == near(30.0)


@pytest.mark.parametrize(("lam", "c", "patience"), [(1000.0, 1000, 0.5), (2000.0, 1000, 100.0), (3.0, 400, 1.0)])
def test_large_erlang_a_conserves_prospects(lam: float, c: int, patience: float) -> None:
    answer = q.erlang_a(lam, 1.0, c, patience)
    assert lam * answer.p_abandon + c * answer.utilisation == near(lam)
    assert 0 <= answer.p_wait <= 1 + 1e-12
    if lam > c:  # fluid limit: all reps busy, and the queue loses exactly the surplus
        assert answer.p_abandon == near(1 - c / lam)


def test_patience_of_the_reference_funnel_makes_a_fifth_abandon_once_returns_are_counted() -> None:
    # The mean patience of the reference funnel was worked out elsewhere for exactly 20% of abandonment, at
    # the rate at which its own returns settle: 30% of those not won; 40% x 25% of the served are won.
    won = (1 - 0.2) * 0.4 * 0.25
    rate = 50.0 * (1 + 0.3 * (1 - won))
    assert q.erlang_a(rate, 0.09, 5, 0.2054903568508477).p_abandon == near(0.2)


# Priority


def two_class_chain(
    lams: tuple[float, float], mus: tuple[float, float], *, preemptive: bool, servers: int, top: int
) -> tuple[list[float], list[float]]:
    """Mean numbers waiting and mean numbers in service of two classes with exponential service."""

    def moves(state: tuple[int, int, int, int]) -> list[tuple[tuple[int, int, int, int], float]]:
        waiting, serving = list(state[:2]), list(state[2:])
        out = []
        for k in (0, 1):
            # Arrivals beyond `top` are lost.
            w, s = waiting.copy(), serving.copy()
            if sum(s) < servers:
                s[k] += 1
            elif preemptive and k == 0 and s[1] > 0:
                s[0] += 1
                s[1] -= 1
                w[1] += 1
            else:
                w[k] += 1
            if w[k] <= top and w[1] <= top:
                out.append(((w[0], w[1], s[0], s[1]), lams[k]))
            if serving[k]:
                w, s = waiting.copy(), serving.copy()
                s[k] -= 1
                head = 0 if w[0] else 1
                if w[head]:
                    w[head] -= 1
                    s[head] += 1
                out.append(((w[0], w[1], s[0], s[1]), serving[k] * mus[k]))
        return out

    p = stationary(moves, (0, 0, 0, 0))
    means = [sum(state[i] * share for state, share in p.items()) for i in range(4)]
    return means[:2], means[2:]


def test_cobham_is_the_chain_of_two_classes() -> None:
    lams, mus = (0.2, 0.15), (1.0, 0.8)
    waiting, _ = two_class_chain(lams, mus, preemptive=False, servers=1, top=45)
    waits = q.cobham_mean_waits(lams, [1 / mu for mu in mus])
    assert waits == near([n / lam for n, lam in zip(waiting, lams, strict=True)])


def test_preemptive_resume_is_the_chain_of_two_classes() -> None:
    lams, mus = (0.2, 0.15), (1.0, 0.8)
    waiting, serving = two_class_chain(lams, mus, preemptive=True, servers=1, top=45)
    times = q.preemptive_mean_times(lams, [1 / mu for mu in mus])
    assert times == near([(w + s) / lam for w, s, lam in zip(waiting, serving, lams, strict=True)])


def test_priority_with_several_servers_is_the_chain_of_two_classes() -> None:
    lams, mu, c = (0.5, 0.4), 1.0, 3
    waiting, _ = two_class_chain(lams, (mu, mu), preemptive=False, servers=c, top=22)
    assert q.mmc_priority_mean_waits(lams, 1 / mu, c) == near([n / lam for n, lam in zip(waiting, lams, strict=True)])
    waiting, serving = two_class_chain(lams, (mu, mu), preemptive=True, servers=c, top=22)
    times = [(w + s) / lam for w, s, lam in zip(waiting, serving, lams, strict=True)]
    assert q.mmc_preemptive_mean_times(lams, 1 / mu, c) == near(times)


def test_the_preempting_class_sees_a_queue_of_its_own() -> None:
    times = q.preemptive_mean_times([0.4, 0.2, 0.1], [1.0, 0.5, 2.0], [1.5, 0.2, 1.0])
    assert times[0] == near(q.mg1_mean_time(0.4, 1.0, 1.5))


def test_priority_moves_work_but_makes_none() -> None:
    # Kleinrock's conservation law: sum of rho(k) W(k) does not depend on the order of classes.
    rates, means, cvs = [0.3, 0.1, 0.05], [1.0, 2.0, 5.0], [1.0, 0.5, 2.0]
    values = []
    for order in itertools.permutations(range(3)):
        waits = q.cobham_mean_waits(*([column[k] for k in order] for column in (rates, means, cvs)))
        values.append(sum(rates[k] * means[k] * wait for k, wait in zip(order, waits, strict=True)))
    assert values == near([values[0]] * len(values))


def test_one_class_of_priority_is_no_priority() -> None:
    assert q.cobham_mean_waits([0.8], [1.0], [1.5]) == near([q.mg1_mean_wait(0.8, 1.0, 1.5)])
    assert q.mmc_priority_mean_waits([9.0], 1.0, 10) == near([q.mmc_mean_wait(9.0, 1.0, 10)])
    assert q.mmc_priority_mean_waits([0.3, 0.4], 1.0, 1) == near(q.cobham_mean_waits([0.3, 0.4], [1.0, 1.0]))
    assert q.mmc_preemptive_mean_times([0.3, 0.4], 1.0, 1) == near(q.preemptive_mean_times([0.3, 0.4], [1.0, 1.0]))


# Jackson networks


def test_jackson_network_with_feedback_is_its_markov_chain() -> None:
    gammas, mus, servers = (0.25, 0.1), (1.0, 1.2), (2, 1)
    routing = ((0.1, 0.5), (0.3, 0.0))
    top = 34

    def moves(state: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
        out = []
        for i in (0, 1):
            j = 1 - i
            busy = min(state[i], servers[i]) * mus[i]
            plus = tuple(n + (k == i) for k, n in enumerate(state))
            minus = tuple(n - (k == i) for k, n in enumerate(state))
            over = tuple(n + (k == j) for k, n in enumerate(minus))
            out.append((plus, gammas[i] if state[i] < top else 0.0))
            out.append((over, busy * routing[i][j] if state[j] < top else 0.0))
            out.append((minus, busy * (1 - sum(routing[i]))))
        return out  # type: ignore[return-value]

    p = stationary(moves, (0, 0))
    network = q.jackson_network(gammas, routing, [1 / mu for mu in mus], servers)
    numbers = [sum(state[i] * share for state, share in p.items()) for i in (0, 1)]
    throughputs = [mus[i] * sum(min(state[i], servers[i]) * share for state, share in p.items()) for i in (0, 1)]
    assert network.mean_numbers == near(numbers)
    assert network.arrival_rates == near(throughputs)
    assert network.utilisations == near([throughputs[i] / mus[i] / servers[i] for i in (0, 1)])
    assert network.mean_time == near(sum(numbers) / sum(gammas))


def test_jackson_in_tandem_is_one_mmc_after_another_and_a_delay_in_between_only_adds_its_mean() -> None:
    network = q.jackson_network([2.1, 0, 0], [[0, 1, 0], [0, 0, 1], [0, 0, 0]], [1.0, 7.0, 0.4], [3, math.inf, 1])
    assert network.mean_waits == near([q.mmc_mean_wait(2.1, 1.0, 3), 0.0, q.mm1_mean_wait(2.1, 0.4)])
    assert network.p_waits == near([q.mmc_p_wait(2.1, 1.0, 3), 0.0, 0.84])
    assert network.mean_numbers[1] == near(q.mginf_mean_number(2.1, 7.0))
    assert network.mean_time == near(q.mmc_mean_time(2.1, 1.0, 3) + 7.0 + q.mm1_mean_time(2.1, 0.4))
    assert network.visits == near((1.0, 1.0, 1.0))


def test_traffic_with_feedback_is_a_geometric_series() -> None:
    assert q.traffic_rates([2.0], [[0.2]]) == near((2.0 / 0.8,))


def test_a_network_that_nobody_leaves_is_refused() -> None:
    with pytest.raises(ValueError, match="stage 1: nobody who comes here ever leaves"):
        q.traffic_rates([1.0, 0.0, 0.0], [[0, 0.5, 0], [0, 0, 1], [0, 1, 0]])
    with pytest.raises(ValueError, match="each row must add up to at most 1"):
        q.traffic_rates([1.0, 0.0], [[0, 1.3], [0, 0]])


def test_an_overloaded_station_is_named() -> None:
    with pytest.raises(ValueError, match=r"station 1: unstable: rho = 1\.5 "):
        q.jackson_network([1.0, 0.5], [[0, 1], [0, 0]], [0.5, 1.0], [1, 1])


# Delays


def test_occupancy_of_a_delay_is_poisson_and_its_markov_chain() -> None:
    p = birth_death(lambda n: 4.0, lambda n: n / 0.75, 60)
    mean = q.mginf_mean_number(4.0, 0.75)
    assert mean == near(3.0)
    assert [q.mginf_number_pmf(n, mean) for n in range(25)] == near([p[n] for n in range(25)])
    assert q.mginf_number_pmf(-1, mean) == 0.0
    assert (q.mginf_number_pmf(0, 0.0), q.mginf_number_pmf(1, 0.0)) == (1.0, 0.0)


def test_a_varying_rate_into_an_exponential_delay_solves_its_differential_equation() -> None:
    edges, rates, delay = [0.0, 1.0, 2.5, 3.0], [10.0, 2.0, 30.0], 0.8
    inside = 0.0
    for rate, (begin, end) in zip(rates, itertools.pairwise(edges), strict=True):
        inside = rate * delay + (inside - rate * delay) * math.exp(-(end - begin) / delay)
        found = q.mtginf_mean_number(end, edges, rates, lambda u: math.exp(-u / delay))
        assert found == near(inside)
    later = q.mtginf_mean_number(4.0, edges, rates, lambda u: math.exp(-u / delay))
    assert later == near(inside * math.exp(-1.0 / delay))


def test_a_varying_rate_into_a_constant_delay_counts_the_arrivals_of_that_last_span() -> None:
    edges, rates = [0.0, 1.0, 2.5, 3.0], [10.0, 2.0, 30.0]
    found = q.mtginf_mean_number(2.75, edges, rates, lambda u: float(u < 2.0))
    assert found == near(0.25 * 10 + 1.5 * 2 + 0.25 * 30)
    assert q.mtginf_mean_number(-1.0, edges, rates, lambda u: 1.0) == 0.0


def test_a_steady_rate_into_a_lognormal_delay_approaches_little_along_the_limited_mean() -> None:
    law = stats.lognorm(math.sqrt(math.log(2)), scale=2 / math.sqrt(2))  # mean 2, cv 1
    sigma, median = math.sqrt(math.log(2)), 2 / math.sqrt(2)
    for time in (0.5, 3.0, 40.0):
        z = math.log(time / median) / sigma
        limited_mean = 2 * stats.norm.cdf(z - sigma) + time * stats.norm.sf(z)
        found = q.mtginf_mean_number(time, [0.0, time], [50.0], lambda u: float(law.sf(u)))
        assert found == near(50 * limited_mean)


# Chains


def test_gamblers_ruin() -> None:
    up, n = 0.45, 7  # from 1..6; ruin at 0, win at 7
    moves, ends = np.zeros((n - 1, n - 1)), np.zeros((n - 1, 2))
    for i in range(n - 1):
        for j, p in ((i + 1, up), (i - 1, 1 - up)):
            if 0 <= j < n - 1:
                moves[i, j] = p
    ends[0, 0], ends[-1, 1] = 1 - up, up
    ratio = (1 - up) / up
    for capital in range(1, n):
        start = np.eye(n - 1)[capital - 1]
        answer = q.absorbing_chain(moves, ends, start)
        win = (1 - ratio**capital) / (1 - ratio**n)
        assert answer.probabilities == near(np.array([1 - win, win]))
        assert answer.visits.sum() == near((capital - n * win) / (1 - 2 * up))


MOVES = [[0.0, 0.6, 0.0], [0.2, 0.0, 0.5], [0.0, 0.1, 0.0]]
ENDS = [[0.0, 0.4], [0.0, 0.3], [0.25, 0.65]]  # won, lost


def test_visits_are_the_sum_over_steps() -> None:
    step, visits = np.array([1.0, 0.0, 0.0]), np.zeros(3)
    for _ in range(200):
        visits += step
        step = step @ np.array(MOVES)
    answer = q.absorbing_chain(MOVES, ENDS, [1.0, 0.0, 0.0])
    assert answer.visits == near(visits)
    assert answer.probabilities == near(visits @ np.array(ENDS))


@pytest.mark.parametrize("at_most", [0, 1, 2, 5])
def test_recycling_is_a_cut_geometric_series(at_most: int) -> None:
    once = q.absorbing_chain(MOVES, ENDS, [1.0, 0.0, 0.0])
    won, lost = once.probabilities
    chances = [(0.3 * lost) ** g for g in range(at_most + 1)]
    moves, ends = q.recycled_chain(MOVES, ENDS, end=1, to=0, share=0.3, at_most=at_most)
    answer = q.absorbing_chain(moves, ends, np.eye(len(moves))[0])
    assert answer.probabilities[0] == near(won * sum(chances))
    assert answer.probabilities.sum() == near(1.0)
    by_return = answer.visits.reshape(at_most + 1, -1)
    assert by_return == near(np.outer(chances, once.visits))


def test_recycling_to_a_later_stage_walks_every_path() -> None:
    # 0 -> lost 0.5 | 1; 1 -> won 0.4 | lost. A quarter of the lost return to 1, at most twice.
    moves, ends = q.recycled_chain([[0, 0.5], [0, 0]], [[0, 0.5], [0.4, 0.6]], end=1, to=1, share=0.25, at_most=2)
    again = 0.6 * 0.25
    arrive, back = 0.5, 0.5 * 0.25
    expected = 0.4 * (arrive * (1 + again + again**2) + back * (1 + again))
    assert q.absorbing_chain(moves, ends, np.eye(6)[0]).probabilities[0] == near(expected)


def test_probabilities_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match=r"stage 1: probabilities add up to 1\.3; they must add up to 1"):
        q.absorbing_chain([[0.0, 1.0], [0.0, 0.0]], [[0.0, 0.0], [0.8, 0.5]], [1.0, 0.0])


# The textbook scenarios quote these figures


def figures_of_jackson() -> list[float]:
    routing = [[0, 0.5, 0], [0, 0.2, 0.6], [0, 0.25, 0]]
    network = q.jackson_network([0.9, 0.1, 0], routing, [2, 4, 1.5], [3, 4, 1])
    each = (network.arrival_rates, network.utilisations, network.p_waits, network.mean_waits)
    return [*itertools.chain(*each, network.mean_numbers), network.mean_time]


def figures_of_recycling() -> list[float]:
    once = q.absorbing_chain(MOVES, ENDS, [1, 0, 0])
    moves, ends = q.recycled_chain(MOVES, ENDS, end=1, to=0, share=0.3, at_most=2)
    answer = q.absorbing_chain(moves, ends, np.eye(9)[0])
    return [once.probabilities[0], *answer.probabilities, *answer.visits.reshape(3, 3).sum(axis=0)]


def figures_of_varying_rate() -> list[float]:
    week, n_weeks = [1.2, 1.2, 1.1, 1.1, 1.0, 0.3, 0.3], 26
    # After 25 weeks the start matters to the mean number by less than 1e-7.
    edges, rates = [float(day) for day in range(7 * n_weeks + 1)], [50 * times for times in week] * n_weeks
    sigma = math.sqrt(math.log(2))

    def survival(u: float) -> float:
        return 0.5 * math.erfc(math.log(u * math.sqrt(2) / 2) / sigma / math.sqrt(2)) if u > 0 else 1.0

    def number(day: float) -> float:
        return q.mtginf_mean_number(7 * (n_weeks - 1) + day, edges, rates, survival)

    nodes, weights = np.polynomial.legendre.leggauss(6)
    averages = [sum(w / 2 * number(day + (x + 1) / 2) for x, w in zip(nodes, weights, strict=True)) for day in range(7)]
    return [*(number(day) for day in range(7)), *averages, 50 * sum(week) / 7 * 2]


def figures_of_reference_funnel() -> list[float]:
    sdr = q.erlang_a(63.8, 0.09, 5, 0.2054903568508477)
    passed = 63.8 * (1 - sdr.p_abandon) * 0.4
    won = passed * 0.25
    ae = q.utilisation(passed, 1 / 3, 8)
    return [63.8, sdr.p_abandon, 24 * sdr.mean_wait, sdr.utilisation, passed, ae, won / 50, won]


def figures_of_erlang_a() -> list[float]:
    queue = q.erlang_a(50, 0.09, 5, 0.2055)
    waits = [24 * queue.mean_wait, 24 * queue.mean_wait_served]
    return [queue.p_wait, queue.p_abandon, *waits, queue.mean_queue, queue.utilisation]


TWO_CLASSES = ([0.1, 0.1], [2.0, 6.0])
FIGURES: dict[str, Callable[[], list[float]]] = {
    "mm1": lambda: [
        q.mm1_mean_wait(0.45, 2),
        q.mm1_mean_time(0.45, 2),
        q.mm1_mean_number(0.45, 2),
        q.mmc_wait_quantile(0.9, 0.45, 2, 1),
    ],
    "mmc": lambda: [
        q.mmc_p_wait(0.9, 10, 10),
        q.mmc_mean_wait(0.9, 10, 10),
        q.mmc_mean_queue(0.9, 10, 10),
        q.mmc_wait_quantile(0.5, 0.9, 10, 10),
        q.mmc_wait_quantile(0.9, 0.9, 10, 10),
    ],
    "mg1": lambda: [
        q.mg1_mean_wait(0.4, 2, 1.5),
        q.mg1_mean_time(0.4, 2, 1.5),
        q.mg1_mean_queue(0.4, 2, 1.5),
    ],
    "erlang_a": figures_of_erlang_a,
    "erlang_b": lambda: [q.erlang_b(4.5, 5), 4.5 * (1 - q.erlang_b(4.5, 5)) / 5],
    "priority": lambda: [*q.cobham_mean_waits(*TWO_CLASSES), 0.1 * sum(q.cobham_mean_waits(*TWO_CLASSES))],
    "preemptive": lambda: q.preemptive_mean_times(*TWO_CLASSES),
    "jackson": figures_of_jackson,
    "recycle": figures_of_recycling,
    "mginf": lambda: [q.mginf_mean_number(50, 2)],
    "mtginf": figures_of_varying_rate,
    "reference_funnel": figures_of_reference_funnel,
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_head_of_a_textbook_scenario_quotes_the_formula(name: str) -> None:
    text = (Path(__file__).parents[2] / "scenarios" / "textbook" / f"{name}.yaml").read_text(encoding="utf-8")
    head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    expected = head[head.index("# Expected") :]
    missing = [
        f"{value:.6g}" for value in FIGURES[name]() if f"{value:.6g}" not in re.findall(r"[\d.]+\d|\d", expected)
    ]
    assert missing == []
