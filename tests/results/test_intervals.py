"""Intervals over replications are the textbook's, and do not hide how little is known."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from funnelsim import interval, ratio_interval


def over_replications(values):
    return xr.DataArray(np.asarray(values, float), dims=("replication",), attrs={"units": "h"})


def test_an_interval_is_students():
    values = np.random.default_rng(1).normal(5, 2, 12)
    found = interval(over_replications(values), level=0.9)
    low, high = stats.t.interval(0.9, 11, values.mean(), stats.sem(values))
    assert [float(found[name]) for name in ("mean", "low", "high")] == pytest.approx([values.mean(), low, high])
    assert found.attrs["units"] == "h"
    assert found.attrs["level"] == 0.9


def test_replications_in_which_nothing_happened_are_left_out():
    found = interval(over_replications([1, np.nan, 3, np.nan, 5]))
    wanted = interval(over_replications([1, 3, 5]))
    xr.testing.assert_allclose(found, wanted)
    assert int(found["n"]) == 3


@pytest.mark.parametrize("values", [[4.0], [4.0, np.nan], [np.nan, np.nan]])
def test_fewer_than_two_values_have_no_bounds(values):
    found = interval(over_replications(values))
    assert np.isnan(found["low"])
    assert np.isnan(found["high"])
    assert float(found["mean"]) == 4.0 or np.isnan(values).all()


def test_a_bucket_keeps_its_labels():
    da = xr.DataArray(np.arange(12.0).reshape(2, 6), dims=("bucket", "replication"), coords={"bucket": ["a", "b"]})
    found = interval(da)
    assert found["mean"].sel(bucket="b") == 8.5
    assert found["mean"].dims == ("bucket",)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match="between 0 and 1"):
        interval(over_replications([1, 2]), level=level)


def test_a_ratio_to_a_constant_has_the_interval_of_the_mean():
    values = np.random.default_rng(2).gamma(2, size=30)
    ratio = ratio_interval(over_replications(values), over_replications(np.full(30, 4.0)))
    mean = interval(over_replications(values / 4))
    for name in ("mean", "low", "high"):
        assert float(ratio[name]) == pytest.approx(float(mean[name]))


def test_the_jackknife_of_three_is_worked_by_hand():
    # 6/10; without each in turn: 5/8, 4/7, 3/5; mean 503/840; squares 0.0014349...; s^2 = 2/3 of their sum
    found = ratio_interval(over_replications([1, 2, 3]), over_replications([2, 3, 5]))
    left_out = np.array([5 / 8, 4 / 7, 3 / 5])
    error = np.sqrt(2 / 3 * ((left_out - left_out.mean()) ** 2).sum())
    assert float(found["mean"]) == pytest.approx(0.6)
    assert float(found["high"] - found["mean"]) == pytest.approx(4.302652729911275 * error)


def test_the_ratio_of_means_is_unbiased_where_the_mean_of_ratios_is_not():
    rng = np.random.default_rng(3)
    customers = rng.poisson(1.0, 4000)
    # In a replication with n customers, the time of each grows with n, as in a queue.
    times = np.array([rng.gamma(2, n, n).sum() for n in customers])
    truth = 2 * (1 + 1)  # E[sum of times] / E[n] = 2 E[n^2] / E[n]
    found = ratio_interval(over_replications(times), over_replications(customers))
    assert float(found["low"]) < truth < float(found["high"])
    naive = interval(over_replications(np.divide(times, customers, out=np.full(4000, np.nan), where=customers > 0)))
    assert float(naive["high"]) < truth


def test_a_ratio_without_denominators_is_nothing():
    found = ratio_interval(over_replications([0, 0, 0]), over_replications([0, 0, 0]))
    assert all(np.isnan(found[name]) for name in ("mean", "low", "high"))
    one = ratio_interval(over_replications([0, 3, 0]), over_replications([0, 2, 0]))
    assert float(one["mean"]) == 1.5
    assert np.isnan(one["low"])


def test_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(1000):
        n = rng.poisson(40, 10) + 1
        found = ratio_interval(over_replications(rng.poisson(3.0 * n)), over_replications(n))
        hits += float(found["low"]) < 3.0 < float(found["high"])
    z = (hits - 950) / np.sqrt(1000 * 0.95 * 0.05)
    print(f"z = {z:.2f}")
    assert abs(z) < 4
