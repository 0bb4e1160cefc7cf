"""The notebooks as they are kept: without outputs, in short cells, from a question to an answer. That they run is held
by nbmake, which `pytest` asks for every one of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .exports import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STORIES = [path for path in NOTEBOOKS if path.name < "04"]
MOST = 10
"""Lines of a cell."""


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == kind]


def words(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_the_stories_are_there() -> None:
    assert [path.stem for path in STORIES] == ["01_first_funnel", "02_handoff_policies", "03_revenue_forecast"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stripped(path: Path) -> None:
    assert [cell["id"] for cell in cells(path, "code") if cell["outputs"] or cell["execution_count"]] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_cell_calls_the_library_in_a_few_lines(path: Path) -> None:
    found = [words(cell) for cell in cells(path, "code")]
    assert [each for each in found if sum(bool(line.strip()) for line in each.splitlines()) > MOST] == []
    assert [each for each in found if "def " in each or "lambda" in each or "class " in each] == []


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_goes_from_a_question_to_what_one_would_tell(path: Path) -> None:
    told = [words(cell) for cell in cells(path, "markdown")]
    assert told[0].splitlines()[0].endswith("?")
    assert "## What I would tell my boss" in told[-1]
    assert sum("fs.plots." in words(cell) for cell in cells(path, "code")) >= 3


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_links_of_a_notebook_lead_to_files(path: Path) -> None:
    told = "".join(words(cell) for cell in cells(path, "markdown"))
    links = [part.partition(")")[0] for part in told.split("](")[1:]]
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_a_notebook_with_a_cell_that_fails_fails(tmp_path: Path) -> None:
    notebook = json.loads(STORIES[0].read_text("utf-8"))
    notebook["cells"] = [{**cells(STORIES[0], "code")[0], "source": ["raise RuntimeError('a cell that fails')"]}]
    (tmp_path / "wrong.ipynb").write_text(json.dumps(notebook), "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nbmake\n", "utf-8")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "wrong.ipynb"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "a cell that fails" in done.stdout
