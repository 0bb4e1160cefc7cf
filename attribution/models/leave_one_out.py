"""Credit by leaving one touch out: how much less often the path without it converted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attribution.jit import kernel
from attribution.journeys.ragged import Journeys
from attribution.models.credit import Credit, CreditModel


@dataclass(frozen=True)
class LeaveOneOut(CreditModel):
    """A touch is worth what the rate of its exact path is more than that of the path without it, nothing if it is less;
    what touches are worth shares the path's conversions, and where none is worth anything the last one gets them.

    A path that does not occur has a rate of 0, and so has the empty one. It is what fractribution computes under the
    name of Shapley.
    """

    name: ClassVar[str] = "leave_one_out"
    needs: ClassVar[tuple[str, ...]] = ("lost",)

    def credit(self, journeys: Journeys) -> Credit:
        """The credit of each channel; `by_last` besides: the conversions that fell to last touches."""
        self.check(journeys)
        hashes = np.empty(journeys.n, np.uint64)
        _hash(journeys.offsets, journeys.channel, hashes)
        paths, example, path = np.unique(hashes, return_index=True, return_inverse=True)
        if _collides(journeys.offsets, journeys.channel, path, example):
            raise ArithmeticError("two paths have the same hash")
        hits = np.bincount(path, journeys.converted, paths.size)
        of = np.bincount(path, journeys.converted + journeys.lost, paths.size)
        value = np.bincount(path, journeys.value, paths.size)
        rate = np.divide(hits, of, out=np.zeros_like(hits), where=of > 0)
        out = np.zeros((2, len(journeys.channels)))
        by_last = _leave_out(journeys.offsets, journeys.channel, paths, example, np.stack([hits, value]), rate, out)
        return Credit(out[0], out[1], None, {"by_last": by_last})


@kernel
def _hash(offsets, channel, hashes):
    """A polynomial of the codes, modulo 2**64; the length is told by its leading 1."""
    base = np.uint64(0x9E3779B97F4A7C15)
    for j in range(offsets.size - 1):
        h = np.uint64(1)
        for at in range(offsets[j], offsets[j + 1]):
            h = h * base + np.uint64(channel[at] + 1)
        hashes[j] = h


@kernel
def _collides(offsets, channel, path, example):
    """Whether some journey is another path than the example of its hash."""
    for j in range(offsets.size - 1):
        e = example[path[j]]
        n = offsets[j + 1] - offsets[j]
        if offsets[e + 1] - offsets[e] != n:
            return True
        for at in range(n):
            if channel[offsets[j] + at] != channel[offsets[e] + at]:
                return True
    return False


@kernel
def _leave_out(offsets, channel, paths, example, counts, rate, out):
    base, by_last = np.uint64(0x9E3779B97F4A7C15), 0.0
    for path in range(paths.size):
        if counts[0, path] == 0.0 and counts[1, path] == 0.0:
            continue
        begin = offsets[example[path]]
        n = offsets[example[path] + 1] - begin
        worth, total = np.zeros(n), 0.0
        # Backwards: what follows a touch, as a polynomial, and the power of the base that what is before it has then.
        after, power = np.uint64(0), np.uint64(1)
        for back in range(n):
            at = n - 1 - back
            code = np.uint64(channel[begin + at] + 1)
            before = np.uint64(1)
            for to in range(at):
                before = before * base + np.uint64(channel[begin + to] + 1)
            wanted = before * power + after
            place = np.searchsorted(paths, wanted)
            without = rate[place] if n > 1 and place < paths.size and paths[place] == wanted else 0.0
            worth[at] = max(0.0, rate[path] - without)
            total += worth[at]
            after = code * power + after
            power = power * base
        if total <= 0.0:
            worth[n - 1], total = 1.0, 1.0
            by_last += counts[0, path]
        for at in range(n):
            for c in range(2):
                out[c, channel[begin + at]] += counts[c, path] * worth[at] / total
    return by_last
