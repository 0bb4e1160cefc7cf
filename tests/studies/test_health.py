"""The health card names what is wrong, and nothing else: overload, a funnel that still fills, too few replications."""

import numpy as np
import pytest
from pages import results, world

import funnelsim as fs
from funnelsim.results.bottleneck import bottleneck
from funnelsim.results.intervals import mean_bounds
from funnelsim.studies.compare import compare
from funnelsim.studies.effects import effects
from funnelsim.studies.findings import held_up, run_headline
from funnelsim.studies.health import DOUBTFUL, GOOD, POOR, growth_of, health, replications

LINE = """
name: two teams
start: 2026-01-05
horizon: {horizon}
warmup: {warmup}
channels: {{web: {{arrivals: {{rate: {rate} / h}}}}}}
stages:
  call: {{team: slow, duration: {{exponential: {{mean: 1 h}}}}, exits: {{sign: 100%}}}}
  sign: {{team: fast, duration: 5 min, exits: {{won: 100%}}}}
  won: {{terminal: won}}
teams: {{slow: {{reps: 1}}, fast: {{reps: 1}}}}
"""


def run(rate, horizon="200 d", warmup="20 d", n=10, seed=3):
    return fs.simulate(fs.loads(LINE.format(rate=rate, horizon=horizon, warmup=warmup)), replications=n, seed=seed)


def states(ds):
    return {check.name: check.state for check in health(ds)}


def test_an_overloaded_team_is_named_and_the_other_is_not():
    """1.1 hours of work come an hour: the queue grows by 0.1 an hour, 432 in the 180 days."""
    checks = {check.name: check for check in health(run(1.1))}
    slow, fast = checks["Queue of slow"], checks["Queue of fast"]
    assert slow.state == POOR
    assert "slow is overloaded: its queue grows by" in slow.says
    assert fast.state == GOOD
    ds = run(1.1)
    line = ds["queue_length"].sel(stage="call").transpose("replication", "bucket").values
    growth = growth_of(line, ds["bucket_days"].values)
    days = ds["bucket_days"].values
    between = days.sum() - days[0] / 2 - days[-1] / 2
    error = float(growth.high - growth.low) / 2 / 2.26
    z = (float(growth.mean) - 0.1 * 24 * between) / error
    print(f"growth {float(growth.mean):.0f}, expected {0.1 * 24 * between:.0f}, z = {z:.2f}")
    assert abs(z) < 4


@pytest.mark.parametrize("rate", [0.3, 0.6, 0.8])
def test_a_stable_line_raises_no_alarm(rate):
    alarms = [check for seed in range(8) for check in health(run(rate, seed=seed)) if check.name.startswith("Queue of")]
    assert len(alarms) == 16
    assert [check.says for check in alarms if check.state != GOOD] == []


def test_an_overload_of_some_months_is_not_averaged_away():
    """Four months of seven at 1.3, then none: busy under 97% on average, and over it while it lasts."""
    text = LINE.format(rate=1, horizon="210 d", warmup="0 d").replace(
        "{rate: 1 / h}", "{rate: 1.3 / h, season: [1, 1, 1, 0.05, 0.05, 0.05, 0.05, 1, 1, 1, 1, 1]}"
    )
    ds = fs.simulate(fs.loads(text), replications=5, seed=1)
    assert float(ds["utilisation"].sel(team="slow").mean()) < 0.97
    (check,) = [check for check in health(ds) if check.name == "Queue of slow"]
    assert check.state == DOUBTFUL
    assert "slow is overloaded in" in check.says


def test_a_line_is_fitted_by_least_squares():
    """Against numpy's own fit; buckets of unequal length."""
    days, rng = np.array([31.0, 28, 31, 30, 10]), np.random.default_rng(1)
    middle = np.cumsum(days) - days / 2
    line = rng.normal(size=(6, 5)) + middle / 10
    slopes = [np.polyfit(middle, row, 1)[0] for row in line]
    found, want = growth_of(line, days), mean_bounds(np.array(slopes) * (middle[-1] - middle[0]))
    np.testing.assert_allclose([found.mean, found.low, found.high], [want.mean, want.low, want.high])


def test_a_funnel_that_starts_empty_is_still_filling_and_one_that_was_warmed_up_is_not():
    slow = """
name: slow
start: 2026-01-05
horizon: 210 d
warmup: {warmup}
bucket: week
channels: {{web: {{arrivals: {{rate: 50 / d}}}}}}
stages:
  think: {{duration: {{exponential: {{mean: 40 d}}}}, exits: {{won: 100%}}}}
  won: {{terminal: won}}
"""
    cold, warm = (
        fs.simulate(fs.loads(slow.format(warmup=warmup)), replications=10, seed=1) for warmup in ("0 d", "150 d")
    )
    assert states(cold)["Warm-up"] == DOUBTFUL
    assert states(warm)["Warm-up"] == GOOD
    assert "second half" in health(cold)[0].says


def test_replications_are_judged_by_the_interval_of_wins():
    """Mean 100, standard deviation s: the relative half-width is t s / sqrt(n) percent, t = 2.262 for ten."""
    base = np.array([-1.0, 1.0] * 5)
    spread = base / base.std(ddof=1)
    for s, state in ((6.0, GOOD), (8.0, DOUBTFUL), (20.0, POOR)):
        check = replications(100 + s * spread)
        assert check.state == state
        assert f"{2.2622 * s / np.sqrt(10):.1f}%" in check.says
    assert replications(np.array([5.0])).state == POOR
    assert replications(np.zeros(5)).state == DOUBTFUL


def test_few_replications_make_intervals_doubtful():
    assert states(run(0.5, horizon="60 d", n=4))["Intervals"] == DOUBTFUL
    assert states(run(0.5, horizon="60 d", n=10))["Intervals"] == GOOD


def test_a_comparison_names_who_is_overloaded_under_which_policy():
    scenario = fs.loads(LINE.format(rate=0.8, horizon="100 d", warmup="20 d"))
    rush = {"rush": {"channels.web.arrivals.rate": "1.6 / h"}}
    ds = compare(scenario, rush, seed=1, replications=10)
    (check,) = [check for check in health(ds) if check.name == "Queues"]
    assert check.state == POOR
    assert "slow under rush" in check.says
    assert "baseline" not in check.says


def test_the_rule_of_the_bottleneck_is_that_of_a_run():
    for reps in (1, 3):
        scenario = world(reps=reps)
        one = bottleneck(fs.simulate(scenario, replications=5, seed=1))
        said = held_up(compare(scenario, seed=1, replications=5))["baseline"]
        assert (f"the bottleneck is the team {one.team}:" in said) == bool(one.team)
        assert ("no team is a bottleneck" in said) == (not one.team)


def test_the_headline_of_a_run_has_wins_money_and_their_intervals():
    ds, _ = results()
    said = run_headline(ds)
    assert said.count(" to ") >= 3
    assert "USD a win" in said
    assert run_headline(run(0.00001, horizon="30 d", warmup="0 d", n=2)).startswith("Nothing is won")


def test_effects_are_shares_of_the_baseline():
    _, ds = results()
    found = effects(ds, "more")
    base, own = (float(ds["value"].sel(policy=policy, measure="cost")) for policy in ("baseline", "more"))
    assert float(found["mean"].sel(measure="cost")) == pytest.approx(100 * (own / base - 1))
    assert int(found["verdict"].sel(measure="cost")) == -1
    assert float(found["low"].sel(measure="wins")) <= float(found["mean"].sel(measure="wins"))
