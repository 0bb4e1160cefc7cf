"""Negative control: a trace that was tampered with is no legal story."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from both import Rows, kernel_traces
from legality import check_desks, check_journeys
from queue_law import check_lines
from strategies import drawn, scenario_of

from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.plan.trace import BREACHED, JOINED, NAMES, STARTED, TOUCHED, in_order


def is_legal(compiled: Compiled, rows: Rows) -> bool:
    """Whether nothing is found wrong with a trace under seed 1."""
    try:
        check_journeys(compiled, rows)
        check_desks(compiled, rows)
        check_lines(compiled, rows, 1)
    except (AssertionError, KeyError, IndexError):
        return False
    return True


@pytest.fixture(scope="module")
def told() -> list[tuple[Compiled, Rows]]:
    """Some short traces."""
    rng = random.Random(3)
    out: list[tuple[Compiled, Rows]] = []
    while len(out) < 12:
        compiled = compile_scenario(scenario_of(drawn(rng.randbytes(1500))))
        rows = kernel_traces(compiled, 1)[0]
        if 100 < len(rows) < 500 and len(compiled.reps):
            out.append((compiled, rows))
    return out


def without(rows: Rows, at: int) -> Rows:
    """A row is missing."""
    return np.delete(rows, at)


def later(rows: Rows, at: int) -> Rows:
    """A row comes a tick late."""
    rows = rows.copy()
    rows["tick"][at] += 1
    return in_order(rows)


def elsewhere(rows: Rows, at: int) -> Rows:
    """A row happens to another stage, exit, team or rep."""
    rows = rows.copy()
    rows["stage" if rows["rep"][at] < 0 else "rep"][at] += 1
    return in_order(rows)


def test_the_traces_are_legal_before(told: list[tuple[Compiled, Rows]]) -> None:
    assert all(is_legal(compiled, rows) for compiled, rows in told)


@pytest.mark.parametrize("tamper", [without, later, elsewhere])
def test_a_trace_that_was_tampered_with_is_found_out(
    told: list[tuple[Compiled, Rows]], tamper: Callable[[Rows, int], Rows]
) -> None:
    """Nearly always: work that ends a tick late may have lasted a tick longer; breaches and touches tell of nothing but
    themselves."""
    rng, missed, tried = random.Random(5), Counter[str](), 0
    for compiled, rows in told:
        for at in rng.sample(range(len(rows)), 15):
            tried += 1
            if is_legal(compiled, tamper(rows, at)):
                missed[NAMES[rows["code"][at]]] += 1
    others = missed.total() - missed[NAMES[BREACHED]] - missed[NAMES[TOUCHED]]
    assert others <= 0.08 * tried, missed


def test_taking_the_second_before_the_first_is_found_out(told: list[tuple[Compiled, Rows]]) -> None:
    """Two who wait in one pooled line change places in all that follows: only the order of the line is wrong."""
    found = 0
    for compiled, rows in told:
        starts = np.flatnonzero((rows["code"] == STARTED) & (rows["detail"] == 0))
        for first, second in pairwise(starts):
            team = compiled.plan["reps"]["team"][rows["rep"][first]]
            if compiled.plan["teams"]["assignment"][team] or rows["tick"][second] == rows["tick"][first]:
                continue
            waits = rows[(rows["code"] == JOINED) & (rows["prospect"] == rows["prospect"][second])]
            if (rows["rep"][first] == rows["rep"][second]) and (waits["tick"] < rows["tick"][first]).any():
                swapped = rows.copy()
                swapped["prospect"][[first, second]] = rows["prospect"][[second, first]]
                found += not is_legal(compiled, in_order(swapped))
    assert found > 0
