"""Paired differences: beside SciPy's paired test, the interval of a ratio, and what is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from funnelsim.results.intervals import ratio_bounds
from funnelsim.studies.paired import Pair, Sample, bounded, difference, gain

RNG = np.random.default_rng(7)
A, B = RNG.normal(50, 5, 40), RNG.normal(40, 3, 40)
POLICY, BASELINE = Sample(A + B), Sample(A)


def test_the_interval_of_a_mean_is_that_of_the_t_test() -> None:
    found = difference(POLICY, BASELINE, 0.9)
    known = scipy.stats.ttest_rel(A + B, A).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), rel=1e-12)
    assert found.value == pytest.approx(B.mean())


def test_the_interval_of_a_ratio_is_that_of_results() -> None:
    found, known = bounded(Sample(A, B), 0.95), ratio_bounds(A, B)
    assert (found.value, found.low, found.high) == pytest.approx((known.mean, known.low, known.high), rel=1e-12)


def test_a_ratio_with_the_same_bottom_everywhere_is_a_mean() -> None:
    four = np.full(40, 4.0)
    found, mean = difference(Sample(A + B, four), Sample(A, four), 0.95), difference(POLICY, BASELINE, 0.95)
    assert (found.low, found.high) == pytest.approx((mean.low / 4, mean.high / 4), rel=1e-12)


def test_pairs_that_share_their_luck_save_what_their_correlation_says() -> None:
    """Variances 2 s^2 (1 - r) paired and 2 s^2 apart: with equal spreads a gain of 1 / (1 - r)."""
    both = RNG.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], 200_000).T
    assert gain(Pair(Sample(both[0]), Sample(both[1]))) == pytest.approx(10, rel=0.02)


def test_a_policy_that_changes_nothing_has_no_width() -> None:
    found = difference(BASELINE, BASELINE, 0.95)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)
    assert gain(Pair(BASELINE, BASELINE)) == float("inf")


def test_a_difference_that_is_the_same_in_each_replication_is_no_luck() -> None:
    assert gain(Pair(Sample(A + 1e6 / 3), BASELINE)) == float("inf")


def test_one_replication_says_nothing_of_its_luck() -> None:
    one = bounded(Sample(np.array([3.0])), 0.95)
    assert one.value == 3.0
    assert np.isnan([one.low, one.high]).all()
    assert np.isnan(gain(Pair(Sample(A[:1]), Sample(B[:1]))))


def test_pairs_have_the_same_replications_and_levels_lie_below_one() -> None:
    with pytest.raises(ValueError, match="40 replications beside 39"):
        difference(POLICY, Sample(A[1:]), 0.95)
    with pytest.raises(ValueError, match=r"level: found 95; it must lie between 0 and 1"):
        bounded(POLICY, 95)


def test_a_control_is_the_intercept_of_the_line_through_the_differences() -> None:
    """Beside ordinary least squares, whose intercept has this interval."""
    control = RNG.normal(0, 2, 40)
    own = Sample(A + 3 * control + B)
    found = difference(own, BASELINE, 0.9, control=control)
    design = np.column_stack([np.ones(40), control])
    coefficients, squares, _, _ = np.linalg.lstsq(design, own.top - A, rcond=None)
    error = np.sqrt(squares[0] / 38 * np.linalg.inv(design.T @ design)[0, 0])
    half = scipy.stats.t.ppf(0.95, 38) * error
    assert (found.value, found.error) == pytest.approx((coefficients[0], error), rel=1e-12)
    assert (found.low, found.high) == pytest.approx((coefficients[0] - half, coefficients[0] + half), rel=1e-12)


def test_an_interval_with_a_control_covers_and_is_shorter() -> None:
    """Ninety-five in a hundred of 4,000; half of the variance is the control's."""
    rng, hits, widths = np.random.default_rng(3), 0, np.zeros(2)
    for _ in range(4000):
        control = rng.normal(0, 1, 30)
        own, nothing = Sample(5 + control + rng.normal(0, 1, 30)), Sample(np.zeros(30))
        found, plain = difference(own, nothing, 0.95, control=control), difference(own, nothing, 0.95)
        hits += found.low <= 5 <= found.high
        widths += found.high - found.low, plain.high - plain.low
    z = (hits / 4000 - 0.95) / np.sqrt(0.95 * 0.05 / 4000)
    print(f"covered {hits / 40:.1f}%, z {z:+.2f}; widths {widths / 4000}")
    assert abs(z) < 4
    assert widths[0] / widths[1] == pytest.approx(np.sqrt(0.5), rel=0.03)


def test_a_control_that_says_nothing_is_left_alone() -> None:
    plain = difference(POLICY, BASELINE, 0.95)
    for control in (np.full(40, 2.0), np.full(40, np.nan)):
        assert difference(POLICY, BASELINE, 0.95, control=control) == plain
