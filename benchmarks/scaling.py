"""Nanoseconds an event with 100 to 100,000 prospects pending: an M/G/infinity delay and nothing else."""

from math import nan

from benchmarks import reference as ref
from benchmarks.harness import Measured, Task, measure
from benchmarks.tables import Table, number, times

PENDING = (100, 1_000, 10_000, 100_000)
ARRIVALS = 2_000_000
ENGINES = {"funnelsim, kernel": "funnelsim_models.delay", "binary heap by hand": "loop_by_hand.delay"}


def task(label: str, job: str, pending: int) -> Task:
    """One engine with one number of prospects pending."""
    keywords = {
        "pending": pending,
        "arrivals": ARRIVALS,
        "seed": ref.SEED,
        "warm": {"pending": 10, "arrivals": 10_000},
    }
    return Task(label, job, keywords)


def nanoseconds(m: Measured) -> float:
    """CPU time an event."""
    return 1e9 / m.rate("events") if m.runs else nan


def tables(repeat: int) -> list[Table]:
    """One row per engine, one column per number pending."""
    headings = ("ns an event", *(f"{pending:,} pending" for pending in PENDING), "10,000 by 100")
    table = Table(f"Prospects pending ({ARRIVALS:,} through an exponential delay)", headings)
    measured = measure([task(label, job, pending) for label, job in ENGINES.items() for pending in PENDING], repeat)
    for place, label in enumerate(ENGINES):
        row = measured[place * len(PENDING) : (place + 1) * len(PENDING)]
        problems = [m.problem for m in row if m.problem]
        if problems:
            table.problem(label, problems[0])
            continue
        cells = [nanoseconds(m) for m in row]
        table.rows.append((label, *map(number, cells), times(cells[2] / cells[0])))
    table.notes.append("Asked of the kernel: 10,000 pending less than 1.5 times what 100 pending cost.")
    return [table]
