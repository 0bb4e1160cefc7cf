"""Runs scenarios with every row checked against its table; `test_bounds` starts this with NUMBA_BOUNDSCHECK=1.

Prints as JSON how many rows were told. A read outside a table would raise an IndexError, and so fail.
"""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path

from both import assert_equal
from strategies import drawn, scenario_of

from funnelsim.core.jit import kernel
from funnelsim.core.rows import CHECKED
from funnelsim.engines import run
from funnelsim.engines.store import Store
from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.plan.layout import PLAN, terms_at, visit_at
from funnelsim.results.journeys import journeys_of
from funnelsim.scenario import Scenario, load, loads

FULL = Path(__file__).parent.parent / "scenario" / "full.yaml"
SHIPPED: dict[str | Path, int] = {
    "mm1": 20,
    "erlang_a": 5,
    "preemptive": 60,
    "reference_funnel": 10,
    "b2b_saas": 20,
    "lead_replay": 30,
    FULL: 30,
}
"""Days of each."""

SHIFTS = """
name: more reps than prospects
start: 2026-01-05
horizon: 60 d
tick: 1 h
channels: {web: {enters: call, arrivals: {batches: {size: 1, every: 1 d}}}}
stages:
  call: {team: sdr, duration: 3 h, exits: {won: 50%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: [REPS]}}
"""
"""A rep comes each day: most notices concern a rep whose number is no prospect's slot."""


@kernel
def read_visit(plan, row):
    """A column of a row that may not be there."""
    return visit_at(plan, row).up_to


@kernel
def read_terms(frame):
    """A table of a plan, from whatever frame is given."""
    return terms_at(frame, 0).horizon


def refused(call: object, *arguments: int) -> str:
    """What an IndexError says; empty if there was none."""
    try:
        call(*arguments)  # type: ignore[operator]
    except IndexError as error:
        return str(error)
    return ""


def examples() -> list[tuple[Scenario, Compiled]]:
    """Some shipped scenarios and thirty drawn ones."""
    shipped = [load(name, {"horizon": f"{days} d", "warmup": "1 d"}) for name, days in SHIPPED.items()]
    rng = random.Random(20260105)
    drawn_ones = [scenario_of(drawn(rng.randbytes(1500))) for _ in range(30)]
    return [(each, compile_scenario(each, expected=True)) for each in [*shipped, *drawn_ones]]


def n_told(scenario: Scenario, compiled: Compiled) -> int:
    """How many rows of journeys a replication gives: intents and lifts are told again by compiled code."""
    trace = run.run_kernel(compiled.plan, seed=3, replications=1, trace=True).traces[0]
    return len(journeys_of(scenario, compiled, 3, 0, trace))


def main() -> None:
    """Tell everything; force small stores too, whose limits are where a row too far would be read."""
    pairs = examples()
    found, journeys = [compiled for _, compiled in pairs], [n_told(*pair) for pair in pairs]
    rows = [len(assert_equal(compiled, 3)) for compiled in found]
    run._SLOTS = run._ROOM = run._ROWS = 2
    rows += [len(run.run_kernel(each.plan, seed=3, replications=1, trace=True).traces[0]) for each in found]
    reps = ", ".join(f'{{name: r{at}, from: "{date(2026, 1, 5) + timedelta(days=at)}"}}' for at in range(50))
    run._SLOTS, run._ROOM, run._ROWS = 4, 1024, 1024
    shifts = compile_scenario(loads(SHIFTS.replace("REPS", reps)))
    told = run.run_kernel(shifts.plan, seed=3, replications=1, trace=True).traces[0]
    plan = found[0].plan
    stranger = Store(plan["terms"][0], 4, 4, 0)
    n_visits = plan["visits"].size
    answer = {
        "checked": CHECKED,
        "rows": rows,
        "journeys": journeys,
        "shifts": len(told),
        "last": int(read_visit(plan.address, n_visits - 1)),
        "beyond": refused(read_visit, plan.address, n_visits),
        "before": refused(read_visit, plan.address, -1),
        "stranger": refused(read_terms, stranger.address),
        "tables": len(PLAN.tables),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
