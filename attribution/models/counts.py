"""Journeys counted by windows of k channels: how often they move to the next one, where they start and where they end.

Windows are numbered by their digits to the base of one more than there are channels, the earliest first, 0 being no
channel. It knows nothing of probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attribution.jit import kernel
from attribution.journeys.ragged import Journeys, Reals


@dataclass(frozen=True)
class Counts:
    """Counts of journeys by windows, which are numbers: by windows of one channel more, how often they were moved
    along; by windows, how many journeys started and ended there, the conversions and the value."""

    order: int
    base: int
    moves: Reals
    starts: Reals
    ends: Reals
    converts: Reals
    worth: Reals

    @classmethod
    def of(cls, journeys: Journeys, order: int) -> Counts:
        """The counts of journeys."""
        base = len(journeys.channels) + 1
        moves = np.zeros(base ** (order + 1))
        starts, closes = np.zeros(base**order), np.zeros((base**order, 3))
        _count(
            journeys.offsets, journeys.channel, order, base, journeys.converted, journeys.lost, journeys.value,
            moves, starts, closes,
        )  # fmt: skip
        return cls(order, base, moves, starts, *np.ascontiguousarray(closes.T))

    def one_shorter(self) -> Counts:
        """The same journeys counted at one order less, exactly: windows lose their first channel."""
        width = self.base ** (self.order - 1)
        moves = self.moves.reshape(self.base, -1).sum(0)
        # Windows below `width` are journeys that were shorter. The others have gone a step already at one order less.
        moves[width:] += self.starts[width:]
        starts = self.starts[:width].copy()
        starts[width // self.base :] += self.starts[width:].reshape(-1, self.base).sum(1)
        closes = (each.reshape(self.base, width).sum(0) for each in (self.ends, self.converts, self.worth))
        return Counts(self.order - 1, self.base, moves, starts, *closes)


@kernel
def _count(offsets, channel, order, base, converted, lost, value, moves, starts, closes):
    """Add to `moves` and `starts` all journeys; to `closes`, by their last window, all, conversions and value."""
    top = 1
    for _ in range(order):
        top *= base
    for j in range(offsets.size - 1):
        begin, end, all_of = offsets[j], offsets[j + 1], converted[j] + lost[j]
        if begin == end or all_of == 0.0:
            continue
        window = 0
        for at in range(begin, min(end, begin + order)):
            window = window * base + channel[at] + 1
        starts[window] += all_of
        for at in range(begin + order, end):
            gram = window * base + channel[at] + 1
            moves[gram] += all_of
            # Without its first channel: a product is faster than the remainder of a division.
            window = gram - (channel[at - order] + 1) * top
        closes[window, 0] += all_of
        closes[window, 1] += converted[j]
        closes[window, 2] += value[j]
