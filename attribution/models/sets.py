"""Which channels a journey had, as bits: conversions, value and journeys by set of channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.ragged import Ints, Journeys, Reals

MOST: Final = 62
"""Channels that have a bit."""


@dataclass(frozen=True)
class SetTable:
    """The sets of channels that occur, in the order of their bits, and what became of their journeys."""

    n_channels: int
    bits: Ints
    converted: Reals
    value: Reals
    journeys: Reals

    def distinct(self, channels: tuple[str, ...]) -> Journeys:
        """A journey for each set, with every channel of it once."""
        held = (self.bits[:, None] >> np.arange(self.n_channels)) & 1 == 1
        offsets = np.concatenate([[0], np.cumsum(held.sum(1))]).astype(np.int64)
        channel = np.nonzero(held)[1].astype(np.int32)
        lost = self.journeys - self.converted
        return Journeys(channels, offsets, channel, self.converted, lost, self.value)

    def dense(self) -> tuple[Reals, Reals, Reals]:
        """Conversions, value and journeys of every set there is, by its bits; for 24 channels at most."""
        out = np.zeros((3, 1 << self.n_channels))
        out[:, self.bits] = self.converted, self.value, self.journeys
        return out[0], out[1], out[2]


def distinct_sets(journeys: Journeys) -> tuple[Journeys, NDArray[np.int32]]:
    """A journey for each set of channels, with every channel of it once, and the set of each journey."""
    table, bits = set_table(journeys), np.empty(journeys.n, np.int64)
    _bits(journeys.offsets, journeys.channel, bits)
    return table.distinct(journeys.channels), np.searchsorted(table.bits, bits).astype(np.int32)


def set_table(journeys: Journeys) -> SetTable:
    """The table of journeys. Raises ValueError where there are more channels than bits."""
    n = len(journeys.channels)
    if n > MOST:
        raise ValueError(f"{n} channels; sets of channels are kept for at most {MOST}: group the rare ones")
    bits = np.empty(journeys.n, np.int64)
    _bits(journeys.offsets, journeys.channel, bits)
    all_of = journeys.converted + journeys.lost
    if n <= 20:
        found = np.zeros((3, 1 << n))
        _add(bits, journeys.converted, journeys.value, all_of, found)
        seen = np.flatnonzero((found != 0.0).any(0))
        return SetTable(n, seen, found[0, seen], found[1, seen], found[2, seen])
    seen, at = np.unique(bits, return_inverse=True)
    sums = [np.asarray(np.bincount(at, x, seen.size), float) for x in (journeys.converted, journeys.value, all_of)]
    return SetTable(n, seen, sums[0], sums[1], sums[2])


@kernel
def _bits(offsets, channel, bits):
    for j in range(offsets.size - 1):
        found = 0
        for at in range(offsets[j], offsets[j + 1]):
            found |= 1 << channel[at]
        bits[j] = found


@kernel
def _add(bits, converted, value, all_of, found):
    for j in range(bits.size):
        found[0, bits[j]] += converted[j]
        found[1, bits[j]] += value[j]
        found[2, bits[j]] += all_of[j]
