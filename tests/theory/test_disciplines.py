"""Disciplines: whom a free rep takes next changes who waits, and not how much waiting there is in all."""

import numpy as np
import pytest
from scipy import stats

from funnelsim.core.queueing import cobham_mean_waits, mg1_mean_wait, mm1_mean_wait
from funnelsim.plan.trace import ENTERED, JOINED, STARTED

from .evidence import Runs, agree, of_same, one_each, run

RATE, WORK = 0.25, 2.0
HALF_BUSY = {"channels.leads.arrivals.rate": f"{RATE} / h"}


def waits(runs: Runs) -> list[tuple[np.ndarray, np.ndarray]]:
    """Hours waited and deal value of those who came after the warm-up and were taken up, by replication."""
    out = []
    for rows in runs.outcome.traces:
        started = one_each(rows, STARTED)
        joined, entered = of_same(one_each(rows, JOINED), started), of_same(one_each(rows, ENTERED), started)
        warm = joined["tick"] >= runs.compiled.timeline.warmup
        out.append(((started["tick"] - joined["tick"])[warm] / 3600, entered["detail"][warm] / 100))
    return out


def mean_squares(runs: Runs) -> np.ndarray:
    """Mean squared wait in hours, by replication."""
    return np.array([(hours**2).mean() for hours, _ in waits(runs)])


def test_last_come_first_served_has_the_same_mean_wait() -> None:
    runs = run("mm1", {**HALF_BUSY, "teams.sdr.queue": "lifo"}, seed=81, replications=240)
    agree("mean wait", runs.mean_wait("call"), mm1_mean_wait(RATE, WORK))


def test_last_come_first_served_spreads_the_waits_by_one_over_one_minus_rho() -> None:
    # E[W^2] = 2 rho E[S]^2 / (1 - rho)^2 in order of arrival (Kleinrock 1975, section 5.7), and 1 / (1 - rho) of that
    # in reverse order (Takacs 1963); here twice as much.
    rho = RATE * WORK
    fifo = 2 * rho * WORK**2 / (1 - rho) ** 2
    lifo = fifo / (1 - rho)
    runs = run("mm1", HALF_BUSY, seed=82, replications=10, trace=True)
    agree("FIFO, mean squared wait", mean_squares(runs), fifo, wrong=lifo)
    runs = run("mm1", {**HALF_BUSY, "teams.sdr.queue": "lifo"}, seed=83, replications=10, trace=True)
    agree("LIFO, mean squared wait", mean_squares(runs), lifo, wrong=fifo)


# Segments of fixed value and fit are classes, and Cobham's formula holds. Each is a stage of its own, to be counted.
RANKED = """
name: ranked
start: 2026-01-05
horizon: 3650 d
warmup: 90 d
bucket: quarter
score: {fit: 1.0}
segments:
  large: {share: 20%, deal_value: 9000, fit: 2.0}
  middle: {share: 30%, deal_value: 3000, fit: 0.5}
  small: {share: 50%, deal_value: 1000, fit: -1.0}
channels:
  large: {arrivals: {rate: 0.05 / h}, enters: large, segments: {large: 1}}
  middle: {arrivals: {rate: 0.075 / h}, enters: middle, segments: {middle: 1}}
  small: {arrivals: {rate: 0.125 / h}, enters: small, segments: {small: 1}}
stages:
  large: {team: sdr, duration: {erlang: {mean: 3 h, k: 2}}, exits: {won: 100%}}
  middle: {team: sdr, duration: {erlang: {mean: 2 h, k: 2}}, exits: {won: 100%}}
  small: {team: sdr, duration: {erlang: {mean: 2 h, k: 2}}, exits: {won: 100%}}
  won: {terminal: won}
teams:
  sdr: {reps: 1, queue: value}
"""
RATES, WORKS, CVS = [0.05, 0.075, 0.125], [3.0, 2.0, 2.0], [2**-0.5] * 3
SIZES = ("large", "middle", "small")


@pytest.mark.parametrize("queue", ["value", "score"])
def test_the_highest_value_or_score_is_served_as_the_first_of_cobhams_classes(queue: str) -> None:
    runs = run(RANKED, {"teams.sdr.queue": queue}, seed=84 + (queue == "score"), replications=180)
    for size, expected in zip(SIZES, cobham_mean_waits(RATES, WORKS, CVS), strict=True):
        agree(f"{queue}, {size}, mean wait", runs.mean_wait(size), expected)


def test_a_value_that_differs_from_prospect_to_prospect_is_a_class_of_its_own() -> None:
    # Who stands at the share u from the top waits W0 / (1 - rho u)^2, and those from a to b in the mean
    # W0 (1 / (1 - rho b) - 1 / (1 - rho a)) / (b - a) / rho.
    def expected(k: int, work: float) -> float:
        rho, w0 = RATE * work, RATE * work**2
        return float(w0 * (1 / (1 - rho * (k + 1) / 4) - 1 / (1 - rho * k / 4)) * 4 / rho)

    spread = {"segments": {"all": {"share": "100%", "deal_value": {"lognormal": {"median": 5000, "p90": 20000}}}}}
    runs = run("mm1", {**HALF_BUSY, **spread, "teams.sdr.queue": "value"}, seed=86, replications=30, trace=True)
    values = stats.lognorm(np.log(20000 / 5000) / stats.norm.ppf(0.9), scale=5000)
    means = []
    for hours, value in waits(runs):
        quarter = np.searchsorted(-values.isf([0.25, 0.5, 0.75]), -value)
        means.append([hours[quarter == k].mean() for k in range(4)])
    for k, sample in enumerate(np.array(means).T):
        agree(f"quarter {k + 1} by value, mean wait", sample, expected(k, WORK), wrong=expected(k, 1.02 * WORK))


def test_the_earliest_deadline_is_the_first_come_where_all_were_promised_the_same() -> None:
    promise = {**HALF_BUSY, "stages.call.sla": {"respond_within": "4 h"}}
    first_come = run("mm1", promise, seed=87, replications=2, trace=True)
    earliest = run("mm1", {**promise, "teams.sdr.queue": "deadline"}, seed=87, replications=2, trace=True)
    last_come = run("mm1", {**promise, "teams.sdr.queue": "lifo"}, seed=87, replications=2, trace=True)
    for a, b, c in zip(first_come.outcome.traces, earliest.outcome.traces, last_come.outcome.traces, strict=True):
        assert np.array_equal(a, b)
        assert not np.array_equal(a, c)


def test_the_earliest_deadline_keeps_the_work_in_line() -> None:
    # Waits move from one class to the other, weighted by the work they hold (Kleinrock 1965).
    hours = zip(SIZES, (2, 8, 24), strict=True)
    promises = {f"stages.{size}.sla": {"respond_within": f"{within} h"} for size, within in hours}
    runs = run(RANKED, {**promises, "teams.sdr.queue": "deadline"}, seed=88, replications=180)
    work = sum(runs.mean_queue(size) * mean for size, mean in zip(SIZES, WORKS, strict=True))
    rho = sum(rate * mean for rate, mean in zip(RATES, WORKS, strict=True))
    mean = rho / sum(RATES)
    second = sum(rate * mean**2 * (1 + cv**2) for rate, mean, cv in zip(RATES, WORKS, CVS, strict=True)) / sum(RATES)
    agree("work in line", work, rho * mg1_mean_wait(sum(RATES), mean, np.sqrt(second / mean**2 - 1)))
    assert runs.mean_wait("large").mean() < runs.mean_wait("middle").mean() < runs.mean_wait("small").mean()
