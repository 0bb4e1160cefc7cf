"""Chains of channels: how often journeys move from one window of k channels to the next, and what comes of it.

A state is the last k channels (a shorter journey is one short state); a step that changes nothing is no step. States
are numbered by their digits to the base of one more than there are channels, the earliest first, 0 being no channel.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.ragged import Ints, Journeys, Reals
from attribution.models.counts import Counts

DENSE: Final = 1 << 22
"""Counts by number are kept in one array up to so many numbers; beyond, in a table of those that occur."""
STEADY: Final = 2e-16
"""A round that changes nothing by more than this, relative, is the last."""
ROUNDS: Final = 20_000


@dataclass(frozen=True)
class Steps:
    """Which states there are, and which steps between them: the part of a chain that does not depend on counts.

    Step `e` goes `frm[e]` to `to[e]`; steps come in the order of where they begin.
    """

    order: int
    n_channels: int
    number: Ints
    frm: Ints
    to: Ints

    @property
    def n(self) -> int:
        """Number of states."""
        return self.number.size

    @cached_property
    def begins(self) -> Ints:
        """The first step out of each state, and the number of steps."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.frm, minlength=self.n))])

    @cached_property
    def inwards(self) -> tuple[Ints, Ints, Ints]:
        """The steps in the order of where they end: the first into each state, which they are, where they begin."""
        order = np.argsort(self.to, kind="stable")
        begins = np.concatenate([[0], np.cumsum(np.bincount(self.to, minlength=self.n))])
        return begins, order, self.frm[order]

    @cached_property
    def holds(self) -> NDArray[np.bool_]:
        """Whether a state holds a channel, by state and channel."""
        out = np.zeros((self.n, self.n_channels + 1), bool)
        digits, rows = self.number.copy(), np.arange(self.n)
        for _ in range(self.order):
            out[rows, digits % (self.n_channels + 1)] = True
            digits //= self.n_channels + 1
        return out[:, 1:]


@dataclass(frozen=True)
class Chain:
    """Probabilities on steps: of each step, of where journeys start, of a conversion at once, and the value of it."""

    steps: Steps
    p: Reals
    start: Reals
    converts: Reals
    worth: Reals

    def leads_to(self, steady: float = STEADY) -> Reals:
        """Chance of a conversion, and expected value, by state. Raises ArithmeticError if the chain does not rest."""
        s = self.steps
        out, change = _backwards(s.begins, s.to, self.p, self.converts, self.worth, steady, ROUNDS)
        return self._at_rest(out, change, steady)

    def first_at(self, sets: NDArray[np.bool_], steady: float = STEADY, guess: Reals | None = None) -> Reals:
        """How often each state is visited before or when a set of states is first reached, by state and set.

        `sets` is by state and set; in a set, it is the chance to come there first. Raises ArithmeticError if the chain
        does not come to rest.
        """
        begins, order, origin = self.steps.inwards
        out = np.zeros(sets.shape) if guess is None else guess.copy()
        change = _forwards(begins, origin, self.p[order], self.start, sets, steady, ROUNDS, out)
        return self._at_rest(out, change, steady)

    def leads_without(self, sets: NDArray[np.bool_], steady: float = STEADY) -> tuple[Reals, Reals]:
        """Chance of a conversion, and expected value, by state and set, where from a state of the set nothing goes on.

        Value counts without its sign. Raises ArithmeticError if the chain does not come to rest.
        """
        out = np.zeros((2, *sets.shape))
        for found, ends in zip(out, (self.converts, np.abs(self.worth)), strict=True):
            # Backwards, as `first_at` is forwards: what a state leads to comes from where its steps end.
            change = _forwards(self.steps.begins, self.steps.to, self.p, ends, sets, steady, ROUNDS, found)
            self._at_rest(found, change, steady)
        return out[0], out[1]

    def _at_rest(self, out: Any, change: float, steady: float) -> Reals:
        # The last digits may change for ever.
        if change > 1e4 * steady:
            raise ArithmeticError(f"the chain of order {self.steps.order} had not come to rest after {ROUNDS:,} rounds")
        return np.asarray(out)


def chain_of(journeys: Journeys, order: int) -> Chain:
    """The chain of journeys at an order from 1 on."""
    return chains_of(journeys, [order])[order]


def chains_of(journeys: Journeys, orders: Collection[int]) -> dict[int, Chain]:
    """The chains of journeys by order; those that have room in one array are counted in one pass."""
    base, out = len(journeys.channels) + 1, {}
    for order in orders:
        if base ** (order + 1) > DENSE:
            out[order] = _sparse(journeys, order, base, journeys.converted + journeys.lost)
    dense = [order for order in orders if order not in out]
    counts = Counts.of(journeys, max(dense)) if dense else None
    while counts is not None:
        if counts.order in dense:
            out[counts.order] = _of_counts(counts)
        counts = counts.one_shorter() if counts.order > min(dense) else None
    return out


