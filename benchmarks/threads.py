"""Two threads over one, on processors that need not be equally fast."""

from statistics import fmean

from benchmarks import reference as ref
from benchmarks.harness import Task, measure, processors
from benchmarks.tables import Table, number, rate, times

REPLICATIONS = 160
N_THREADS = 2


def task(label: str, n_threads: int, processor: int | None = None) -> Task:
    """The reference funnel, many replications, on `n_threads`."""
    warm = {"replications": 2, "days": 10.0}
    keywords = {
        "days": ref.DAYS,
        "replications": REPLICATIONS,
        "seed": ref.SEED,
        "threads": n_threads,
        "warm": warm,
    }
    return Task(label, "funnelsim_models.funnel", keywords, processor)


def tables(repeat: int) -> list[Table]:
    """A row a processor alone, and one of all threads with their speed-up over the mean processor."""
    title = f"Threads: {REPLICATIONS} replications of the reference funnel"
    table = Table(title, ("funnelsim, kernel", "wall s", "CPU s", "events/s", "speed-up"))
    alone = [task(f"1 thread, on processor {at}", 1, at) for at in processors()[:N_THREADS]]
    measured = measure([*(alone or [task("1 thread", 1)]), task(f"{N_THREADS} threads", N_THREADS)], repeat)
    rates: list[float] = []
    for m in measured:
        if m.problem:
            table.problem(m.task.label, m.problem)
            continue
        found = m.rate("events", "wall_s")
        together = m.task.keywords["threads"] > 1
        speedup = times(found / fmean(rates)) if together and rates else "-"
        if not together:
            rates.append(found)
        cells = (number(m.median("wall_s")), number(m.median("cpu_s")), rate(found), speedup)
        table.rows.append((m.task.label, *cells))
    table.notes.append("Asked: two threads at least 1.9 times one; one is the mean of the processors alone.")
    return [table]
