"""What a decision is expected to bring is the mean over its coins, and both engines expect the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from both import assert_equal, kernel_traces
from hypothesis import given, settings
from strategies import Tree, scenario_of, scenarios
from test_equality import shortened

from funnelsim.core.jit import entry
from funnelsim.core.rows import Frame
from funnelsim.engines import asked
from funnelsim.engines.recount import recount
from funnelsim.engines.run import run_kernel
from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.plan.features import EXPECTED
from funnelsim.plan.layout import GOING_ON, NEW, PLAN, WON
from funnelsim.plan.trace import VALUED, WEIGHED
from funnelsim.rules import expectation
from funnelsim.scenario.shelf import shipped

GRID = 4096
"""Words, evenly spaced."""
COUNTS = ("wins", "revenue", "expected_wins", "expected_revenue")

expect = entry(expectation.expect)
set_hopes = entry(expectation.set_hopes)


@pytest.mark.parametrize("name", list(shipped()))
def test_both_engines_expect_the_same_of_every_shipped_scenario(name: str) -> None:
    compiled = shortened(name, "1 h", expected=True)
    rows = assert_equal(compiled, 7, replication=2)
    counted = run_kernel(compiled.plan, seed=7, replications=1, first=2).tally
    told = recount(compiled.plan, [rows], seed=7, first=2)
    for count in COUNTS:
        np.testing.assert_array_equal(counted[count], told[count], err_msg=count)
    plain = rows[~np.isin(rows["code"], (WEIGHED, VALUED))]
    (before,) = kernel_traces(without(compiled), 7, first=2)
    assert np.array_equal(plain, before), "counting by chances changed what happened"
    assert (rows["code"] == WEIGHED).any() == bool(counted["wins"].any() or counted["expected_wins"].any())


def without(compiled: Compiled) -> Compiled:
    """The same plan, with wins counted by coins alone."""
    arrays = {name: table.copy() for name, table in compiled.plan.arrays.items()}
    arrays["terms"]["uses"] &= ~EXPECTED
    return replace(compiled, plan=Frame(PLAN, arrays))


class Mean:
    """What a decision brings on the average, from the coins: exits at words of a grid, and so on through the tail."""

    def __init__(self, compiled: Compiled, segment: int, intent: float, value: int, has: int) -> None:
        self.plan, self.segment, self.intent, self.has = compiled.plan, segment, intent, has
        self.tail = set(compiled.plan["tails"]["n"].tolist())
        self.n_segments = int(self.plan["terms"]["n_segments"][0])

    def worth(self, stage: int, value: int) -> tuple[float, float]:
        """Of entering a stage."""
        node = self.plan["stages"][stage]
        row = stage * self.n_segments + self.segment
        if node["terminal"] == WON:
            return 1.0, value
        if node["sale"] == NEW:
            return 1.0, asked.booked(self.plan.address, row, value)
        return self.decision(stage, value, -1, 0.0, 0) if stage in self.tail else (0.0, 0.0)

    def decision(self, stage: int, value: int, response: int, skill: float, nth: int) -> tuple[float, float]:
        """Of a decision; who decides, and how the stakeholders do, does not change from word to word."""
        row = stage * self.n_segments + self.segment
        words = (np.arange(GRID) * (1 << 32) // GRID).tolist()
        told = (response, self.intent, skill, nth, value, self.has)
        exits = [asked.choose_exit(self.plan.address, stage, self.segment, 5, 9, word, *told) for word in words]
        after = asked.discounted(self.plan.address, row, value)
        numbers, times = np.unique(exits, return_counts=True)
        to = self.plan["exits"]["to"][self.segment * int(self.plan["terms"]["n_exits"][0]) + numbers]
        found = np.array([self.worth(int(stage), after) for stage in to])
        wins, money = times @ found / GRID
        return float(wins), float(money)


@settings(max_examples=60)
@given(scenarios())
def test_an_expectation_is_the_mean_over_the_coins(tree: Tree) -> None:
    """Of every stage of a drawn scenario; approvals, whose coins are others, are held in `theory`."""
    for name in list(tree["stages"]):
        tree["stages"][name].pop("approvals", None)
    compiled = compile_scenario(scenario_of(tree), expected=True)
    plan = compiled.plan
    hopes = Frame(expectation.HOPES, {"hopes": expectation.hope_table(plan["visits"].size)})
    n_segments = int(plan["terms"]["n_segments"][0])
    for segment in range(n_segments):
        value, has, intent = 90_000, 5 & ((1 << len(compiled.hidden)) - 1), 0.3
        mean = Mean(compiled, segment, intent, value, has)
        for stage in np.flatnonzero(plan["stages"]["terminal"] == GOING_ON).tolist():
            arguments: tuple[Any, ...] = (5000, intent, 0.4, 1, value, has)
            if stage in mean.tail:
                arguments = (-1, intent, 0.0, 0, value, has)
            after = asked.discounted(plan.address, stage * n_segments + segment, value)
            set_hopes(plan.address, hopes.address, segment, intent, after, has)
            wins, money = expect(plan.address, hopes.address, stage, segment, 5, 9, *arguments)
            by_coins = mean.decision(stage, value, arguments[0], arguments[2], arguments[3])
            assert by_coins[0] == pytest.approx(wins, abs=40 / GRID)
            assert by_coins[1] == pytest.approx(money, abs=40 / GRID * value)


def test_nothing_is_expected_where_nobody_asked() -> None:
    compiled = shortened("b2b_saas", "1 h")
    assert not int(compiled.plan["terms"]["uses"][0]) & EXPECTED
    assert compiled.tail is None
    tally = run_kernel(compiled.plan, seed=7, replications=2).tally
    assert not tally["expected_wins"].any()
    assert not tally["expected_revenue"].any()
