"""Paths without one of their touches, looked up among paths that are all different.

Almost none of them occurs, and that is told without going far: short paths have places of their own in an array, and
bits say of most long ones that they are not in the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.ragged import Codes, Ints, Journeys

NEAR: Final = 1 << 18
"""Numbers for which there is an array of short paths."""
BLOCK: Final = 1 << 14
"""Touches of paths that are looked up together."""
AS_BEFORE: Final = -2
"""What remains is the same as without the touch before."""
BASE = np.uint64(0x9E3779B97F4A7C15)


def shorter(paths: Journeys) -> Codes:
    """By touch of a path that converted, which path remains without it; -1 if none of these does.

    No two paths may be the same.
    """
    is_asked, without = (paths.converted > 0) | (paths.value != 0), np.full(paths.n_touches, -1, np.int32)
    known = Known.of(paths.offsets[:-1], paths.offsets[1:], paths.channel, len(paths.channels))
    for first, until, found in known.without_one(is_asked):
        sizes = np.diff(paths.offsets[first : until + 1])
        touches = slice(paths.offsets[first], paths.offsets[until])
        without[touches] = np.where(np.repeat(is_asked[first:until], sizes), found, -1)
    return without


@dataclass(frozen=True)
class Known:
    """Paths that are all different, ready to be looked up; a number is a path's codes as digits to a base."""

    begins: Ints
    """The first touch of each path."""
    ends: Ints
    """One behind its last touch."""
    channel: Codes
    base: int
    short: int
    """Touches of a path up to which it lies in the array by number."""
    direct: Codes
    table: Ints
    """Longer paths by hash."""
    bits: NDArray[np.uint64]
    """One bit for each of their hashes."""

    @classmethod
    def of(cls, begins: Ints, ends: Ints, channel: Codes, n_channels: int) -> Known:
        """Paths by the first touch of each and one behind the last."""
        base, short = n_channels + 1, 0
        while base ** (short + 1) <= min(NEAR, 4 * begins.size):
            short += 1
        n_long = int(np.count_nonzero(ends - begins > short))
        table = np.full(1 << max(4, (3 * n_long // 2).bit_length()), -1, np.int64)
        direct, bits = np.full(base**short, -1, np.int32), np.zeros(table.size // 16, np.uint64)
        _enter(begins, ends, channel, base, short, direct, table, bits)
        return cls(begins, ends, channel, base, short, direct, table, bits)

    def without_one(self, is_asked: NDArray[np.bool_]) -> Iterator[tuple[int, int, Codes]]:
        """Blocks of paths, from one to another: by touch, which path remains without it, -1 if there is no such path.

        Touches of paths that are not asked for have a place, and anything there.
        """
        behind = self.ends - self.begins
        longest = int(behind.max(initial=0))
        room = max(BLOCK, longest)
        powers, due = _powers(self.base, longest), np.empty((room, 5), np.int64)
        np.cumsum(behind, out=behind)
        first, n_before = 0, 0
        while first < behind.size:
            until = int(np.searchsorted(behind, n_before + room, side="right"))
            without = np.empty(int(behind[until - 1]) - n_before, np.int32)
            _look_up(
                self.begins, self.ends, self.channel, first, until, is_asked, self.base, self.short,
                self.direct, self.table, self.bits, powers, due, without,
            )  # fmt: skip
            yield first, until, without
            first, n_before = until, int(behind[until - 1])


@kernel
def _enter(begins, ends, channel, base, short, direct, table, bits):
    """Enter each path: a short one at its number, its codes as digits; a long one at the first free place from that of
    its hash on, its number below 31 other bits of its hash.

    The hash is a number as well, to a large base, modulo 2**64.
    """
    last = table.size - 1
    for p in range(begins.size):
        h, factor = np.uint64(0), np.uint64(base) if ends[p] - begins[p] <= short else BASE
        for at in range(begins[p], ends[p]):
            h = h * factor + np.uint64(channel[at] + 1)
        if ends[p] - begins[p] <= short:
            direct[h] = p
            continue
        bit = h >> np.uint64(20) & np.uint64(64 * bits.size - 1)
        bits[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))
        key = np.int64(h)
        place = (key ^ (key >> 29)) & last
        while table[place] >= 0:
            place = (place + 1) & last
        table[place] = ((key >> 33) & 0x7FFFFFFF) << 32 | p


@kernel
def _is_without(begins, ends, channel, other, begin, n, left_out):
    """Whether a path is that of `n` touches from `begin` on, but for one."""
    e = begins[other]
    if ends[other] - e != n - 1:
        return False
    for at in range(n - 1):  # noqa: SIM110 (Numba has no generators here)
        if channel[e + at] != channel[begin + at + (at >= left_out)]:
            return False
    return True


@kernel
def _powers(base, n):
    """The powers of both bases."""
    out = np.ones((2, n + 1), np.uint64)
    for at in range(n):
        out[0, at + 1], out[1, at + 1] = out[0, at] * np.uint64(base), out[1, at] * BASE
    return out


@kernel
def _look_up(begins, ends, channel, first, until, is_asked, base, short, direct, table, bits, powers, due, without):
    """Write to `without`, by touch of the paths from one to another, which path remains; -1 if none of these does.

    Paths that are not asked for keep their places there. `due` has room, by touch, for what is looked up last.
    """
    last, n_due, to = table.size - 1, 0, 0
    for p in range(first, until):
        begin, n = begins[p], ends[p] - begins[p]
        if not is_asked[p]:
            to += n
            continue
        is_short = n - 1 <= short
        factor, which = np.uint64(base) if is_short else BASE, 0 if is_short else 1
        h = np.uint64(0)
        for at in range(begin + 1, begin + n):
            h = h * factor + np.uint64(channel[at] + 1)
        for at in range(n):
            # From the path without the touch before to that without this one: at one place there is another code.
            change = channel[begin + at - 1] - channel[begin + at] if at > 0 else 0
            h += np.uint64(change) * powers[which, n - 1 - at]
            without[to + at] = -1
            if at > 0 and change == 0:
                without[to + at] = AS_BEFORE
            elif is_short:
                without[to + at] = direct[h]
            else:
                bit = h >> np.uint64(20) & np.uint64(64 * bits.size - 1)
                if bits[bit >> np.uint64(6)] >> (bit & np.uint64(63)) & np.uint64(1):
                    due[n_due, 0], due[n_due, 1], due[n_due, 2], due[n_due, 3] = np.int64(h), p, at, to + at
                    n_due += 1
        to += n
    # Those that are far away are called for all at once, before any of them is waited for.
    for k in range(n_due):
        due[k, 4] = table[(due[k, 0] ^ (due[k, 0] >> 29)) & last] & 0xFFFFFFFF
    for k in range(n_due):
        due[k, 4] = begins[due[k, 4]] if due[k, 4] < begins.size else 0
    called = 0
    for k in range(n_due):
        called += channel[due[k, 4]]
    for k in range(n_due):
        wanted, p, at = due[k, 0], due[k, 1], due[k, 2]
        place, tag = (wanted ^ (wanted >> 29)) & last, (wanted >> 33) & 0x7FFFFFFF
        while table[place] >= 0:
            other = table[place] & 0xFFFFFFFF
            is_alike = table[place] >> 32 == tag
            if is_alike and _is_without(begins, ends, channel, other, begins[p], ends[p] - begins[p], at):
                without[due[k, 3]] = other
                break
            place = (place + 1) & last
    # Of two touches that are the same it does not matter which one is left out.
    for at in range(1, to):
        if without[at] == AS_BEFORE:
            without[at] = without[at - 1]
    return called
