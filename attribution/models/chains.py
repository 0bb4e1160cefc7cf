"""Chains of channels: how often journeys move from one window of k channels to the next, and what comes of it.

A state is the last k channels (a shorter journey is one short state); a step that changes nothing is no step. States
are numbered by their digits to the base of one more than there are channels, the earliest first, 0 being no channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.ragged import Ints, Journeys, Reals

DENSE: Final = 1 << 22
"""Counts by number are kept in one array up to so many numbers; beyond, in a table of those that occur."""
STEADY: Final = 1e-15
ROUNDS: Final = 20_000


@dataclass(frozen=True)
class Chain:
    """States, and the probabilities of steps between them, of conversion, and the value a visit leads to at once.

    Row `s` of the steps: `to[begins[s]:begins[s + 1]]` with probabilities `p`.
    """

    order: int
    n_channels: int
    number: Ints
    begins: Ints
    to: Ints
    p: Reals
    start: Reals
    converts: Reals
    worth: Reals

    @property
    def n(self) -> int:
        """Number of states, the start among them."""
        return self.number.size + 1

    def holds(self) -> NDArray[np.bool_]:
        """Whether a state holds a channel, by state and channel."""
        out = np.zeros((self.number.size, self.n_channels + 1), bool)
        digits, rows = self.number.copy(), np.arange(self.number.size)
        for _ in range(self.order):
            out[rows, digits % (self.n_channels + 1)] = True
            digits //= self.n_channels + 1
        return out[:, 1:]

    def leads_to(self) -> Reals:
        """Chance of a conversion, and expected value, by state. Raises ArithmeticError if the chain does not rest."""
        out, change = _backwards(self.begins, self.to, self.p, self.converts, self.worth, STEADY, ROUNDS)
        leads: Reals = self._at_rest(out, change)
        return leads

    def first_at(self, sets: NDArray[np.bool_]) -> Reals:
        """Chance that a journey comes to a set of states, and there first at a state; by state and set, 0 outside.

        `sets` is by state and set. Raises ArithmeticError if the chain does not come to rest.
        """
        order = np.argsort(self.to, kind="stable")
        origin = np.repeat(np.arange(self.number.size), np.diff(self.begins))[order]
        begins = np.concatenate([[0], np.cumsum(np.bincount(self.to, minlength=self.number.size))])
        out, change = _forwards(begins, origin, self.p[order], self.start, sets, STEADY, ROUNDS)
        first: Reals = np.where(sets, self._at_rest(out, change), 0.0)
        return first

    def _at_rest(self, out: Any, change: float) -> Any:
        if change > STEADY * 1e3:
            raise ArithmeticError(f"the chain of order {self.order} had not come to rest after {ROUNDS:,} rounds")
        return out


def chain_of(journeys: Journeys, order: int) -> Chain:
    """The chain of journeys at an order from 1 on."""
    base, all_of = len(journeys.channels) + 1, journeys.converted + journeys.lost
    if base ** (order + 1) >= 2**62:
        raise ValueError(f"order {order} of {base - 1} channels has more states than there are numbers")
    if base ** (order + 1) <= DENSE:
        moves = np.zeros(base ** (order + 1))
        starts, converts, worth, ends = np.zeros((4, base**order))
        _count(
            journeys.offsets, journeys.channel, order, base, all_of, journeys.converted, journeys.value,
            moves, starts, converts, worth, ends,
        )  # fmt: skip
        grams, states = np.flatnonzero(moves), np.flatnonzero(starts + ends + _visited(moves, base, order))
        moves, starts, converts, worth, ends = (
            moves[grams], starts[states], converts[states], worth[states], ends[states],
        )  # fmt: skip
    else:
        grams, moves, states, starts, converts, worth, ends = _sparse(journeys, order, base, all_of)
    return _chain(order, base, grams, moves, states, starts, converts, worth, ends)


def _visited(moves: Reals, base: int, order: int) -> Reals:
    """How often a state is moved to."""
    visited: Reals = moves.reshape(base, base**order).sum(0)
    return visited


def _chain(
    order: int, base: int, grams: Ints, moves: Reals, states: Ints, starts: Reals, converts: Reals, worth: Reals,
    ends: Reals,
) -> Chain:  # fmt: skip
    """Counts as probabilities."""
    before, after = np.searchsorted(states, grams // base), np.searchsorted(states, grams % base**order)
    steps = before != after
    before, after, moves = before[steps], after[steps], moves[steps]
    leaves = ends + np.bincount(before, moves, states.size)
    # Grams come in the order of their numbers, so the rows come one after the other.
    begins = np.concatenate([[0], np.cumsum(np.bincount(before, minlength=states.size))])
    all_of = starts.sum()
    return Chain(
        order, base - 1, states, begins, after, moves / leaves[before],
        starts / all_of, converts / leaves, worth / leaves,
    )  # fmt: skip


@kernel
def _count(offsets, channel, order, base, all_of, converted, value, moves, starts, converts, worth, ends):
    top = 1
    for _ in range(order):
        top *= base
    for j in range(offsets.size - 1):
        n = offsets[j + 1] - offsets[j]
        if n == 0 or all_of[j] == 0.0:
            continue
        window = 0
        for at in range(offsets[j], offsets[j] + min(n, order)):
            window = window * base + channel[at] + 1
        starts[window] += all_of[j]
        for at in range(offsets[j] + order, offsets[j + 1]):
            gram = window * base + channel[at] + 1
            moves[gram] += all_of[j]
            window = gram % top
        converts[window] += converted[j]
        worth[window] += value[j]
        ends[window] += all_of[j]


def _sparse(
    journeys: Journeys, order: int, base: int, all_of: Reals
) -> tuple[Ints, Reals, Ints, Reals, Reals, Reals, Reals]:
    """The same counts where numbers are too many: of those that occur, in order."""
    sizes = np.diff(journeys.offsets)
    kept = (sizes > 0) & (all_of > 0)
    n_moves = int(np.maximum(sizes[kept] - order, 0).sum())
    grams, weights = np.empty(n_moves, np.int64), np.empty(n_moves)
    opens, closes = np.empty((2, int(kept.sum())), np.int64)
    _list(journeys.offsets, journeys.channel, order, base, all_of, grams, weights, opens, closes)
    grams, at = np.unique(grams, return_inverse=True)
    moves = np.bincount(at, weights, grams.size)
    states = np.unique(np.concatenate([opens, closes, grams // base, grams % base**order]))
    first, last = np.searchsorted(states, opens), np.searchsorted(states, closes)

    def summed(at: Ints, weights: Reals) -> Reals:
        return np.asarray(np.bincount(at, weights[kept], states.size), np.float64)

    starts, ends = summed(first, all_of), summed(last, all_of)
    converts, worth = summed(last, journeys.converted), summed(last, journeys.value)
    return np.asarray(grams), np.asarray(moves, float), states, starts, converts, worth, ends


@kernel
def _list(offsets, channel, order, base, all_of, grams, weights, opens, closes):
    top, filled, row = 1, 0, 0
    for _ in range(order):
        top *= base
    for j in range(offsets.size - 1):
        n = offsets[j + 1] - offsets[j]
        if n == 0 or all_of[j] == 0.0:
            continue
        window = 0
        for at in range(offsets[j], offsets[j] + min(n, order)):
            window = window * base + channel[at] + 1
        opens[row] = window
        for at in range(offsets[j] + order, offsets[j + 1]):
            grams[filled], weights[filled] = window * base + channel[at] + 1, all_of[j]
            window = grams[filled] % top
            filled += 1
        closes[row] = window
        row += 1


@kernel
def _backwards(begins, to, p, converts, worth, steady, rounds):
    """What each state leads to, conversion and value, and the last change, relative.

    Gauss and Seidel, backwards and forwards in turn, until nothing changes any more.
    """
    n = converts.size
    out, change = np.zeros((n, 2)), np.inf
    scale = max(1e-300, np.max(converts)), max(1e-300, np.max(np.abs(worth)))
    for step in range(rounds):
        change = 0.0
        for place in range(n):
            s = place if step % 2 else n - 1 - place
            chance, value = converts[s], worth[s]
            for e in range(begins[s], begins[s + 1]):
                chance += p[e] * out[to[e], 0]
                value += p[e] * out[to[e], 1]
            change = max(change, abs(chance - out[s, 0]) / scale[0], abs(value - out[s, 1]) / scale[1])
            out[s, 0], out[s, 1] = chance, value
        if change <= steady:
            break
    return out, change


@kernel
def _forwards(begins, origin, p, start, sets, steady, rounds):
    """How often each state is visited before or when a set is first reached, by state and set, and the last change.

    From a state of a set nothing goes on. Everything is a sum of positive numbers, so small chances are as exact as
    large ones.
    """
    n, columns = sets.shape
    out, now, change = np.zeros((n, columns)), np.zeros(columns), np.inf
    for step in range(rounds):
        change = 0.0
        for place in range(n):
            s = n - 1 - place if step % 2 else place
            now[:] = start[s]
            for e in range(begins[s], begins[s + 1]):
                a = origin[e]
                for c in range(columns):
                    now[c] += 0.0 if sets[a, c] else p[e] * out[a, c]
            for c in range(columns):
                if now[c] > 0.0:
                    change = max(change, abs(now[c] - out[s, c]) / now[c])
                out[s, c] = now[c]
        if change <= steady:
            break
    return out, change
