"""Draws of assumptions follow the laws, the correlations and the seed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from funnelsim.core.problems import ScenarioError
from funnelsim.scenario import loads
from funnelsim.studies.draws import draw_assumptions, with_values

TEXT = """\
name: ranges
start: 2026-01-05
horizon: 26 w
channels:
  web: {arrivals: {rate: 4 / d to 9 / d}}
stages:
  call:
    team: sdr
    duration: {lognormal: {median: {uncertain: {uniform: {low: 20 min, high: 40 min}}}, sigma: 0.5}}
    exits: {won: 20% to 30%, lost: {rest: true}}
  won: {terminal: won}
  lost: {terminal: lost}
teams:
  sdr: {reps: 1 to 4, skill: -0.5 to 0.3, salary: 4000 to 6000 / mo, hours: mon-fri 9-17}
correlations:
  - {between: [channels.web.rate, stages.call.exits.won], r: -0.7}
"""
RATE, WON, REPS = "channels.web.arrivals.rate", "stages.call.exits.won", "teams.sdr.reps"


@pytest.fixture(scope="module")
def scenario():
    return loads(TEXT)


def test_nine_draws_in_ten_lie_in_a_range_and_a_twentieth_on_each_side(scenario) -> None:
    n = 2000
    draws = draw_assumptions(scenario, n, seed=3)["value"]
    for path, low, high in ((RATE, 4, 9), (WON, 20, 30), ("teams.sdr.skill", -0.5, 0.3)):
        of = draws.sel(assumption=path).values
        for share in ((of < low).mean(), (of > high).mean()):
            z = (share - 0.05) / np.sqrt(0.05 * 0.95 / n)
            print(f"{path}: {share:.4f} beyond an end, z = {z:.2f}")
            assert abs(z) < 4


def test_an_assumption_that_goes_alone_has_one_draw_in_every_part_of_its_law(scenario) -> None:
    n = 50
    of = draw_assumptions(scenario, n, seed=1)["value"].sel(assumption="teams.sdr.salary").values
    parts = np.floor(n * stats.norm.cdf(np.log(of / np.sqrt(4000 * 6000)) / (np.log(6 / 4) / (2 * 1.6448536269514722))))
    assert sorted(parts) == list(range(n))


def test_normal_scores_have_the_correlation_that_was_said(scenario) -> None:
    n = 4000
    draws = draw_assumptions(scenario, n, seed=5)["value"]
    scores = [stats.norm.ppf((stats.rankdata(draws.sel(assumption=p)) - 0.5) / n) for p in (RATE, WON)]
    r = np.corrcoef(scores)[0, 1]
    z = (np.arctanh(r) - np.arctanh(-0.7)) * np.sqrt(n - 3)
    apart = np.corrcoef(scores[0], draws.sel(assumption="teams.sdr.salary"))[0, 1] * np.sqrt(n)
    print(f"r = {r:.4f}, z = {z:.2f}; of another, z = {apart:.2f}")
    assert abs(z) < 4
    assert abs(apart) < 4


def test_draws_depend_on_the_seed_alone(scenario) -> None:
    again = draw_assumptions(loads(TEXT), 20, seed=8)
    assert draw_assumptions(scenario, 20, seed=8).identical(again)
    assert not np.array_equal(draw_assumptions(scenario, 20, seed=9)["value"], again["value"])


def test_whole_numbers_are_drawn_whole_and_at_least_one(scenario) -> None:
    of = draw_assumptions(scenario, 500, seed=2)["value"].sel(assumption=REPS).values
    assert set(of) >= {1.0, 2.0, 3.0, 4.0}
    assert of.min() == 1.0
    assert np.array_equal(of, np.rint(of))


def test_the_scenario_of_a_draw_has_its_values_and_no_ranges(scenario) -> None:
    draws = draw_assumptions(scenario, 4, seed=1)
    drawn = with_values(scenario, draws, 2)
    value = draws["value"].isel(draw=2)
    assert drawn.assumptions == ()
    assert drawn.channels["web"].arrivals.rate * 86400 == pytest.approx(float(value.sel(assumption=RATE)))
    assert drawn.stages["call"].exits["won"].p.everyone == pytest.approx(float(value.sel(assumption=WON)) / 100)
    assert len(drawn.teams["sdr"].reps) == int(value.sel(assumption=REPS))
    (law,) = drawn.stages["call"].duration.values()
    assert 20 * 60 < law.params["median"] < 40 * 60


def test_a_draw_that_makes_no_funnel_is_named() -> None:
    scenario = loads(TEXT.replace("lost: {rest: true}", "lost: {p: 60% to 79%}, again: {to: call, rest: true}"))
    draws = draw_assumptions(scenario, 200, seed=1)
    sums = draws["value"].sel(assumption=[WON, "stages.call.exits.lost.p"]).sum("assumption").values
    first = int(np.argmax(sums > 100))
    with pytest.raises(ScenarioError, match=f"stages.call.exits: in draw {first} of the ranges: probabilities add up"):
        with_values(scenario, draws, first)


def test_a_scenario_without_ranges_has_empty_draws() -> None:
    scenario = loads(TEXT, {RATE: "5 / d"}).assumptions
    assert RATE not in [each.path for each in scenario]
    draws = draw_assumptions(loads("name: x\nstart: 2026-01-05\nhorizon: 1 w\n" + BARE), 3, seed=1)
    assert draws["value"].shape == (3, 0)


BARE = "channels: {a: {arrivals: {rate: 1 / d}}}\nstages: {s: {exits: {w: 1}}, w: {terminal: won}}\n"
