"""Policies beside their baseline: on the same people, in money, and in words that say no more than intervals do."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import xarray as xr

from funnelsim.core.problems import ScenarioError
from funnelsim.results.simulate import simulate
from funnelsim.scenario.loading import changed, load, loads
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.policies import Policy
from funnelsim.studies.compare import BASELINE, compare, verdict
from funnelsim.studies.sentences import digits, headline, sentence, worth
from funnelsim.studies.variants import policies_in, variants

FAST = {"teams.sdr.reps": 7, "stages.qualify.sla.respond_within": "5 min"}


@pytest.fixture(scope="module")
def b2b() -> xr.Dataset:
    policies = {"fast": FAST, "same": {"teams.sdr.reps": 5}}
    return compare(load("b2b_saas"), policies, seed=3, replications=60)


def test_pairs_need_a_tenth_of_the_replications_of_independent_runs(b2b: xr.Dataset) -> None:
    saved = {name: float(b2b["gain"].sel(policy="fast", measure=name)) for name in ("wins", "revenue", "profit")}
    print("paired, times fewer:", saved)
    assert min(saved.values()) >= 10


def test_differences_are_those_of_two_runs(b2b: xr.Dataset) -> None:
    """By coins, as `run` counts them; and by chances, with less luck."""
    plain = compare(load("b2b_saas"), {"fast": FAST, "same": {}}, seed=3, replications=60, expected=False)
    runs = [simulate(changed(load("b2b_saas"), each), replications=60, seed=3) for each in (FAST, {})]
    wins = (runs[0]["wins"] - runs[1]["wins"]).values
    # Two policies at 95% in all: each at 97.5%.
    known = scipy.stats.ttest_1samp(wins, 0).confidence_interval(0.975)
    row, other = (ds.sel(policy="fast", measure="wins") for ds in (plain, b2b))
    assert float(row["difference"]) == pytest.approx(wins.mean())
    assert float(other["difference_high"] - other["difference_low"]) < float(
        row["difference_high"] - row["difference_low"]
    )
    assert [float(row["difference_low"]), float(row["difference_high"])] == pytest.approx([known.low, known.high])


def test_a_policy_that_changes_nothing_differs_in_nothing(b2b: xr.Dataset) -> None:
    same = b2b.sel(policy="same")
    for name in ("difference", "difference_low", "difference_high"):
        assert (same[name] == 0).all()
    assert verdict(b2b, "same", "wins") == 0
    assert sentence(b2b, "same") == (
        "same: wins and revenue do not differ. It brings 0 and costs 0 USD / mo: it leaves what the baseline leaves."
    )


def test_two_more_sdrs_cost_their_salaries(b2b: xr.Dataset) -> None:
    found = worth(b2b, "fast")
    assert found.costs == pytest.approx((15_400, 15_400, 15_400))
    assert found.leaves[0] == pytest.approx(found.brings[0] - 15_400)
    revenue = b2b.sel(policy="fast", measure="revenue")
    assert found.brings[0] == pytest.approx(float(revenue["difference"]) / 12, rel=0.002)  # 365 of 365.25 days


def test_what_a_policy_costs_beyond_the_funnel_is_counted() -> None:
    s = load("b2b_saas")
    free = compare(s, {"fast": FAST}, seed=1, replications=4)
    paid = compare(
        s, {"fast": Policy.model_validate({"set": FAST, "cost": "500 / mo", "once": 2000})}, seed=1, replications=4
    )
    one, other = worth(free, "fast"), worth(paid, "fast")
    assert np.subtract(other.costs, one.costs) == pytest.approx([500] * 3)
    assert np.subtract(other.leaves, one.leaves) == pytest.approx([-500] * 3)
    assert other.once == 2000


def test_only_the_margin_of_revenue_is_left() -> None:
    half = compare(load("b2b_saas", {"money": {"margin": "50%"}}), {"fast": FAST}, seed=1, replications=4)
    whole = compare(load("b2b_saas"), {"fast": FAST}, seed=1, replications=4)
    one, other = worth(half, "fast"), worth(whole, "fast")
    assert one.brings == pytest.approx([each / 2 for each in other.brings])
    assert one.costs == other.costs
    profit, revenue, cost = (half["value"].sel(policy="fast", measure=name) for name in ("profit", "revenue", "cost"))
    assert float(profit) == pytest.approx(float(revenue) / 2 - float(cost))
    assert str(half["title"].sel(measure="profit").values) == "margin less cost"


def made(difference: float, half: float, costs: float, once: float = 0.0) -> xr.Dataset:
    """A comparison of which only what sentences read is there; revenue is ten times wins."""
    cells = {"": difference, "_low": difference - half, "_high": difference + half}
    by = ("policy", "measure")
    variables = {f"difference{end}": (by, [[0, 0], [x, 10 * x]]) for end, x in cells.items()}
    terms = {end: [[0, 0, 0], [10 * x, costs, 10 * x - costs]] for end, x in cells.items()}
    variables |= {f"worth{end}": (("policy", "term"), rows, {"units": "USD / mo"}) for end, rows in terms.items()}
    coords = {
        "policy": [BASELINE, "new"], "measure": ["wins", "revenue"], "unit": ("measure", ["deals", "USD"]),
        "better": ("measure", [1, 1]), "term": ["brings", "costs", "leaves"], "once": ("policy", [0.0, once]),
    }  # fmt: skip
    return xr.Dataset(variables, coords)


def test_what_is_known_is_said_and_what_is_not_known_is_not() -> None:
    assert headline(made(5, 1, 20)) == (
        "new: 5.0 more wins (4.0 to 6.0) and 50 more USD of revenue (40 to 60). It brings 50 and costs 20 USD / mo: it "
        "pays, by 30 a month (20 to 40)."
    )
    assert "it does not pay, by 50 a month (40 to 60 short)" in headline(made(5, 1, 100))
    assert "whether it pays is not known (-10 to 10 a month)" in headline(made(5, 1, 50))
    assert "whether it pays is not known (-8 to 12 a month)" in headline(made(5.2, 1, 50))
    assert "no difference in wins that is known (-1.0 to 3.0 deals)" in headline(made(1, 2, 50))
    assert headline(made(-5, 1, -20)).startswith(
        "new: 5.0 fewer wins (4.0 to 6.0) and 50 less USD of revenue (40 to 60). It loses 50 and saves 20"
    )


def test_what_is_paid_once_comes_back_or_does_not() -> None:
    assert worth(made(5, 1, 20, once=60), "new").months_to_pay == pytest.approx(2)
    assert np.isnan(worth(made(5, 1, 50, once=60), "new").months_to_pay)
    assert "pays back in 2.0 months" in headline(made(5, 1, 20, once=60))


def test_the_policy_that_leaves_most_makes_the_headline() -> None:
    two = xr.concat([made(5, 1, 20), made(7, 1, 20).isel(policy=[1]).assign_coords(policy=["newer"])], "policy")
    assert headline(two).startswith("newer:")
    assert headline(two.isel(policy=[0])) == "There is no policy to compare."


@pytest.mark.parametrize(
    ("value", "width", "said"),
    [
        (4.864, 0.9, "4.86"),
        (174170, 70000, "174,000"),
        (0.0, 0.0, "0"),
        (-0.001, 5, "0.0"),
        (float("nan"), 1, "unknown"),
    ],
)
def test_a_number_has_two_digits_of_its_width(value: float, width: float, said: str) -> None:
    assert digits(value, width) == said


SMALL = """
name: small
start: 2026-01-05
horizon: 4 w
channels: {web: {arrivals: {rate: 5 / d}}}
stages:
  talk: {team: sdr, duration: 1 h, exits: {won: 20%, lost: {rest: true, reason: no}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 2}}
