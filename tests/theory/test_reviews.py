"""Reviews: what they find is worked out by hand, and what they move acts from the review on, and no tick earlier."""

import numpy as np
import pytest
from scipy import stats

from funnelsim.plan.trace import ARRIVED, ENTERED, LEFT

from .evidence import agree, run

WEEK = 7 * 24

LEADS = """
name: leads
start: 2026-01-05
horizon: 8 w
bucket: week
score: {noise: 1}
channels:
  web: {arrivals: {rate: 40 / d}}
stages:
  nurture: {duration: 90 d, handoff: {score: {at_least: 0, to: call}}, exits: {lost: 100%}}
  call: {team: sdr, leak: 0%, duration: 1 min, exits: {won: 50%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 1000}}
reviews:
  quota:
    every: 4 w
    looks_at: {entries: call}
    target: 100000
    moves: {threshold: nurture}
    below: -0.5
    between: [-3, 3]
"""


def weekly(runs: object, name: str, *which: int) -> np.ndarray:
    """A count by replication and week."""
    values = runs.outcome.tally[name]  # type: ignore[attr-defined]
    for at in which:
        values = values[..., at]
    return np.asarray(values, float)


def test_a_threshold_that_is_lowered_lets_more_through_from_then_on() -> None:
    runs = run(LEADS, seed=191, replications=100)
    entries = weekly(runs, "entries", 1)
    born = weekly(runs, "born", 0)
    agree("before", entries[:, :4].sum(1) / born[:, :4].sum(1), 0.5)
    agree("after", entries[:, 4:].sum(1) / born[:, 4:].sum(1), float(stats.norm.sf(-0.5)))


def test_a_threshold_is_raised_where_more_came_than_wanted() -> None:
    changes = {"reviews.quota.target": 1, "reviews.quota.below": 0, "reviews.quota.above": 0.75}
    runs = run(LEADS, changes, seed=192, replications=300)
    after = weekly(runs, "entries", 1)[:, 4:].sum(1) / weekly(runs, "born", 0)[:, 4:].sum(1)
    agree("after", after, float(stats.norm.sf(0.75)))


def test_a_target_that_is_met_moves_nothing() -> None:
    """Exactly met: neither below nor above."""
    quota = {"every": "2 w", "looks_at": {"entries": "call"}, "target": 20, "moves": {"threshold": "nurture"}}
    batch = {
        "channels.web.arrivals": {"batches": {"every": "1 w", "size": 10}},
        "stages.nurture.handoff.score.at_least": -50,
        "reviews.quota": {**quota, "below": -1, "above": 1, "between": [-60, 0]},
    }
    runs = run(LEADS, batch, seed=193, replications=2)
    assert (runs.outcome.tally["settings"] == -50_000_000).all()


def test_steps_add_up_to_the_bound_and_no_further() -> None:
    changes = {"reviews.quota.every": "1 w", "reviews.quota.between": [-1.2, 0]}
    runs = run(LEADS, changes, seed=194, replications=3)
    assert (runs.outcome.tally["settings"][0, :, 0] / 1e6 == [0, -0.5, -1, -1.2, -1.2, -1.2, -1.2, -1.2]).all()


def test_steps_upwards_add_up_to_the_bound_and_no_further() -> None:
    up = {"target": 1, "below": 0, "above": 0.5, "every": "1 w", "between": [0, 1.2]}
    runs = run(LEADS, {f"reviews.quota.{key}": value for key, value in up.items()}, seed=195, replications=2)
    assert (runs.outcome.tally["settings"][:, :, 0] / 1e6 == [0, 0.5, 1.0, 1.2, 1.2, 1.2, 1.2, 1.2]).all()


def test_a_share_is_looked_at_and_a_leak_moved() -> None:
    """Half of the calls are won, three in four were wanted: a quarter of the leads is ignored from then on."""
    looks = {"every": "4 w", "looks_at": {"exit": "won", "of": "call"}, "target": "75%", "moves": {"leak": "call"},
             "below": "25%", "between": [0, 1]}  # fmt: skip
    runs = run(LEADS, {"reviews.quota": looks}, seed=195, replications=600)
    labels = [(each.stage, each.label) for each in runs.compiled.exits]
    leaked = weekly(runs, "exits", labels.index(("call", "leak")))
    entries = weekly(runs, "entries", 1)
    assert (leaked[:, :4] == 0).all()
    agree("leaked after", leaked[:, 4:].sum(1) / entries[:, 4:].sum(1), 0.25)


