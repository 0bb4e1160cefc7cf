"""Recycling: where prospects end and what they visit on the way, as an absorbing chain (Kemeny and Snell)."""

import numpy as np
import pytest

from funnelsim.core.queueing import Absorption, absorbing_chain, recycled_chain

from .evidence import Runs, agree, run

STAGES = ("nurture", "qualify", "propose")
MOVES = [[0, 0.6, 0], [0.2, 0, 0.5], [0, 0.1, 0]]
ENDS = [[0, 0.4], [0, 0.3], [0.25, 0.65]]
WON, LOST = 0, 1
SIZE = 20_000


def chain(share: float, at_most: int) -> Absorption:
    if at_most == 0:
        return absorbing_chain(MOVES, ENDS, [1, 0, 0])
    moves, ends = recycled_chain(MOVES, ENDS, end=LOST, to=0, share=share, at_most=at_most)
    return absorbing_chain(moves, ends, np.eye(len(moves))[0])


@pytest.fixture(scope="module")
def runs() -> Runs:
    return run("recycle", seed=111, replications=48)


def test_returns_win_what_the_chain_says(runs: Runs) -> None:
    expected = chain(0.3, 2).probabilities[WON]
    assert expected == pytest.approx(0.12175, abs=5e-6)
    agree("P(won)", runs.count("entries", "won") / SIZE, expected)


@pytest.mark.parametrize("stage", range(3), ids=STAGES)
def test_each_stage_is_visited_as_often_as_the_chain_says(runs: Runs, stage: int) -> None:
    expected = chain(0.3, 2).visits.reshape(3, -1).sum(axis=0)[stage]
    assert expected == pytest.approx((1.54216, 0.973996, 0.486998)[stage], rel=5e-6)
    agree(f"visits to {STAGES[stage]}", runs.count("entries", STAGES[stage]) / SIZE, expected)


def test_everybody_has_ended_and_nobody_is_lost_from_sight(runs: Runs) -> None:
    assert (runs.outcome.tally["open_at_end"] == 0).all()
    assert (runs.outcome.tally["cooling_at_end"] == 0).all()
    returns = runs.count("entries", "nurture") - SIZE - runs.count("exits", "qualify", "nurture")
    assert (runs.count("entries", "won") + runs.count("entries", "lost") - returns == SIZE).all()


@pytest.mark.parametrize("at_most", [1, 5])
def test_the_limit_of_returns_is_the_chains(at_most: int) -> None:
    overrides = {"stages.lost.recycle.at_most": at_most, "stages.lost.recycle.share": "60%"}
    runs = run("recycle", overrides, seed=112 + at_most, replications=48)
    agree(f"P(won), {at_most} returns", runs.count("entries", "won") / SIZE, chain(0.6, at_most).probabilities[WON])


def test_the_first_visits_are_those_of_prospects_and_not_of_visits(runs: Runs) -> None:
    # Reached at all: with probability 0.6 in each of the three rounds that the first two may lead to.
    again = 0.3
    reached = 0.6 * (1 + 0.4 * again * (1 + 0.4 * again))
    agree("reached qualify", runs.count("reached", "qualify") / SIZE, reached)
