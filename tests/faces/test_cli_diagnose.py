"""The command `diagnose`: a table, JSON, a file, and errors in words."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

import funnelsim as fs
from funnelsim.faces.cli import app


def run(*words: str, width: int = 120):
    return CliRunner().invoke(app, ["diagnose", *words], env={"COLUMNS": str(width)})


def test_what_is_held_up_stands_below_the_table(tmp_path: Path) -> None:
    shown = run("capacity_crunch", "-n", "10", "--out", str(tmp_path / "d.nc"))
    assert shown.exit_code == 0, shown.output
    last = shown.stdout.strip().splitlines()[-1]
    assert last.startswith("qualify (team sdr) is held up: 10% less work there brings 1")
    first = next(line for line in shown.stdout.splitlines() if "one more rep" in line)
    assert first.split()[3] == "sdr"
    assert fs.open_result(tmp_path / "d.nc").attrs["held_up"] == "qualify"


def test_beside_a_better_funnel_the_difference_is_named(tmp_path: Path) -> None:
    shown = run(
        "capacity_crunch", "--set", "stages.demo.exits.won=10%", "--against", "capacity_crunch", "-n", "10", "--json"
    )
    document = json.loads(shown.stdout)
    assert document["held_up"] == "demo"
    assert [row["kind"] for row in document["nudges"]] == ["restored"]
    assert document["units"]["revenue"] == "USD / mo"
    assert document["nudges"][0]["elasticity"] == [None] * 3


def test_a_narrow_terminal_gets_lines_and_a_misspelt_name_an_answer() -> None:
    assert "…" not in run("capacity_crunch", "-n", "2", width=40).stdout
    wrong = run("capacity_crush")
    assert wrong.exit_code == 2
    assert "Did you mean capacity_crunch?" in wrong.stderr
