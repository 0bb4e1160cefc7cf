"""Assignment: what it costs not to pool the line."""

import numpy as np
import pytest
from scipy.optimize import brentq

from funnelsim.core.queueing import mm1_mean_wait, mmc_mean_wait

from .evidence import FAR, Numbers, Runs, agree, run, z_of

RATE, WORK, REPS = 0.4, 3.0, 2  # six tenths busy


def round_robin_mean_wait(rate: float, work: float, reps: int) -> float:
    """Each rep gets every c-th prospect: GI/M/1 with Erlang gaps of c stages (Kleinrock 1975, section 6.4)."""
    sigma = brentq(lambda s: (rate / (rate + (1 - s) / work)) ** reps - s, 0, 1 - 1e-9)
    return float(sigma * work / (1 - sigma))


def runs_of(assignment: str, replications: int) -> Runs:
    overrides = {
        "channels.leads.arrivals.rate": f"{RATE} / h",
        "stages.call.duration": {"exponential": {"mean": f"{WORK} h"}},
        "teams.sdr": {"reps": REPS, "assignment": assignment},
    }
    return run("mmc", overrides, seed=91, replications=replications)


@pytest.fixture(scope="module")
def pooled() -> Numbers:
    return runs_of("pooled", 180).mean_wait("call")


@pytest.fixture(scope="module")
def in_turn() -> Numbers:
    return runs_of("round_robin", 180).mean_wait("call")


def test_the_pooled_line_is_an_m_m_c(pooled: Numbers) -> None:
    agree("pooled, mean wait", pooled, mmc_mean_wait(RATE, WORK, REPS))


def test_round_robin_is_a_row_of_queues_with_erlang_gaps(in_turn: Numbers) -> None:
    agree("round robin, mean wait", in_turn, round_robin_mean_wait(RATE, WORK, REPS))


def test_round_robin_loses_to_pooling_and_wins_over_chance(in_turn: Numbers) -> None:
    above, below = z_of(in_turn, mmc_mean_wait(RATE, WORK, REPS)), z_of(in_turn, mm1_mean_wait(RATE / REPS, WORK))
    print(f"round robin: z = {above:.1f} above the pool, {below:.1f} above a line chosen by chance")
    assert above > FAR
    assert below < -FAR


def test_the_shortest_line_lies_between_pooling_and_round_robin(pooled: Numbers, in_turn: Numbers) -> None:
    shortest = runs_of("least_loaded", 20).mean_wait("call")
    above, below = z_of(shortest - pooled[:20], 0), z_of(shortest - in_turn[:20], 0)
    print(f"least loaded: {shortest.mean():.4g} h, z = {above:.1f} above the pool, {below:.1f} above round robin")
    assert above > FAR
    assert below < -FAR


def test_who_never_met_a_rep_is_served_from_the_pool(pooled: Numbers) -> None:
    assert np.array_equal(runs_of("sticky", 4).mean_wait("call"), pooled[:4])


def test_five_deals_at_once_make_one_rep_a_team_of_five() -> None:
    wide = {"channels.leads.arrivals.rate": "0.3 / h", "teams.sdr": {"reps": 1, "deals_at_once": 5}}
    waits = run("mmc", wide, seed=92, replications=40).mean_wait("call")
    agree("mean wait", waits, mmc_mean_wait(0.3, 10.0, 5), wrong=mmc_mean_wait(0.3, 10.2, 5))
    five = run("mmc", {**wide, "teams.sdr": {"reps": 5}}, seed=92, replications=4)
    assert np.array_equal(waits[:4], five.mean_wait("call"))
