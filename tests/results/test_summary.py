"""The summary says what the dataset says, and names a bottleneck only by its rule."""

import pytest

import funnelsim as fs
from funnelsim.results.bottleneck import bottleneck
from funnelsim.results.estimates import Estimate, in_fitting_unit
from funnelsim.results.summary import summary

from .cases import dataset

LINE = """
name: line
start: 2026-01-05
horizon: 60 d
channels: {{c: {{arrivals: {{rate: 1 / h}}}}}}
stages:
  first: {{team: quick, duration: {{exponential: {{mean: {first}}}}}, exits: {{second: 100%}}}}
  second: {{team: slow, duration: {{exponential: {{mean: {second}}}}}, exits: {{won: 100%}}}}
  won: {{terminal: won}}
teams:
  quick: {{reps: 1}}
  slow: {{reps: 1}}
"""


def line(first, second):
    return fs.simulate(fs.loads(LINE.format(first=first, second=second)), replications=4, seed=1)


def test_the_bottleneck_is_the_busy_team_with_the_longest_queue():
    found = bottleneck(line("40 min", "55 min"))
    assert found.team == "slow"
    assert found.stages == ("second",)
    assert found.utilisation.value == pytest.approx(100 * 55 / 60, abs=4)
    assert "slow (second)" in found.sentence


def test_a_team_that_is_not_busy_is_no_bottleneck():
    found = bottleneck(line("20 min", "30 min"))
    assert found.team == ""
    assert found.sentence.startswith("No team is a bottleneck: the busiest, slow, is ")


def test_a_funnel_without_teams_has_no_bottleneck():
    ds = fs.simulate(fs.load("mginf", {"horizon": "120 d"}), replications=2, seed=1)
    assert bottleneck(ds).sentence == "No team is a bottleneck: nobody works in this funnel."


def test_a_summary_holds_the_means_of_its_dataset():
    ds = dataset()
    found = summary(ds)
    by_name = {line.stage: line for line in found.stages}
    assert list(by_name) == ["look", "call", "meet", "think", "won"]
    assert found.totals["wins"].value == pytest.approx(float(ds["wins"].mean()))
    assert found.totals["cac"].value == pytest.approx(float(ds["cost"].sum() / ds["wins"].sum()))
    assert by_name["call"].estimates["entered"].value == pytest.approx(
        float(ds["entries"].sel(stage="call").sum("bucket").mean())
    )
    reached = ds["reached"].sum(["bucket", "replication"])
    wanted = 100 * float(reached.sel(stage="meet") / reached.sel(stage="call"))
    assert by_name["call"].estimates["conversion"].value == pytest.approx(wanted)
    assert not by_name["look"].estimates["queue"].known


def test_times_are_told_in_the_unit_that_fits_the_longest():
    def hours(x):
        return Estimate(x, x - 1, x + 1, "h")

    assert [each.unit for each in in_fitting_unit([hours(2.5), hours(100)])] == ["d", "d"]
    assert [each.unit for each in in_fitting_unit([hours(0.5), hours(700)])] == ["h", "h"]
    assert in_fitting_unit([hours(0.5)])[0].value == 30
    assert in_fitting_unit([hours(48)])[0].unit == "h"
    assert in_fitting_unit([hours(float("nan"))])[0].unit == "h"
