"""No engine reads or writes a row outside its table: both run with every row checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import funnelsim

CHECKED = Path(__file__).with_name("checked.py")


@pytest.fixture(scope="module")
def answer() -> Any:
    """What the checked run said; its compiled code has a folder of its own in the same cache, so it stays warm."""
    paths = Path(next(iter(funnelsim.__path__))).parent, CHECKED.parent, CHECKED.parent.parent
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run([sys.executable, str(CHECKED)], env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_shipped_and_drawn_scenarios_stay_within_their_tables(answer: Any) -> None:
    assert answer["checked"]
    assert len(answer["rows"]) >= 2 * (30 + 5)
    assert sum(answer["rows"]) > 20_000
    half = len(answer["rows"]) // 2
    assert answer["rows"][:half] == answer["rows"][half:]
    assert answer["shifts"] > 200
    assert sum(answer["journeys"]) > 5_000


def test_a_row_outside_a_table_is_refused(answer: Any) -> None:
    """Negative control: without checks the same read gives whatever lies there."""
    assert answer["beyond"] == "row outside table visits"
    assert answer["before"] == "row outside table visits"
    assert answer["last"] == 0


def test_a_frame_of_another_layout_is_refused(answer: Any) -> None:
    assert answer["stranger"] == "not a frame with a table terms"
