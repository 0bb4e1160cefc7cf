"""Who a prospect is: a code that counts them, and a number that is theirs wherever they stand in a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attribution.jit import kernel

Words = NDArray[np.uint64]

CROWDED = 4
"""Whole numbers are codes themselves where they span at most so many times their count."""


@dataclass(frozen=True)
class Identified:
    """The prospects of events: codes from 0 on, and the number that each prospect has."""

    codes: NDArray[Any]
    """By event."""
    n: int
    """Number of codes; not all of them need occur."""
    low: int = 0
    """The number of code 0, where numbers follow one another."""
    words: Words | None = None
    """The number of each code, where they do not."""

    def numbers(self, codes: NDArray[Any]) -> Words:
        """The numbers of prospects by their codes."""
        if self.words is not None:
            return np.asarray(self.words[codes])
        numbers = codes.astype(np.uint64)
        numbers += np.uint64(self.low % 2**64)
        return numbers


def identified(prospect: pa.Array, replication: pa.Array | None = None) -> Identified:
    """Who the prospects are: of whole numbers these themselves, of texts a hash of 64 bits.

    The same prospect in two replications is two. Nulls are nobody in particular.
    """
    alone = _identified(prospect)
    if replication is None:
        return alone
    run = np.asarray(replication.cast(pa.int64()).fill_null(0))
    both, again = np.unique(run * alone.n + alone.codes, return_inverse=True)
    runs = (both // alone.n).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return Identified(again, both.size, words=alone.numbers(both % alone.n) ^ runs)


def _identified(prospect: pa.Array) -> Identified:
    if pa.types.is_integer(prospect.type):
        whole = np.asarray(prospect.fill_null(0) if prospect.null_count else prospect)
        low, high = (int(whole.min()), int(whole.max())) if whole.size else (0, 0)
        if high - low < CROWDED * whole.size:
            if low == 0 and whole.dtype in (np.int32, np.int64):
                return Identified(whole, high + 1)
            codes = np.empty(whole.size, np.int32 if high - low < 2**31 else np.int64)
            # Modulo 2**64: differences of small types, and of the largest ones, have room there alone.
            np.subtract(whole, np.uint64(low % 2**64), out=codes, dtype=np.uint64, casting="unsafe")
            return Identified(codes, high - low + 1, low)
    known = prospect if pa.types.is_dictionary(prospect.type) else prospect.dictionary_encode()
    words = _words(known.dictionary)
    return Identified(np.asarray(known.indices.fill_null(0)), words.size, words=words)


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
