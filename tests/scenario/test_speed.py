"""Reading a scenario is quick and loads nothing that draws, serves or samples."""

from __future__ import annotations

import subprocess
import sys
import time

from funnelsim.scenario import load

from .places import FULL, ROOT

HEAVY = ("scipy", "numpy", "matplotlib", "pandas", "xarray", "numba", "simpy")


def test_importing_the_reader_loads_no_heavy_package() -> None:
    code = f"import sys, funnelsim.scenario; print([name for name in {HEAVY} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_largest_ordinary_file_is_read_in_a_third_of_a_second() -> None:
    load(FULL)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        load(FULL)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.3
