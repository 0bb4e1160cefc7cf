"""Jackson networks, delays and absorbing chains equal their Markov chain, differential equation or sum over paths."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from markov import ENDS, MOVES, birth_death, near, stationary
from scipy import stats

from funnelsim.core import queueing as q

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
