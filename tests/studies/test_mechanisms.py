"""The table of mechanisms: every row that has an assertion holds, and fails with the mechanism switched off."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from funnelsim.faces.cli import app
from funnelsim.results.simulate import simulate
from funnelsim.scenario import load
from funnelsim.studies.mechanisms import SEED, Measure, Mechanism, Verdict, judge, mechanisms

WHOLE = {
    "row": 3,
    "mechanism": "x",
    "scenario": "mm1",
    "measure": {"of": "wins"},
    "within": [0, 1],
    "off": {"channels.web.rate": "1 / d"},
}
ASSERTED = [each for each in mechanisms() if not each.needs]


def test_the_table_has_every_row_once() -> None:
    assert [each.row for each in mechanisms()] == list(range(1, 71))
    assert len({each.mechanism for each in mechanisms()}) == 70
    assert len(ASSERTED) == 70


@pytest.mark.parametrize("scenario", sorted({each.scenario for each in ASSERTED}))
def test_each_row_holds_and_its_control_does_not(scenario: str) -> None:
    verdicts = list(judge([each for each in ASSERTED if each.scenario == scenario], threads=1))
    for verdict in verdicts:
        each = verdict.mechanism
        print(f"{each.row}: {verdict.value:.4g} in {each.within}, switched off {verdict.control:.4g}; {each.said}")
    assert [verdict.mechanism.row for verdict in verdicts if not verdict.holds] == []


def test_traces_are_looked_at_only_for_what_they_tell() -> None:
    assert [each.row for each in ASSERTED if each.measure and each.measure.needs_traces] == [5, 33, 38, 44]


def test_a_row_whose_control_stays_in_its_range_does_not_hold() -> None:
    """An assertion that could not fail is no assertion."""
    each = ASSERTED[0]
    assert each.within is not None
    inside = sum(each.within) / 2
    assert not Verdict(each, inside, inside).holds
    assert not Verdict(each, each.within[1] + 1, each.within[1] + 1).holds
    assert Verdict(each, inside, float("nan")).holds
    assert not Verdict(each, float("nan"), float("nan")).holds


def test_a_measure_is_a_ratio_of_means() -> None:
    ds = xr.Dataset(
        {
            "wins": (("replication", "channel"), np.array([[1.0, 3.0], [2.0, 6.0]])),
            "calls": (("replication",), np.array([10.0, np.nan])),
        },
        coords={"channel": ["web", "mail"]},
    )
    assert Measure.model_validate({"of": "wins"}).read(ds) == 6.0
    assert Measure.model_validate({"of": "wins", "at": {"channel": "mail"}, "per": {"of": "calls"}}).read(ds) == 0.45
    assert np.isnan(
        Measure.model_validate({"of": "wins", "per": {"of": "wins", "at": {"channel": "web"}}}).read(ds * 0)
    )


@pytest.mark.parametrize(("rates", "expected"), [((30, 15), 2.0), ((30, 240), 0.25), ((15, 30), 2.0)])
def test_a_row_with_several_policies_is_a_ratio_to_the_largest(rates: tuple[int, int], expected: float) -> None:
    """60 arrivals a day over the more of the two, whichever stands first."""
    people, measure = {"teams.sdr.reps": 40, "horizon": "400 d"}, {"of": "prospects"}
    policies = [{"channels.leads.arrivals.rate": f"{rate} / d", **people} for rate in (60, *rates)]
    row = {**WHOLE, "measure": measure, "when": policies[0], "than": policies[1:], "within": [0.2, 3]}
    each = Mechanism.model_validate({**row, "off": {"channels.leads.arrivals.rate": "10 / d"}})
    (verdict,) = judge([each], threads=1)
    assert verdict.value == pytest.approx(expected, rel=0.02)
    assert verdict.control == 1
    assert verdict.mechanism.said == "prospects (ratio to the largest of 2 policies)"


def test_a_policy_of_which_nothing_can_be_said_leaves_no_ratio() -> None:
    """Python's max of a number and nan is either, by their order."""
    nothing = {"channels.leads.arrivals.rate": "0.001 / y"}
    for than in ([{}, nothing], [nothing, {}]):
        row = {**WHOLE, "measure": {"of": "cycle_mean"}, "than": than}
        (verdict,) = judge([Mechanism.model_validate({**row, "off": {"horizon": "100 d"}})], threads=1)
        assert np.isnan(verdict.value)
        assert not verdict.holds


def test_the_three_splits_of_a_budget_cost_the_same() -> None:
    (each,) = (each for each in mechanisms() if each.row == 45)
    costs = []
    for policy in (each.when, *each.others):
        ds = simulate(load(each.scenario, policy), replications=each.replications, seed=SEED)
        media = ds["media_cost"].sel(channel="campaign").sum("bucket").mean().item()
        people = ds["people_cost"].sel(team="sdr").sum("bucket").item()
        months = 26 * 7 / (365.25 / 12)  # 39 weeks, less 13 of warm-up
        print(f"{media:,.0f} for leads and {people:,.0f} for people: {(media + people) / months:,.0f} a month")
        costs.append(media + people)
        assert (media + people) / months == pytest.approx(8 * 6000, rel=0.01)
    assert max(costs) / min(costs) < 1.01


def test_a_measure_reads_a_word_of_a_view_and_several_stages() -> None:
    ds = xr.Dataset(
        {"entries": (("replication", "stage"), np.array([[1.0, 2.0, 4.0], [3.0, 4.0, 8.0]]))},
        coords={"stage": ["see", "try", "won"], "view_two": ("stage", ["Early", "Early", "End"])},
    )
    assert Measure.model_validate({"of": "entries", "at": {"view_two": "Early"}}).read(ds) == 5.0
    assert Measure.model_validate({"of": "entries", "at": {"view_two": ["Early", "End"]}}).read(ds) == 11.0
    stages = {"of": "entries", "at": {"stage": ["try", "won"]}}
    assert Measure.model_validate(stages).read(ds) == 9.0
    assert str(Measure.model_validate({**stages, "per": {"of": "entries"}})) == "entries try + won / entries"
    with pytest.raises(KeyError, match="found 'Late'; it must be one of Early, End"):
        Measure.model_validate({"of": "entries", "at": {"view_two": "Late"}}).read(ds)


@pytest.mark.parametrize(
    "wrong",
    [
        {"row": 3, "mechanism": "x"},
        {**WHOLE, "needs": "y"},
        {**WHOLE, "within": [1, 0]},
        {**WHOLE, "off": {}},
        {**WHOLE, "than": []},
        {**WHOLE, "than": [{}]},
        {"row": 71, "mechanism": "x", "needs": "y"},
        {"row": 3, "mechanism": "x", "needs": "y", "scenarios": "mm1"},
    ],
)
def test_a_row_that_says_too_little_or_too_much_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Mechanism.model_validate(wrong)


def test_the_command_prints_rows() -> None:
    runner = CliRunner()
    rows = ["50", "62"]
    shown = runner.invoke(app, ["mechanisms", *rows, "--threads", "1"], env={"COLUMNS": "100"})
    assert shown.exit_code == 0, shown.output
    assert "pass" in shown.output
    assert "2 of 2 rows hold" in shown.output
    assert max(len(line) for line in shown.output.splitlines()) <= 100
    told = json.loads(runner.invoke(app, ["mechanisms", *rows, "--json"]).output)["rows"]
    assert [(row["row"], row["holds"]) for row in told] == [(50, True), (62, True)]
    wrong = runner.invoke(app, ["mechanisms", "71"])
    assert wrong.exit_code == 2
