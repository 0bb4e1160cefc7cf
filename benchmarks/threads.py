"""Wall time of one thread over two."""

from benchmarks import reference as ref
from benchmarks.harness import Task, measure
from benchmarks.tables import Table, number, times

REPLICATIONS = 64
N_THREADS = (1, 2)


def task(n_threads: int) -> Task:
    """The reference funnel, many replications, on `n_threads`."""
    warm = {"replications": 2, "days": 10.0}
    keywords = {
        "days": ref.DAYS,
        "replications": REPLICATIONS,
        "seed": ref.SEED,
        "threads": n_threads,
        "warm": warm,
    }
    return Task(f"{n_threads} thread{'s' if n_threads > 1 else ''}", "funnelsim_models.funnel", keywords)


def tables(repeat: int) -> list[Table]:
    """One row per number of threads, with the speed-up over one."""
    title = f"Threads: {REPLICATIONS} replications of the reference funnel"
    table = Table(title, ("funnelsim, kernel", "wall s", "CPU s", "speed-up"))
    measured = measure([task(n_threads) for n_threads in N_THREADS], repeat)
    one = measured[0]
    for m in measured:
        if m.problem:
            table.problem(m.task.label, m.problem)
            continue
        speedup = times(one.median("wall_s") / m.median("wall_s")) if one.runs else "-"
        table.rows.append((m.task.label, number(m.median("wall_s")), number(m.median("cpu_s")), speedup))
    table.notes.append("Asked: two threads at least 1.9 times one. Needs two cores that nobody else uses.")
    return [table]
