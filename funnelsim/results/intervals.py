"""Intervals over replications: of a mean, and of a ratio of two means.

Student's t with n - 1 degrees of freedom. For rates and mean times use the ratio of means: in a short replication the
mean of few prospects is a biased ratio, and the mean of such ratios keeps the bias however many replications there are.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

Reals = NDArray[np.float64]
DIMENSION = "replication"


class Bounds(NamedTuple):
    """Means, lower and upper bounds, and the number of replications behind them."""

    mean: Reals
    low: Reals
    high: Reals
    n: Reals


def interval(da: xr.DataArray, level: float = 0.95) -> xr.Dataset:
    """`mean`, `low` and `high` over replications, and `n`, the number of them that are not nan; nan bounds if n < 2.

    Of a variable that is itself a ratio in each replication this is the mean of ratios; see `ratio_interval`.
    """
    return _labelled(da, mean_bounds(rows(da), level), level)


def ratio_interval(numerator: xr.DataArray, denominator: xr.DataArray, level: float = 0.95) -> xr.Dataset:
    """The ratio of means over replications with a jackknife interval (Miller 1974); nan where there is nothing.

    Each replication is left out in turn; the spread of the ratios that remain gives the standard error. Bounds are nan
    where fewer than two replications have a denominator.
    """
    top, bottom = xr.broadcast(numerator, denominator)
    return _labelled(top, ratio_bounds(rows(top), rows(bottom), level), level)


def rows(da: xr.DataArray) -> Reals:
    """The values of a variable, the replication first."""
    return np.asarray(da.transpose(DIMENSION, ...).values, np.float64)


def mean_bounds(values: Reals, level: float = 0.95) -> Bounds:
    """Bounds of means over the first axis; nan values are left out."""
    there = ~np.isnan(values)
    n = there.sum(axis=0).astype(np.float64)
    mean = np.where(there, values, 0.0).sum(axis=0) / _positive(n)
    squares = np.where(there, (values - mean) ** 2, 0.0).sum(axis=0)
    return _around(mean, np.sqrt(squares / _positive(n - 1) / _positive(n)), n, level)


def ratio_bounds(top: Reals, bottom: Reals, level: float = 0.95) -> Bounds:
    """Bounds of ratios of means over the first axis; replications without a denominator count as empty."""
    there = ~np.isnan(top) & ~np.isnan(bottom) & (bottom != 0)
    top, bottom = np.where(there, top, 0.0), np.where(there, bottom, 0.0)
    whole_top, whole_bottom = top.sum(axis=0), bottom.sum(axis=0)
    mean = whole_top / _positive(whole_bottom)
    left_out = (whole_top - top) / _positive(whole_bottom - bottom)
    size, n = top.shape[0], there.sum(axis=0).astype(np.float64)
    squares = ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
    error = np.where(n > 1, np.sqrt((size - 1) / size * squares), np.nan)
    return _around(mean, error, np.where(n > 1, float(size), n), level)


def _positive(numbers: Reals) -> Reals:
    """The numbers, nan for those that nothing may be divided by."""
    return np.where(numbers > 0, numbers, np.nan)


def _around(mean: Reals, error: Reals, n: Reals, level: float) -> Bounds:
    if not 0 < level < 1:
        raise ValueError(f"level: found {level}; it must lie between 0 and 1, as 0.95 does")
    from scipy.special import stdtrit

    half = error * stdtrit(_positive(n - 1), (1 + level) / 2)
    return Bounds(mean, mean - half, mean + half, n)


def _labelled(like: xr.DataArray, bounds: Bounds, level: float) -> xr.Dataset:
    """Bounds as a dataset with the labels of a variable."""
    shell = like.transpose(DIMENSION, ...).isel({DIMENSION: 0}, drop=True)
    columns = {name: shell.copy(data=np.asarray(values)) for name, values in bounds._asdict().items()}
    return xr.Dataset(columns).assign_attrs({**like.attrs, "level": level})
