"""Bagged logistic regression: the same maximum as a general optimiser's, coefficients that come back, and its laws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from attribution.journeys import Journeys, from_paths
from attribution.models import BaggedLogistic
from attribution.models.logistic import fit

ROWS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5), st.integers(0, 4), st.integers(0, 4)),
    min_size=1,
    max_size=10,
)
TRUTH = np.array([-2.0, 0.8, -0.4, 0.3])
"""Intercept, then the channels a, b and c."""
PATHS = ("a", "b", "c", "a > b", "b > c > b", "c > a", "a > b > c > a")
SEEN = np.array([[name in path for name in "abc"] for path in PATHS], float)


def world(n: int, seed: int) -> Journeys:
    """Journeys with one to three channels, `n` with each set of them, that convert as a logistic law says."""
    rng = np.random.default_rng(seed)
    hits = rng.binomial(n, expit(TRUTH[0] + SEEN @ TRUTH[1:]))
    return from_paths(PATHS, hits, n - hits)


def singly(journeys: Journeys, times: int) -> Journeys:
    """Each journey by itself, `times` times."""
    paths, hits = [], []
    for path, converted, lost in zip(PATHS, journeys.converted, journeys.lost, strict=True):
        paths += [path] * times * int(converted + lost)
        hits += [1] * times * int(converted) + [0] * times * int(lost)
    return from_paths(paths, hits, 1 - np.array(hits))


def journeys_of(rows: list[Any]) -> Journeys:
    paths, hits, lost = zip(*[*rows, (list("abcd"), 1, 1)], strict=True)
    return from_paths([" > ".join(path) for path in paths], hits, lost)


@pytest.mark.parametrize("ridge", [1e-8, 1e-3, 0.5])
@pytest.mark.parametrize("counts", [False, True])
def test_the_maximum_is_that_of_a_general_optimiser(ridge: float, counts: bool) -> None:
    rng = np.random.default_rng(3)
    paths = [rng.choice(list("abcd"), rng.integers(1, 6)) for _ in range(300)]
    hits, lost = rng.integers(0, 4, 300), rng.integers(0, 9, 300)
    found = BaggedLogistic(0, counts=counts, ridge=ridge).credit(
        from_paths([" > ".join(path) for path in paths], hits, lost)
    )
    x = np.array([[1.0, *((path == name).sum() if counts else name in path for name in "abcd")] for path in paths])
    all_of, total = hits + lost, (hits + lost).sum()

    def cost(b: Any) -> float:
        eta = x @ b
        return float((all_of @ np.logaddexp(0, eta) - hits @ eta) / total + ridge / 2 * b @ b)

    def slope(b: Any) -> Any:
        return x.T @ (all_of * expit(x @ b) - hits) / total + ridge * b

    def bend(b: Any) -> Any:
        p = expit(x @ b)
        return (x.T * (all_of * p * (1 - p))) @ x / total + ridge * np.eye(5)

    expected = minimize(cost, np.zeros(5), jac=slope, hess=bend, method="trust-exact", options={"gtol": 1e-14}).x
    told = np.r_[found.details["intercept"], found.details["coefficients"]]
    np.testing.assert_allclose(told, expected, rtol=1e-9, atol=1e-9)
    assert np.abs(slope(told)).max() < 1e-13


def test_what_journeys_were_drawn_with_comes_back() -> None:
    n = 2_000_000
    journeys, x = world(n, 1), np.column_stack([np.ones(len(PATHS)), SEEN])
    p = expit(x @ TRUTH)
    error = np.sqrt(np.diag(np.linalg.inv((x.T * (n * p * (1 - p))) @ x)))
    # A coefficient that is off by 2% fails.
    assert (4 * error < 0.02 * np.abs(TRUTH)).all()
    for model in (BaggedLogistic(0), BaggedLogistic(50, channels=1.0)):
        found = model.credit(journeys).details
        z = (np.r_[found["intercept"], found["coefficients"]] - TRUTH) / error
        print("z", z.round(2))
        assert np.abs(z).max() < 4
    # Over draws of prospects, coefficients vary as they do over samples; of 50, a spread is known to a tenth.
    z = (found["spread"] / error[1:] - 1) * np.sqrt(2 * 50)
    print("z", z.round(2))
    assert np.abs(z).max() < 4


def test_subsets_of_channels_are_another_answer() -> None:
    """Negative control: where channels go together, coefficients of fits that lack one take on what it does."""
    rng = np.random.default_rng(4)
    n = 100_000
    both = rng.random(n) < 0.5
    paths = np.where(both, "a > b", np.where(rng.random(n) < 0.5, "a > c", "c"))
    hit = (rng.random(n) < np.where(both, 0.3, 0.1)).astype(float)
    journeys = from_paths(list(paths), hit, 1 - hit)
    whole, halves = (BaggedLogistic(60, channels=share).credit(journeys).details for share in (1.0, 0.34))
    assert abs(whole["coefficients"][0]) < 0.1
    assert halves["coefficients"][0] > 0.4
    assert (whole["fits"] == 60).all()
    assert halves["fits"].sum() == 60


def test_channels_that_part_journeys_get_finite_coefficients() -> None:
    """All journeys with a convert, none with b: without the ridge there is no maximum."""
    journeys = from_paths(["a", "b", "a > c", "b > c"], [30, 0, 5, 0], [0, 40, 0, 7])
    found = BaggedLogistic(0).credit(journeys)
    a, b, c = found.details["coefficients"]
    assert 5 < a < 30
    assert -30 < b < -5
    assert found.details["unexplained"] == 0
    narrow = BaggedLogistic(0, ridge=1e-4).credit(journeys).details["coefficients"]
    assert narrow[0] < a
    assert abs(c) < a


def test_credit_by_hand() -> None:
    """A journey gives to its channels as their positive coefficients are to each other; one of c alone gives nobody."""
    journeys = from_paths(["a > b > a", "b", "c", "a > c"], [8, 4, 2, 1], [1, 20, 50, 3], [80, 4, 2, 5])
    found = BaggedLogistic(0, ridge=1e-3).credit(journeys)
    a, b, c = found.details["coefficients"]
    assert c < 0 < b < a
    np.testing.assert_allclose(found.conversions, [8 * a / (a + b) + 1, 8 * b / (a + b) + 4, 0], rtol=1e-12)
    np.testing.assert_allclose(found.value, [80 * a / (a + b) + 5, 80 * b / (a + b) + 4, 0], rtol=1e-12)
    assert found.details["unexplained"] == 2
    found = BaggedLogistic(0, ridge=1e-3, counts=True).credit(journeys)
    a, b, c = found.details["coefficients"]
    assert max(b, c) < 0 < a
    np.testing.assert_allclose(found.conversions, [8 + 1, 0, 0], rtol=1e-12)
    assert found.details["unexplained"] == 4 + 2
    apart = from_paths(["a > b > a", "b", "c", "a > c"], [8, 9, 2, 1], [1, 10, 50, 3])
    found = BaggedLogistic(0, ridge=1e-3, counts=True).credit(apart)
    a, b, c = found.details["coefficients"]
    assert c < 0 < min(a, b)
    expected = [8 * 2 * a / (2 * a + b) + 1, 8 * b / (2 * a + b) + 9, 0]
    np.testing.assert_allclose(found.conversions, expected, rtol=1e-12)


@pytest.mark.parametrize("model", [BaggedLogistic(0), BaggedLogistic(6, counts=True)], ids=["whole", "bags"])
@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_laws(model: BaggedLogistic, rows: list[Any]) -> None:
    journeys = journeys_of(rows)
    found = model.credit(journeys)
    assert (found.conversions >= 0).all()
    whole = found.conversions.sum() + found.details["unexplained"]
    np.testing.assert_allclose(whole, journeys.conversions, rtol=1e-9)
    # Rows split in single journeys, in another order; and a channel that never occurs.
    single = [(path, *flags) for path, hits, lost in rows for flags in [(1, 0)] * hits + [(0, 1)] * lost]
    np.testing.assert_allclose(model.credit(journeys_of(single[::-1])).conversions, found.conversions, atol=1e-9)
    more = model.credit(replace(journeys, channels=(*journeys.channels, "nobody"))).conversions
    np.testing.assert_allclose(more[:-1], found.conversions, atol=1e-9)
    assert more[-1] == 0


def test_the_seed_alone_decides() -> None:
    journeys = world(400, 2)
    told = [BaggedLogistic(10, seed=seed).credit(journeys).details["coefficients"] for seed in (1, 1, 2)]
    np.testing.assert_array_equal(told[0], told[1])
    assert np.abs(told[0] - told[2]).max() > 1e-3


def test_journeys_of_one_prospect_are_drawn_together() -> None:
    """Negative control of drawing journeys: of prospects with 100 journeys alike, spreads are ten times as wide."""
    many = singly(world(6, 5), 100)
    together = replace(many, prospect=np.arange(many.n) // 100)
    apart = replace(many, prospect=np.arange(many.n))
    model = BaggedLogistic(200, channels=1.0, ridge=1e-2)
    spreads = [model.credit(each).details["spread"] for each in (together, apart, many)]
    print("ratio", spreads[0] / spreads[1], spreads[2] / spreads[1])
    assert (spreads[0] > 5 * spreads[1]).all()
    np.testing.assert_allclose(spreads[2], spreads[1], rtol=0.4)


def test_nothing_seen_is_nothing_fitted() -> None:
    np.testing.assert_array_equal(fit(np.ones((2, 3)), np.zeros(2), np.zeros(2), 1e-8), np.zeros(4))


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(ValueError, match=r"bagged_logistic: it needs journeys without conversion"):
        BaggedLogistic().credit(from_paths(["a > b"], [1]))
    with pytest.raises(ValueError, match=r"bagged_logistic: -1 bags; they are 0"):
        BaggedLogistic(-1)
    with pytest.raises(ValueError, match=r"a share of 0 of channels; it is more than 0"):
        BaggedLogistic(channels=0.0)
    with pytest.raises(ValueError, match=r"a ridge of 0; it must be more than 0"):
        BaggedLogistic(ridge=0.0)
