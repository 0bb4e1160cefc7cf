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
    number = np.empty(journeys.n, np.int32)
    table, place = _tabulated(journeys, number)
    return table.distinct(journeys.channels), place[number]


def set_table(journeys: Journeys) -> SetTable:
    """The table of journeys. Raises ValueError where there are more channels than bits."""
    return _tabulated(journeys, NOT_ASKED)[0]


NOT_ASKED: Final = np.zeros(0, np.int32)


def _tabulated(journeys: Journeys, number: NDArray[np.int32]) -> tuple[SetTable, NDArray[np.int32]]:
    """The table, and where in it is the set that was met first, second, ...; `number` becomes that of each journey."""
    n = len(journeys.channels)
    if n > MOST:
        raise ValueError(f"{n} channels; sets of channels are kept for at most {MOST}: group the rare ones")
    counts = journeys.converted, journeys.lost, journeys.value
    bits, sums = _count(journeys.offsets, journeys.channel, *counts, n, number)
    order = np.argsort(bits)
    place = np.empty(order.size, np.int32)
    place[order] = np.arange(order.size, dtype=np.int32)
    converted, lost, value = np.ascontiguousarray(sums[order].T)
    return SetTable(n, bits[order], converted, value, converted + lost), place


@kernel
def _count(offsets, channel, converted, lost, value, n_bits, number):
    """The bits of each set, in the order in which they are met, and its counts; `number` unless it is empty."""
    # With few channels every set there is has a place of its own, in a table that is near.
    is_whole, n, last = n_bits <= 14, 0, (1 << min(n_bits, 14)) - 1
    table, bits, sums = np.full(last + 1, -1, np.int32), np.empty(last + 1, np.int64), np.zeros((last + 1, 3))
    block = np.empty(1 << 10, np.int64)
    for begin in range(0, converted.size, block.size):
        end = min(converted.size, begin + block.size)
        # Apart from the look-ups: nobody can guess where a journey ends, and these need not wait for it.
        for j in range(begin, end):
            found = 0
            for at in range(offsets[j], offsets[j + 1]):
                found |= 1 << channel[at]
            block[j - begin] = found
        # Room for all that a block can bring: among the look-ups, this would make every one of them slower.
        if 2 * (n + block.size) > last and not is_whole:
            last = 2 * last + 1
            more_bits, more_sums = np.empty(last + 1, np.int64), np.zeros((last + 1, 3))
            more_bits[:n], more_sums[:n] = bits[:n], sums[:n]
            bits, sums, table = more_bits, more_sums, np.full(last + 1, -1, np.int32)
            for known in range(n):
                place = ((bits[known] * 0x9E3779B97F4A7C1) >> 28) & last
                while table[place] >= 0:
                    place = (place + 1) & last
                table[place] = known
        for j in range(begin, end):
            found = block[j - begin]
            # Else by Fibonacci's multiple: neighbouring sets lie far apart.
            place = found if is_whole else ((found * 0x9E3779B97F4A7C1) >> 28) & last
            while table[place] >= 0 and bits[table[place]] != found:
                place = (place + 1) & last
            if table[place] < 0:
                table[place], bits[n] = n, found
                n += 1
            known = table[place]
            sums[known, 0] += converted[j]
            sums[known, 1] += lost[j]
            sums[known, 2] += value[j]
            if number.size:
                number[j] = known
    return bits[:n].copy(), sums[:n].copy()
