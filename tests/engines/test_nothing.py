"""Durations of nothing: a tick is the least that work and waiting take, and no law is read that is not there."""

from __future__ import annotations

from typing import Any

import pytest
from both import assert_equal, events
from legality import check_journeys
from strategies import Tree, scenario_of

from funnelsim.plan.compile import compile_scenario
from funnelsim.plan.trace import ENTERED, LEFT, STARTED

ZEROS: list[Any] = ["0 h", {"constant": "0 h"}, {"small": "0 h", "default": "2 h"}]


def whole(stage: Tree, **more: Any) -> Tree:
    return {
        "name": "nothing",
        "start": "2026-01-05",
        "horizon": "5 d",
        "tick": "1 h",
        "segments": {"small": {"share": 1}, "large": {"share": 0}},
        "channels": {"web": {"arrivals": {"batches": {"every": "1 d", "size": 3}}}},
        "stages": {
            "call": {**stage, "exits": {"won": 1, "lost": 0}},
            "won": {"terminal": "won"},
            "lost": {"terminal": "lost"},
        },
        **more,
    }


def stays(tree: Tree) -> list[int]:
    """Ticks that each spent in the first stage, in order, as both engines tell it."""
    compiled = compile_scenario(scenario_of(tree))
    told = assert_equal(compiled, 1)
    check_journeys(compiled, told)
    rows = events(told)
    entered = {row.prospect: row.tick for row in rows if row.code == ENTERED and row.stage == 0}
    return [row.tick - entered[row.prospect] for row in rows if row.code == LEFT]


@pytest.mark.parametrize("zero", ZEROS)
def test_a_delay_of_nothing_is_over_within_a_tick(zero: Any) -> None:
    spent = stays(whole({"duration": zero}))
    assert len(spent) == 15
    assert set(spent) <= {0, 1}


@pytest.mark.parametrize("zero", ZEROS)
def test_work_of_nothing_takes_one_tick(zero: Any) -> None:
    teams = {"sdr": {"reps": [{"name": "Ann"}]}}
    assert stays(whole({"team": "sdr", "duration": zero}, teams=teams)) == [1, 2, 3] * 5


@pytest.mark.parametrize("zero", ZEROS)
def test_who_has_no_patience_gives_up_unless_taken_up_at_once(zero: Any) -> None:
    teams = {"sdr": {"reps": [{"name": "Ann"}]}}
    tree = whole({"team": "sdr", "duration": "5 h", "patience": {"after": zero}}, teams=teams)
    assert sorted(stays(tree)) == [1] * 10 + [5] * 5
    assert sum(row.code == STARTED for row in events(assert_equal(compile_scenario(scenario_of(tree)), 1))) == 5


@pytest.mark.parametrize("zero", ZEROS)
def test_a_routing_of_nothing_is_none_and_a_gap_of_nothing_a_tick(zero: Any) -> None:
    attempts = {"up_to": 2, "reach": 0, "gap": zero, "effort": zero}
    teams = {"sdr": {"reps": 3}}
    assert (
        stays(whole({"team": "sdr", "duration": "5 h", "routing": zero, "attempts": attempts}, teams=teams)) == [3] * 15
    )


def test_a_spell_shorter_than_a_tick_takes_nothing_from_the_team() -> None:
    """Ann comes and goes within the same hour; Bob is there all the time."""
    ann = {"name": "Ann", "from": "2026-01-05T10:10", "until": "2026-01-05T10:50"}
    teams = {"sdr": {"reps": [ann, {"name": "Bob"}]}}
    assert stays(whole({"team": "sdr", "duration": "3 h"}, teams=teams)) == [3, 6, 9] * 5
