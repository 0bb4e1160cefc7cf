"""`funnelsim search` says what it chose, what it promises and what it cannot do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from funnelsim.faces import cli

SCENARIO = """\
name: small
start: 2026-01-05
horizon: 4 w
channels: {leads: {arrivals: {rate: 20 / d}}}
stages:
  call:
    team: sdr
    duration: {exponential: {mean: 1 h}}
    sla: {respond_within: 1 h}
    exits: {won: 30%, lost: {rest: true}}
  won: {terminal: won}
  lost: {terminal: lost}
segments: {all: {share: 1, deal_value: 100}}
teams: {sdr: {reps: 2, salary: 3000 / mo}}
"""
CHEAPEST = ("--vary", "teams.sdr.reps=1..4", "--least", "cost", "--meet", "sla.call>=90%")
SEEK = ("--seek", "stages.call.exits.won=10%..40%", "--goal", "wins>=120", "-n", 20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(SCENARIO)
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(cli.app, ["search", *(str(argument) for argument in arguments)])


def test_the_cheapest_that_is_good_enough(file: Path, tmp_path: Path) -> None:
    found = run(file, *CHEAPEST, "--out", tmp_path / "s.nc")
    assert found.exit_code == 0, found.output
    said = " ".join(found.stdout.split())
    assert "Chosen for the least cost that keeps sla.call >= 90%: teams.sdr.reps=" in said
    assert "With 95% at least the best is chosen" in said
    assert "limit broken" in said
    assert (tmp_path / "s.nc").exists()


def test_nothing_is_cut_off_in_a_narrow_terminal(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    shown = run(file, *CHEAPEST).stdout
    assert "…" not in shown
    assert "teams.sdr.reps=2: " in shown
    assert "cost (USD): " in shown


def test_the_value_that_reaches_a_goal(file: Path) -> None:
    found = run(file, *SEEK)
    assert found.exit_code == 0, found.output
    assert "wins >= 120 is met at stages.call.exits.won = " in " ".join(found.stdout.split())


def test_json_holds_both(file: Path) -> None:
    one, two = (json.loads(run(file, *arguments, "--json").stdout) for arguments in (CHEAPEST, SEEK))
    assert one["is_sure"] is True
    assert {each["fate"] for each in one["candidates"]} >= {"chosen", "limit broken"}
    assert two["answer"].endswith("%")
    assert len(two["tried"]) > 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--vary", "teams.sdr.reps=1..4"), "write --least cost or --most profit"),
        (("--most", "profit"), "there is nothing to choose from"),
        (("--vary", "teams.sdr.rep=1..4", "--most", "profit"), "Did you mean reps?"),
        (("--vary", "teams.sdr.reps=1..4", "--most", "profits"), "Did you mean profit?"),
        (("--vary", "teams.sdr.reps=1..4", "--most", "profit", "--limit", "cost"), "found 'cost'"),
        (("--vary", "teams.sdr.reps=1..4", "--most", "profit", "--delta", "x"), "found 'x'"),
        (("--seek", "stages.call.exits.won=10%..40%"), "--seek and --goal go together"),
        ((*SEEK, "--most", "wins"), "a question of its own"),
        (("--seek", "stages.call.exits.won=40%..10%", "--goal", "wins>=3"), "backwards"),
        (("--seek", "stages.call.exits.win=10%..40%", "--goal", "wins>=3"), "exits.win"),
    ],
)
def test_what_cannot_be_is_refused_in_words(file: Path, arguments: tuple[object, ...], said: str) -> None:
    found = run(file, *arguments)
    assert found.exit_code == 2, found.output
    assert said.lower() in " ".join(found.output.split()).lower()
