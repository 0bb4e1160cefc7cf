"""Runs measurements, each in a fresh subprocess, in rounds, and takes medians.

A round runs every measurement once, so that a machine that drifts from minute to minute drifts for all alike; ratios
are of medians of one run. What runs on one thread is held on the processor that is the quietest just before; if a task
says so, it waits until one is left alone.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.processors import Speedometer, held_on, processors

ROOT = Path(__file__).resolve().parent.parent
# NumPy's libraries, Arrow and polars must not lend a peer a second core.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
LIMIT_S = 900
SEED_STEP = 1000
SPEEDOMETER = Speedometer()


@dataclass(frozen=True)
class Task:
    """One measurement: a row's label, the worker's job, its keywords, and the processor if it is not the quietest.

    The worker waits at most `quiet_s` seconds for a processor that is left alone; it is that of `checkout` if one is
    named.
    """

    label: str
    job: str
    keywords: dict[str, Any] = field(default_factory=dict)
    processor: int | None = None
    quiet_s: float = 0.0
    checkout: Path | None = None


@dataclass(frozen=True)
class Measured:
    """What the rounds of one task gave; `problem` says why there is nothing."""

    task: Task
    runs: tuple[dict[str, Any], ...] = ()
    problem: str | None = None

    def median(self, key: str) -> float:
        """The median over the rounds."""
        return float(median(run[key] for run in self.runs))

    def total(self, key: str) -> float:
        """The sum over the rounds."""
        return float(sum(run[key] for run in self.runs))

    def rate(self, key: str, seconds: str = "cpu_s") -> float:
        """Units of `key` per second, of CPU time unless another is named: the median over the rounds."""
        return float(median(self.rates(key, seconds)))

    def rates(self, key: str, seconds: str = "cpu_s") -> list[float]:
        """The same, round by round."""
        return [float(run[key] / run[seconds]) for run in self.runs]


def place(task: Task) -> list[int]:
    """The processors of a measurement: all for several threads or if it waits, else its own or the quietest."""
    if task.keywords.get("threads", 1) > 1 or task.quiet_s:
        return processors()
    return SPEEDOMETER.quietest() if task.processor is None else [task.processor]


def run_once(task: Task, round_number: int = 0) -> dict[str, Any]:
    """The worker's answer; `skipped` or `failed` holds the reason if there is none."""
    keywords = dict(task.keywords)
    if "seed" in keywords:
        keywords["seed"] += SEED_STEP * round_number
    command = [sys.executable, "-m", "benchmarks.worker", task.job, json.dumps(keywords)]
    if task.quiet_s:
        command += [str(task.quiet_s), str(SPEEDOMETER.fastest_s)]
    environment = os.environ | (ONE_THREAD if keywords.get("threads", 1) == 1 else {})
    try:
        with held_on(place(task)):
            root = task.checkout or ROOT
            done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return {"failed": f"took more than {LIMIT_S} s"}
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    last = lines[-1] if lines else f"exit status {done.returncode}"
    if done.returncode:
        return {"failed": last}
    answer: dict[str, Any] = json.loads(last)
    return answer


def measure(tasks: Sequence[Task], repeat: int) -> list[Measured]:
    """Every task measured `repeat` times in interleaved rounds; one that fails is not tried again."""
    runs: list[list[dict[str, Any]]] = [[] for _ in tasks]
    problems: dict[int, str] = {}
    for round_number in range(repeat):
        for place, task in enumerate(tasks):
            if place in problems:
                continue
            progress(f"round {round_number + 1} of {repeat}: {task.label}")
            answer = run_once(task, round_number)
            if "cpu_s" in answer:
                runs[place].append(answer)
            else:
                kind, reason = next(iter(answer.items()))
                problems[place] = f"{kind}: {reason}"
    progress("")
    return [Measured(task, tuple(runs[place]), problems.get(place)) for place, task in enumerate(tasks)]


def progress(text: str) -> None:
    """What is running now, on one line of the terminal that the next text replaces."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
