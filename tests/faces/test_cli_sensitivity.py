"""The command `sensitivity`: tables, JSON, a file, and errors in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import funnelsim as fs
from funnelsim.faces.cli import app

SCENARIO = """
name: plan
start: 2026-01-05
horizon: 26 w
channels: {web: {arrivals: {rate: 40 / d}}}
segments: {all: {share: 100%, deal_value: 1000 to 1600}}
stages:
  talk: {team: sdr, duration: 1 h, exits: {won: 25%, lost: {rest: true, reason: no}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 3, salary: 4000 to 6000 / mo}}
policies: {more: {set: {teams.sdr.reps: 4}}}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "plan.yaml"
    path.write_text(SCENARIO)
    return str(path)


def run(*words: str, width: int = 120):
    return CliRunner().invoke(app, ["sensitivity", *words], env={"COLUMNS": str(width)})


def test_what_moves_most_stands_first_and_is_said(file: str, tmp_path: Path) -> None:
    shown = run(file, "-n", "3", "--measure", "revenue", "--sobol", "2", "-p", "more", "--out", str(tmp_path / "t.nc"))
    assert shown.exit_code == 0, shown.output
    lines = [line.split() for line in shown.stdout.splitlines() if line.strip()]
    value = next(line for line in lines if line[0] == "segments.all.deal_value")
    assert value[1] == "1,000"
    said = " ".join(shown.stdout.split())
    assert "What moves revenue most is segments.all.deal_value: over its range it goes from" in said
    assert "share of the variance (%)" in said
    assert "baseline stays the one to choose over the whole range of" in said
    kept = fs.open_result(tmp_path / "t.nc")
    assert (kept.attrs["kind"], kept.attrs["level"]) == ("tornado", 0.95)


def test_the_document_has_both_ends_of_everything(file: str) -> None:
    shown = run(file, "-n", "3", "--measure", "cost", "--sobol", "4", "-p", "more", "--level", "90", "--json")
    document = json.loads(shown.stdout)
    salary = document["tornado"]["teams.sdr.salary"]
    # Three salaries for 26 weeks, in months of a twelfth of 365.25 days.
    months = 26 * 7 / (365.25 / 12)
    assert salary["low"]["value"] == pytest.approx([3 * 4000 * months] * 3)
    assert salary["high"]["at"] == pytest.approx(6000)
    assert document["level"] == 0.9
    assert document["tornado"]["segments.all.deal_value"]["high"]["difference"] == [0.0] * 3
    # Of so few points an index is far off; what moves nothing has none of the variance.
    assert document["sobol"]["segments.all.deal_value"]["total"][0] == pytest.approx(0, abs=1e-9)
    assert document["turns"]["teams.sdr.salary"] == {"at": [None] * 3, "to": None}
    assert document["chosen"] == "baseline"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--measure", "revenu"], "there is no such measure. Did you mean revenue?"),
        (["--sobol", "50"], "Sobol's sequence is even for powers of two: write 64 or 128"),
        (["--policy", "mroe"], "there is no such policy. Did you mean more?"),
        (
            ["--set", "segments.all.deal_value=1300", "--set", "teams.sdr.salary=5000 / mo"],
            "no number in it has a range",
        ),
        (["--set", "teams.sdr.salary=6000 to 4000 / mo"], "the low end of a range stands first"),
    ],
)
def test_what_cannot_be_is_said_in_words(file: str, words: list[str], said: str) -> None:
    shown = run(file, "-n", "2", *words)
    assert shown.exit_code == 2, shown.output
    assert said in " ".join(shown.stderr.split())


def test_nothing_is_cut_off_in_a_narrow_terminal(file: str) -> None:
    assert "…" not in run(file, "-n", "2", width=40).stdout