def _of_counts(counts: Counts) -> Chain:
    """The chain that has these counts."""
    reached = counts.moves.reshape(counts.base, -1).sum(0)
    grams, states = np.flatnonzero(counts.moves), np.flatnonzero(counts.starts + counts.ends + reached)
    steps, real = steps_of(counts.order, counts.base, grams, states)
    closes = (each[states] for each in (counts.ends, counts.converts, counts.worth))
    return chain_from(steps, counts.moves[grams][real], counts.starts[states], *closes)


def steps_of(order: int, base: int, grams: Ints, states: Ints) -> tuple[Steps, NDArray[np.bool_]]:
    """The steps that windows of one channel more make, and which of these change the state."""
    frm, to = np.searchsorted(states, grams // base), np.searchsorted(states, grams % base**order)
    real = frm != to
    # Windows come in the order of their numbers, so steps come in that of where they begin.
    return Steps(order, base - 1, states, frm[real], to[real]), real


def chain_from(steps: Steps, moves: Reals, starts: Reals, ends: Reals, converts: Reals, worth: Reals) -> Chain:
    """Counts as probabilities; a state that nobody visits leads nowhere."""
    leaves = ends + np.bincount(steps.frm, moves, steps.n)
    per = np.divide(1.0, leaves, out=np.zeros(steps.n), where=leaves > 0)
    return Chain(steps, moves * per[steps.frm], starts / max(starts.sum(), 1e-300), converts * per, worth * per)


def listed(journeys: Journeys, order: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Windows of one channel more, one journey's behind the other's, and whose each is; where journeys start and end.

    Raises ValueError where windows have no numbers.
    """
    base = len(journeys.channels) + 1
    if base ** (order + 1) >= 2**62:
        raise ValueError(f"order {order} of {base - 1} channels has more states than there are numbers")
    n_moves = int(np.maximum(np.diff(journeys.offsets) - order, 0).sum())
    grams, whose = np.empty((2, n_moves), np.int64)
    opens, closes = np.empty((2, journeys.n), np.int64)
    _list(journeys.offsets, journeys.channel, order, base, grams, whose, opens, closes)
    return grams, whose, opens, closes


def _sparse(journeys: Journeys, order: int, base: int, all_of: Reals) -> Chain:
    """The chain from the states that occur alone."""
    grams, whose, opens, closes = listed(journeys, order)
    some = np.diff(journeys.offsets) > 0
    grams, made = np.unique(grams, return_inverse=True)
    states = np.unique(np.concatenate([opens[some], closes[some], grams // base, grams % base**order]))
    steps, real = steps_of(order, base, grams, states)

    def at(places: Ints, counts: Reals) -> Reals:
        return np.asarray(np.bincount(np.searchsorted(states, places[some]), counts[some], states.size), np.float64)

    ends = (at(closes, counts) for counts in (all_of, journeys.converted, journeys.value))
    moves = np.asarray(np.bincount(made, all_of[whose], grams.size)[real], np.float64)
    return chain_from(steps, moves, at(opens, all_of), *ends)


@kernel
def _list(offsets, channel, order, base, grams, whose, opens, closes):
    top, filled = 1, 0
    for _ in range(order):
        top *= base
    for j in range(offsets.size - 1):
        n, window = offsets[j + 1] - offsets[j], 0
        for at in range(offsets[j], offsets[j] + min(n, order)):
            window = window * base + channel[at] + 1
        opens[j] = window
        for at in range(offsets[j] + order, offsets[j + 1]):
            grams[filled], whose[filled] = window * base + channel[at] + 1, j
            window = grams[filled] % top
            filled += 1
        closes[j] = window


@kernel
def _backwards(begins, to, p, converts, worth, steady, rounds):
    """What each state leads to, conversion and value, and how far the last change was from being steady.

    Gauss and Seidel, backwards and forwards in turn, until nothing changes any more.
    """
    n = converts.size
    out, change = np.zeros((n, 2)), np.inf
    scale = np.full(2, 1e-300)
    for s in range(n):
        scale[0], scale[1] = max(scale[0], converts[s]), max(scale[1], abs(worth[s]))
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
def _forwards(begins, origin, p, start, sets, steady, rounds, out):
    """Fill in, from a guess, how often each state is visited before or when a set is first reached, by state and set.

    From a state of a set nothing goes on. Everything is a sum of positive numbers, so small chances are as exact as
    large ones. Returns how far the last change was from being steady.
    """
    n, columns = sets.shape
    now, open_to, change = np.zeros(columns), np.where(sets, 0.0, 1.0), np.inf
    goes_on = out * open_to
    for step in range(rounds):
        change = 0.0
        for place in range(n):
            s = n - 1 - place if step % 2 else place
            for c in range(columns):
                now[c] = start[s]
            for e in range(begins[s], begins[s + 1]):
                # Rows by name: the loop over columns is then one that processors take several of at once.
                chance, before = p[e], goes_on[origin[e]]
                for c in range(columns):
                    now[c] += chance * before[c]
            visits, onward, may = out[s], goes_on[s], open_to[s]
            for c in range(columns):
                # Relative, without a division: a state that is never reached stays at 0.
                change = max(change, abs(now[c] - visits[c]) - steady * now[c])
            for c in range(columns):
                visits[c] = now[c]
                onward[c] = now[c] * may[c]
        if change <= 0.0:
            break
    return change
