"""Journeys dealt out to folds, so that what is fitted to some of them can be tried on the others.

All journeys of a prospect are in one fold, which depends on the seed and the prospect's number alone. Where nobody says
whose journeys they are, each is somebody else's and is dealt by its path and its count among those alike: the order of
rows, rows that are split or merged, and other names of channels change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.alike import paths_of, summed_up
from attribution.journeys.ragged import Journeys, Reals


@dataclass(frozen=True)
class Folds:
    """Different paths, and how many of each converted and were lost, by path and fold."""

    paths: Journeys
    converted: Reals
    lost: Reals


def folds_of(journeys: Journeys, folds: int, *, seed: int) -> Folds:
    """The journeys that have a touch and count something, in folds. Raises ValueError for fewer than two folds."""
    if folds < 2:
        raise ValueError(f"folds: {folds}; what is fitted to some folds is tried on another, so there are 2 or more")
    journeys = journeys.take((journeys.converted + journeys.lost > 0) & (np.diff(journeys.offsets) > 0))
    path, example = paths_of(journeys)
    paths = summed_up(journeys, path, example)
    out = np.zeros((2, paths.n, folds))
    if journeys.prospect is None:
        _deal(_own_numbers(paths), np.uint64(seed), paths.converted, paths.lost, out)
    else:
        _place(journeys.prospect.astype(np.uint64), np.uint64(seed), path, journeys.converted, journeys.lost, out)
    return Folds(paths, out[0], out[1])


def _own_numbers(paths: Journeys) -> NDArray[np.uint64]:
    """A number for each path that is the same whatever its channels are called: a channel is known by its counts.

    Paths that differ only in channels with all the same counts share one, and are then dealt alike.
    """
    sizes, n = np.diff(paths.offsets), len(paths.channels)
    first, last = paths.channel[paths.offsets[:-1]], paths.channel[paths.offsets[1:] - 1]
    counts = [
        *(np.bincount(paths.channel, np.repeat(each, sizes), n) for each in (paths.converted, paths.lost)),
        *(np.bincount(ends, each, n) for ends in (first, last) for each in (paths.converted, paths.lost)),
    ]
    out = np.empty(paths.n, np.uint64)
    _number(np.stack(counts).view(np.uint64), paths.offsets, paths.channel, out)
    return out


@kernel
def _mixed(x):
    """The finaliser of SplitMix64."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def _number(counts, offsets, channel, out):
    own = np.zeros(counts.shape[1], np.uint64)
    for row in range(counts.shape[0]):
        for c in range(own.size):
            own[c] = _mixed(own[c] + counts[row, c] + np.uint64(0x9E3779B97F4A7C15))
    for p in range(out.size):
        h = np.uint64(0)
        for at in range(offsets[p], offsets[p + 1]):
            h = _mixed(h * np.uint64(3) + own[channel[at]])
        out[p] = h


@kernel
def _place(whose, seed, path, converted, lost, out):
    key = _mixed(seed + np.uint64(1))
    for j in range(path.size):
        fold = np.int64(_mixed(key ^ _mixed(whose[j] + np.uint64(1))) % np.uint64(out.shape[2]))
        out[0, path[j], fold] += converted[j]
        out[1, path[j], fold] += lost[j]


@kernel
def _deal(own, seed, converted, lost, out):
    key = _mixed(seed + np.uint64(1))
    for outcome in range(2):
        for p in range(own.size):
            left, h = converted[p] if outcome == 0 else lost[p], _mixed(key ^ own[p]) + np.uint64(outcome)
            while left > 0.0:
                # One after the other: even shares of a path would make the folds more alike than people are.
                h = _mixed(h + np.uint64(0x9E3779B97F4A7C15))
                out[outcome, p, np.int64(h % np.uint64(out.shape[2]))] += min(left, 1.0)
                left -= 1.0
