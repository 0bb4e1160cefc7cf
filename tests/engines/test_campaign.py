"""A campaign of drawn scenarios: both engines agree row for row, every story is legal, and every mechanism runs.

Five hundred scenarios a run, five thousand new ones with FUNNELSIM_LONG=1. What was exercised is printed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from both import assert_equal
from exercised import EXPECTED, Coverage
from hypothesis import given, seed, settings
from legality import check_desks, check_journeys
from queue_law import check_lines
from strategies import Tree, scenario_of, scenarios

from funnelsim.engines import run
from funnelsim.engines.recount import recount
from funnelsim.engines.story import Story, Tables
from funnelsim.engines.tallies import DIMENSIONS
from funnelsim.plan.compile import compile_scenario

LONG = os.environ.get("FUNNELSIM_LONG", "") == "1"
EXAMPLES = 5000 if LONG else 500


def drawn_from(number: int) -> Callable[[Any], Any]:
    """Seeds a campaign, so that its parts differ and every run has the same; a long campaign is new every time."""
    return (lambda test: test) if LONG else seed(number)


@pytest.mark.parametrize("half", [1, 2])
def test_both_engines_agree_on_drawn_scenarios_and_every_mechanism_runs(half: int, record_property: Any) -> None:
    coverage = Coverage()

    @drawn_from(half)
    @settings(max_examples=EXAMPLES // 2)
    @given(scenarios())
    def agree(tree: Tree) -> None:
        # Every second one with expected wins, whose rows stand between the others.
        compiled = compile_scenario(scenario_of(tree), expected=len(repr(tree)) % 2 == 0)
        rows = assert_equal(compiled, 11)
        check_journeys(compiled, rows)
        check_desks(compiled, rows)
        check_lines(compiled, rows, 11)
        coverage.add(compiled, rows)
        if compiled.dials:
            coverage.turned(compiled, run.run_kernel(compiled.plan, seed=11, replications=1).tally["settings"])

    agree()
    record_property("table", coverage.table())
    assert coverage.scenarios >= EXAMPLES // 2
    assert coverage.share_tied >= 0.5, "a campaign whose events do not tie is weak"
    assert not coverage.missing()


@drawn_from(3)
@settings(max_examples=EXAMPLES // 5)
@given(scenarios())
def test_the_kernels_counts_are_those_of_the_story_told(tree: Tree) -> None:
    plan = compile_scenario(scenario_of(tree), expected=True).plan
    counted = run.run_kernel(plan, seed=11, replications=1).tally
    told = recount(plan, [Story(Tables(plan), 11, 0).run()], seed=11)
    for name in DIMENSIONS:
        np.testing.assert_array_equal(counted[name], told[name], err_msg=name)


def test_coverage_names_what_never_ran() -> None:
    """Negative control of the campaign's own check."""
    coverage = Coverage()
    assert len(coverage.missing()) == sum(map(len, EXPECTED.values()))
    assert "discipline of starts: preemptive" in coverage.missing()
