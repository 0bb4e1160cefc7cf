"""Approvals: every stakeholder must agree, and the slowest decides when: order statistics of independent draws."""

from math import gamma

import numpy as np
import pytest

from funnelsim.plan.trace import FINISHED, LEFT

from .evidence import Runs, agree, run

N, AGREE, SIZE = 4, 0.8, 2000
DAY = 24.0
HARMONIC = sum(1 / k for k in range(1, N + 1))

BOARD = f"""
name: board
start: 2026-01-05
horizon: 365 d
channels:
  list: {{arrivals: {{batches: {{at: [2026-01-05], size: {SIZE}}}}}}}
stages:
  board:
    duration: {{exponential: {{mean: 2 d}}}}
    approvals: {{stakeholders: {N}, agree: {AGREE}, refused: {{to: lost, reason: not approved}}}}
    exits: {{won: 90%, lost: 10%}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
"""


@pytest.fixture(scope="module")
def runs() -> Runs:
    return run(BOARD, seed=151, replications=100)


def test_all_agree_with_the_power_of_the_chance_of_one(runs: Runs) -> None:
    agree("P(refused)", runs.share("board", "refused"), 1 - AGREE**N)


def test_those_approved_take_the_other_exits_as_ever(runs: Runs) -> None:
    agree("P(won)", runs.share("board", "won"), AGREE**N * 0.9)


def test_the_slowest_of_exponential_draws_takes_a_harmonic_number_of_means(runs: Runs) -> None:
    agree("mean time", runs.mean_time("board"), 2 * DAY * HARMONIC)


def test_the_slowest_of_weibull_draws_takes_the_mean_of_their_largest() -> None:
    # E max = E X1 * sum of (-1)^(k+1) C(n, k) k^(-1/shape) over k = 1 to n (David and Nagaraja 2003, Order Statistics).
    shape, scale = 2.0, 3 * DAY
    runs = run(
        BOARD, {"stages.board.duration": {"weibull": {"shape": shape, "scale": "3 d"}}}, seed=152, replications=100
    )
    parts = [1.0, -1.0, 1.0, -1.0]
    choose = [4, 6, 4, 1]
    factor = sum(sign * c * k ** (-1 / shape) for sign, c, k in zip(parts, choose, range(1, N + 1), strict=True))
    agree("mean time", runs.mean_time("board"), scale * gamma(1 + 1 / shape) * factor)


def test_whether_all_agree_does_not_depend_on_how_long_they_take() -> None:
    runs = run(BOARD, seed=153, replications=60, trace=True)
    refused = [way.label for way in runs.compiled.exits].index("refused")
    # All enter at tick 0, so the tick at which they leave is the time that they took.
    left = [rows[(rows["code"] == LEFT) & (rows["detail"] == refused)]["tick"] for rows in runs.outcome.traces]
    seconds = np.array([ticks.mean() for ticks in left])
    agree("mean time of the refused", seconds / 3600, 2 * DAY * HARMONIC)


def test_one_who_surely_agrees_changes_nothing() -> None:
    """The first stakeholder draws where a stage without approvals does."""
    alone = {"stages.board.approvals": {"stakeholders": 1, "agree": "100%"}}
    without = BOARD.replace(next(line for line in BOARD.splitlines(True) if "approvals" in line), "")
    one, none = (
        run(text, over, seed=154, replications=2, trace=True) for text, over in ((BOARD, alone), (without, {}))
    )
    for rows, others in zip(one.outcome.traces, none.outcome.traces, strict=True):
        kept = [name for name in rows.dtype.names or () if name != "detail"]
        np.testing.assert_array_equal(rows[kept], others[kept])
        assert rows.size == 4 * SIZE + SIZE


def test_a_further_stakeholder_never_shortens_the_time() -> None:
    """Common random numbers: the draws of the first stay what they are."""

    def ends(stakeholders: int) -> np.ndarray:
        runs = run(BOARD, {"stages.board.approvals.stakeholders": stakeholders}, seed=155, replications=1, trace=True)
        rows = runs.outcome.traces[0]
        found = rows[rows["code"] == FINISHED]
        return np.asarray(found["tick"][np.argsort(found["prospect"])])

    fewer, more = ends(3), ends(4)
    assert (more >= fewer).all()
    # The fourth of four independent draws is the largest in a quarter of the cases.
    later = (more > fewer).astype(float)
    assert abs(later.mean() - 0.25) < 4 * np.sqrt(0.25 * 0.75 / SIZE)
