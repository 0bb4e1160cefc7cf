"""What the README and the pages of docs/ say: files load, commands run, links lead somewhere, the Python works."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

import funnelsim
from funnelsim.faces.cli import app
from funnelsim.results.files import save_result
from funnelsim.results.simulate import simulate
from funnelsim.scenario import load, loads
from funnelsim.studies.compare import compare
from funnelsim.studies.forecast import forecast

from .exports import ROOT

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/attribution.md",
    "docs/decisions.md",
    "docs/forecast.md",
    "docs/results.md",
    "docs/scenario.md",
    "docs/studies.md",
)
MISSING = """
  demo: {team: ae, milestone: sal, duration: 1 d, exits: {won: 25%, lost: {rest: true}}}
"""
"""Stages that docs/scenario.md speaks of and does not show."""


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page in a language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text(page), re.DOTALL | re.MULTILINE)
    return [block for name, block in found if name == language]


def commands(page: str = "README.md") -> list[str]:
    """Every command line of a page that calls funnelsim."""
    shown = [line for block in blocks(page, "") for line in block.splitlines()]
    named = re.findall(r"^\| `(funnelsim [^`]+)`", text(page), re.MULTILINE)
    return [line for line in [*named, *shown] if line.startswith("funnelsim ")]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    here = (ROOT / page).parent
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text(page)) if not link.startswith("http")]
    assert [link for link in links if not (here / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_a_place_on_somebodys_machine(page: str) -> None:
    assert not re.search(r"/(home|root|work|tmp|Users)/", text(page))


def test_the_page_on_scenarios_is_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("created_at,source,segment,amount,status,closed_at\n2026-02-01,,smb,,,\n")
    parts = "".join(blocks("docs/scenario.md", "yaml"))
    assert parts.count("\nstages:\n") == 1
    whole = parts.replace("\nstages:\n", f"\nstages:{MISSING}")
    whole, n_warmups = re.subn(r"\nwarmup: .*", "", whole)  # not together with a pipeline, as the page says
    assert n_warmups == 1
    scenario = loads(whole, file=tmp_path / "page.yaml")
    assert list(scenario.channels) == ["blog", "webinar", "newsletter", "banners", "friends", "list"]


def test_the_stage_that_the_readme_reads_is_the_shipped_one() -> None:
    yaml = YAML(typ="safe")
    shown = yaml.load(blocks("README.md", "yaml")[0])["qualify"]
    shipped = yaml.load(text("scenarios/b2b_saas.yaml"))["stages"]["qualify"]
    assert shown == {key: shipped[key] for key in shown}
    assert set(shipped) - set(shown) == {"zone"}


QUICKLY = {
    "run": ["-n", "1"],
    "compare": ["-n", "2"],
    "sweep": ["-n", "2"],
    "diagnose": ["-n", "2"],
    "sensitivity": ["-n", "2"],
    "search": ["-n", "5"],
    "forecast": ["--draws", "20", "-n", "1"],
}
"""What is added to a command of a page, so that it takes no time."""


@pytest.mark.parametrize("command", [*commands(), *commands("docs/attribution.md"), *commands("docs/studies.md")])
def test_the_commands_of_a_page_run(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    (tmp_path / "mine.yaml").write_text(text("scenarios/b2b_saas.yaml"), encoding="utf-8")
    _, *words = shlex.split(command.replace("init b2b_saas mine.yaml", "init b2b_saas new.yaml"))
    if "--precision" not in words:
        words = [*(word.replace("64", "2") for word in words), *QUICKLY.get(words[0], [])]
    if words[0] == "report":
        year = load("b2b_saas", {"horizon": "40 w"})
        for name in (each for each in words if each.endswith(".nc")):
            study = simulate if name == "year.nc" else compare
            save_result(study(year, replications=2, seed=1), Path(name))
    if words[0] == "attribute":
        simulate(load("retargeting_trap", {"horizon": "12 w"}), replications=1, seed=1, journeys=tmp_path / words[1])
    outcome = CliRunner().invoke(app, words)
    assert outcome.exit_code == 0, outcome.output


def test_the_credits_of_the_readme_are_those_of_its_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told, credited = [line for line in commands() if "touches.parquet" in line]
    CliRunner().invoke(app, shlex.split(told)[1:])
    credits = json.loads(CliRunner().invoke(app, [*shlex.split(credited)[1:], "--json"]).stdout)
    page = text("README.md")
    for model, by_name in credits["credit"].items():
        shares = [f"{100 * by_name['share'][channel]:.1f}" for channel in ("search", "retargeting", "mail")]
        assert f"| {model} | {' | '.join(shares)} |" in page
    assert f"Of these {credits['conversions']:,.0f} conversions" in page


def test_the_python_of_the_page_on_studies_runs(capsys: pytest.CaptureFixture[str]) -> None:
    program = "\n".join(blocks("docs/studies.md", "python"))
    quick = re.sub(r"draws=\d+, replications=\d+", "draws=12, replications=2", program)
    exec(compile(quick.replace("replications=200", "replications=2"), "studies.md", "exec"), {})  # the page's own words
    assert "fast_response: " in capsys.readouterr().out


def test_the_page_on_studies_names_every_study() -> None:
    said = set(re.findall(r"`fs\.([a-z_]+)`", text("docs/studies.md")))
    homes = {name for name, home in funnelsim._HOMES.items() if home.startswith("studies.")}
    assert homes | {"report"} == said


@pytest.mark.parametrize("page", ["README.md", "docs/attribution.md", "docs/results.md"])
def test_the_python_of_a_page_runs(
    page: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = "\n".join(blocks(page, "python")).replace("replications=200", "replications=2")
    exec(compile(program, page, "exec"), {})  # the pages' own words
    assert "high" in capsys.readouterr().out


def test_the_variables_of_the_results_page_exist() -> None:
    rows = [line for line in text("docs/results.md").splitlines() if line.startswith("| ") and "variables" not in line]
    said = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    found: set[Any] = set()
    for scenario in (load("lead_replay"), load(ROOT / "tests" / "scenario" / "full.yaml")):
        found |= set(simulate(scenario, replications=1, seed=1, traced=True, expected=True).data_vars)
    assert said - found == set()
    assert len(said) > 40


def test_the_variables_of_the_page_on_forecasts_are_those_of_a_forecast() -> None:
    rows = [line for line in text("docs/forecast.md").splitlines() if line.startswith("| ") and "variables" not in line]
    said = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])}
    found = forecast(load("revenue_plan"), target="4M", draws=2, replications=1, seed=1)
    assert said == set(map(str, found.data_vars))


def test_the_picture_is_light() -> None:
    assert (ROOT / "docs" / "b2b_saas.png").stat().st_size < 150_000
