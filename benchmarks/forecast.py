"""A forecast of a year with bands: its time, its peak memory, and what of the time is not simulation.

Simulation is what the kernel takes; the rest is reading, compiling and drawing scenarios, datasets, months and bands.
"""

from time import perf_counter
from typing import Any, NamedTuple

import funnelsim as fs
from benchmarks import reference as ref
from benchmarks.harness import Measured, Task, measure
from benchmarks.reference import Job
from benchmarks.tables import Table
from funnelsim.engines import run as engine

REPLICATIONS, DRAWS, EACH = 1000, 200, 5
MOST_BESIDE = 0.05


class Counts(NamedTuple):
    """Seconds of the kernel, runs, and wins on average."""

    kernel_s: float
    runs: int
    wins: float


def job(scenario: str, draws: int, replications: int, seed: int, threads: int = 1) -> Job:
    """A forecast of twelve months, with the time that the kernel takes of it."""
    found, spent = fs.load(scenario), [0.0]
    kernel = engine.run_kernel

    def timed(*args: Any, **kwargs: Any) -> Any:
        began = perf_counter()
        try:
            return kernel(*args, **kwargs)
        finally:
            spent[0] += perf_counter() - began

    def run() -> Any:
        engine.run_kernel = timed
        try:
            return fs.forecast(
                found, horizon="12 mo", draws=draws, replications=replications, seed=seed, threads=threads
            )
        finally:
            engine.run_kernel = kernel

    def read(ds: Any) -> Any:
        wins = float(ds["mean"].sel(measure="wins").sum("month"))
        return Counts(spent[0], ds.sizes["draw"] * ds.sizes["replication"], wins)

    return Job(run, read)


def tasks(quick: bool) -> list[Task]:
    """Luck alone, and draws of a scenario with ranges."""
    n, k = (50, 10) if quick else (REPLICATIONS, DRAWS)
    return [
        _task(f"b2b_saas, {n:,} replications", "b2b_saas", 1, n),
        _task(f"revenue_plan, {k} draws of {EACH}", "revenue_plan", k, EACH),
    ]


def _task(label: str, scenario: str, draws: int, replications: int) -> Task:
    keywords = {"scenario": scenario, "draws": draws, "replications": replications, "seed": ref.SEED,
                "warm": {"draws": 8, "replications": 1}}  # fmt: skip
    return Task(label, "forecast.job", keywords)


def add_row(table: Table, m: Measured) -> None:
    """Time in all, what of it is not simulation, and memory."""
    if m.problem:
        table.problem(m.task.label, m.problem)
        return
    wall, kernel = m.median("wall_s"), m.median("kernel_s")
    share = 1.0 - sum(m.rates("kernel_s", "wall_s")) / len(m.runs)
    table.rows.append(
        (m.task.label, f"{m.median('runs'):,.0f}", f"{wall:.2f}", f"{wall - kernel:.2f}", f"{100 * share:.1f}%",
         f"{m.median('peak_mb'):.0f}", f"{m.median('above_mb'):.0f}", f"{m.median('wins'):.1f}")
    )  # fmt: skip


def tables(repeat: int, quick: bool = False) -> list[Table]:
    """Both forecasts."""
    headings = ("one thread, 12 months", "runs", "wall s", "not simulation s", "share", "peak MB", "MB above", "wins")
    table = Table("A forecast with bands", headings)
    for measured in measure(tasks(quick), repeat):
        add_row(table, measured)
    table.notes.append(f"Asked: of b2b_saas at most {MOST_BESIDE:.0%} of the time is not simulation.")
    return [table]
