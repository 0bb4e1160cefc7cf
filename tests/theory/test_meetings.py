"""Meetings: who is ready waits for the next one, which is uniform over a period for whoever comes at any time."""

import numpy as np
import pytest

from funnelsim.plan.trace import FINISHED
from funnelsim.scenario import ScenarioError, loads

from .evidence import agree, one_each, run

WEEK = 7 * 24.0

BOARD = """
name: board
start: 2026-01-05
horizon: 5096 d
warmup: 28 d
bucket: quarter
channels: {web: {enters: board, arrivals: {rate: 10 / d}}}
stages:
  board: {duration: {exponential: {mean: 3 d}}, meetings: {every: 4 w}, exits: {won: 90%, lost: 10%}}
  won: {terminal: won}
  lost: {terminal: lost}
"""


def test_whoever_comes_at_any_time_waits_half_a_period() -> None:
    """Ready times are a Poisson process, so each is uniform between two meetings: a wait of half the period."""
    runs = run(BOARD, seed=161, replications=40)
    agree("mean time", runs.mean_time("board"), 3 * 24 + 2 * WEEK)


def test_those_decided_at_a_meeting_became_ready_since_the_last() -> None:
    """Their number is Poisson with the rate of a period, as the output of a pure delay is (Mirasol 1963)."""
    runs = run(BOARD, seed=162, replications=20, trace=True)
    tick = runs.compiled.timeline.tick
    period = round(4 * WEEK * 3600 / tick)
    counts = []
    for rows in runs.outcome.traces:
        at, n = np.unique(rows["tick"][rows["code"] == FINISHED], return_counts=True)
        assert (at % period == 0).all()
        # The first meetings see fewer, because the funnel begins empty.
        counts += n[2:].tolist()
    sample = np.array(counts, float)
    agree("decided at a meeting", sample, 280.0)
    agree("its variance", (sample - 280.0) ** 2, 280.0, wrong=2 * 280.0)


BY_HAND = """
name: by hand
start: 2026-01-05
horizon: 26 w
tick: 1 h
channels:
  list: {arrivals: {batches: {at: [2026-01-05, 2026-01-13, 2026-01-14, 2026-01-20, 2026-03-15 05:00], size: 1}}}
stages:
  board: {duration: 1 d, meetings: MEETINGS, exits: {won: 100%}}
  won: {terminal: won}
"""


@pytest.mark.parametrize(
    ("meetings", "decided"),
    [
        # Ready on 6 Jan, 14 Jan, 15 Jan at midnight (just in time), 21 Jan, 16 Mar.
        ("{monthly: 15}", ["2026-01-15", "2026-01-15", "2026-01-15", "2026-02-15", "2026-04-15"]),
        ("{monthly: 6}", ["2026-01-06", "2026-02-06", "2026-02-06", "2026-02-06", "2026-04-06"]),
        ("{every: 1 w}", ["2026-01-12", "2026-01-19", "2026-01-19", "2026-01-26", "2026-03-23"]),
        ("{every: 4 w, first: 2026-01-21}", ["2026-01-21", "2026-01-21", "2026-01-21", "2026-01-21", "2026-03-18"]),
        ("{every: 1 w, first: 2025-12-30}", ["2026-01-06", "2026-01-20", "2026-01-20", "2026-01-27", "2026-03-17"]),
        # Nobody is decided after the last meeting.
        (
            "{at: [2026-01-14 12:00, 2026-01-06, 2026-01-21]}",
            ["2026-01-06", "2026-01-14T12", "2026-01-21", "2026-01-21"],
        ),
    ],
)
def test_dates_worked_by_hand(meetings: str, decided: list[str]) -> None:
    runs = run(BY_HAND.replace("MEETINGS", meetings), seed=1, replications=1, trace=True)
    rows = one_each(runs.outcome.traces[0], FINISHED)
    assert [
        runs.compiled.timeline.when(int(tick)).isoformat()[: len(day)]
        for tick, day in zip(rows["tick"], decided, strict=True)
    ] == decided


def test_meetings_that_are_over_are_refused() -> None:
    with pytest.raises(ScenarioError, match="some meeting falls into the horizon"):
        loads(BY_HAND.replace("MEETINGS", "{at: [2026-01-04]}"))
