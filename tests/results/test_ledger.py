"""The ledger adds up to the cent, and what is made of it is what can be worked by hand."""

import numpy as np
import pyarrow.parquet as pq
import pytest

import funnelsim as fs
from funnelsim.faces.tables import show
from funnelsim.results.summary import summary

from .cases import NAMES, dataset

MONTH = 365.25 / 12
# Two weeks; ten leads at the beginning of each. A running cost of 304.375 / mo is 10 a day.
FAIR = """
name: fair
start: 2026-01-05
horizon: 2 w
bucket: week
segments: {all: {share: 100%, deal_value: 100}}
channels:
  fair: {arrivals: {batches: {every: 1 w, size: 10}}, cost: {fixed: 304.375 / mo, per_lead: 3}}
  word: {arrivals: {batches: {at: [2026-01-06], size: 4}}}
stages:
  look: {milestone: lead, duration: 1 h, exits: {call: 100%}}
  call: {milestone: mql, team: sdr, duration: 1 h, exits: {plan: 100%}}
  plan: {owner: marketing, team: sdr, duration: 1 h, exits: {offer: 100%}}
  offer: {owner: sales, milestone: opportunity, duration: 3 d, exits: {won: 100%}}
  won: {terminal: won}
teams:
  sdr: {reps: 1, salary: 1217.5 / mo, per_case: 0.5}
money: {margin: 80%, term: 52 w, tools: {crm: {cost: 152.1875 / mo, owner: success}, mails: 60.875 / mo}}
"""


@pytest.fixture(scope="module")
def fair():
    return fs.simulate(fs.loads(FAIR), replications=2, seed=1)


def test_every_cost_stands_once_in_the_ledger(fair):
    # A week: fair 7 x 10 + 10 x 3; salary 7 x 40; 14 or 10 prospects, each taken up twice at 0.50; tools 7 x (5 + 2).
    wanted = [[100, 280, 14, 49], [100, 280, 10, 49]]
    assert fair["account"].values.tolist() == ["media", "salaries", "cases", "tools"]
    for replication in (0, 1):
        np.testing.assert_allclose(fair["ledger"].values[replication], wanted, atol=0.005)
    np.testing.assert_allclose(fair["tool_cost"].sel(tool="mails"), [14, 14])


def test_a_team_is_its_stages_owners_and_a_tool_is_whose_it_says(fair):
    # Half the team's 294 and 290 is sales' (call), half is marketing's (plan).
    np.testing.assert_allclose(fair["cost_by_owner"].sel(owner="marketing").values[0], [100 + 147 + 14, 100 + 145 + 14])
    np.testing.assert_allclose(fair["cost_by_owner"].sel(owner="sales").values[0], [147, 145])
    np.testing.assert_allclose(fair["cost_by_owner"].sel(owner="success").values[0], [35, 35])


@pytest.mark.parametrize("name", NAMES)
def test_the_ledger_adds_up_to_the_cost_by_account_and_by_owner(name):
    ds = dataset(name, 2)
    apart = (
        ds["media_cost"].sum("channel") + ds["people_cost"].sum("team") + ds["case_cost"].sum("team")
        + ds["tool_cost"].sum("tool")
    )  # fmt: skip
    for parts in (ds["ledger"].sum("account"), ds["cost_by_owner"].sum("owner"), apart):
        np.testing.assert_allclose(parts.transpose("replication", "bucket"), ds["cost_by_bucket"], atol=0.005)
    np.testing.assert_allclose(ds["cost"], ds["ledger"].sum(["bucket", "account"]), atol=0.005)


def test_the_file_with_everything_spends_on_every_account():
    assert (dataset("full", 2)["ledger"].sum("bucket") > 0).all()


def test_ratios_are_those_of_a_calculator(fair):
    cost, wins = 100 + 100 + 280 * 2 + 24 + 98, 24
    np.testing.assert_allclose(fair["wins"], wins)
    np.testing.assert_allclose(fair["cac"], cost / wins)
    np.testing.assert_allclose(fair["roi"], (wins * 100 - cost) / cost)
    np.testing.assert_allclose(fair["roas"].sel(channel="fair"), 20 * 100 / 200)
    assert np.isnan(fair["roas"].sel(channel="word")).all()
    np.testing.assert_allclose(fair["ltv"], 80)
    np.testing.assert_allclose(fair["ltv_to_cac"], 80 / (cost / wins))
    np.testing.assert_allclose(fair["payback"], cost / wins / (80 / (364 / MONTH)))


