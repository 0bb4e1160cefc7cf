"""Channels inside journeys: each channel of each journey once, whatever the number of its touches there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attribution.journeys.ragged import Codes, Ints, Journeys, Reals


@dataclass(frozen=True)
class Cells:
    """The channels of every journey, by journey and code: a cell is a channel that touched a journey."""

    of_touch: Ints
    """The cell of each touch."""
    journey: Ints
    channel: Codes
    touches: Ints
    """How many touches a cell has."""

    def summed(self, numbers: Reals) -> Reals:
        """Sums of what each touch has, by cell."""
        return np.asarray(np.bincount(self.of_touch, numbers, self.journey.size), np.float64)

    def evenly(self, numbers: Reals) -> Reals:
        """What each touch has where a cell's touches share alike what the cell has, `numbers` by cell."""
        return np.asarray((numbers / self.touches)[self.of_touch])


def cells_of(journeys: Journeys) -> Cells:
    """The cells of journeys."""
    n = max(1, len(journeys.channels))
    key = journey_of_touch(journeys) * n + journeys.channel
    found, of_touch, touches = np.unique(key, return_inverse=True, return_counts=True)
    return Cells(of_touch, found // n, (found % n).astype(np.int32), touches)


def journey_of_touch(journeys: Journeys) -> Ints:
    """The number of each touch's journey."""
    return np.repeat(np.arange(journeys.n), np.diff(journeys.offsets))
