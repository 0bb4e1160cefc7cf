"""Peak memory of funnelsim against replications and against prospects: both should be flat."""

from benchmarks import reference as ref
from benchmarks.harness import Measured, Task, measure
from benchmarks.tables import Table, number, times


def task(label: str, scenario: str, horizon: str | None, replications: int) -> Task:
    """One scenario of the shelf, over its own horizon if none is given, in a process of its own."""
    warm = {"replications": 1}
    keywords = {
        "scenario": scenario,
        "horizon": horizon,
        "replications": replications,
        "seed": ref.SEED,
        "warm": warm,
    }
    return Task(label, "funnelsim_models.shelf", keywords)


PAIRS = (
    (
        task("b2b_saas, 100 replications of a year", "b2b_saas", None, 100),
        task("b2b_saas, 1,000 replications of a year", "b2b_saas", None, 1_000),
    ),
    (
        task("reference funnel, 1,095 days", "reference_funnel", "1095 d", 1),
        task("reference funnel, 10,950 days", "reference_funnel", "10950 d", 1),
    ),
)


def add_pair(table: Table, small: Measured, large: Measured) -> None:
    """Two rows: the small run, and one ten times as large with its ratio to the first."""
    for m in (small, large):
        if m.problem:
            table.problem(m.task.label, m.problem)
            continue
        peak = m.median("peak_mb")
        ratio = times(peak / small.median("peak_mb")) if small.runs and m is large else ""
        seconds = number(m.median("wall_s"))
        table.rows.append((m.task.label, f"{m.median('prospects'):,.0f}", seconds, f"{peak:.0f}", ratio))


def tables(repeat: int) -> list[Table]:
    """Each pair of runs with the ratio of their peaks."""
    table = Table("Peak memory", ("funnelsim, one thread", "prospects", "wall s", "peak MB", "ratio"))
    measured = measure([task for pair in PAIRS for task in pair], repeat)
    for place in range(0, len(measured), 2):
        add_pair(table, measured[place], measured[place + 1])
    table.notes.append("Asked: flat in replications and in prospects.")
    return [table]
