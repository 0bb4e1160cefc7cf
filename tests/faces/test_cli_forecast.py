"""`funnelsim forecast` on the command line: tables, a document, a file, and bad input in words."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import funnelsim as fs
from funnelsim.faces import cli

SCENARIO = """\
name: a [bold]bracketed[/bold] name
start: 2026-01-05
horizon: 3 mo
tick: 1 min
channels:
  ads: {arrivals: {rate: 4 / d to 8 / d}, cost: {per_lead: 5}}
stages:
  call: {team: sdr, duration: 30 min, exits: {won: 40% to 60%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
segments: {all: {share: 1, deal_value: 100}}
teams:
  sdr: {reps: 1, hours: mon-fri 9-17, salary: 3000 / mo}
"""
SMALL = ("--draws", 12, "-n", 3)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SCENARIO)
    return path


def run(*arguments):
    return CliRunner().invoke(cli.app, ["forecast", *(str(argument) for argument in arguments)])


def test_it_prints_months_teams_assumptions_and_a_sentence(file) -> None:
    outcome = run(file, *SMALL, "--target", "20k", "--by", "2026-03-31")
    assert outcome.exit_code == 0, outcome.output
    for said in ("a [bold]bracketed[/bold] name", "2026-03", "95% band", "sdr: busy", "channels.ads.arrivals.rate",
                 "4 / d to 8 / d", "the chance of 20k by 2026-03-31 is", "12 draws of the ranges"):  # fmt: skip
        assert said in " ".join(outcome.output.split())


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_no_line_is_cut_at_any_width(file, columns, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    output = run(file, *SMALL).output
    assert "…" not in output
    assert max(map(len, output.splitlines())) <= int(columns)


def test_a_document_holds_every_number(file, tmp_path) -> None:
    out = tmp_path / "f.nc"
    outcome = run(file, *SMALL, "--target", "20k", "--json", "--out", out)
    found, ds = json.loads(outcome.stdout), fs.open_result(out)
    assert ds.attrs["kind"] == "forecast"
    assert [each["month"] for each in found["months"]] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    last = found["months"][-1]["revenue_until_then"]
    band = ds["total_band"].sel(measure="revenue").isel(month=-1)
    assert last["80%"] == [float(band.sel(quantile=q)) for q in (0.1, 0.9)]
    assert found["target"]["chance"] == [float(ds[name]) for name in ("chance", "chance_low", "chance_high")]
    assert {each["path"] for each in found["assumptions"]} == {"channels.ads.arrivals.rate", "stages.call.exits.won"}


def test_a_range_may_be_set_and_without_any_it_still_works(file) -> None:
    fixed = ("--set", "channels.ads.rate=5 / d", "--set", "stages.call.exits.won=50%")
    found = json.loads(run(file, *fixed, "-n", 20, "--json").stdout)
    assert (found["draws"], found["replications"], found["assumptions"]) == (1, 20, [])
    wide = json.loads(run(file, *fixed[:2], "--set", "stages.call.exits.won=30% to 70%", *SMALL, "--json").stdout)
    assert [each["range"] for each in wide["assumptions"]] == ["30% to 70%"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--target", "4M", "--by", "2025-12-31"), "it lies before the first day of the forecast, 2026-01-05"),
        (("--target", "4M", "--by", "2027-01-31"), "it lies beyond the last day of the forecast, 2026-04-04"),
        (("--target", "much"), "a target is an amount of money. Write 4M, 250k or 4,000,000 USD"),
        (("--by", "2026-02-28"), "a day without a target. Write --target 4M as well"),
        (("--start", "stedy"), "Did you mean steady?"),
        (("--start", "pipeline"), "has no open deals. Write pipeline:"),
        (("--horizon", "12"), "Write 12 mo or 52 w"),
        (("--set", "stages.call.exits.won=60% to 40%"), "the low end of a range stands first. Write 40% to 60%"),
        (("--set", "stages.call.exits.wom=40% to 60%"), "stages.call.exits.wom"),
        (("--out", "f.csv"), "the name must end in .nc"),
    ],
)  # fmt: skip
def test_bad_input_is_answered_in_words(file, arguments, said) -> None:
    outcome = run(file, *SMALL, *arguments)
    assert outcome.exit_code == 2
    assert said in outcome.output
    assert "Traceback" not in outcome.output
