"""Scenarios are found by their path or by the name of a shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnelsim.scenario import ScenarioError, load, shelf


@pytest.fixture
def stocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shelf with four scenarios."""
    for name in ("b2b.yaml", "textbook/mm1.yaml", "textbook/mmc.yml", "other/mmc.yaml"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("name: x\n")
    monkeypatch.setattr(shelf, "root", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["textbook/mm1", "mm1", "mm1.yaml", "textbook/mm1.yaml"])
def test_a_shipped_scenario_is_found_by_its_name(stocked: Path, name: str) -> None:
    assert shelf.find(name) == stocked / "textbook" / "mm1.yaml"


def test_a_file_goes_before_a_shipped_name(stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mm1").write_text("name: mine\n")
    monkeypatch.chdir(own)
    assert shelf.find("mm1") == Path("mm1")


def said(name: str) -> str:
    """The one problem of a name."""
    with pytest.raises(ScenarioError) as caught:
        load(name)
    (problem,) = caught.value.problems
    return str(problem)


def test_an_unknown_name_is_refused_with_the_nearest(stocked: Path) -> None:
    rule = "a scenario is a YAML file or the name of a shipped one"
    assert said("textbook/m1") == f"textbook/m1: there is no such file or scenario; {rule}. Did you mean textbook/mm1?"
    assert said("textbok/mm1").endswith("Did you mean textbook/mm1?")
    assert said("b2c.yaml").endswith("Did you mean b2b?")


def test_a_name_that_two_scenarios_have_is_refused(stocked: Path) -> None:
    assert said("mmc").endswith("Write other/mmc or textbook/mmc")


@pytest.mark.parametrize("name", ["", ".", "/", "\0", "x" * 10_000, "no\nsuch"])
def test_what_is_no_name_is_refused(stocked: Path, name: str) -> None:
    assert "there is no such file or scenario" in said(name)


def test_the_shelf_is_there() -> None:
    assert shelf.root().name in ("scenarios", "_shelf")


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("name: x\n")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert said(str(file)).endswith("cannot be read: Permission denied")
