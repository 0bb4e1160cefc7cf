"""An estimate as people read it: a number with its interval, in a unit that fits."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import xarray as xr

from funnelsim.results.intervals import Bounds, mean_bounds, ratio_bounds, rows

PERCENT: Final = 100.0
_UNITS: Final = {"h": 1.0, "min": 60.0, "d": 1 / 24}


@dataclass(frozen=True)
class Estimate:
    """A mean over replications with the bounds of its 95% interval; nan where nothing can be said."""

    value: float
    low: float
    high: float
    unit: str

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return not math.isnan(self.value)

    def times(self, factor: float, unit: str) -> "Estimate":
        """The same in another unit."""
        return replace(self, value=self.value * factor, low=self.low * factor, high=self.high * factor, unit=unit)


NOTHING: Final = Estimate(math.nan, math.nan, math.nan, "")


def estimates(bounds: Bounds, unit: str, factor: float = 1.0) -> list[Estimate]:
    """The entries of bounds along their one axis, or the single entry."""
    mean, low, high = (np.atleast_1d(column * factor).tolist() for column in bounds[:3])
    return [Estimate(*row, unit) for row in zip(mean, low, high, strict=True)]


def of_mean(da: xr.DataArray, unit: str, factor: float = 1.0) -> list[Estimate]:
    """Estimates of a mean over replications."""
    return estimates(mean_bounds(rows(da)), unit, factor)


def of_ratio(numerator: xr.DataArray, denominator: xr.DataArray, unit: str, factor: float = 1.0) -> list[Estimate]:
    """Estimates of a ratio of means."""
    return estimates(ratio_bounds(rows(numerator), rows(denominator)), unit, factor)


def in_fitting_unit(hours: Iterable[Estimate]) -> list[Estimate]:
    """Times in minutes, hours or days, all in one unit: days if the longest has three, the shortest a tenth."""
    hours = list(hours)
    known = [each.value for each in hours if each.value > 0] or [math.nan]
    unit = "min" if max(known) < 2 else "d" if max(known) >= 72 and min(known) >= 2.4 else "h"
    return [each.times(_UNITS[unit], unit) for each in hours]
