"""Credit by leaving one touch out: how much less often the path without it converted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from attribution.jit import kernel
from attribution.journeys.alike import paths_of, summed_up
from attribution.journeys.ragged import Codes, Journeys, Reals
from attribution.models.credit import Credit, CreditModel, Recount
from attribution.models.left_out import recount_without


@dataclass(frozen=True)
class LeaveOneOut(CreditModel):
    """A touch is worth what the rate of its exact path is more than that of the path without it, nothing if it is less;
    what touches are worth shares the path's conversions, and where none is worth anything the last one gets them.

    A path that does not occur has a rate of 0, and so has the empty one. It is what fractribution computes under the
    name of Shapley.
    """

    name: ClassVar[str] = "leave_one_out"
    needs: ClassVar[tuple[str, ...]] = ("lost",)
    reads: ClassVar[str] = "paths"

    def credit(self, journeys: Journeys, *, by_touch: bool = False) -> Credit:
        """The credit of each channel; with `by_touch`, of each touch too.

        `by_last` besides: the conversions that fell to last touches.
        """
        self.check(journeys)
        path, example = paths_of(journeys)
        paths = summed_up(journeys, path, example)
        shares = np.zeros(paths.n_touches if by_touch else 0)
        counts = paths.converted, paths.lost, paths.value
        conversions, value, by_last = _shared(paths, shorter(paths), *counts, shares)
        told = _as_on_path(journeys, path, paths, shares) if by_touch else None
        return Credit(conversions, value, told, {"by_last": by_last})

    def recount(self, journeys: Journeys) -> Recount:
        """Credits for other counts of the same paths, which are all different."""
        return recount_without(journeys, shorter(journeys))


NO_SHARES: Final[Reals] = np.zeros(0)


def _as_on_path(journeys: Journeys, path: Codes, paths: Journeys, shares: Reals) -> Reals:
    """What the touches of journeys have, from what those of their paths have."""
    sizes = np.diff(journeys.offsets)
    # A touch is as far from the first one of its path as from the first one of its journey.
    shift = np.repeat(paths.offsets[path] - journeys.offsets[:-1], sizes)
    return np.asarray(shares[np.arange(journeys.n_touches) + shift])


def _shared(
    paths: Journeys, without: Codes, converted: Reals, lost: Reals, value: Reals, shares: Reals = NO_SHARES
) -> tuple[Reals, Reals, float]:
    """Conversions and value by channel, and the conversions that fell to last touches; `shares` of touches are filled,
    unless there is no room for any."""
    of = converted + lost
    rate = np.divide(converted, of, out=np.zeros(paths.n), where=of > 0)
    out = np.zeros((2, len(paths.channels)))
    by_last: float = _leave_out(paths.offsets, paths.channel, without, np.stack([converted, value]), rate, out, shares)
    return out[0], out[1], by_last


def shorter(paths: Journeys) -> Codes:
    """By touch of a path that converted, which path remains without it; -1 if none of these does.

    No two paths may be the same.
    """
    hashes, without = np.empty(paths.n, np.int64), np.full(paths.n_touches, -1, np.int32)
    _hash(paths.offsets, paths.channel, hashes)
    table = np.full(1 << max(4, int(2 * paths.n - 1).bit_length()), -1, np.int64)
    _enter(hashes, table)
    _find(paths.offsets, paths.channel, (paths.converted > 0) | (paths.value != 0), table, without)
    return without


BASE = np.uint64(0x9E3779B97F4A7C15)


@kernel
def _hash(offsets, channel, hashes):
    """A polynomial of the codes, modulo 2**64; a leading 1 tells the length."""
    for j in range(offsets.size - 1):
        h = np.uint64(1)
        for at in range(offsets[j], offsets[j + 1]):
            h = h * BASE + np.uint64(channel[at] + 1)
        hashes[j] = np.int64(h)


@kernel
def _enter(hashes, table):
    """Put each path at the first free place from that of its hash on: its number, below 31 other bits of its hash."""
    last = table.size - 1
    for j in range(hashes.size):
        place = (hashes[j] ^ (hashes[j] >> 29)) & last
        while table[place] >= 0:
            place = (place + 1) & last
        table[place] = ((hashes[j] >> 33) & 0x7FFFFFFF) << 32 | j


@kernel
def _is_without(offsets, channel, other, begin, n, left_out):
    """Whether a path is that of `n` touches from `begin` on, but for one."""
    e = offsets[other]
    if offsets[other + 1] - e != n - 1:
        return False
    for at in range(n - 1):  # noqa: SIM110 (Numba has no generators here)
        if channel[e + at] != channel[begin + at + (at >= left_out)]:
            return False
    return True


@kernel
def _find(offsets, channel, wanted_of, table, without):
    """Look up each path that is wanted without each of its touches."""
    longest, last = 0, table.size - 1
    for j in range(offsets.size - 1):
        longest = max(longest, offsets[j + 1] - offsets[j])
    prefix = np.empty(longest + 1, np.uint64)
    for j in range(offsets.size - 1):
        if not wanted_of[j]:
            continue
        begin, n = offsets[j], offsets[j + 1] - offsets[j]
        prefix[0] = np.uint64(1)
        for at in range(n):
            prefix[at + 1] = prefix[at] * BASE + np.uint64(channel[begin + at] + 1)
        # Backwards: what follows a touch, as a polynomial, and the power that what is before it is raised to then.
        after, power = np.uint64(0), np.uint64(1)
        for back in range(n):
            at = n - 1 - back
            wanted = np.int64(prefix[at] * power + after)
            place = (wanted ^ (wanted >> 29)) & last
            tag = (wanted >> 33) & 0x7FFFFFFF
            while table[place] >= 0:
                other = table[place] & 0xFFFFFFFF
                if table[place] >> 32 == tag and _is_without(offsets, channel, other, begin, n, at):
                    without[begin + at] = other
                    break
                place = (place + 1) & last
            after = np.uint64(channel[begin + at] + 1) * power + after
            power = power * BASE


@kernel
def _leave_out(offsets, channel, without, counts, rate, out, shares):
    longest, by_last = 0, 0.0
    for j in range(offsets.size - 1):
        longest = max(longest, offsets[j + 1] - offsets[j])
    worth = np.empty(longest)
    for j in range(offsets.size - 1):
        begin, n, total = offsets[j], offsets[j + 1] - offsets[j], 0.0
        if n == 0 or (counts[0, j] == 0.0 and counts[1, j] == 0.0):
            continue
        for at in range(n):
            other = without[begin + at]
            worth[at] = max(0.0, rate[j] - (rate[other] if other >= 0 else 0.0))
            total += worth[at]
        if total <= 0.0:
            worth[n - 1], total = 1.0, 1.0
            by_last += counts[0, j]
        for at in range(n):
            for c in range(2):
                out[c, channel[begin + at]] += counts[c, j] * worth[at] / total
            if shares.size > 0:
                shares[begin + at] = worth[at] / total
    return by_last
