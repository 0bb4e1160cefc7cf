"""The command `compare`: tables, JSON, a file, and errors in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import funnelsim as fs
from funnelsim.faces.cli import app

FAST = ["--set", "teams.sdr.reps=7", "--set", "stages.qualify.sla.respond_within=5 min"]


def run(*words: str, width: int = 120):
    return CliRunner().invoke(app, ["compare", *words], env={"COLUMNS": str(width)})


def test_every_policy_of_a_scenario_stands_beside_its_baseline(tmp_path: Path) -> None:
    shown = run("b2b_saas", "-n", "10", "--out", str(tmp_path / "c.nc"))
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    assert "fast_response: two more SDRs, first call within five minutes" in lines
    assert "one_more_ae: an eighth AE" in lines
    costs = next(line for line in lines if line.strip().startswith("cost "))
    assert "+184,674 ± 0" in costs
    assert "worse" in costs
    assert max(map(len, lines)) <= 120
    kept = fs.open_result(tmp_path / "c.nc")
    assert kept.attrs["kind"] == "comparison"
    assert list(kept["policy"].values) == ["baseline", "fast_response", "one_more_ae"]
    assert json.loads(str(kept["changes"].values[1]))["teams.sdr.reps"] == 7


def test_the_document_says_what_the_table_says() -> None:
    shown = run("b2b_saas", "-n", "10", *FAST, "--json")
    document = json.loads(shown.stdout)
    (policy,) = document["policies"].values()
    assert policy["measures"]["cost"]["verdict"] == "worse"
    assert policy["measures"]["cost"]["independent_runs_need"] is None
    assert policy["worth"]["costs"] == pytest.approx([15_400] * 3)
    assert document["baseline"]["wins"]["unit"] == "deals"


def test_a_narrow_terminal_gets_lines() -> None:
    shown = run("b2b_saas", "-n", "4", "-p", "one_more_ae", width=50)
    assert "cost (USD)" in shown.stdout
    assert "…" not in shown.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["b2b_saas", "-p", "fast_respons"], "there is no such policy. Did you mean fast_response?"),
        (["b2b_saas", "--set", "teams.srd.reps=3"], "there is no teams.srd; an override changes something"),
        (["b2b_saas", "--set", "teams.sdr.reps"], "found no key=value"),
        (["mm1"], "there is no policy to compare: write a policies: block"),
        (["b2b_saas", "--policies", "nowhere.yaml"], "nowhere.yaml: cannot be read: No such file"),
        (["b2b_saas", "--out", "c.txt"], "the name must end in .nc"),
        (["b2b_sass"], "Did you mean b2b_saas?"),
    ],
)
def test_what_cannot_be_is_said_in_words(words: list[str], said: str) -> None:
    shown = run(*words)
    assert shown.exit_code == 2, shown.output
    assert said in " ".join(shown.stderr.split())
    assert "Traceback" not in shown.output


def test_problems_of_all_policies_come_at_once(tmp_path: Path) -> None:
    file = tmp_path / "ideas.yaml"
    file.write_text("policies:\n  a: {set: {teams.srd.reps: 1}}\n  b: {set: {stages.demo.exit: 3}}\n")
    shown = run("b2b_saas", "--policies", str(file))
    assert shown.exit_code == 2
    assert "2 problems" in shown.stderr
    assert "policies.a" in shown.stderr
    assert "policies.b" in shown.stderr
