"""Erlang B: who finds all reps busy is lost at once; and its relatives with a short queue."""

import pytest

from funnelsim.core.queueing import erlang_b

from .evidence import agree, run

WORKS = {
    "lognormal": {"lognormal": {"mean": "9 h", "cv": 1}},
    "constant": "9 h",
    "exponential": {"exponential": {"mean": "9 h"}},
    "gamma": {"gamma": {"mean": "9 h", "cv": 2}},
}


@pytest.mark.parametrize("work", WORKS)
def test_the_share_of_those_lost_does_not_depend_on_the_law_of_the_work(work: str) -> None:
    runs = run("erlang_b", {"stages.call.duration": WORKS[work]}, seed=41 + list(WORKS).index(work), replications=40)
    agree(f"{work}, P(balk)", runs.share("call", "balk"), erlang_b(4.5, 5))
    agree(f"{work}, utilisation", runs.busy("sdr", 5), 4.5 * (1 - erlang_b(4.5, 5)) / 5)


def test_the_shipped_scenario_has_the_figures_of_its_first_lines() -> None:
    runs = run("erlang_b", seed=48, replications=40)
    agree("P(balk)", runs.share("call", "balk"), 0.243021)
    agree("utilisation", runs.busy("sdr", 5), 0.681281)
    assert (runs.count("waited", "call") == 0).all()


def test_a_queue_of_three_loses_as_many_as_the_birth_and_death_process_says() -> None:
    load, reps, room = 4.5, 5, 3
    runs = run(
        "erlang_b",
        {"stages.call.duration": WORKS["exponential"], "teams.sdr.max_queue": room},
        seed=49,
        replications=80,
    )
    weights = [1.0]
    for n in range(1, reps + room + 1):
        weights.append(weights[-1] * load / min(n, reps))
    full = weights[-1] / sum(weights)
    agree("P(balk)", runs.share("call", "balk"), full)
    queue = sum((n - reps) * weight for n, weight in enumerate(weights) if n > reps) / sum(weights)
    agree("mean queue", runs.mean_queue("call"), queue)
