"""What a person waits for at the command line: the first call ever, a call from a warm cache, and `--help`."""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.harness import LIMIT_S, ROOT, progress
from benchmarks.tables import Table, number

RUN = ("run", "mm1", "--replications", "4")


def command(*arguments: str) -> list[str]:
    """The installed command beside this interpreter, or the module where it is not installed."""
    script = Path(sys.executable).with_name("funnelsim")
    if script.exists():
        return [str(script), *arguments]
    return [sys.executable, "-m", "funnelsim", *arguments]


def wall(cache: str, *arguments: str) -> tuple[float, str | None]:
    """Seconds of one call with its own cache folder, and why it failed if it did."""
    environment = os.environ | {"FUNNELSIM_CACHE_DIR": cache}
    progress(f"funnelsim {' '.join(arguments)}")
    started = perf_counter()
    done = subprocess.run(
        command(*arguments), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_S
    )
    seconds = perf_counter() - started
    progress("")
    if done.returncode == 0:
        return seconds, None
    return seconds, f"failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}"


def add(table: Table, label: str, asked: float, calls: list[tuple[float, str | None]]) -> None:
    """A row with the median of the calls beside what was asked."""
    problems = [problem for _, problem in calls if problem]
    if problems:
        table.problem(label, problems[0])
        return
    seconds = median(seconds for seconds, _ in calls)
    table.rows.append((label, number(asked, 2), number(seconds), "yes" if seconds <= asked else "NO"))


def tables(repeat: int) -> list[Table]:
    """The cold call once (it compiles everything), the others `repeat` times."""
    table = Table("Start, wall time", ("command", "asked, s", "measured, s", "met"))
    call = f"funnelsim {' '.join(RUN)}"
    with TemporaryDirectory() as cache:
        add(table, f"{call}, cold cache", 20.0, [wall(cache, *RUN)])
        add(table, f"{call}, warm cache", 3.0, [wall(cache, *RUN) for _ in range(repeat)])
        add(table, "funnelsim --help", 0.5, [wall(cache, "--help") for _ in range(repeat)])
    return [table]
