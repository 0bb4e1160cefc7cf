"""The command line asks for a precision in words, and says how far it came."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from funnelsim.faces import cli, progress
from funnelsim.faces.precise import watching
from funnelsim.faces.progress import Meter
from funnelsim.studies.stopping import Reached

SCENARIO = """\
name: small
start: 2026-01-05
horizon: 12 w
channels: {leads: {arrivals: {rate: 20 / d}}}
stages:
  call: {team: sdr, duration: {exponential: {mean: 1 h}}, exits: {won: 30%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 4, salary: 3000 / mo}}
policies:
  better: {says: better calls, set: {stages.call.exits.won: 33%}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(SCENARIO)
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_a_run_says_that_it_is_precise(file: Path) -> None:
    found = run("run", file, "--precision", "5%")
    assert found.exit_code == 0, found.output
    assert "wins to within 5%: reached with" in found.stdout
    assert "Stein's two-stage procedure (1945)" in found.stdout


def test_a_comparison_says_that_it_is_precise(file: Path) -> None:
    found = run("compare", file, "--precision", 5)
    assert found.exit_code == 0, found.output
    assert "wins to within 5: reached with" in found.stdout
    assert "the spread of the first 10" in " ".join(found.stdout.split())


def test_json_says_so_too(file: Path) -> None:
    one = json.loads(run("run", file, "--precision", "5%", "--json").stdout)
    two = json.loads(run("compare", file, "--precision", "0.1", "--at-most", 12, "--json").stdout)
    assert one["precision"]["met"] is True
    assert one["precision"]["half_width"] <= 0.05 * one["precision"]["precision_value"]
    assert two["precision"]["met"] is False
    assert two["precision"]["half_width"]["better"] > 0.1
    assert two["replications"] == 12


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--precision", "two"), "--precision: found 'two'; it is a number; write 2%"),
        (("compare", "--precision", "50%"), "at most 30%"),
        (("compare", "--precision", "2%", "-n", 50), "leave --replications out"),
        (("run", "--at-most", 50), "write --precision 2%"),
        (("run", "--precision", "2%", "--at-least", 50, "--at-most", 20), "at least the floor, 50"),
        (("run", "--precision", "2%", "--trace", "t.parquet"), "leave out --trace"),
        (("run", "--precision", "2%", "--measure", "win"), "Did you mean wins?"),
        (("compare", "--precision", "2%", "--measure", "profits"), "Did you mean profit?"),
    ],
)
def test_what_cannot_be_is_refused_in_words(file: Path, arguments: tuple[object, ...], said: str) -> None:
    command, *rest = arguments
    found = run(command, file, *rest)
    assert found.exit_code == 2
    assert said in " ".join(found.output.split())


def test_the_bar_shows_the_half_width_coming_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.02)
    screen = Console(file=io.StringIO(), force_terminal=True, width=100)
    with Meter(20, screen) as meter:
        watch = watching(meter, 2)
        for n, half in ((10, 2.5), (20, 1.75)):
            meter(20)
            watch(Reached((10, n), (half,), (1.0,), (False,), (63.0,), 2 * n))
            time.sleep(0.2)
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    assert shown.index("half-width 2.5 after 10, sought 1;") < shown.index("half-width 1.75 after 20, sought 1;")
    assert "40/80" in shown


def test_json_has_nothing_where_nothing_is_known(file: Path) -> None:
    """Cost per win without wins."""
    never = ("--set", "stages.call.exits.won=0%", "--precision", "5%", "--measure", "cac", "--json")
    found = run("run", file, *never)
    assert found.exit_code == 0, found.output
    said = json.loads(found.stdout)["precision"]
    assert (said["met"], said["half_width"], said["precision_value"]) == (False, None, None)
