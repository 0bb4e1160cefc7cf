"""Shares of the variance are those of a rank regression, found by leaving each assumption out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from funnelsim.studies.importance import importance, semi_partial


def ranks(of):
    return rankdata(of).reshape(np.shape(of))


def left_out(assumed, outcome):
    """What R squared of the rank regression loses without each column: least squares of all runs."""
    n, each = outcome.shape
    y = ranks(outcome).ravel()
    columns = np.column_stack([np.repeat(ranks(column), each) for column in assumed.T])

    def explained(which):
        design = np.column_stack([np.ones(n * each), columns[:, which]])
        residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        return 1 - residual.var() / y.var()

    every = list(range(assumed.shape[1]))
    return [explained(every) - explained([at for at in every if at != one]) for one in every]


def made(n, each, weights, luck, seed, r=0.0):
    rng = np.random.default_rng(seed)
    assumed = rng.normal(size=(n, len(weights)))
    assumed[:, 1] = r * assumed[:, 0] + np.sqrt(1 - r * r) * assumed[:, 1]
    return assumed, (assumed @ weights)[:, None] + luck * rng.normal(size=(n, each))


@pytest.mark.parametrize("r", [0.0, 0.8])
def test_shares_are_what_is_lost_without_each(r) -> None:
    assumed, outcome = made(150, 4, [2.0, -1.0, 0.0], 1.5, 1, r)
    found = importance(assumed, outcome, seed=2)
    # Freed of the variance of the correlation, a share is a little less than what is lost.
    assert found.share == pytest.approx(left_out(assumed, outcome), abs=0.005)
    assert list(found.direction) == [1, -1, 0]


def test_intervals_hold_the_shares_of_many_draws() -> None:
    assumed, outcome = made(100_000, 1, [1.0, 0.6, 0.0, 0.3], 1.0, 3)
    true = np.array(left_out(assumed, outcome))
    hits = np.zeros(4)
    for seed in range(100):
        found = importance(*made(200, 5, [1.0, 0.6, 0.0, 0.3], 1.0, 100 + seed), seed=seed)
        hits += (found.low <= true + 1e-4) & (true <= found.high)
    z = (hits / 100 - 0.95) / np.sqrt(0.95 * 0.05 / 100)
    print(f"true {true.round(3)}, coverage {hits / 100}, z = {z.round(2)}")
    assert (np.abs(z) < 4).all()


def test_weights_count_draws_as_often_as_they_say() -> None:
    rng = np.random.default_rng(4)
    rows = np.column_stack([np.ones(30), rng.normal(size=(30, 3))])
    moments = (rows[:, :, None] * rows[:, None, :]).reshape(30, -1)
    weights = rng.integers(0, 4, 30)
    again = np.repeat(moments, weights, axis=0)
    counted = semi_partial(moments, weights[None].astype(float))
    assert counted == pytest.approx(semi_partial(again, np.ones((1, len(again)))))


def test_what_never_varies_explains_nothing_and_few_draws_say_nothing() -> None:
    assumed, outcome = made(60, 3, [1.0, 1.0], 0.5, 5)
    assumed[:, 1] = 2.0
    found = importance(assumed, outcome, seed=1)
    assert (found.share[1], found.low[1], found.direction[1]) == (0.0, 0.0, 0.0)
    assert np.isnan(importance(assumed[:5], outcome[:5], seed=1).share).all()
