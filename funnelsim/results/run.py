"""A finished run: what was asked, the names of the plan's rows, and the counts; and how its variables are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.ticks import DAY, HOUR
from funnelsim.plan.compile import Compiled
from funnelsim.scenario.model import Scenario

Reals = NDArray[np.float64]
Variable = tuple[tuple[str, ...], NDArray[Any], dict[str, str]]
"""Dimensions, values, and the attributes `units` and `long_name`."""

COUNT: Final = "1"
"""The unit of plain numbers."""
HUNDREDTHS: Final = 100.0
"""Engines count money in hundredths."""


@dataclass(frozen=True)
class Run:
    """Counts by name as the engines give them, and what they are counts of."""

    scenario: Scenario
    compiled: Compiled
    tally: Mapping[str, NDArray[Any]]
    seed: int
    first: int
    engine: str

    @property
    def n(self) -> int:
        """The number of replications."""
        return int(self.tally["totals"].shape[0])

    @property
    def hour(self) -> float:
        """Hours a tick."""
        return self.compiled.timeline.tick / HOUR

    @property
    def day(self) -> float:
        """Days a tick."""
        return self.compiled.timeline.tick / DAY

    @property
    def edges(self) -> NDArray[np.int64]:
        """Ticks at which the buckets begin, and the horizon."""
        marks = self.compiled.plan["marks"].astype(np.int64)
        return np.concatenate([[self.compiled.timeline.warmup], marks])

    @property
    def bucket_days(self) -> Reals:
        """The buckets' lengths in days."""
        return np.diff(self.edges) * self.day

    def cells(self, name: str) -> NDArray[Any]:
        """A count by cell, its last dimension split into channel and segment."""
        array = self.tally[name]
        shape = (*array.shape[:-1], len(self.compiled.channels), len(self.compiled.segments))
        return array.reshape(shape)


def variable(dims: str, values: Any, units: str, long_name: str) -> Variable:
    """A variable over the named dimensions, separated by blanks."""
    return tuple(dims.split()), np.asarray(values), {"units": units, "long_name": long_name}


def ratio(numerator: Any, denominator: Any) -> Reals:
    """A quotient, nan where there is nothing to divide by."""
    top, bottom = np.broadcast_arrays(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
    out: Reals = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
    return out
