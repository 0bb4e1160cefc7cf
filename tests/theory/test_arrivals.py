"""Arrivals: a Poisson process whose rate follows week, season, trend and campaigns, against the integral of that rate.

The rate is added up here hour by hour from its meaning, without the engine's pieces.
"""

from datetime import datetime, timedelta

import numpy as np
import pytest

from funnelsim.plan.trace import ARRIVED

from .evidence import Runs, agree, agree_counts, run

START = datetime(2026, 1, 7)  # a Wednesday: the week does not begin with the scenario
WEEKLY = [round(0.2 + 1.6 * (9 <= hour % 24 < 18) * (hour < 120) + 0.3 * (hour % 7 == 0), 2) for hour in range(168)]
SEASON = [0.6, 0.8, 1.0, 1.2, 1.3, 1.1, 0.7, 0.5, 1.2, 1.4, 1.3, 0.9]
TREND = 0.6
PULSES = [(datetime(2026, 3, 2), 14, 2.5), (datetime(2026, 3, 10, 12), 3, 4.0), (datetime(2026, 9, 1), 10, 0.0)]
DAYS = 360
SIZE = 24

SCENARIO = f"""
name: arrivals
start: {START.date()}
horizon: {DAYS} d
channels:
  leads:
    arrivals:
      rate: 40 / d
      weekly: {WEEKLY}
      season: {SEASON}
      trend: 60% / y
      pulses:
        - {{from: 2026-03-02, for: 2 w, times: 2.5}}
        - {{from: 2026-03-10 12:00, for: 3 d, times: 4}}
        - {{from: 2026-09-01, for: 10 d, times: 0}}
stages:
  nurture: {{duration: 1 h, exits: {{won: 100%}}}}
  won: {{terminal: won}}
"""


