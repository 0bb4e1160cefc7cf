"""Two engines, one meaning: their traces are equal row for row, and a trace is a legal story.

Equality cannot see a rule that is wrong in both engines: what is legal is said anew in `legality` and `queue_law`, and
`test_stories` compares with journeys worked by hand.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from both import assert_equal, kernel_traces, told_trace
from hypothesis import given, settings
from legality import check_desks, check_journeys
from queue_law import check_lines
from strategies import Tree, scenario_of, scenarios

from funnelsim.engines import run
from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.plan.trace import ORDER, ROW, STARTED, in_order, share_tied
from funnelsim.scenario import load, loads
from funnelsim.scenario.shelf import shipped

ROWS = 4_000
"""Rows of a shipped scenario that the readable engine tells in some tenths of a second."""


def shortened(name: str, tick: str, expected: bool = False) -> Compiled:
    """A shipped scenario compiled with a horizon that makes about so many rows of trace."""
    changes: dict[str, Any] = {"tick": tick} if load(name).pipeline else {"warmup": "1 d", "tick": tick}
    probe = compile_scenario(load(name, {**changes, "horizon": "20 d"}))
    days = 20 * ROWS / max(1, len(kernel_traces(probe, 1)[0]))
    return compile_scenario(load(name, {**changes, "horizon": f"{min(max(2, round(days)), 400)} d"}), expected)


@pytest.mark.parametrize("tick", ["1 s", "1 h"])
@pytest.mark.parametrize("name", list(shipped()))
def test_both_engines_agree_on_every_shipped_scenario(name: str, tick: str) -> None:
    compiled = shortened(name, tick)
    rows = assert_equal(compiled, 7, replication=2)
    assert len(rows) > ROWS / 4
    assert tick == "1 s" or share_tied(rows) > 0.25
    check_journeys(compiled, rows)
    check_desks(compiled, rows)
    check_lines(compiled, rows, 7, replication=2)


def test_both_engines_find_the_first_free_rep_among_many() -> None:
    """Two teams whose reps lie across three words of 64: full, half empty, and with some who come later or leave."""
    reps = [{"name": f"r{at}", "deals_at_once": 1 + at % 3} for at in range(90)]
    for rep in reps[60:70]:
        rep |= {"from": "2026-01-07", "until": "2026-01-09"}
    compiled = compile_scenario(
        loads(
            f"""
name: crowds
start: 2026-01-05
horizon: 8 d
tick: 1 h
channels: {{web: {{enters: call, arrivals: {{batches: {{size: 300, every: 20 h}}}}}}}}
stages:
  call: {{team: first, duration: {{gamma: {{mean: 8 h, cv: 1}}}}, exits: {{deal: 60%, lost: {{rest: true}}}}}}
  deal: {{team: second, duration: {{gamma: {{mean: 30 h, cv: 1}}}}, exits: {{won: 50%, lost: {{rest: true}}}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
teams: {{first: {{reps: 75}}, second: {{reps: {json.dumps(reps)}}}}}
"""
        )
    )
    rows = assert_equal(compiled, 3)
    taken = set(rows["rep"][rows["code"] == STARTED].tolist())
    assert taken == set(range(75 + 90))


@settings(max_examples=20)
@given(scenarios())
def test_drawn_scenarios_are_files_too(tree: Tree) -> None:
    assert loads(json.dumps(tree), name="drawn") == scenario_of(tree)


@settings(max_examples=25)
@given(scenarios())
def test_threads_and_chunks_change_nothing(tree: Tree) -> None:
    plan = compile_scenario(scenario_of(tree)).plan
    one = run.run_kernel(plan, seed=3, replications=9, threads=1, trace=True)
    two = run.run_kernel(plan, seed=3, replications=9, threads=2, trace=True)
    untraced = run.run_kernel(plan, seed=3, replications=9, threads=2)
    for name, counts in one.tally.arrays.items():
        np.testing.assert_array_equal(counts, two.tally[name], err_msg=name, strict=True)
        np.testing.assert_array_equal(counts, untraced.tally[name], err_msg=name, strict=True)
        late = run.run_kernel(plan, seed=3, replications=4, first=5)
        np.testing.assert_array_equal(counts[5:], late.tally[name], err_msg=name)
    for mine, other in zip(one.traces, two.traces, strict=True):
        assert np.array_equal(mine, other)
    later = run.run_kernel(plan, seed=3, replications=2, first=7, trace=True)
    assert all(np.array_equal(one.traces[7 + at], later.traces[at]) for at in range(2))


@settings(max_examples=25)
@given(scenarios())
def test_a_store_too_small_at_first_changes_nothing(tree: Tree) -> None:
    plan = compile_scenario(scenario_of(tree)).plan
    roomy = run.run_kernel(plan, seed=3, replications=3, trace=True)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_SLOTS", "_ROOM", "_ROWS"):
            patch.setattr(run, name, 2)
        tight = run.run_kernel(plan, seed=3, replications=3, trace=True)
        untraced = run.run_kernel(plan, seed=3, replications=3)
    for name, counts in roomy.tally.arrays.items():
        np.testing.assert_array_equal(counts, tight.tally[name], err_msg=name, strict=True)
        np.testing.assert_array_equal(counts, untraced.tally[name], err_msg=name, strict=True)
    assert all(np.array_equal(a, b) for a, b in zip(roomy.traces, tight.traces, strict=True))


@settings(max_examples=10)
@given(scenarios())
def test_the_canonical_order_is_total(tree: Tree) -> None:
    """No two rows are alike, so any shuffle sorts back to the same trace."""
    rows = told_trace(compile_scenario(scenario_of(tree)), 5)
    assert len(np.unique(rows)) == len(rows)
    shuffled = np.random.default_rng(1).permutation(rows)
    assert np.array_equal(in_order(shuffled), rows)
    assert set(ORDER) == set(ROW.names or ())


def test_a_difference_is_shown_in_words() -> None:
    """Negative control: one row changed is found and named."""
    from both import difference

    compiled = shortened("mm1", "1 h")
    rows = told_trace(compiled, 1)
    wrong = rows.copy()
    wrong["tick"][5] += 1
    assert f"differ from row 5 on (kernel {len(rows)}" in difference(compiled, wrong, rows)
