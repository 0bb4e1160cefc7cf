"""Credit by leaving one touch out: how much less often the path without it converted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from attribution.jit import in_lanes, kernel
from attribution.journeys.alike import paths_of, summed_up
from attribution.journeys.ragged import Codes, Journeys, Reals
from attribution.models.credit import LANES, Credit, CreditModel, Recount


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
        without = shorter(journeys)
        wanted = np.flatnonzero((journeys.converted > 0) | (journeys.value != 0))
        longest = int(np.diff(journeys.offsets).max(initial=0))

        def counted(converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals]:
            rate, room = np.empty_like(converted), np.empty((longest, LANES))
            out = np.zeros((2, len(journeys.channels), LANES))
            _rates(converted, lost, rate)
            _leave_out_in_lanes(
                journeys.offsets, journeys.channel, without, wanted, converted, value, rate, room, out
            )  # fmt: skip
            return out[0].T, out[1].T

        return counted


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


@in_lanes
def _eight(row):
    return row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]


@in_lanes
def _put(row, x):
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] = x


@in_lanes
def _plus(row, x):
    _put(row, (
        row[0] + x[0], row[1] + x[1], row[2] + x[2], row[3] + x[3],
        row[4] + x[4], row[5] + x[5], row[6] + x[6], row[7] + x[7],
    ))  # fmt: skip


@in_lanes
def _plus_times(row, x, y):
    _put(row, (
        row[0] + x[0] * y[0], row[1] + x[1] * y[1], row[2] + x[2] * y[2], row[3] + x[3] * y[3],
        row[4] + x[4] * y[4], row[5] + x[5] * y[5], row[6] + x[6] * y[6], row[7] + x[7] * y[7],
    ))  # fmt: skip


@in_lanes
def _sum(x, y):
    return (
        x[0] + y[0], x[1] + y[1], x[2] + y[2], x[3] + y[3],
        x[4] + y[4], x[5] + y[5], x[6] + y[6], x[7] + y[7],
    )  # fmt: skip


@in_lanes
def _per(x, y):
    """The ratio of two sets of lanes; 0 where the second is."""
    return (
        x[0] / y[0] if y[0] > 0 else 0.0, x[1] / y[1] if y[1] > 0 else 0.0,
        x[2] / y[2] if y[2] > 0 else 0.0, x[3] / y[3] if y[3] > 0 else 0.0,
        x[4] / y[4] if y[4] > 0 else 0.0, x[5] / y[5] if y[5] > 0 else 0.0,
        x[6] / y[6] if y[6] > 0 else 0.0, x[7] / y[7] if y[7] > 0 else 0.0,
    )  # fmt: skip


@in_lanes
def _unless(x, y):
    """Lanes where others are 0, else 0."""
    return (
        0.0 if y[0] > 0 else x[0], 0.0 if y[1] > 0 else x[1], 0.0 if y[2] > 0 else x[2], 0.0 if y[3] > 0 else x[3],
        0.0 if y[4] > 0 else x[4], 0.0 if y[5] > 0 else x[5], 0.0 if y[6] > 0 else x[6], 0.0 if y[7] > 0 else x[7],
    )  # fmt: skip


@in_lanes
def _more(x, y):
    """By how much lanes are more than others; 0 where they are less."""
    return (
        max(0.0, x[0] - y[0]), max(0.0, x[1] - y[1]), max(0.0, x[2] - y[2]), max(0.0, x[3] - y[3]),
        max(0.0, x[4] - y[4]), max(0.0, x[5] - y[5]), max(0.0, x[6] - y[6]), max(0.0, x[7] - y[7]),
    )  # fmt: skip


@in_lanes
def _rates(converted, lost, rate):
    for j in range(rate.shape[0]):
        _put(rate[j], _per(_eight(converted[j]), _sum(converted[j], lost[j])))


@in_lanes
def _leave_out_in_lanes(offsets, channel, without, wanted, converted, value, rate, room, out):
    """As `_leave_out`, for eight sets of counts."""
    for at_path in range(wanted.size):
        j = wanted[at_path]
        begin, end = offsets[j], offsets[j + 1]
        if begin == end:
            continue
        own = _eight(rate[j])
        total = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for at in range(begin, end):
            worth, other = own, without[at]
            if other >= 0:
                worth = _more(own, rate[other])
            _put(room[at - begin], worth)
            total = _sum(total, worth)
        conversions, money = _per(_eight(converted[j]), total), _per(_eight(value[j]), total)
        for at in range(begin, end):
            _plus_times(out[0, channel[at]], room[at - begin], conversions)
            _plus_times(out[1, channel[at]], room[at - begin], money)
        _plus(out[0, channel[end - 1]], _unless(_eight(converted[j]), total))
        _plus(out[1, channel[end - 1]], _unless(_eight(value[j]), total))
