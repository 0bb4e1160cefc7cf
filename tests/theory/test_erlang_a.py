"""Erlang A (M/M/c+M): those who wait lose patience; and M/M/1+G, where patience has any law."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from scipy import integrate, stats

from funnelsim.core.queueing import erlang_a

from .evidence import Runs, agree, run

DAY = 24.0
RATE, WORK, REPS, PATIENCE = 50 / DAY, 0.09 * DAY, 5, 0.2055 * DAY


@pytest.fixture(scope="module")
def runs() -> Runs:
    return run("erlang_a", {"stages.call.sla": {"respond_within": "1 s"}}, seed=51, replications=100)


def test_the_share_of_those_who_wait_is_palms(runs: Runs) -> None:
    expected = erlang_a(RATE, WORK, REPS, PATIENCE)
    assert expected.p_wait == pytest.approx(0.538813, rel=1e-5)
    agree("P(wait)", runs.count("breaches", "call") / runs.count("entries", "call"), expected.p_wait)


def test_the_share_of_those_who_give_up_is_palms(runs: Runs) -> None:
    expected = erlang_a(RATE, WORK, REPS, PATIENCE)
    assert expected.p_abandon == pytest.approx(0.104643, rel=1e-5)
    agree("P(abandon)", runs.share("call", "patience"), expected.p_abandon)


def test_the_mean_wait_of_all_is_palms(runs: Runs) -> None:
    expected = erlang_a(RATE, WORK, REPS, PATIENCE)
    assert expected.mean_wait == pytest.approx(0.516097, rel=1e-5)
    agree("mean wait", runs.hours("line_area", "call") / runs.count("entries", "call"), expected.mean_wait)
    agree("mean queue", runs.mean_queue("call"), expected.mean_queue)


def test_the_mean_wait_of_those_served_is_shorter(runs: Runs) -> None:
    expected = erlang_a(RATE, WORK, REPS, PATIENCE)
    assert expected.mean_wait_served == pytest.approx(0.479034, rel=1e-5)
    agree("mean wait, served", runs.mean_wait("call"), expected.mean_wait_served)


def test_the_reps_are_busy_with_those_who_stay(runs: Runs) -> None:
    expected = erlang_a(RATE, WORK, REPS, PATIENCE)
    assert expected.utilisation == pytest.approx(0.805822, rel=1e-5)
    agree("utilisation", runs.busy("sdr", REPS), expected.utilisation)


def test_an_overloaded_team_loses_what_it_cannot_serve() -> None:
    runs = run("erlang_a", {"channels.leads.arrivals.rate": "80 / d"}, seed=52, replications=24)
    expected = erlang_a(80 / DAY, WORK, REPS, PATIENCE)
    agree("P(abandon)", runs.share("call", "patience"), expected.p_abandon)


# Patience of mean 4 h by law, and P(patience > t), t in hours.
SURVIVALS: dict[str, tuple[object, Callable[[float], Any], list[float]]] = {
    "constant": ("4 h", lambda t: float(t < 4), [4.0]),
    "uniform": ({"uniform": {"low": "0 h", "high": "8 h"}}, stats.uniform(0, 8).sf, [8.0]),
    "gamma": ({"gamma": {"mean": "4 h", "cv": 0.5}}, stats.gamma(4, scale=1).sf, []),
}


@pytest.mark.parametrize("law", SURVIVALS)
def test_patience_of_any_law_loses_what_the_integral_of_baccelli_and_hebuterne_says(law: str) -> None:
    patience, survival, bends = SURVIVALS[law]
    rate, work = 0.45, 2.0
    runs = run(
        "erlang_a",
        {
            "channels.leads.arrivals.rate": f"{rate} / h",
            "stages.call.duration": {"exponential": {"mean": f"{work} h"}},
            "stages.call.patience.after": patience,
            "teams.sdr.reps": 1,
        },
        seed=53 + list(SURVIVALS).index(law),
        replications=100,
    )

    # The wait that the most patient would meet has the density p0 rate exp(-t / work + rate x integral of survival).
    def density(t: float) -> float:
        stayed = integrate.quad(survival, 0, t, points=[b for b in bends if b < t] or None)[0]
        return rate * math.exp(-t / work + rate * stayed)

    def integral(weight: Callable[[float], float]) -> float:
        return float(integrate.quad(lambda t: weight(t) * density(t), 0, 80, points=bends or None, limit=400)[0])

    idle = 1 / (1 + integral(lambda t: 1.0))
    lost = idle * integral(lambda t: 1 - survival(t))
    agree(f"{law}, P(abandon)", runs.share("call", "patience"), lost)
    agree(f"{law}, utilisation", runs.busy("sdr", 1), 1 - idle)