def hourly(*leave_out: str) -> np.ndarray:
    """Expected arrivals in each hour of the scenario, without what is left out."""
    means = np.full(24 * DAYS, 40 / 24)
    for hour in range(means.size):
        now = START + timedelta(hours=hour)
        if "weekly" not in leave_out:
            means[hour] *= WEEKLY[now.weekday() * 24 + now.hour]
        if "season" not in leave_out:
            means[hour] *= SEASON[now.month - 1]
        if "trend" not in leave_out:
            means[hour] *= (1 + TREND) ** ((hour // 24) / 365.25)
        for begin, days, times in PULSES:
            if "pulses" not in leave_out and begin <= now < begin + timedelta(days=days):
                means[hour] *= times
    return means


@pytest.fixture(scope="module")
def counts() -> np.ndarray:
    """Arrivals by replication and hour of the scenario."""
    runs = run(SCENARIO, seed=131, replications=SIZE, trace=True)
    hours = 3600 // runs.compiled.timeline.tick
    births = [rows["tick"][rows["code"] == ARRIVED] // hours for rows in runs.outcome.traces]
    return np.array([np.bincount(ticks, minlength=24 * DAYS) for ticks in births])


def by(labels: list[int], means: np.ndarray) -> np.ndarray:
    """Sums over the hours of each label."""
    return np.bincount(labels, weights=means)


CLOCK = [START + timedelta(hours=hour) for hour in range(24 * DAYS)]


def test_the_total_is_the_integral_of_the_rate(counts: np.ndarray) -> None:
    agree("arrivals", counts.sum(axis=1), hourly().sum())


def test_totals_vary_as_those_of_a_poisson_process() -> None:
    # The dispersion of many short runs; the variance of a variance is large, but 15% more would be seen.
    days, mean = 17, hourly()[: 24 * 17].sum()
    runs = run(SCENARIO, {"horizon": f"{days} d"}, seed=132, replications=4000)
    total = runs.outcome.tally["totals"][:, 1].astype(float)
    agree("arrivals in 17 days", total, mean)
    agree("their variance", (total - total.mean()) ** 2 * total.size / (total.size - 1), mean, wrong=1.15 * mean)


def test_every_hour_of_the_week_has_its_share(counts: np.ndarray) -> None:
    hours = [now.weekday() * 24 + now.hour for now in CLOCK]
    wrong = hourly("weekly") * hourly().sum() / hourly("weekly").sum()
    found = by(hours, counts.sum(axis=0))
    agree_counts("hours of the week", found, SIZE * by(hours, hourly()), SIZE * by(hours, wrong))


def test_every_month_has_its_share(counts: np.ndarray) -> None:
    months = [now.month - 1 for now in CLOCK]
    for left_out in ("season", "trend", "pulses"):
        wrong = hourly(left_out) * hourly().sum() / hourly(left_out).sum()
        agree_counts(
            f"months, not without the {left_out}",
            by(months, counts.sum(axis=0)),
            SIZE * by(months, hourly()),
            SIZE * by(months, wrong),
        )


def test_every_day_has_its_share_and_a_stopped_channel_sends_nobody(counts: np.ndarray) -> None:
    days = [(now - START).days for now in CLOCK]
    found, meant = by(days, counts.sum(axis=0)), SIZE * by(days, hourly())
    assert (meant == 0).sum() == 10
    assert (found[meant == 0] == 0).all()
    open_days = meant > 0
    wrong = np.roll(SIZE * by(days, hourly("pulses")), 1)  # a day late
    agree_counts("days", found[open_days], meant[open_days], wrong[open_days])


def test_overlapping_campaigns_multiply(counts: np.ndarray) -> None:
    both = np.array([datetime(2026, 3, 10, 12) <= now < datetime(2026, 3, 13, 12) for now in CLOCK])
    alone = hourly("pulses")[both].sum()
    agree("arrivals under two campaigns", counts[:, both].sum(axis=1), 10 * alone, wrong=6.5 * alone)


def test_channels_do_not_hear_of_each_other() -> None:
    two = SCENARIO.replace("stages:", "  partner: {arrivals: {rate: 20 / d}}\nstages:")
    runs = run(two, seed=133, replications=100)
    born = runs.outcome.tally["born"].sum(axis=1)
    link = np.corrcoef(born.T)[0, 1] * np.sqrt(len(born))
    print(f"correlation of two channels' totals: z = {link:.2f}")
    assert abs(link) < 4
    alone = run(SCENARIO, seed=133, replications=100)
    assert np.array_equal(alone.outcome.tally["born"].sum(axis=1)[:, 0], born[:, 0])


def test_segments_come_in_the_shares_of_their_channel() -> None:
    mixed = SCENARIO.replace(
        "channels:", "segments: {a: {share: 50%}, b: {share: 30%}, c: {share: 20%}}\nchannels:"
    ).replace("stages:", "  partner: {arrivals: {rate: 20 / d}, segments: {a: 0.3, c: 0.7}}\nstages:")
    runs: Runs = run(mixed, seed=134, replications=SIZE)
    born = runs.outcome.tally["born"].sum(axis=(0, 1)).reshape(2, 3)
    leads, partner = born.sum(axis=1)
    right, wrong = leads * np.array([0.5, 0.3, 0.2]), leads * np.array([0.51, 0.3, 0.19])
    agree_counts("leads", born[0], right, wrong, of_one_total=True)
    assert born[1, 1] == 0
    right, wrong = partner * np.array([0.3, 0.7]), partner * np.array([0.306, 0.694])
    agree_counts("partner", born[1, [0, 2]], right, wrong, of_one_total=True)


def test_a_batch_is_complete_and_comes_at_its_hour() -> None:
    fairs = "  fairs: {arrivals: {batches: {every: 30 d, first: 2026-01-10, size: 50}}}\n"
    runs = run(SCENARIO.replace("stages:", fairs + "stages:"), seed=135, replications=2, trace=True)
    for rows in runs.outcome.traces:
        fair = rows[(rows["code"] == ARRIVED) & (rows["detail"] == 1)]
        days, sizes = np.unique(fair["tick"] / 86_400, return_counts=True)
        assert days.tolist() == [3.0 + 30 * k for k in range(12)]
        assert (sizes == 50).all()
