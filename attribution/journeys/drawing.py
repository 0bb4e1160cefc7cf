"""Prospects drawn anew, each a Poisson number of times with mean 1: by who they are, not by where they stand."""

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.ragged import Reals

LIMITS = np.floor(np.cumsum([np.exp(-1.0) / f for f in np.cumprod([1.0, *range(1, 13)])]) * 2.0**32).astype(np.uint64)
"""Of 2**32 words, how many give at most 0, 1, 2, ... draws."""


def times_drawn(whose: NDArray[np.uint64], seed: int, draw: int) -> Reals:
    """How often each prospect is drawn."""
    out = np.empty(whose.size)
    _times(whose, np.uint64(seed), np.uint64(draw), LIMITS, out)
    return out


@kernel
def _times(whose, seed, draw, limits, out):
    """Two rounds of the finaliser of SplitMix64 over seed, draw and prospect; the upper half of it is the word."""
    a, b, c = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
    s30, s27, s31, s32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
    key = seed * a + draw
    key = (key ^ (key >> s30)) * b
    key = (key ^ (key >> s27)) * c
    key ^= key >> s31
    for j in range(whose.size):
        x = key + (np.uint64(whose[j]) + np.uint64(1)) * a
        x = (x ^ (x >> s30)) * b
        x = (x ^ (x >> s27)) * c
        word, n = (x ^ (x >> s31)) >> s32, 0
        while n < limits.size and word >= limits[n]:
            n += 1
        out[j] = n
