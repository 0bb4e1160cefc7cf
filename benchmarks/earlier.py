"""The kernel beside that of an earlier checkout, on scenarios that both ship: `--checkout DIRECTORY`.

What a scenario does not use, it does not pay for: these ratios are its proof.
"""

from pathlib import Path

from benchmarks import reference as ref
from benchmarks.harness import Task, measure
from benchmarks.scaling import nanoseconds
from benchmarks.tables import Table, number, times

REPLICATIONS = {
    "mm1": 2000,
    "mmc": 500,
    "mg1": 500,
    "erlang_a": 150,
    "erlang_b": 150,
    "priority": 150,
    "recycle": 300,
    "jackson": 150,
    "reference_funnel": 50,
    "b2b_saas": 60,
    "lead_replay": 300,
}
"""Enough of each scenario for a second or so, in which compiling the plan and reading the counts do not show."""


def tables(repeat: int, checkout: Path) -> list[Table]:
    """One row a scenario: time an event here and there, and the ratio, round by round."""
    headings = ("scenario", "ns an event", "in the earlier one", "ratio", "round by round")
    table = Table(f"The kernel beside that of {checkout}", headings)
    tasks = [
        Task(scenario, "funnelsim_models.shelf", _keywords(scenario), checkout=place)
        for scenario in REPLICATIONS
        for place in (None, checkout)
    ]
    measured = measure(tasks, repeat)
    for here, there in zip(measured[::2], measured[1::2], strict=True):
        problem = here.problem or there.problem
        if problem:
            table.problem(here.task.label, problem)
            continue
        ratios = sorted(b / a for a, b in zip(here.rates("events"), there.rates("events"), strict=True))
        span = f"{number(ratios[0])} to {number(ratios[-1])}"
        ratio = times(nanoseconds(here) / nanoseconds(there))
        table.rows.append((here.task.label, number(nanoseconds(here)), number(nanoseconds(there)), ratio, span))
    table.notes.append("Below 1: faster here. Asked: at most 1.25 on what the earlier one could already do.")
    return [table]


def _keywords(scenario: str) -> dict[str, object]:
    return {
        "scenario": scenario,
        "replications": REPLICATIONS[scenario],
        "seed": ref.SEED,
        "warm": {"replications": 1},
    }
