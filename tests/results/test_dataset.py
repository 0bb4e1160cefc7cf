"""A dataset has units on everything, agrees with itself, and with what can be worked by hand."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import funnelsim as fs
from funnelsim.plan.compile import compile_scenario
from funnelsim.results import flows

from .cases import NAMES, dataset, shop

FULL = Path(__file__).parent.parent / "scenario" / "full.yaml"


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_says_its_unit_and_what_it_is(name):
    ds = dataset(name, 2)
    for key, da in ds.data_vars.items():
        assert da.attrs["units"], key
        assert da.attrs["long_name"], key
    for key, da in ds.coords.items():
        assert da.attrs["long_name"], key


def test_shares_lie_between_nothing_and_all():
    ds = dataset()
    shares = ["period_conversion", "cohort_reach", "abandonment", "sla_attainment", "utilisation", "rep_utilisation"]
    for name in (*shares, "utilisation_by_bucket", "loss_share", "win_rate"):
        values = ds[name].values[~np.isnan(ds[name].values)]
        assert values.size, name
        assert (values >= 0).all(), name
        assert (values <= 1 + 1e-12).all(), name


def test_sums_agree_with_their_parts():
    ds = dataset()
    identities = {
        "prospects": ds["prospects_by"].sum(["bucket", "channel", "segment"]),
        "wins": ds["wins_by"].sum(["bucket", "channel", "segment"]),
        "revenue": ds["revenue_by"].sum(["bucket", "channel", "segment"]),
        "cost": ds["cost_by_bucket"].sum("bucket"),
    }
    for name, parts in identities.items():
        np.testing.assert_allclose(ds[name], parts, err_msg=name)
    np.testing.assert_array_equal(ds["entries"].sum("bucket"), ds["entries_by"].sum(["channel", "segment"]))
    np.testing.assert_array_equal(ds["reached"].sum("bucket"), ds["reached_by"].sum(["channel", "segment"]))
    np.testing.assert_array_equal(ds["left"].sum("stage"), ds["exits"].sum("exit"))
    np.testing.assert_allclose(ds["loss_share"].sum("reason"), 1)
    np.testing.assert_array_equal(ds["wins"], ds["entries"].sel(stage="won").sum("bucket"))
    np.testing.assert_array_equal(ds["losses"].sum("reason"), ds["entries"].sel(stage="lost").sum("bucket"))


def test_who_is_there_at_the_end_came_and_did_not_leave():
    ds = fs.simulate(shop(warmup="0 d"), replications=3, seed=5, threads=1)
    going_on = ds["stage_kind"] == "open"
    stayed = (ds["entries"].sum("bucket") - ds["left"].sum("bucket")).isel(stage=going_on.values)
    np.testing.assert_array_equal(stayed, ds["open_at_end"].isel(stage=going_on.values))
    np.testing.assert_array_equal(ds["prospects"], ds["prospects_in_all"])


def test_conversion_by_cohort_and_by_period_are_two_things():
    # One batch at the start, sold two buckets later: the cohort converts, its period does not.
    text = """
name: slow
start: 2026-01-05
horizon: 5 w
bucket: week
channels: {fair: {arrivals: {batches: {at: [2026-01-05], size: 10}}}}
stages:
  think: {duration: 15 d, exits: {won: 100%}}
  won: {terminal: won}
