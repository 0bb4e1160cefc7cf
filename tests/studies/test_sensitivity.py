"""Swings, indices and turning points: those of formulas, where there are formulas."""

from __future__ import annotations

import numpy as np
import pytest

from funnelsim.core.problems import ScenarioError
from funnelsim.results.simulate import simulate
from funnelsim.scenario.loading import changed, loads
from funnelsim.scenario.policies import Policy
from funnelsim.studies.sobol import indices, sobol
from funnelsim.studies.tornado import sentence, tornado
from funnelsim.studies.turning import MIDDLE, sentences, turn_of, turning_points

PLAN = """
name: plan
start: 2026-01-05
horizon: 52 w
channels: {web: {arrivals: {rate: 40 / d}}}
segments: {all: {share: 100%, deal_value: 1000 to 1600}}
stages:
  talk: {team: sdr, duration: 4 h, patience: {after: {exponential: {mean: 8 h}}}, exits: {won: 25%, lost: {rest: true, reason: no}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 6, salary: 20000 to 45000 / mo}}
"""  # noqa: E501


def ishigami(u: np.ndarray) -> np.ndarray:
    """Of three inputs that are even on -pi to pi (Ishigami and Homma, 1990), a = 7, b = 0.1."""
    x = np.pi * (2 * u - 1)
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def test_indices_of_a_function_that_is_known() -> None:
    """By its closed form; in nine in ten of the intervals at least."""
    a, b = 7.0, 0.1
    variance = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    alone = np.array([0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 0.0]) / variance
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50) / variance
    known = {"first": alone, "total": alone + np.array([both, 0.0, both])}
    hits = total = 0
    for seed in range(10):
        found = indices(ishigami, ["x1", "x2", "x3"], points=256, seed=seed).sel(assumption=["x1", "x2", "x3"])
        for name, values in known.items():
            low, high = found[f"{name}_low"].values, found[f"{name}_high"].values
            assert np.abs(found[name].values - values).max() < 0.2
            hits, total = hits + int(((low <= values) & (values <= high)).sum()), total + 3
    print(f"{hits} of {total} intervals of 95% hold the index")
    assert hits >= 0.9 * total


def test_points_are_a_power_of_two() -> None:
    with pytest.raises(ValueError, match="points: found 60; Sobol's sequence is even for powers of two: 64"):
        indices(ishigami, ["x1", "x2", "x3"], points=60, seed=1)


def test_revenue_is_in_proportion_to_the_value_of_a_deal() -> None:
    """So the swing is that of the range itself, and the salary moves it by nothing."""
    found = tornado(loads(PLAN), measure="revenue", seed=1, replications=5)
    row, base = found.sel(assumption="segments.all.deal_value"), float(found["base"])
    centre = float(row["centre"])
    # A range of money is lognormal: its median is the root of the product of its ends.
    assert centre == pytest.approx(np.sqrt(1000 * 1600), rel=1e-9)
    # Deals are booked in hundredths.
    assert row["value"].values / base == pytest.approx(row["at"].values / centre, rel=1e-5)
    assert (found["difference"].sel(assumption="teams.sdr.salary") == 0).all()
    assert str(found["assumption"].values[0]) == "segments.all.deal_value"
    assert sentence(found).startswith("What moves revenue most is segments.all.deal_value: over its range it goes from")


def test_what_moves_nothing_is_not_named() -> None:
    found = tornado(loads(PLAN.replace("1000 to 1600", "1300")), measure="wins", seed=1, replications=5)
    assert sentence(found) == "No assumption moves wins beyond chance."


def test_an_index_of_a_plan_is_its_share() -> None:
    """The cost of salaries alone: one assumption carries all of the variance, the other none."""
    found = sobol(loads(PLAN), measure="cost", seed=1, points=64, replications=2)
    first, total = (
        dict(zip(found["assumption"].values, found[name].values, strict=True)) for name in ("first", "total")
    )
    assert first["teams.sdr.salary"] == pytest.approx(1, abs=0.05)
    assert total["segments.all.deal_value"] == pytest.approx(0, abs=1e-9)


def test_a_straight_line_turns_where_it_crosses() -> None:
    """One policy leaves 10 x, the other 30, in every replication: they change places at 3."""
    at = np.arange(9.0)
    leaves = np.array([np.full((9, 4), 30.0), np.repeat(10 * at[:, None], 4, axis=1)])
    assert MIDDLE == 4
    turn = turn_of(leaves, at, 0.95)
    assert (turn.at, turn.low, turn.high, turn.to) == (3.0, 3.0, 3.0, 0)
    same = turn_of(leaves[:, :, :] + np.array([0.0, 1000.0])[:, None, None], at, 0.95)
    assert np.isnan(same.at)
    assert same.to == -1


def test_a_salary_turns_where_a_rep_costs_what_he_brings() -> None:
    plan = loads(PLAN.replace("1000 to 1600", "1300"))
    policy = {"more": {"teams.sdr.reps": 7}}
    runs = [simulate(each, replications=20, seed=1, expected=True) for each in (changed(plan, policy["more"]), plan)]
    brings = float((runs[0]["expected_revenue"] - runs[1]["expected_revenue"]).mean()) / (52 * 7 / (365.25 / 12))
    found = turning_points(plan, policy, seed=1, replications=20)
    row = found.sel(assumption="teams.sdr.salary")
    print(f"a rep brings {brings:.0f}, turns at {float(row['turns_at']):.0f}")
    assert float(row["turns_at"]) == pytest.approx(brings, rel=1e-6)
    assert float(row["turns_at_low"]) < brings < float(row["turns_at_high"])
    (said,) = sentences(found)
    assert said.startswith("teams.sdr.salary: ")
    assert said.endswith("is assumed.")


def test_without_a_range_there_is_nothing_to_move() -> None:
    plain = loads(PLAN.replace("1000 to 1600", "1300").replace("20000 to 45000", "30000"))
    for study in (tornado, sobol, lambda *of, **how: turning_points(*of, {"more": {"teams.sdr.reps": 7}}, **how)):
        with pytest.raises(ScenarioError, match=r"no number in it has a range\. Write a range where a number stands"):
            study(plain, seed=1)


def test_a_measure_that_is_none_has_a_nearest_one() -> None:
    with pytest.raises(ScenarioError, match=r"--measure: revenu: there is no such measure\. Did you mean revenue\?"):
        tornado(loads(PLAN), measure="revenu", seed=1, replications=2)


def test_what_a_policy_costs_beside_the_funnel_is_taken_off() -> None:
    plan = loads(PLAN.replace("1000 to 1600", "1300"))
    how = {"set": {"teams.sdr.reps": 7}}
    free, paid = Policy.model_validate(how), Policy.model_validate({**how, "cost": "900 / mo"})
    found = turning_points(plan, {"free": free, "paid": paid}, seed=1, replications=2)["leaves"]
    assert (found.sel(policy="free") - found.sel(policy="paid")).values == pytest.approx(np.full((1, 9), 900.0))


def test_the_variance_of_what_goes_together_is_not_split() -> None:
    pair = "correlations: [{between: [segments.all.deal_value, teams.sdr.salary], r: 0.5}]\n"
    with pytest.raises(ScenarioError, match=r"assumptions are correlated; the variance can be split only among"):
        sobol(loads(PLAN + pair), seed=1, points=2, replications=1)
