"""The table of mechanisms: every row that has an assertion holds, and fails with the mechanism switched off."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from funnelsim.faces.cli import app
from funnelsim.studies.mechanisms import Measure, Mechanism, Verdict, judge, mechanisms

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
    assert len(ASSERTED) >= 42


@pytest.mark.parametrize("scenario", sorted({each.scenario for each in ASSERTED}))
def test_each_row_holds_and_its_control_does_not(scenario: str) -> None:
    verdicts = list(judge([each for each in ASSERTED if each.scenario == scenario], threads=1))
    for verdict in verdicts:
        each = verdict.mechanism
        print(f"{each.row}: {verdict.value:.4g} in {each.within}, switched off {verdict.control:.4g}; {each.said}")
    assert [verdict.mechanism.row for verdict in verdicts if not verdict.holds] == []


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"row": 3, "mechanism": "x"},
        {**WHOLE, "needs": "y"},
        {**WHOLE, "within": [1, 0]},
        {**WHOLE, "off": {}},
        {"row": 71, "mechanism": "x", "needs": "y"},
        {"row": 3, "mechanism": "x", "needs": "y", "scenarios": "mm1"},
    ],
)
def test_a_row_that_says_too_little_or_too_much_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Mechanism.model_validate(wrong)


def test_the_command_prints_rows_and_what_is_missing() -> None:
    runner = CliRunner()
    shown = runner.invoke(app, ["mechanisms", "50", "1", "--threads", "1"], env={"COLUMNS": "100"})
    assert shown.exit_code == 0, shown.output
    assert "pass" in shown.output
    assert "1 of 1 rows hold" in shown.output
    assert "views: 1" in shown.output
    assert max(len(line) for line in shown.output.splitlines()) <= 100
    told = json.loads(runner.invoke(app, ["mechanisms", "50", "1", "--json"]).output)
    assert [row["row"] for row in told["rows"]] == [1, 50]
    assert told["rows"][1]["holds"] is True
    wrong = runner.invoke(app, ["mechanisms", "71"])
    assert wrong.exit_code == 2