RATE = {"every": "4 w", "looks_at": {"entries": "won"}, "target": 1e6, "moves": {"rate": "web"}, "below": "60%",
        "between": [0, 4]}  # fmt: skip


def test_a_rate_that_is_raised_brings_as_many_more() -> None:
    runs = run(LEADS, {"reviews.quota": RATE}, seed=196, replications=100)
    born = weekly(runs, "born", 0)
    agree("before", born[:, :4].sum(1), 40 * 28)
    agree("after", born[:, 4:].sum(1), 1.6 * 40 * 28)


def test_a_rate_with_a_profile_keeps_it() -> None:
    """Weekly profile and trend of the rate, both multiplied: by day of the week, after the review."""
    week = [2.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5]
    runs = run(
        LEADS,
        {"reviews.quota": RATE, "channels.web.arrivals.weekly": week, "bucket": "day"},
        seed=197,
        replications=60,
    )
    days = runs.outcome.tally["born"][:, :, 0].sum(0)
    expected = np.array([40 * week[day % 7] * (1.6 if day >= 28 else 1.0) * 60 for day in range(56)])
    z = (days - expected) / np.sqrt(expected)
    print(f"largest |z| of 56 days: {np.abs(z).max():.2f}")
    assert np.abs(z).max() < 4
    unturned = np.array([40 * week[day % 7] * 60 for day in range(56)])
    assert (np.abs((days - unturned) / np.sqrt(unturned))[28:] > 4).sum() > 20


def test_a_rate_turned_to_nothing_brings_nobody_and_comes_back() -> None:
    stop = {**RATE, "below": -1}
    back = {**RATE, "every": "6 w", "below": "100%"}
    runs = run(LEADS, {"reviews": {"stop": stop, "back": back}}, seed=198, replications=20)
    born = weekly(runs, "born", 0)
    assert (born[:, 4:6] == 0).all()
    agree("again", born[:, 6:].sum(1) / 14, 40.0, wrong=43.0)


def test_the_same_people_come_whatever_the_pace() -> None:
    """The i-th prospect of a channel keeps its identity and its intent when a review turns the rate."""
    changes = {"channels.web.intent": {"normal": {"mean": 0, "sd": 1}}, "score.intent": 1}
    slow = run(LEADS, changes, seed=199, replications=1, trace=True)
    fast = run(LEADS, {**changes, "reviews.quota": RATE}, seed=199, replications=1, trace=True)
    traces = [each.outcome.traces[0] for each in (slow, fast)]
    born = [np.sort(rows["prospect"][rows["code"] == ARRIVED]) for rows in traces]
    assert born[0].size < born[1].size
    assert (born[0] == born[1][: born[0].size]).all()


@pytest.mark.parametrize("tick", ["1 s", "1 h"])
def test_a_review_looks_at_what_came_before_its_tick(tick: str) -> None:
    """Ten come at the very tick of the first review: they are counted for the second, and meet the new threshold."""
    changes = {
        "tick": tick,
        "score.noise": 0.0,
        "channels.web.arrivals": {"batches": {"at": ["2026-01-12"], "size": 10}},
        "stages.nurture.handoff.score.at_least": 0.5,
        "reviews.quota.every": "1 w",
        "reviews.quota.target": 5,
        "reviews.quota.above": 0.25,
        "horizon": "3 w",
    }
    runs = run(LEADS, changes, seed=200, replications=1, trace=True)
    assert (runs.outcome.tally["settings"][0, :, 0] / 1e6).tolist() == [0.5, 0.0, 0.25]
    rows = runs.outcome.traces[0]
    assert ((rows["code"] == ENTERED) & (rows["stage"] == 1)).sum() == 10
    assert (rows["tick"][rows["code"] == LEFT][:10] == rows["tick"][rows["code"] == ARRIVED][0]).all()
