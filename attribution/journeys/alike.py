"""Journeys that went alike, as one with counts: what reads only paths then has less to read."""

from __future__ import annotations

from typing import Any

import numpy as np

from attribution.jit import kernel
from attribution.journeys.ragged import Codes, Ints, Journeys, Reals


def merged(journeys: Journeys) -> Journeys:
    """One journey for each different path, with the counts of all that took it; times, milestones and persons are gone.

    Paths come in the order in which they first occur.
    """
    path, example = paths_of(journeys)
    return summed_up(journeys, path, example)


def summed_up(journeys: Journeys, path: Codes, example: Ints) -> Journeys:
    """The same, where paths are numbered already, as `paths_of` gives them."""
    sizes = np.diff(journeys.offsets)[example]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    channel = np.empty(int(offsets[-1]), np.int32)
    _copy(journeys.offsets, journeys.channel, example, offsets, channel)

    def summed(counts: Reals) -> Reals:
        return np.asarray(np.bincount(path, counts, example.size), np.float64)

    return Journeys(
        journeys.channels,
        offsets,
        channel,
        summed(journeys.converted),
        summed(journeys.lost),
        summed(journeys.value),
        left_out=journeys.left_out,
    )


def joined(one: Journeys, other: Journeys) -> Journeys:
    """The journeys of both, which have the same channels; times, milestones and persons are gone."""
    return Journeys(
        one.channels,
        np.concatenate([one.offsets, one.offsets[-1] + other.offsets[1:]]),
        np.concatenate([one.channel, other.channel]),
        np.concatenate([one.converted, other.converted]),
        np.concatenate([one.lost, other.lost]),
        np.concatenate([one.value, other.value]),
    )


def paths_of(journeys: Journeys) -> tuple[Codes, Ints]:
    """Which path each journey took, counted from 0, and for each path the first journey that did."""
    path, example = np.empty(journeys.n, np.int32), np.empty(journeys.n, np.int64)
    n: Any = _group(journeys.offsets, journeys.channel, path, example)
    return path, example[:n].copy()


def numbered(keys: Ints) -> tuple[Codes, Ints]:
    """Which of the distinct keys each is, counted from 0 as they first occur, and for each of these the first place."""
    group, example = np.empty(keys.size, np.int32), np.empty(keys.size, np.int64)
    n: Any = _group(np.arange(keys.size + 1), keys, group, example)
    return group, example[:n].copy()


@kernel
def _group(offsets, channel, path, example):
    """Number the paths by a table of their hashes; those with the same hash are compared touch by touch.

    A row of the table holds hash, first touch and number of a path, side by side: one look is one line of memory. It
    grows with the paths, so that it stays as near as it can.
    """
    n, last, half = 0, (1 << 12) - 1, np.uint64(32)
    table = np.full((last + 1, 4), -1, np.int64)
    for j in range(offsets.size - 1):
        begin, size = offsets[j], offsets[j + 1] - offsets[j]
        h = np.uint64(size)
        for at in range(begin, begin + size):
            h = (h ^ np.uint64(channel[at])) * np.uint64(0x9E3779B97F4A7C15)
            h ^= h >> half
        key = np.int64(h)
        place = key & last
        while True:
            known = table[place, 2]
            if known < 0:
                table[place, 0], table[place, 1], table[place, 2], table[place, 3] = key, begin, n, size
                path[j], example[n] = n, j
                n += 1
                break
            same = table[place, 0] == key and table[place, 3] == size
            if same:
                e = table[place, 1]
                for at in range(size):
                    if channel[e + at] != channel[begin + at]:
                        same = False
                        break
            if same:
                path[j] = known
                break
            place = (place + 1) & last
        if 2 * n > last:
            grown = np.full((2 * (last + 1), 4), -1, np.int64)
            last = 2 * last + 1
            for row in range(table.shape[0]):
                if table[row, 2] >= 0:
                    place = table[row, 0] & last
                    while grown[place, 2] >= 0:
                        place = (place + 1) & last
                    for c in range(4):
                        grown[place, c] = table[row, c]
            table = grown
    return n


@kernel
def _copy(offsets, channel, example, new_offsets, new_channel):
    for p in range(example.size):
        to = new_offsets[p]
        for at in range(offsets[example[p]], offsets[example[p] + 1]):
            new_channel[to] = channel[at]
            to += 1
