"""Erlang A equals its Markov chain, and has Erlang B and C as its limits."""

from __future__ import annotations

import pytest
from markov import birth_death, near
from scipy import stats

from funnelsim.core import queueing as q


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
