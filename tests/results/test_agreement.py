"""The agreement between marketing and sales, against a funnel that can be worked by hand, and as it is printed."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import funnelsim as fs
from funnelsim.faces.cli import app
from funnelsim.results.scorecard import scorecard_of

# Twelve MQLs in the first week, eight in the second, none in half a third. One rep takes an hour each and has promised
# to begin within six: of those who come at once six are in time, the seventh is begun when the time is over. Two days
# later two thirds and three quarters of them (by segment, one batch each) are accepted; these wait another week.
TWO = """
name: two sides
start: 2026-01-05
horizon: 17.5 d
bucket: week
segments: {good: {share: 50%}, poor: {share: 50%}}
channels:
  first: {arrivals: {batches: {at: [2026-01-05], size: 8}}, segments: {good: 100%}}
  rest: {arrivals: {batches: {at: [2026-01-05], size: 4}}, segments: {poor: 100%}}
  second: {arrivals: {batches: {at: [2026-01-12], size: 6}}, segments: {good: 100%}}
  other: {arrivals: {batches: {at: [2026-01-12], size: 2}}, segments: {poor: 100%}}
stages:
  call: {milestone: mql, team: sdr, duration: 1 h, sla: {respond_within: 6 h}, exits: {think: 100%}}
  think: {duration: 2 d, exits: {talk: {good: 100%, poor: 0%}, lost: {rest: true}}}
  talk: {milestone: sql, duration: 1 w, exits: {won: 100%}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 1}}
agreement: {marketing: {mqls: 10 / w, accepted: 70%}, sales: {contacted: 60%}}
"""


def two(**changes):
    return fs.simulate(fs.loads(TWO, changes), replications=2, seed=1)


def first(ds, name):
    return ds[name].isel(replication=0).values if "replication" in ds[name].dims else ds[name].values


def test_promised_and_delivered_stand_side_by_side():
    ds = two()
    np.testing.assert_allclose(first(ds, "mqls_promised"), [10, 10, 5])
    np.testing.assert_array_equal(first(ds, "mqls_delivered"), [12, 8, 0])
    np.testing.assert_allclose(first(ds, "mql_attainment"), [1.2, 0.8, 0])
    np.testing.assert_array_equal(first(ds, "mqls_accepted"), [8, 6, 0])
    np.testing.assert_allclose(first(ds, "acceptance"), [8 / 12, 6 / 8, np.nan])
    np.testing.assert_array_equal(first(ds, "contacts_in_time"), [6, 6, 0])
    np.testing.assert_array_equal(first(ds, "contacts_judged"), [12, 8, 0])
    np.testing.assert_allclose(first(ds, "contacted_in_time"), [6 / 12, 6 / 8, np.nan])


def test_a_side_has_kept_its_promise_if_nothing_speaks_against_it():
    # Marketing: enough and too poor; good and too few; nobody. Sales: too late; in time; nobody to contact.
    assert first(two(), "met").tolist() == [[False, False], [False, True], [False, True]]
    np.testing.assert_allclose(first(two(), "share_met"), [0, 2 / 3])
    mild = two(**{"agreement.marketing.accepted": "66%"})
    assert first(mild, "met")[:, 0].tolist() == [True, False, False]
    content = two(**{"agreement.marketing": {"mqls": "8 / w"}})
    assert first(content, "met")[:, 0].tolist() == [True, True, False]
    assert "rejections_alarm" not in content


def test_the_alarm_of_rejections_is_silent_where_sales_came_too_late():
    assert first(two(), "rejections_alarm") == 0
    prompt = two(**{"agreement.sales.contacted": "50%"})
    np.testing.assert_allclose(first(prompt, "rejections_alarm"), 1 / 3)
    alone = two(agreement={"marketing": {"mqls": "10 / w", "accepted": "70%"}})
    np.testing.assert_allclose(first(alone, "rejections_alarm"), 1 / 3)
    assert alone["side"].values.tolist() == ["marketing"]
    assert "contacted_in_time" not in alone


def test_acceptance_is_by_period_and_lags():
    """With a week of thought those of the first week are accepted in the second: none, and then 8 of 8."""
    late = two(**{"stages.think.duration": "1 w"})
    np.testing.assert_allclose(first(late, "acceptance")[:2], [0, 1])


def test_accepted_is_the_first_of_sal_sql_and_opportunity():
    sal = two(**{"stages.think.milestone": "sal"})
    np.testing.assert_array_equal(first(sal, "mqls_accepted"), [12, 8, 0])


def test_who_promises_nothing_is_told_nothing():
    ds = fs.simulate(fs.loads(TWO.replace("agreement:", "# ")), replications=1, seed=1)
    assert not {"met", "mqls_promised", "contacts_judged"} & set(ds)
    assert scorecard_of(ds) == ()


def test_the_engines_agree_on_who_kept_his_promise():
    changes = {"horizon": "14 w", "warmup": "2 w"}
    kernel, story = (
        fs.simulate(fs.load("msme_crm", changes), replications=1, seed=4, engine=engine)
        for engine in ("kernel", "simpy")
    )
    for name in ("met", "acceptance", "contacted_in_time", "ledger", "cost_per_milestone"):
        np.testing.assert_array_equal(kernel[name], story[name], err_msg=name)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(TWO)
    return path


def test_a_run_prints_the_scorecard_week_by_week(file):
    shown = CliRunner().invoke(app, ["run", str(file), "-n", "3"], env={"COLUMNS": "120"}).output
    lines = [line.split() for line in shown.splitlines()]
    (row,) = [line for line in lines if line[:1] == ["2026-01-12"]]
    assert [cell for cell in row if cell not in ("±", "0")] == ["2026-01-12", "10.0", "8", "75", "75", "100"]
    assert ["all", "25.0"] in [line[:2] for line in lines]
    narrow = CliRunner().invoke(app, ["run", str(file), "-n", "3"], env={"COLUMNS": "50"}).output
    assert max(len(line) for line in narrow.splitlines()) <= 50
    assert "contacted in time (%)" in narrow


def test_json_holds_the_scorecard(file):
    said = json.loads(CliRunner().invoke(app, ["run", str(file), "-n", "3", "--json"]).output)["agreement"]
    assert [line["from"] for line in said] == ["2026-01-05", "2026-01-12", "2026-01-19", "all"]
    assert said[1]["accepted"]["value"] == pytest.approx(75)
    assert said[2]["accepted"] is None
    assert said[3]["accepted"]["value"] == pytest.approx(100 * 14 / 20)
    assert said[3]["sales"]["value"] == pytest.approx(100 * 2 / 3)
    assert said[0]["promised"] == {"value": pytest.approx(10), "low": None, "high": None, "unit": "MQLs"}
