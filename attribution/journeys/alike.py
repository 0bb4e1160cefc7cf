"""Journeys that went alike, as one with counts: what reads only paths then has less to read."""

from __future__ import annotations

from typing import Any, Final

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
    counts = counts_of(journeys, path, example.size)
    return Journeys(journeys.channels, offsets, channel, *counts, left_out=journeys.left_out)


def counts_of(journeys: Journeys, path: Codes, n_paths: int) -> tuple[Reals, Reals, Reals]:
    """Converted, lost and value of each path."""
    converted, lost, value = (np.zeros(n_paths) for _ in range(3))
    _sum(path, journeys.converted, journeys.lost, journeys.value, converted, lost, value)
    return converted, lost, value


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
    path, example = np.empty(journeys.n, np.int32), np.empty(journeys.n, np.int32)
    n: Any = _group(journeys.offsets, journeys.channel, len(journeys.channels) + 1, path, example)
    return path, example[:n].astype(np.int64)


def numbered(keys: Ints) -> tuple[Codes, Ints]:
    """Which of the distinct keys each is, counted from 0 as they first occur, and for each of these the first place."""
    group, example = np.empty(keys.size, np.int32), np.empty(keys.size, np.int64)
    n: Any = _group(np.arange(keys.size + 1), keys, MANY, group, example)
    return group, example[:n].copy()


MANY: Final = 1 << 40
"""A base to which no path is short."""
BASE = np.uint64(0x9E3779B97F4A7C15)


@kernel
def _group(offsets, channel, base, path, example):
    """Number the paths. A short one is told by its codes, as digits, and has a place of its own; long ones lie in a
    table by their hashes, the codes as digits to a large base, modulo 2**64, and are compared touch by touch.

    A row of the table is 31 bits of a hash above the number of a path. The table grows with the paths, so that it
    stays as near as it can.
    """
    n_journeys, short, places = offsets.size - 1, 0, 1
    while places * base <= min(1 << 18, 4 * n_journeys):
        short, places = short + 1, places * base
    direct, keys = np.full(places, -1, np.int32), np.empty(1 << 10, np.int64)
    n, n_long, last = 0, 0, (1 << 12) - 1
    table = np.full(last + 1, -1, np.int64)
    for first in range(0, n_journeys, keys.size):
        until = min(n_journeys, first + keys.size)
        # Apart from the look-ups: nobody can guess where a journey ends, and these need not wait for it.
        for j in range(first, until):
            h, factor = np.uint64(0), np.uint64(base) if offsets[j + 1] - offsets[j] <= short else BASE
            for at in range(offsets[j], offsets[j + 1]):
                h = h * factor + np.uint64(channel[at] + 1)
            keys[j - first] = np.int64(h)
        # Room for all that a block can bring: among the look-ups, this would make every one of them slower.
        if 3 * (n_long + keys.size) > 2 * last:
            last = 2 * last + 1
            grown = np.full(last + 1, -1, np.int64)
            for row in range(table.size):
                if table[row] >= 0:
                    place = (table[row] >> 32) & last
                    while grown[place] >= 0:
                        place = (place + 1) & last
                    grown[place] = table[row]
            table = grown
        for j in range(first, until):
            begin, size, h = offsets[j], offsets[j + 1] - offsets[j], keys[j - first]
            if size <= short:
                if direct[h] < 0:
                    direct[h], example[n] = n, j
                    n += 1
                path[j] = direct[h]
                continue
            tag = (h ^ (h >> 32)) & 0x7FFFFFFF
            place, known = tag & last, -1
            while known < 0 and table[place] >= 0:
                if table[place] >> 32 == tag:
                    known = table[place] & 0xFFFFFFFF
                    e = offsets[example[known]]
                    if offsets[example[known] + 1] - e != size:
                        known = -1
                    for at in range(size if known >= 0 else 0):
                        if channel[e + at] != channel[begin + at]:
                            known = -1
                            break
                place = place if known >= 0 else (place + 1) & last
            if known < 0:
                known = n
                table[place], example[n] = tag << 32 | n, j
                n, n_long = n + 1, n_long + 1
            path[j] = known
    return n


@kernel
def _sum(path, converted, lost, value, converted_of, lost_of, value_of):
    for j in range(path.size):
        converted_of[path[j]] += converted[j]
        lost_of[path[j]] += lost[j]
        value_of[path[j]] += value[j]


@kernel
def _copy(offsets, channel, example, new_offsets, new_channel):
    for p in range(example.size):
        to = new_offsets[p]
        for at in range(offsets[example[p]], offsets[example[p] + 1]):
            new_channel[to] = channel[at]
            to += 1
