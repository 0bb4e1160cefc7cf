"""Paired differences: beside SciPy's paired test, the interval of a ratio, and what is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from funnelsim.results.intervals import ratio_bounds
from funnelsim.studies.paired import Sample, bounded, difference, gain

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
    assert gain(Sample(both[0]), Sample(both[1])) == pytest.approx(10, rel=0.02)


def test_a_policy_that_changes_nothing_has_no_width() -> None:
    found = difference(BASELINE, BASELINE, 0.95)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)
    assert gain(BASELINE, BASELINE) == float("inf")


def test_a_difference_that_is_the_same_in_each_replication_is_no_luck() -> None:
    assert gain(Sample(A + 1e6 / 3), BASELINE) == float("inf")


def test_one_replication_says_nothing_of_its_luck() -> None:
    one = bounded(Sample(np.array([3.0])), 0.95)
    assert one.value == 3.0
    assert np.isnan([one.low, one.high]).all()
    assert np.isnan(gain(Sample(A[:1]), Sample(B[:1])))


def test_pairs_have_the_same_replications_and_levels_lie_below_one() -> None:
    with pytest.raises(ValueError, match="40 replications beside 39"):
        difference(POLICY, Sample(A[1:]), 0.95)
    with pytest.raises(ValueError, match=r"level: found 95; it must lie between 0 and 1"):
        bounded(POLICY, 95)
