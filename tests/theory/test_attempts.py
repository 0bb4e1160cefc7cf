"""Attempts: a geometric number of them with a cap, each with its effort and a gap after it."""

import numpy as np
import pytest

from funnelsim.plan.trace import STARTED

from .evidence import Runs, agree, agree_counts, run

REACH, UP_TO, SIZE = 0.35, 4, 5000
MISS = 1 - REACH
N_ATTEMPTS = (1 - MISS**UP_TO) / REACH

CALLS = f"""
name: calls
start: 2026-01-05
horizon: 30 d
channels:
  list: {{arrivals: {{batches: {{at: [2026-01-05], size: {SIZE}}}}}}}
stages:
  call:
    team: sdr
    duration: 20 min
    attempts: {{up_to: {UP_TO}, reach: {REACH}, gap: 1 d, effort: 5 min, unreached: {{to: lost, reason: no response}}}}
    exits: {{won: 100%}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
teams:
  sdr: {{reps: 1, deals_at_once: {SIZE}}}
"""


@pytest.fixture(scope="module")
def runs() -> Runs:
    return run(CALLS, seed=121, replications=160)


def test_those_never_reached_are_a_power_of_the_misses(runs: Runs) -> None:
    agree("P(unreached)", runs.share("call", "unreached"), MISS**UP_TO)


def test_the_mean_number_of_attempts_is_that_of_a_capped_geometric(runs: Runs) -> None:
    agree("attempts", runs.count("starts", "call") / SIZE, N_ATTEMPTS)


def test_the_number_of_attempts_is_a_capped_geometric() -> None:
    runs = run(CALLS, seed=122, replications=20, trace=True)
    rows = np.concatenate(runs.outcome.traces)
    begun = np.bincount(rows["detail"][rows["code"] == STARTED], minlength=UP_TO)
    last = begun - np.append(begun[1:], 0)

    def expected(miss: float) -> list[float]:
        shares = [miss**n * (1 - miss) for n in range(UP_TO - 1)]
        return [20 * SIZE * share for share in (*shares, miss ** (UP_TO - 1))]

    agree_counts("attempts made", last, expected(MISS), expected(1.02 * MISS), of_one_total=True)


def test_every_attempt_costs_its_effort_and_the_reached_cost_the_work(runs: Runs) -> None:
    hours = runs.hours("busy_area", "sdr") / SIZE
    agree("hours of work", hours, N_ATTEMPTS * 5 / 60 + (1 - MISS**UP_TO) * 20 / 60)


def test_the_time_in_the_stage_is_effort_gaps_and_work(runs: Runs) -> None:
    expected = N_ATTEMPTS * 5 / 60 + (N_ATTEMPTS - 1) * 24 + (1 - MISS**UP_TO) * 20 / 60
    agree("mean time", runs.mean_time("call"), expected)


def test_attempts_that_share_one_rep_are_a_queue_with_feedback() -> None:
    # A geometric number of exponential efforts with gaps between them: the rep is an M/M/1 (Jackson 1957).
    rate, work = 0.08, 2.0
    overrides = {
        "horizon": "1500 d",
        "warmup": "60 d",
        "bucket": "quarter",
        "channels.list.arrivals": {"rate": f"{rate} / h"},
        "stages.call.duration": "1 s",
        "stages.call.attempts.up_to": 1000,
        "stages.call.attempts.effort": {"exponential": {"mean": f"{work} h"}},
        "stages.call.attempts.gap": {"exponential": {"mean": "5 h"}},
        "teams.sdr.deals_at_once": 1,
    }
    runs = run(CALLS, overrides, seed=123, replications=400)
    rho = rate / REACH * work
    agree("utilisation", runs.busy("sdr", 1), rho)
    agree("mean wait of an attempt", runs.mean_wait("call"), rho * work / (1 - rho))
