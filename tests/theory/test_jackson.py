"""Jackson's network: three teams, prospects that come back, and every team an M/M/c of its own."""

import numpy as np
import pytest

from funnelsim.core.queueing import JacksonNetwork, jackson_network

from .evidence import Numbers, Runs, agree, run

STAGES, TEAMS = ("qualify", "demo", "proposal"), ("sdr", "ae", "desk")
ROUTING = [[0, 0.5, 0], [0, 0.2, 0.6], [0, 0.25, 0]]
WORKS = [2.0, 4.0, 1.5]
REPS = [3, 4, 1]
INBOUND, PARTNER = 0.675, 0.075  # three quarters of the shipped rates


def network(inbound: float, partner: float, more: float = 1.0) -> JacksonNetwork:
    return jackson_network([inbound, partner, 0], ROUTING, [more * work for work in WORKS], REPS)


@pytest.fixture(scope="module")
def runs() -> Runs:
    overrides = {"channels.inbound.arrivals.rate": f"{INBOUND} / h", "channels.partner.arrivals.rate": f"{PARTNER} / h"}
    return run("jackson", overrides, seed=61, replications=120)


def time_in_all(runs: Runs) -> Numbers:
    """Hours from entry to won or lost, by Little's law."""
    areas = np.sum([runs.hours("stage_area", stage) for stage in STAGES], axis=0)
    births = runs.outcome.tally["born"].sum(axis=(1, 2))
    return np.asarray(areas / births, np.float64)


@pytest.mark.parametrize("station", range(3))
def test_every_stage_looks_like_an_m_m_c_of_its_own(runs: Runs, station: int) -> None:
    stage, expected = STAGES[station], network(INBOUND, PARTNER)
    agree(f"{stage}, arrivals an hour", runs.count("entries", stage) / runs.measured, expected.arrival_rates[station])
    wrong = network(INBOUND, PARTNER, more=1.02).mean_waits[station]
    agree(f"{stage}, mean wait", runs.mean_wait(stage), expected.mean_waits[station], wrong=wrong)
    agree(f"{stage}, mean number", runs.mean_number(stage), expected.mean_numbers[station])
    agree(f"{stage}, utilisation", runs.busy(TEAMS[station], REPS[station]), expected.utilisations[station])


def test_the_journey_takes_as_long_as_littles_law_says(runs: Runs) -> None:
    agree("mean time of all", time_in_all(runs), network(INBOUND, PARTNER).mean_time)


def test_the_shipped_scenario_has_the_figures_of_its_first_lines() -> None:
    runs, wrong = run("jackson", seed=62, replications=30), network(0.9, 0.1, more=1.02)
    agree("demo, arrivals an hour", runs.count("entries", "demo") / runs.measured, 0.846154)
    for station, wait in enumerate((0.591241, 4.4328, 4.79032)):
        agree(f"{STAGES[station]}, mean wait", runs.mean_wait(STAGES[station]), wait, wrong=wrong.mean_waits[station])
    agree("mean time of all", time_in_all(runs), 12.6611, wrong=wrong.mean_time)
