"""Touches that rules credit alike are counted together: what rules say of many counts is then one short sum for all.

It knows each touch's share of one conversion by rule, and no rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from attribution.jit import in_lanes
from attribution.journeys.alike import numbered
from attribution.journeys.ragged import Codes, Ints, Journeys, Reals
from attribution.models.credit import LANES

MIX = np.uint64(0x9E3779B97F4A7C15)
"""Odd, and without a pattern."""


@dataclass(frozen=True)
class Places:
    """Touches of journeys by place, and what each rule credits for the counts that come to a place."""

    offsets: Ints
    counted: NDArray[np.int64]
    """The journeys that touches are of, among those that are counted."""
    place: Codes
    weight: Reals
    n: int
    n_rules: int
    n_channels: int
    credits: Any
    """By rule and channel, and by place."""

    @classmethod
    def alike(cls, some: Journeys, counted: Ints, shares: Sequence[Reals]) -> Places:
        """A place for touches of one channel with the same shares, which are by rule and touch."""
        place, example = _alike(some.channel, shares)
        rows = np.arange(len(shares))[:, None] * len(some.channels) + some.channel[example]
        columns = np.broadcast_to(np.arange(example.size), rows.shape)
        values = np.array([share[example] for share in shares])
        shape = (len(shares) * len(some.channels), example.size)
        credits = sparse.csr_array((values.ravel(), (rows.ravel(), columns.ravel())), shape=shape)
        return cls(
            some.offsets,
            counted,
            place,
            np.ones(some.n_touches),
            example.size,
            len(shares),
            len(some.channels),
            credits,
        )

    @classmethod
    def by_channel(cls, some: Journeys, counted: Ints, share: Reals) -> Places:
        """A place for each channel, to which touches bring their shares by one rule: where no two are alike."""
        n = len(some.channels)
        return cls(some.offsets, counted, some.channel, share, n, 1, n, sparse.eye_array(n, format="csr"))

    def recount(self, converted: Reals, value: Reals) -> Reals:
        """Conversions and value by these two, lane, rule and channel, for counts by journey and lane.

        Both are counted once where value is the very array of conversions.
        """
        if value is converted:
            alone = np.zeros((self.n, LANES))
            _bring_alone(self.offsets, self.counted, self.place, self.weight, converted, alone)
            conversions = np.asarray(self.credits @ alone).reshape(self.n_rules, self.n_channels, LANES)
            return np.broadcast_to(conversions.transpose(2, 0, 1), (2, LANES, self.n_rules, self.n_channels))
        sums = np.zeros((self.n, 2, LANES))
        _bring(self.offsets, self.counted, self.place, self.weight, converted, value, sums)
        credits = np.asarray(self.credits @ sums.reshape(self.n, 2 * LANES))
        return credits.reshape(self.n_rules, self.n_channels, 2, LANES).transpose(2, 3, 0, 1)


def _alike(channel: Codes, shares: Sequence[Reals]) -> tuple[Codes, Ints]:
    """Which touches are alike, counted from 0, and the first of each kind."""
    # Mixed before a share comes in: shares may differ in the last bit alone, as channels do.
    keys = channel.astype(np.uint64) * MIX
    for share in shares:
        keys = (keys ^ (keys >> np.uint64(32)) ^ share.view(np.uint64)) * MIX
    place, example = numbered(keys.view(np.int64))
    rows: list[Any] = [channel, *shares]
    if all(np.array_equal(row, row[example][place]) for row in rows):
        return place, example
    # Two kinds have one key: each touch is then a kind of its own.
    return np.arange(channel.size, dtype=np.int32), np.arange(channel.size)


@in_lanes
def _eight(row):
    return row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]


@in_lanes
def _plus_times(row, x, by):
    """Add eight lanes, times a number, to a row."""
    a, b, c, d = row[0] + by * x[0], row[1] + by * x[1], row[2] + by * x[2], row[3] + by * x[3]
    e, f, g, h = row[4] + by * x[4], row[5] + by * x[5], row[6] + by * x[6], row[7] + by * x[7]
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] = a, b, c, d, e, f, g, h


@in_lanes
def _bring(offsets, counted, place, weight, converted, value, sums):
    for j in range(offsets.size - 1):
        conversions, worth = _eight(converted[counted[j]]), _eight(value[counted[j]])
        for at in range(offsets[j], offsets[j + 1]):
            _plus_times(sums[place[at], 0], conversions, weight[at])
            _plus_times(sums[place[at], 1], worth, weight[at])


@in_lanes
def _bring_alone(offsets, counted, place, weight, converted, sums):
    for j in range(offsets.size - 1):
        conversions = _eight(converted[counted[j]])
        for at in range(offsets[j], offsets[j + 1]):
            _plus_times(sums[place[at]], conversions, weight[at])
