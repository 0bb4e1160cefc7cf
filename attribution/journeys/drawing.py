"""Prospects drawn anew, each a Poisson number of times with mean 1: by who they are, not by where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.ragged import Reals

LIMITS = tuple(int(x * 2.0**32) for x in np.cumsum([np.exp(-1.0) / f for f in np.cumprod([1.0, *range(1, 13)])]))
"""Of 2**32 words, how many give at most 0, 1, 2, ... draws."""
Times = NDArray[np.uint8]
"""How often each prospect is drawn, by prospect and draw."""
A, B, C = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
"""The numbers of SplitMix64."""


def times_drawn(whose: NDArray[np.uint64], seed: int, draw: int) -> Reals:
    """How often each prospect is drawn in one draw."""
    return np.asarray(all_times_drawn(whose, seed, [draw])[:, 0], np.float64)


def all_times_drawn(whose: NDArray[np.uint64], seed: int, which: Sequence[int]) -> Times:
    """How often each prospect is drawn in each of some draws."""
    out = np.empty((whose.size, len(which)), np.uint8)
    with np.errstate(over="ignore"):
        keys: Any = _mixed(np.uint64(seed) * A + np.array(which, np.uint64))
    _times(whose, keys, out)
    return out


def _mixed(x: Any) -> Any:
    """The finaliser of SplitMix64."""
    x = (x ^ (x >> np.uint64(30))) * B
    x = (x ^ (x >> np.uint64(27))) * C
    return x ^ (x >> np.uint64(31))


_mixed_word = kernel(_mixed)


@kernel
def _times(whose, keys, out):
    """A second round of the finaliser over seed, draw and prospect; the upper half of it is the word."""
    for j in range(whose.size):
        own, row = (np.uint64(whose[j]) + np.uint64(1)) * A, out[j]
        for d in range(keys.size):
            word, n = np.int64(_mixed_word(keys[d] + own) >> np.uint64(32)), np.int64(0)
            # All limits, though few are reached: without a branch that looks at the word, several are done at once.
            for limit in LIMITS:
                n += np.int64(word >= limit)
            row[d] = n
