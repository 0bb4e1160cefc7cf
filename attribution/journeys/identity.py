"""Who a prospect is: a code that counts them, and a number that is theirs wherever they stand in a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attribution.jit import kernel

Words = NDArray[np.uint64]

CROWDED = 4
"""Whole numbers are codes themselves where they span at most so many times their count."""


def identified(prospect: pa.Array, replication: pa.Array | None = None) -> tuple[NDArray[Any], Words]:
    """Codes of prospects, from 0 on, and the number of each: of whole numbers themselves, of texts a hash of 64 bits.

    The same prospect in two replications is two. Nulls are nobody in particular.
    """
    codes, words = _codes(prospect)
    if replication is None:
        return codes, words
    run = np.asarray(replication.cast(pa.int64()).fill_null(0))
    both, again = np.unique(run * words.size + codes, return_inverse=True)
    return again, words[both % words.size] ^ (both // words.size).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def _codes(prospect: pa.Array) -> tuple[NDArray[Any], Words]:
    if pa.types.is_integer(prospect.type):
        whole = np.asarray(prospect.fill_null(0))
        low, high = (int(whole.min()), int(whole.max())) if whole.size else (0, 0)
        if high - low < CROWDED * whole.size:
            span = np.uint64(low % 2**64) + np.arange(high - low + 1, dtype=np.uint64)
            return (whole if low == 0 else whole - whole.dtype.type(low)).astype(np.int64, copy=False), span
    known = prospect if pa.types.is_dictionary(prospect.type) else prospect.dictionary_encode()
    return np.asarray(known.indices.fill_null(0)), _words(known.dictionary)


def _words(names: pa.Array) -> Words:
    """The number of each name."""
    if pa.types.is_integer(names.type):
        return np.asarray(names.cast(pa.int64(), safe=False)).view(np.uint64)
    texts = pc.fill_null(names.cast(pa.large_string()), "")
    _, offsets, data = texts.buffers()
    out = np.empty(len(texts), np.uint64)
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    _hash(bounds, np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8), out)
    return out


@kernel
def _hash(bounds, data, out):
    """Bytes one by one, multiplied in and folded (FNV-1a with the finaliser of SplitMix64)."""
    for at in range(out.size):
        h = np.uint64(0xCBF29CE484222325)
        for place in range(bounds[at], bounds[at + 1]):
            h = (h ^ np.uint64(data[place])) * np.uint64(0x100000001B3)
        h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        out[at] = h ^ (h >> np.uint64(31))
