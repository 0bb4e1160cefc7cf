"""Journeys counted together, and how often each such group is drawn: the sums that an interval is made of.

It knows prospects and groups, and no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.jit import in_lanes, kernel
from attribution.journeys.alike import joined, paths_of, summed_up
from attribution.journeys.drawing import all_times_drawn
from attribution.journeys.ragged import Codes, Ints, Journeys, Reals


@dataclass(frozen=True)
class Rows:
    """Whose each journey is, and what became of it."""

    prospect: NDArray[np.uint64]
    converted: Any
    lost: Any
    value: Reals

    @classmethod
    def of(cls, journeys: Journeys) -> Rows:
        """Those of journeys; where nobody knows whose one is, it is somebody else's."""
        whose = np.arange(journeys.n, dtype=np.uint64) if journeys.prospect is None else journeys.prospect
        return cls(whose, _narrow(journeys.converted), _narrow(journeys.lost), journeys.value)

    @cached_property
    def single(self) -> bool:
        """Whether each journey is one prospect's."""
        return not (np.add(self.converted, self.lost, dtype=np.float64) > 1).any()

    @cached_property
    def plain(self) -> bool:
        """Whether every conversion is worth one, as where nobody says values."""
        return bool(np.array_equal(self.value, self.converted))

    def take(self, which: Ints) -> Rows:
        """Some of them, in order."""
        return Rows(self.prospect[which], self.converted[which], self.lost[which], self.value[which])

    def then(self, other: Rows) -> Rows:
        """These, and others behind them."""
        pairs: Any = ([getattr(self, each.name), getattr(other, each.name)] for each in fields(self))
        return Rows(*(np.concatenate(pair) for pair in pairs))

    def drawn(self, seed: int, which: Sequence[int]) -> tuple[Any, Any, Any, Any, Any]:
        """How often a conversion and a loss are drawn, by journey and draw; and what each is worth in conversions, in
        losses and in value."""
        if self.single:
            times = all_times_drawn(self.prospect, seed, which)
            return times, times, self.converted, self.lost, self.value
        found, ones = np.empty((2, self.value.size, len(which))), np.ones(self.value.size)
        each = np.divide(self.value, self.converted, out=np.zeros(self.value.size), where=self.converted > 0)
        for lane, draw in enumerate(which):
            rng = np.random.Generator(np.random.Philox(key=np.array([seed, draw], np.uint64)))
            found[0, :, lane], found[1, :, lane] = rng.poisson(self.converted), rng.poisson(self.lost)
        return found[0], found[1], ones, ones, each


def _narrow(counts: Reals) -> Any:
    """Counts of 0 and 1 in a byte each."""
    small = counts.astype(np.uint8)
    return small if (counts == small).all() else counts


@dataclass(frozen=True)
class Counted:
    """Groups of journeys, as one journey each; the members of group `g` are `member[begins[g]:begins[g + 1]]`."""

    journeys: Journeys
    rows: Rows
    begins: Ints
    member: Ints

    @classmethod
    def one_by_one(cls, journeys: Journeys, *, all_of: bool) -> Counted:
        """Each journey by itself: all of them, or those alone that bring conversions or value."""
        counts = np.ones(journeys.n, bool) if all_of else (journeys.converted > 0) | (journeys.value != 0)
        member = np.flatnonzero(counts)
        some = journeys if all_of else journeys.take(counts)
        return cls.of(some, Rows.of(journeys), np.arange(member.size + 1), member)

    @classmethod
    def of(cls, journeys: Journeys, rows: Rows, begins: Ints, member: Ints) -> Counted:
        """Groups of some rows; those of one group are put side by side where they can be."""
        if rows.single:
            return cls(journeys, rows.take(member), begins, np.arange(member.size))
        # Of rows that count many, one generator draws one after the other: all of them, or each would be another's.
        return cls(journeys, rows, begins, member)

    def drawn(self, seed: int, which: Sequence[int], out: Reals) -> tuple[Reals, Reals, Reals]:
        """Converted, lost and value of the groups by group and draw; `out` is the room for these three.

        Where every conversion is worth one, value is the same array as converted: who sees that need count only once.
        """
        _sum(self.begins, self.member, *self.rows.drawn(seed, which), out)
        converted, lost, value = out
        return converted, lost, converted if self.rows.plain else value


@dataclass(frozen=True)
class Log:
    """The paths of a log that comes in pieces, and which of them each of its journeys took."""

    paths: Journeys | None = None
    rows: Rows | None = None
    path: Codes | None = None

    def with_piece(self, piece: Journeys) -> Log:
        """The log with a piece more."""
        path, example = paths_of(piece)
        paths, rows = summed_up(piece, path, example), Rows.of(piece)
        if self.paths is None or self.rows is None or self.path is None:
            return Log(paths, rows, path)
        both = joined(self.paths, paths)
        number, example = paths_of(both)
        paths = summed_up(both, number, example)
        # Those that are known come first, so they keep their numbers.
        path = np.concatenate([self.path, number[self.paths.n :][path]])
        return Log(paths, self.rows.then(rows), path)

    def by_path(self) -> Counted:
        """The journeys by path."""
        assert self.paths is not None
        assert self.rows is not None
        assert self.path is not None
        begins = np.concatenate([[0], np.cumsum(np.bincount(self.path, minlength=self.paths.n))])
        member = np.empty(self.path.size, np.int64)
        _list_members(self.path, begins.copy(), member)
        return Counted.of(self.paths, self.rows, begins, member)


def summed(group: Codes, counts: Reals, n: int) -> Reals:
    """Counts of `n` groups, from those of their members, by member and lane."""
    out = np.zeros((n, counts.shape[1]))
    _add(group, counts, out)
    return out


@kernel
def _list_members(group, next_of, member):
    for j in range(group.size):
        member[next_of[group[j]]] = j
        next_of[group[j]] += 1


@in_lanes
def _plus(row, x):
    """Add eight lanes to a row."""
    a, b, c, d = row[0] + x[0], row[1] + x[1], row[2] + x[2], row[3] + x[3]
    e, f, g, h = row[4] + x[4], row[5] + x[5], row[6] + x[6], row[7] + x[7]
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] = a, b, c, d, e, f, g, h


@in_lanes
def _add(group, counts, out):
    for at in range(group.size):
        _plus(out[group[at]], counts[at])


@in_lanes
def _plus_times(x, row, by):
    """Eight lanes, and those of a row times a number added to them."""
    a, b, c, d = x[0] + by * row[0], x[1] + by * row[1], x[2] + by * row[2], x[3] + by * row[3]
    return a, b, c, d, x[4] + by * row[4], x[5] + by * row[5], x[6] + by * row[6], x[7] + by * row[7]


@in_lanes
def _put(row, x):
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] = x


@in_lanes
def _sum(begins, member, hits, misses, converted, lost, value, out):
    nothing = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for g in range(begins.size - 1):
        conversions, losses, worth = nothing, nothing, nothing
        for at in range(begins[g], begins[g + 1]):
            j = member[at]
            conversions = _plus_times(conversions, hits[j], np.float64(converted[j]))
            losses = _plus_times(losses, misses[j], np.float64(lost[j]))
            worth = _plus_times(worth, hits[j], value[j])
        _put(out[0, g], conversions)
        _put(out[1, g], losses)
        _put(out[2, g], worth)
