"""The heads of the textbook scenarios quote the figures that the formulas give."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from markov import ENDS, MOVES

from funnelsim.core import queueing as q


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