policies:
  more: {set: {teams.sdr.reps: 3}}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        variants(loads(text, file="small.yaml"))
    return [str(each) for each in caught.value.problems]


def test_a_policy_is_a_scenario_with_its_changes() -> None:
    (found,) = variants(loads(SMALL))
    assert len(found.scenario.teams["sdr"].reps) == 3
    assert variants(loads(SMALL), {"more": found.scenario})[0].scenario is found.scenario


def test_problems_of_a_policy_have_its_line() -> None:
    wrong = SMALL.replace("{teams.sdr.reps: 3}", "{teams.sdr.reps: -1, teams.srd.reps: 4}")
    assert problems(wrong) == [
        "small.yaml:12: policies.more.set.teams.srd.reps: there is no teams.srd; an override changes something that is "
        "in the scenario. Did you mean sdr?",
        "small.yaml:12: policies.more.set.teams.sdr.reps: found -1; a number of reps must be a whole number from 0 to "
        "10000",
    ]


def test_the_baseline_is_no_policy() -> None:
    assert problems(SMALL.replace("more:", "baseline:")) == [
        "policies: baseline: the name is taken. Choose another name"
    ]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("more: {set: {}}", "found an empty mapping; a policy changes values, by their path"),
        ("more: {sets: {teams.sdr.reps: 3}}", "unknown key"),
        ("more: {set: {policies.more.cost: 3}}", "a policy changes the funnel, not policies"),
        ("more: {set: {teams.sdr.reps: 3}, cost: 500}", "a running cost"),
        ("more: 3", "it must be a mapping of keys"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(policy: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        loads(SMALL.replace("more: {set: {teams.sdr.reps: 3}}", policy))


def test_policies_in_a_file_of_their_own(tmp_path) -> None:
    file = tmp_path / "ideas.yaml"
    file.write_text("policies:\n  more: {set: {teams.sdr.reps: 4}, cost: 100 / mo}\n")
    assert policies_in(file)["more"].cost == pytest.approx(100)
    file.write_text("policies:\n  more:\n    sett: {teams.sdr.reps: 4}\nother: 3\n")
    with pytest.raises(ScenarioError) as caught:
        policies_in(file)
    said = str(caught.value)
    assert "ideas.yaml:3: policies.more.sett: unknown key. Did you mean set?" in said
    assert "ideas.yaml:4: other: unknown key" in said


def test_a_scenario_that_was_never_text_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="made: it was not loaded, so no path of it can be changed"):
        changed(Scenario.model_construct(name="made"), {"teams.sdr.reps": 3})
