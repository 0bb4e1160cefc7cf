"""`funnelsim sweep` prints a table and what is best, and says in words what it cannot do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from funnelsim.faces import cli

SCENARIO = """\
name: small [red]
start: 2026-01-05
horizon: 4 w
channels: {leads: {arrivals: {rate: 20 / d}}}
stages:
  call: {team: sdr, duration: {exponential: {mean: 1 h}}, exits: {won: 30%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
segments: {all: {share: 1, deal_value: 100}}
teams: {sdr: {reps: 4, salary: 3000 / mo}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(SCENARIO)
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(cli.app, ["sweep", *(str(argument) for argument in arguments)])


def test_one_path_has_a_row_a_value(file: Path) -> None:
    found = run(file, "--vary", "teams.sdr.reps=1..3", "-n", 5)
    assert found.exit_code == 0, found.output
    rows = [line.split() for line in found.stdout.splitlines()]
    assert [row[0] for row in rows if row and row[0] in "123"] == ["1", "2", "3"]
    assert "revenue less cost\n" not in found.stdout
    assert "Best by revenue less cost:" in found.stdout
    assert "small [red]: teams.sdr.reps" in found.stdout


def test_two_paths_are_crossed_and_more_are_listed(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.nc"
    two = ("--vary", "teams.sdr.reps=1..3", "--vary", "stages.call.exits.won=10%..20%", "--points", 2, "-n", 3)
    crossed = run(file, *two, "--measure", "wins", "--out", out)
    assert crossed.exit_code == 0, crossed.output
    assert "wins (deals)" in crossed.stdout
    assert "10%" in crossed.stdout
    assert out.exists()
    listed = run(file, *two[:4], "--design", "lhs", "--points", 5, "-n", 3)
    assert listed.exit_code == 0, listed.output
    assert "stages.call.exits.won" in listed.stdout


def test_json_holds_every_point(file: Path) -> None:
    found = json.loads(run(file, "--vary", "teams.sdr.reps=1,2", "-n", 5, "--json").stdout)
    assert [point["at"]["teams.sdr.reps"] for point in found["points"]] == ["1", "2"]
    assert found["points"][0]["measures"]["wins"]["unit"] == "deals"
    assert found["judged_by"] == "profit"
    assert any(point["may_be_best"] for point in found["points"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing is varied. Write teams.sdr.reps=2..10"),
        (("--vary", "teams.sdr.reps"), "found no path=values"),
        (("--vary", "teams.sdr.reps=9..1"), "a range that is backwards"),
        (("--vary", "teams.sdr.rep=1,2"), "Did you mean reps?"),
        (("--vary", "team.sdr.reps=1,2"), "Did you mean teams?"),
        (("--vary", "teams.sdr.reps=0..2"), "at teams.sdr.reps=0: teams.sdr.reps: there are no reps"),
        (("--vary", "teams.sdr.reps=1,2", "--vary", "teams.sdr.reps=3"), "stands there twice"),
        (("--vary", "teams.sdr.reps=1..3000"), "there may be 2,000 points at most"),
        (("--vary", "teams.sdr.reps=1,2", "--design", "sobl"), "Did you mean sobol?"),
        (("--vary", "teams.sdr.reps=1,2", "--measure", "profits", "-n", 2), "Did you mean profit?"),
    ],
)
def test_what_cannot_be_is_refused_in_words(file: Path, arguments: tuple[object, ...], said: str) -> None:
    found = run(file, *arguments)
    assert found.exit_code == 2
    assert said in " ".join(found.output.split())
