"""Which exit a word takes: by a table worked out by hand, whichever exits need not be asked."""

from __future__ import annotations

import pytest
from called import choose_exit

from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.scenario import loads

SCENARIO = """
name: exits
start: 2026-01-05
horizon: 4 w
channels: {web: {enters: sure, arrivals: {rate: 20 / d}}}
segments: {smb: {share: 50%}, big: {share: 50%}}
stages:
  sure: {exits: {pair: 100%}}
  pair: {exits: {rest: 40%, lost: 60%}}
  rest: {exits: {three: 30%, lost: {rest: true}}}
  three: {exits: {uneven: 10%, won: 20%, lost: 70%}}
  uneven: {exits: {won: {smb: 50%, big: 100%}, lost: {smb: 50%, big: 0%}}}
  won: {terminal: won}
  lost: {terminal: lost}
"""
ASKED = {"sure": 0, "pair": 1, "rest": 1, "three": 2, "uneven": 2, "won": 0, "lost": 0}
# Stage, segment, share of the words below the one that is tried, where it leads.
TAKEN = [
    ("sure", 0, 0.0, "pair"),
    ("sure", 1, 1.0, "pair"),
    ("pair", 0, 0.0, "rest"),
    ("pair", 0, 0.399, "rest"),
    ("pair", 0, 0.401, "lost"),
    ("pair", 1, 1.0, "lost"),
    ("rest", 0, 0.299, "three"),
    ("rest", 0, 0.301, "lost"),
    ("rest", 1, 1.0, "lost"),
    ("three", 0, 0.099, "uneven"),
    ("three", 0, 0.101, "won"),
    ("three", 1, 0.299, "won"),
    ("three", 1, 0.301, "lost"),
    ("three", 1, 1.0, "lost"),
    ("uneven", 0, 0.499, "won"),
    ("uneven", 0, 0.501, "lost"),
    ("uneven", 0, 1.0, "lost"),
    ("uneven", 1, 0.0, "won"),
    ("uneven", 1, 1.0, "won"),
]


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_scenario(loads(SCENARIO))


def test_the_last_exit_is_not_asked_where_it_takes_what_is_left(compiled: Compiled) -> None:
    assert dict(zip(compiled.stages, compiled.plan["stages"]["asked"].tolist(), strict=True)) == ASKED


@pytest.mark.parametrize(("stage", "segment", "share", "to"), TAKEN)
def test_the_exit_that_a_word_takes(compiled: Compiled, stage: str, segment: int, share: float, to: str) -> None:
    word = round(share * (2**32 - 1))
    taken = choose_exit(compiled.plan.address, compiled.stages.index(stage), segment, 1, 2, word, -1, 0.0, 0)
    assert (compiled.exits[taken].stage, compiled.exits[taken].to) == (stage, to)