def test_the_cost_of_a_milestone_adds_up_over_owners(fair):
    assert fair["milestone"].values.tolist() == ["lead", "mql", "opportunity"]
    each = fair["cost_per_milestone"].sel(milestone="mql")
    np.testing.assert_allclose(each.sum("owner"), fair["cost"] / 24)
    np.testing.assert_allclose(each.sel(owner="marketing"), (261 + 259) / 24)


def test_milestones_are_those_of_the_journeys(tmp_path):
    """Without returns and warm-up a prospect becomes everything once, and both count the same."""
    changes = {"warmup": "0 d", "horizon": "8 w"}
    ds = fs.simulate(fs.load("msme_crm", changes), replications=2, seed=5, journeys=tmp_path / "j.parquet")
    rows = pq.read_table(tmp_path / "j.parquet", columns=["replication", "kind", "milestone"]).to_pylist()
    for name in ds["milestone"].values:
        told = [
            sum(row["kind"] == "milestone" and row["milestone"] == name and row["replication"] == n for row in rows)
            for n in (0, 1)
        ]
        assert told == ds["milestones"].sel(milestone=name).sum("bucket").values.tolist()


def test_going_from_one_stage_to_the_next_of_a_milestone_is_no_new_one():
    twice = {"stages.plan.milestone": "mql"}
    ds = fs.simulate(fs.loads(FAIR, twice), replications=1, seed=1)
    assert ds["milestones"].sel(milestone="mql").values.tolist() == [[14, 10]]
    entries = ds["entries"].sel(stage=["call", "plan"]).sum("stage")
    assert entries.values.tolist() == [[28, 20]]


def test_sales_velocity_is_its_four_factors():
    """Prospects x win rate x mean deal / mean cycle; and with opportunities, so far as all opened are decided."""
    ds = fs.simulate(fs.load("msme_crm", {"horizon": "30 w"}), replications=4, seed=2)
    factors = ds["prospects"] * ds["win_rate"] * ds["deal_value"] / ds["cycle_mean"]
    np.testing.assert_allclose(factors, ds["sales_velocity"])
    decided = ds["wins"] + ds["exits"].sel(exit="offer -> lost").sum("bucket")
    np.testing.assert_allclose(ds["opportunity_win_rate"], ds["wins"] / decided)
    np.testing.assert_array_equal(ds["opportunities"], ds["entries"].sel(stage="offer").sum("bucket"))
    np.testing.assert_allclose(ds["pipeline_velocity"] / ds["sales_velocity"], ds["opportunities"] / decided)
    slow = fs.simulate(fs.load("msme_crm", {"stages.offer.duration": "120 d"}), replications=4, seed=2)
    assert (slow["pipeline_velocity"] > 1.1 * slow["sales_velocity"]).all()


def test_without_terms_there_is_no_lifetime_value_and_no_payback_without_a_term():
    ds = dataset()
    assert not {"ltv", "payback", "milestones"} & set(ds)
    assert (ds["tool_cost"].size, float(ds["ledger"].sel(account="tools").sum())) == (0, 0.0)
    assert "payback" not in fs.simulate(fs.load("ecommerce_low_touch", {"horizon": "20 w"}), replications=1, seed=1)


def test_a_funnel_that_nobody_leaves_has_no_lifetime_value():
    """Negative control of 1 / (1 - r) with r = 1: nan, and not a large number."""
    loyal = {"stages.customer.exits.again.logit": 50, "horizon": "30 w"}
    ds = fs.simulate(fs.load("ecommerce_low_touch", loyal), replications=2, seed=1)
    assert (ds["churns"].sum(["bucket", "channel", "segment"]) == 0).all()
    assert np.isnan(ds["ltv"]).all()


def test_a_run_prints_what_was_spent_on_what(fair, capsys):
    from funnelsim.faces.terminal import output

    show(fair, summary(fair), output())
    shown = capsys.readouterr().out
    for word in ("spent on", "tools", "98 ± 0", "lifetime value (LTV)", "LTV / CAC", "payback", "ROI", "cost per MQL"):
        assert word in shown, word
