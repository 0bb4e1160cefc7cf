"""Priority: who is served first, with and without interruption of the work under way (Cobham; White and Christie)."""

import numpy as np
import pytest

from funnelsim.core.queueing import (
    cobham_mean_waits,
    mm1_mean_wait,
    mmc_preemptive_mean_times,
    mmc_priority_mean_waits,
    preemptive_mean_times,
)
from funnelsim.plan.trace import ARRIVED, ENTERED, JOINED, LEFT, STARTED

from .evidence import Runs, agree, of_same, one_each, run

CLASSES = ("urgent", "normal")
RATES, WORKS = [0.0625, 0.0625], [2.0, 6.0]  # half busy

# Each class is a stage of its own, so that the counts by stage are counts by class.
TWO_CLASSES = """
name: two classes
start: 2026-01-05
horizon: 3650 d
warmup: 90 d
bucket: quarter
channels:
  urgent: {arrivals: {rate: 0.0625 / h}, enters: urgent}
  normal: {arrivals: {rate: 0.0625 / h}, enters: normal}
stages:
  urgent: {team: sdr, duration: {exponential: {mean: 2 h}}, priority: 0, exits: {won: 100%}}
  normal: {team: sdr, duration: {exponential: {mean: 6 h}}, priority: 1, exits: {won: 100%}}
  won: {terminal: won}
teams:
  sdr: {reps: 1, queue: priority}
"""
THREE_REPS = {
    "channels.urgent.arrivals.rate": "0.125 / h",
    "channels.normal.arrivals.rate": "0.2 / h",
    "stages.urgent.duration": {"exponential": {"mean": "6 h"}},
    "teams.sdr.reps": 3,
}


@pytest.fixture(scope="module")
def patient() -> Runs:
    return run(TWO_CLASSES, seed=71, replications=360)


@pytest.fixture(scope="module")
def interrupting() -> Runs:
    return run(TWO_CLASSES, {"teams.sdr.queue": "preemptive"}, seed=72, replications=400)


@pytest.mark.parametrize("k", range(2), ids=CLASSES)
def test_each_class_waits_as_long_as_cobham_says(patient: Runs, k: int) -> None:
    agree(f"{CLASSES[k]}, mean wait", patient.mean_wait(CLASSES[k]), cobham_mean_waits(RATES, WORKS)[k])
    agree(f"{CLASSES[k]}, mean queue", patient.mean_queue(CLASSES[k]), RATES[k] * cobham_mean_waits(RATES, WORKS)[k])


@pytest.mark.parametrize("k", range(2), ids=CLASSES)
def test_with_interruption_each_class_stays_as_long_as_white_and_christie_say(interrupting: Runs, k: int) -> None:
    times = preemptive_mean_times(RATES, WORKS)
    agree(f"{CLASSES[k]}, mean time", interrupting.mean_time(CLASSES[k]), times[k])
    agree(f"{CLASSES[k]}, mean number", interrupting.mean_number(CLASSES[k]), RATES[k] * times[k])


def test_with_interruption_the_first_class_does_not_feel_the_second(interrupting: Runs) -> None:
    agree("urgent, mean wait", interrupting.mean_wait("urgent"), mm1_mean_wait(RATES[0], WORKS[0]))


def test_interruption_does_not_change_how_busy_the_rep_is(interrupting: Runs) -> None:
    agree("utilisation", interrupting.busy("sdr", 1), 0.5)


def test_three_reps_share_one_line_by_class() -> None:
    runs = run(TWO_CLASSES, THREE_REPS, seed=73, replications=320)
    for name, expected in zip(CLASSES, mmc_priority_mean_waits([0.125, 0.2], 6.0, 3), strict=True):
        agree(f"{name}, mean wait", runs.mean_wait(name), expected)


def test_three_reps_who_may_be_interrupted_share_one_line_by_class() -> None:
    runs = run(TWO_CLASSES, {**THREE_REPS, "teams.sdr.queue": "preemptive"}, seed=74, replications=80)
    for name, expected in zip(CLASSES, mmc_preemptive_mean_times([0.125, 0.2], 6.0, 3), strict=True):
        agree(f"{name}, mean time", runs.mean_time(name), expected)


def hours_by_segment(runs: Runs, begin: int, end: int) -> np.ndarray:
    """Mean hours between two events of a prospect, (replication, segment), of those who came after the warm-up."""
    out = []
    for rows in runs.outcome.traces:
        ends = one_each(rows, end)
        begins, births = of_same(one_each(rows, begin), ends), of_same(one_each(rows, ARRIVED, stage=-1), ends)
        hours = (ends["tick"] - begins["tick"]) / 3600
        warm = begins["tick"] >= runs.compiled.timeline.warmup
        out.append([hours[warm & (births["detail"] == k)].mean() for k in range(2)])
    return np.array(out)


def test_the_shipped_scenario_without_interruption_has_the_figures_of_its_first_lines() -> None:
    runs = run("priority", seed=77, replications=16, trace=True)
    wrong = cobham_mean_waits([0.1, 0.1], [2.04, 6.12])
    means = hours_by_segment(runs, JOINED, STARTED)
    agree("urgent, mean wait", means[:, 0], 5.0, wrong=wrong[0])
    agree("normal, mean wait", means[:, 1], 25.0, wrong=wrong[1])
    agree("mean queue", runs.mean_queue("call"), 3.0, wrong=0.1 * sum(wrong))


def test_the_shipped_scenario_with_interruption_has_the_figures_of_its_first_lines() -> None:
    runs = run("preemptive", seed=78, replications=16, trace=True)
    wrong = preemptive_mean_times([0.1, 0.1], [2.04, 6.12])
    means = hours_by_segment(runs, ENTERED, LEFT)
    agree("urgent, mean time", means[:, 0], 2.5, wrong=wrong[0])
    agree("normal, mean time", means[:, 1], 32.5, wrong=wrong[1])
    agree("mean number", runs.mean_number("call"), 3.5, wrong=0.1 * sum(wrong))