"""
    ds = fs.simulate(fs.loads(text), replications=1, seed=1)
    assert ds["cohort_conversion"].sel(stage="think").values[0].tolist()[0] == 1.0
    assert np.isnan(ds["cohort_conversion"].sel(stage="think").values[0][1:]).all()
    by_period = ds["period_conversion"].sel(stage="think").values[0]
    assert by_period[2] == 1.0
    assert np.isnan(np.delete(by_period, 2)).all()


def minutes_open(start, end):
    """Minutes between two instants in `mon-fri 9-13 14-17`, one by one."""
    n = 0
    while start < end:
        n += start.weekday() < 5 and (9 <= start.hour < 13 or 14 <= start.hour < 17)
        start += timedelta(minutes=1)
    return n


def test_capacity_is_what_a_minute_by_minute_count_gives():
    ds = dataset()
    starts = [datetime(2026, 1, 12) + timedelta(weeks=week) for week in range(7)]
    for at, start in enumerate(starts):
        end = start + timedelta(weeks=1)
        ann = minutes_open(start, min(end, datetime(2026, 2, 4, 11)))
        bob = 2 * minutes_open(max(start, datetime(2026, 1, 20)), end)
        wanted = (ann + bob + minutes_open(start, end)) / 60
        assert float(ds["capacity"].sel(team="sdr")[at]) == pytest.approx(wanted)


def test_costs_are_worked_by_hand():
    ds = dataset()
    month = 365.25 / 12
    # Ann is there until 2026-02-04 11:00, Bob from 2026-01-20; the period is 2026-01-12 to 2026-03-02.
    days = (23 + 11 / 24) + 41 + 49
    assert float(ds["people_cost"].sel(team="sdr").sum()) == pytest.approx(days / month * 4000)
    assert float(ds["people_cost"].sel(team="ae").sum()) == pytest.approx(2 * 49 / month * 7000)
    born = ds["prospects_by"].sum(["bucket", "segment"])
    ads = ds["media_cost"].sel(channel="ads").sum("bucket")
    np.testing.assert_allclose(ads, 49 / month * 3000 + 10 * born.sel(channel="ads"))
    np.testing.assert_allclose(ds["media_cost"].sel(channel="fair").sum("bucket"), 6 * born.sel(channel="fair"))
    np.testing.assert_allclose(ds["cac"], ds["cost"] / ds["wins"])
    np.testing.assert_allclose(ds["cost_per_lead"].sel(channel="fair"), 6)
    wins, value, cycle = ds["wins"], ds["deal_value"], ds["cycle_mean"]
    np.testing.assert_allclose(ds["sales_velocity"], wins * value / cycle)


def test_the_mean_routing_time_is_that_of_its_law():
    ds = fs.simulate(shop(), replications=40, seed=5)
    entered = ds["entries"].sel(stage="call").sum("bucket") - ds["balked"].sel(stage="call")
    found = fs.ratio_interval(ds["routing_time_sum"].sel(stage="call"), entered)
    z = float((found["mean"] - 2.5) / ((found["high"] - found["mean"]) / 2.02))
    print(f"z = {z:.2f}")
    assert abs(z) < 4
    assert float(found["high"] - found["low"]) < 0.1
    np.testing.assert_allclose(ds["routing_time_mean"].sel(stage="call").mean(), 2.5, atol=0.1)
    assert np.isnan(ds["routing_time_mean"].sel(stage="think")).all()


def test_replications_are_addressed_by_their_number():
    whole = dataset()
    part = fs.simulate(shop(), replications=2, seed=3, first=3, threads=2)
    wanted = whole.isel(replication=slice(3, 5))
    xr.testing.assert_equal(part, wanted)


def test_the_engines_give_the_same_dataset():
    for name in ("round robin on hours", "pooled, pre-emptive", "sticky by value"):
        story = fs.simulate(shop(name, horizon="4 w"), replications=2, seed=9, engine="simpy")
        kernel = fs.simulate(shop(name, horizon="4 w"), replications=2, seed=9)
        xr.testing.assert_equal(story, kernel)


def test_a_result_tells_what_it_came_from():
    attrs = dataset().attrs
    assert attrs["seed"] == 3
    assert attrs["replications"] == 6
    assert '"name":"a shop"' in attrs["scenario"]
    assert attrs["stream_version"] >= 1
    assert (attrs["measured_from"], attrs["measured_until"]) == ("2026-01-12T00:00:00", "2026-03-02T00:00:00")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"replications": 0}, "replications: found 0"),
        ({"first": -1}, "first: found -1"),
        ({"threads": 0}, "threads: found 0"),
        ({"seed": -1}, "seed: found -1"),
        ({"engine": "magic"}, "'kernel' or 'simpy'"),
    ],
)
def test_what_cannot_be_run_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        fs.simulate(shop(), **{"seed": 1, **wrong})


def test_who_comes_too_late_to_win_is_a_result_too():
    late = {"channels.ads.arrivals.rate": "0 / d", "channels.fair.arrivals.batches.first": "2026-03-01 23:00"}
    ds = fs.simulate(shop(**late), replications=2, seed=1)
    assert ds["prospects"].values.tolist() == [40, 40]
    assert float(ds["wins"].sum()) == 0
    assert np.isnan(ds["cac"]).all()
    assert not np.isnan(ds["utilisation"]).any()


def test_each_way_that_a_rule_takes_has_a_count_of_its_own():
    board = """
name: board
start: 2026-01-05
horizon: 52 w
channels: {web: {enters: board, arrivals: {rate: 5 / d}}}
stages:
  board: {duration: 1 d, approvals: {stakeholders: 3, agree: 50%}, exits: {won: 90%, lost: 10%}}
  won: {terminal: won}
  lost: {terminal: lost}
"""
    ds = fs.simulate(fs.loads(board), replications=20, seed=5)
    share = ds["refused"].sel(stage="board") / ds["left"].sel(stage="board").sum("bucket")
    z = float((share.mean() - 0.875) / (share.std(ddof=1) / np.sqrt(20)))
    print(f"z = {z:.2f}")
    assert abs(z) < 4
    ways = {way.label for way in compile_scenario(fs.load(FULL)).exits if way.kind == "way"}
    assert ways == {label for label, _ in flows._WAYS.values()}


def test_a_list_that_is_switched_off_is_as_if_it_were_not_there():
    ds = fs.simulate(fs.load("lead_replay", {"channels.leads.on": False}), replications=2, seed=1)
    assert float(ds["prospects"].sum()) == 0
    assert "recorded_wins" not in ds


def test_touches_are_counted_and_paid_by_channel():
    text = """
name: mails
start: 2026-01-05
horizon: 8 w
tick: 1 h
channels:
  web: {arrivals: {batches: {at: [2026-01-05], size: 1000}}}
  mail: {touches: {drip: [1 d, 2 d], seen: 50%, click: 40%, opt_out: 10%}, cost: {per_touch: 0.5, per_click: 3}}
  off: {touches: {rate: 1 / d}, cost: {fixed: 900 / mo, per_touch: 9}, on: false}
stages:
  nurture: {duration: 5 d, exits: {won: 10%, lost: 90%}}
  won: {terminal: won}
  lost: {terminal: lost}
"""
    ds = fs.simulate(fs.loads(text), replications=4, seed=5)
    sent, clicks = (ds[name].sum("bucket") for name in ("touches_sent", "clicks"))
    assert (sent.sel(channel=["web", "off"]) == 0).all()
    np.testing.assert_array_equal(
        ds["media_cost"].sum("bucket").sel(channel="mail"),
        0.5 * sent.sel(channel="mail") + 3 * clicks.sel(channel="mail"),
    )
    assert (ds["media_cost"].sel(channel="off") == 0).all()
    assert 1900 < float(sent.sel(channel="mail").mean()) < 2000
    assert np.isnan(ds["cost_per_lead"].sel(channel="mail")).all()
