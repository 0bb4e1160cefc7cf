"""M/G/1: of the work only mean and variation matter for the mean wait (Pollaczek, Khinchine)."""

import math

import pytest

from funnelsim.core.queueing import mg1_mean_queue, mg1_mean_time, mg1_mean_wait

from .evidence import agree, run

RATE = 0.25
MEAN = 2.0

# Work of mean 2 h by family, and its coefficient of variation worked out by hand.
FAMILIES: dict[str, tuple[object, float]] = {
    "constant": ("2 h", 0.0),
    "uniform": ({"uniform": {"low": "1 h", "high": "3 h"}}, 1 / math.sqrt(12)),
    "triangular": ({"triangular": {"low": "0 h", "mode": "0 h", "high": "6 h"}}, 1 / math.sqrt(2)),
    "pert": ({"pert": {"low": "0 h", "mode": "1.5 h", "high": "6 h"}}, math.sqrt(2 * 4 / 7) / 2),
    "erlang": ({"erlang": {"mean": "2 h", "k": 4}}, 0.5),
    "gamma": ({"gamma": {"mean": "2 h", "cv": 1.5}}, 1.5),
    "lognormal": ({"lognormal": {"mean": "2 h", "cv": 1}}, 1.0),
    "weibull": ({"weibull": {"mean": "2 h", "shape": 2}}, math.sqrt(4 / math.pi - 1)),
    "empirical": ({"empirical": {"values": ["1 h", "1 h", "4 h"]}}, 1 / math.sqrt(2)),
    "mixture": (
        {
            "mixture": [
                {"weight": "75%", "constant": {"value": "1 h"}},
                {"weight": "25%", "exponential": {"mean": "5 h"}},
            ]
        },
        math.sqrt(0.75 + 0.25 * 2 * 25 - 4) / 2,
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_mean_wait_is_that_of_pollaczek_and_khinchine(family: str) -> None:
    work, cv = FAMILIES[family]
    # Long works come in rare bursts: the more they vary, the more runs it takes.
    replications = 90 if cv < 0.6 else 140 if cv <= 1 else 280
    overrides = {"channels.leads.arrivals.rate": f"{RATE} / h", "stages.call.duration": work}
    runs = run("mg1", overrides, seed=21 + list(FAMILIES).index(family), replications=replications)
    agree(f"{family}, mean wait", runs.mean_wait("call"), mg1_mean_wait(RATE, MEAN, cv))
    agree(f"{family}, mean time", runs.mean_time("call"), mg1_mean_time(RATE, MEAN, cv))
    agree(f"{family}, mean queue", runs.mean_queue("call"), mg1_mean_queue(RATE, MEAN, cv))


def test_the_shipped_scenario_has_the_figures_of_its_first_lines() -> None:
    runs = run("mg1", seed=39, replications=30)
    wrong = mg1_mean_wait(0.4, 2 * 1.02, 1.5)
    agree("mean wait", runs.mean_wait("call"), 13.0, wrong=wrong)
    agree("mean time", runs.mean_time("call"), 15.0, wrong=wrong + 2 * 1.02)
    agree("mean queue", runs.mean_queue("call"), 5.2, wrong=0.4 * wrong)
