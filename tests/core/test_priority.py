"""Cobham and pre-emptive resume equal the chain of two classes."""

from __future__ import annotations

import itertools

from markov import near, stationary

from funnelsim.core import queueing as q


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
