"""`attribute --disagree`: the journeys on which two models disagree, in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from funnelsim.faces.cli import app

PATHS = "path;converted;lost\nsearch > mail > mail;30;70\nsearch [b];10;90\nmail > search [b];5;95\n"


@pytest.fixture
def paths(tmp_path: Path) -> Path:
    file = tmp_path / "paths.csv"
    file.write_text(PATHS)
    return file


def run(*words: str, width: int = 100):
    return CliRunner().invoke(app, ["attribute", *words], env={"COLUMNS": str(width)})


@pytest.mark.parametrize("width", [120, 100, 60])
def test_the_journeys_are_shown_whole(paths: Path, width: int) -> None:
    """By hand: first and last place the 35 conversions of two paths elsewhere."""
    shown = run(str(paths), "--disagree", "first,last", width=width)
    assert shown.exit_code == 0, shown.output
    assert max(map(len, shown.stdout.splitlines())) <= width
    words = " ".join(shown.stdout.split())
    assert "first and last place 35.0 of 45 conversions on other channels, inside 2 of 3 paths that convert:" in words
    assert "mail > search [b]" in words
    assert "search > mail x2" in words
    assert "85.7" in words
    assert "search 30.0" in words
    # Credit of these two, and of nobody else.
    assert "linear" not in words


def test_json_says_the_same(paths: Path) -> None:
    told = json.loads(run(str(paths), "--disagree", "first,last", "--alike", "runs", "--json").stdout)
    about = told["disagreement"]
    assert (about["models"], about["placed_elsewhere"], about["paths"]) == (["first", "last"], 35.0, 3)
    largest = about["by_path"][0]
    assert (largest["path"], largest["conversions"], largest["journeys"]) == ("search > mail", 30.0, 100.0)
    assert largest["credit"]["last"] == {"mail": 30.0, "search": 0.0, "search [b]": 0.0}
    for channel, credited in told["credit"]["last"]["conversions"].items():
        inside = sum(each["credit"]["last"][channel] for each in about["by_path"])
        assert inside + about["rest"]["last"][channel] == credited


def test_models_that_are_named_are_credited_besides(paths: Path) -> None:
    told = json.loads(run(str(paths), "--disagree", "first,last", "--models", "linear", "--json").stdout)
    assert list(told["credit"]) == ["linear"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--disagree", "frist,last"], "--disagree: there is no model 'frist'; did you mean first?"),
        (["--disagree", "last"], "--disagree last: name two different models with a comma between, as last,first"),
        (["--disagree", "last,last"], "--disagree last,last: name two different models"),
        (["--disagree", "last,markov_1"], "markov_1: it hands out all conversions together"),
    ],
)
def test_bad_input_is_said_in_words(paths: Path, words: list[str], says: str) -> None:
    shown = run(str(paths), *words)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert says in shown.stderr
