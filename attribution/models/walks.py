"""Walks of paths over the states of chains, so that their journeys can be counted anew, eight lanes at once.

The windows of the highest order are counted path by path; those of an order less are sums of these. It knows counts,
and nothing of removal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.jit import in_lanes
from attribution.journeys.ragged import Ints, Journeys, Reals
from attribution.models.chains import DENSE, Chain, Steps, chain_from, listed, steps_of

Rows = NDArray[np.uint32]


@dataclass(frozen=True)
class Counts:
    """How often, by lane: windows of one channel more; and by state, journeys that start and end there, conversions
    and value."""

    moves: Reals
    starts: Reals
    ends: Reals
    converts: Reals
    worth: Reals


@dataclass(frozen=True)
class Windows:
    """The windows that occur at one order: `grams`, of one channel more, by number, and the states of `steps`."""

    base: int
    grams: Ints
    steps: Steps
    real: Ints
    """Which grams are steps: the others change nothing."""

    @classmethod
    def of(cls, base: int, order: int, grams: Ints, states: Ints) -> Windows:
        """Those windows, by number."""
        steps, real = steps_of(order, base, grams, states)
        return cls(base, grams, steps, np.flatnonzero(real))

    @property
    def order(self) -> int:
        """How many channels a state holds."""
        return self.steps.order

    def chains(self, counts: Counts) -> list[Chain]:
        """The chain of each lane."""
        lanes = (counts.moves[self.real], counts.starts, counts.ends, counts.converts, counts.worth)
        by_lane = (np.ascontiguousarray(each.T) for each in lanes)
        return [chain_from(self.steps, *each) for each in zip(*by_lane, strict=True)]


@dataclass(frozen=True)
class Shorter:
    """From the windows of one order to those of one less: which of these each of those adds to."""

    windows: Windows
    by_end: Rows
    """The gram that is the end of each gram."""
    whole: Ints
    """States that are grams there: those without a place that is empty."""
    start: Rows
    """The state that each state starts with there."""
    end: Rows
    """The state that each state ends with."""

    @classmethod
    def than(cls, windows: Windows) -> Shorter:
        """Those of one order less."""
        base, states, top = windows.base, windows.steps.number, windows.base ** (windows.order - 1)
        whole = np.flatnonzero(states >= top)
        starts, ends = (np.where(states >= top, cut, states) for cut in (states // base, states % top))
        less = Windows.of(base, windows.order - 1, states[whole], np.union1d(starts, ends))
        rows = [(less.grams, windows.grams % (top * base)), (less.steps.number, starts), (less.steps.number, ends)]
        by_end, start, end = (np.searchsorted(*each).astype(np.uint32) for each in rows)
        return cls(less, by_end, whole, start, end)

    def counts(self, counts: Counts) -> Counts:
        """The counts of the order that is one less."""
        moves = counts.starts[self.whole]
        _add(self.by_end, counts.moves, moves)
        by_state = np.zeros((4, self.windows.steps.n, counts.starts.shape[1]))
        _add(self.start, counts.starts, by_state[0])
        for out, given in zip(by_state[1:], (counts.ends, counts.converts, counts.worth), strict=True):
            _add(self.end, given, out)
        return Counts(moves, *by_state)


@dataclass(frozen=True)
class Walks:
    """The windows of each path at one order: its grams, one behind the other, and the states it starts and ends in."""

    windows: Windows
    begins: Ints
    gram: Rows
    start: Rows
    end: Rows

    @classmethod
    def of(cls, journeys: Journeys, order: int) -> Walks:
        """The walks of journeys, each of which has a touch."""
        base, begins = len(journeys.channels) + 1, np.maximum(np.diff(journeys.offsets) - order, 0)
        number, _, opens, closes = listed(journeys, order)
        grams, gram = _ranked(number, base ** (order + 1))
        states, rank = _ranked(np.concatenate([opens, closes, grams // base, grams % base**order]), base**order)
        start, end = rank[: journeys.n], rank[journeys.n : 2 * journeys.n]
        begins = np.concatenate([[0], np.cumsum(begins)]).astype(np.int64)
        return cls(Windows.of(base, order, grams, states), begins, gram, start, end)

    def counts(self, converted: Reals, lost: Reals, value: Reals) -> Counts:
        """What each window counts, for counts by path and lane."""
        lanes = converted.shape[1]
        moves = np.zeros((self.windows.grams.size, lanes))
        by_state = np.zeros((4, self.windows.steps.n, lanes))
        _walk(self.begins, self.gram, self.start, self.end, converted, lost, value, moves, by_state)
        return Counts(moves, *by_state)


def _ranked(numbers: Ints, upto: int) -> tuple[Ints, Rows]:
    """The distinct numbers, in order, and which of them each is."""
    if upto > DENSE:
        distinct, rank = np.unique(numbers, return_inverse=True)
        return distinct, rank.astype(np.uint32)
    seen = np.zeros(upto, bool)
    seen[numbers] = True
    return np.flatnonzero(seen), (np.cumsum(seen, dtype=np.uint32) - np.uint32(1))[numbers]


@in_lanes
def _plus(row, x):
    """Add eight lanes to a row."""
    a, b, c, d = row[0] + x[0], row[1] + x[1], row[2] + x[2], row[3] + x[3]
    e, f, g, h = row[4] + x[4], row[5] + x[5], row[6] + x[6], row[7] + x[7]
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] = a, b, c, d, e, f, g, h


@in_lanes
def _both(x, y):
    a, b, c, d = x[0] + y[0], x[1] + y[1], x[2] + y[2], x[3] + y[3]
    return a, b, c, d, x[4] + y[4], x[5] + y[5], x[6] + y[6], x[7] + y[7]


@in_lanes
def _add(rows, given, out):
    for at in range(rows.size):
        _plus(out[rows[at]], given[at])


@in_lanes
def _walk(begins, gram, start, end, converted, lost, value, moves, by_state):
    for j in range(start.size):
        s, e, all_of = start[j], end[j], _both(converted[j], lost[j])
        _plus(by_state[0, s], all_of)
        _plus(by_state[1, e], all_of)
        _plus(by_state[2, e], converted[j])
        _plus(by_state[3, e], value[j])
        for at in range(begins[j], begins[j + 1]):
            _plus(moves[gram[at]], all_of)
