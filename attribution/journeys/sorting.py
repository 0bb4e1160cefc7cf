"""Events of many prospects in order: those of one prospect together, in the order of time, and cut into journeys.

Kernels, and what asks for them; they know codes, not names. What happens at an event is some of the bits below.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.ragged import Codes, Ints

TOUCH, MILESTONE, CONVERSION, END = 1, 2, 4, 8
"""At one instant touches come first, so a touch at the instant of a conversion belongs to it; one event may be both."""
BITS = 4
SINCE, ALL, FIRST = 0, 1, 2
"""What a further conversion of a prospect gets: the touches since the one before, all of its touches, or nothing."""
A_BLOCK: Final = 1 << 15
"""Events of prospects that are put in order together: so many that they stay near."""
MOST_BLOCKS: Final = 1 << 10
RUN: Final = 32
"""Events of one prospect up to which each is moved to its place; more of them are merged."""


class Ordered(NamedTuple):
    """Events in order, those of no kind left out."""

    first: Codes
    """The first event of each prospect, and the number of events."""
    when: Ints
    what: Codes
    """Code, above the bits of its kind."""
    rows: Codes
    """The row of each event in its table; empty if nobody asked."""


class Sizes(NamedTuple):
    """How many journeys and touches there will be, and what will be in none."""

    journeys: int
    touches: int
    bare: int
    """Conversions without a touch."""
    late: int
    """Touches after the first conversion, where only that one counts."""
    twice: int
    """Events that are the same as the one before, at the same instant."""


def in_order(
    prospect: NDArray[Any],
    n_prospects: int,
    time: Ints,
    kind: NDArray[np.int8],
    code: NDArray[Any],
    again: int,
    with_rows: bool,
) -> tuple[Ordered, Sizes]:
    """Events by prospect, then by time, then by kind; those alike stay as they came. Prospects are numbered from 0."""
    bits = int(code.max(initial=0)).bit_length()
    # Prospects of a block by their lowest bits, which must have room above a code; at least one to a block.
    wanted = (n_prospects * A_BLOCK // max(1, prospect.size)).bit_length() - 1
    shift = min(max(wanted, n_prospects.bit_length() - MOST_BLOCKS.bit_length() + 1, 0), 31 - BITS - bits)
    sizes = np.zeros(len(Sizes._fields), np.int64)
    first, when, what, rows = _in_order(prospect, n_prospects, time, kind, code, again, with_rows, shift, sizes)
    return Ordered(first, when, what, rows), Sizes(*sizes.tolist())


@kernel
def _by_prospect(frm, upto, begin, when, what, rows, shift, first, spare_when, spare_what, spare_rows):
    """Put the events of a block, which begin somewhere, in the order of its prospects, from one to another; the lowest
    bits of what they are say whose they are."""
    n, low = first[upto] - begin, (1 << shift) - 1
    first[frm : upto + 1] = 0
    for at in range(n):
        who = frm + (what[begin + at] & low)
        spare_when[at], spare_what[at] = when[begin + at], what[begin + at]
        if rows.size:
            spare_rows[at] = rows[begin + at]
        first[who + 1] += 1
    first[frm] = begin
    for who in range(frm, upto):
        first[who + 1] += first[who]
    # Backwards, so that the end of a prospect's events becomes their beginning and they stay as they came.
    for back in range(n):
        it = spare_what[n - 1 - back]
        first[frm + (it & low) + 1] -= 1
        to = first[frm + (it & low) + 1]
        when[to], what[to] = spare_when[n - 1 - back], it >> shift
        if rows.size:
            rows[to] = spare_rows[n - 1 - back]
    for who in range(frm, upto):
        first[who] = first[who + 1]
    first[upto] = begin + n


@kernel
def _merge(begin, mid, end, when, what, rows, spare_when, spare_what, spare_rows):
    """Merge events that are in order up to a place, and from there on."""
    mask, left, right, n = (1 << BITS) - 1, 0, mid, mid - begin
    spare_when[:n], spare_what[:n] = when[begin:mid], what[begin:mid]
    if rows.size:
        spare_rows[:n] = rows[begin:mid]
    for to in range(begin, end):
        if left == n:
            break
        takes_right = right < end and (
            when[right] < spare_when[left]
            or (when[right] == spare_when[left] and what[right] & mask < spare_what[left] & mask)
        )
        if takes_right:
            when[to], what[to] = when[right], what[right]
            if rows.size:
                rows[to] = rows[right]
            right += 1
        else:
            when[to], what[to] = spare_when[left], spare_what[left]
            if rows.size:
                rows[to] = spare_rows[left]
            left += 1


@kernel
def _by_time(frm, upto, first, when, what, rows, spare_when, spare_what, spare_rows):
    """Put the events of each prospect, from one to another, in the order of time, and of kind at one instant."""
    mask = (1 << BITS) - 1
    for who in range(frm, upto):
        begin, end = first[who], first[who + 1]
        for run in range(begin, end, RUN):
            for at in range(run + 1, min(run + RUN, end)):
                tick, it, row, to = when[at], what[at], rows[at] if rows.size else 0, at
                while to > run:
                    before = to - 1
                    if when[before] < tick or (when[before] == tick and what[before] & mask <= it & mask):
                        break
                    when[to], what[to] = when[before], what[before]
                    if rows.size:
                        rows[to] = rows[before]
                    to = before
                when[to], what[to] = tick, it
                if rows.size:
                    rows[to] = row
        width = RUN
        while width < end - begin:
            for left in range(begin, end - width, 2 * width):
                _merge(
                    left, left + width, min(left + 2 * width, end), when, what, rows, spare_when, spare_what, spare_rows
                )
            width *= 2


@kernel
def _size_up(frm, upto, first, when, what, again, sizes):
    """Add up what the events of each prospect, from one to another, will make; see `Sizes`."""
    for who in range(frm, upto):
        seen, since, done = 0, 0, 0
        for at in range(first[who], first[who + 1]):
            sizes[4] += at > first[who] and when[at] == when[at - 1] and what[at] == what[at - 1]
            if what[at] & TOUCH:
                seen += 1
                since += 1
            if what[at] & CONVERSION:
                if again == FIRST and done > 0:
                    continue
                held = seen if again == ALL else since
                sizes[1] += held
                sizes[0] += held > 0
                sizes[2] += held == 0
                since, done = 0, done + 1
        if again == FIRST and done > 0:
            sizes[3] += since
        elif since > 0:
            sizes[1] += since
            sizes[0] += 1


@kernel
def _in_order(prospect, n_prospects, time, kind, code, again, with_rows, shift, sizes):
    """Deal the events out to blocks of prospects, and put each block in order while it is near."""
    n_blocks, low = (n_prospects + (1 << shift) - 1) >> shift, (1 << shift) - 1
    begins, largest = np.zeros(n_blocks + 1, np.int64), 0
    for row in range(prospect.size):
        begins[(prospect[row] >> shift) + 1] += kind[row] != 0
    for block in range(n_blocks):
        largest = max(largest, begins[block + 1])
        begins[block + 1] += begins[block]
    n, free = begins[n_blocks], begins[:n_blocks].copy()
    when, what, rows = np.empty(n, np.int64), np.empty(n, np.int32), np.empty(n if with_rows else 0, np.int32)
    for row in range(prospect.size):
        if kind[row] != 0:
            who = np.int64(prospect[row])
            at = free[who >> shift]
            free[who >> shift] = at + 1
            what[at] = (np.int64(code[row]) << BITS | kind[row]) << shift | (who & low)
            when[at] = time[row]
            if with_rows:
                rows[at] = row
    first = np.zeros(n_prospects + 1, np.int32)
    spare_when, spare_what = np.empty(largest, np.int64), np.empty(largest, np.int32)
    spare_rows = np.empty(largest if with_rows else 0, np.int32)
    for block in range(n_blocks):
        frm, upto = block << shift, min(n_prospects, (block + 1) << shift)
        first[upto] = begins[block + 1]
        _by_prospect(
            frm, upto, begins[block], when, what, rows, shift, first, spare_when, spare_what, spare_rows
        )  # fmt: skip
        _by_time(frm, upto, first, when, what, rows, spare_when, spare_what, spare_rows)
        _size_up(frm, upto, first, when, what, again, sizes)
    return first, when, what, rows


@kernel
def cut(first, when, what, rows, value, again, offsets, channel, time, end, converted, worth, whose, reached):
    """Cut each prospect's events into journeys, which are filled in: each ends with a conversion, the last may be open.

    `reached` is, by journey and milestone, the number of the touch before it; it comes filled with -1. `value` may be
    empty: a conversion is worth 1 then, and `worth` stays as it is. Where no touch is in two journeys, `channel` and
    `time` may be the arrays `what` and `when`: what is written there was read before.
    """
    j, filled, offsets[0] = 0, 0, 0
    for who in range(first.size - 1):
        begins, done = first[who], 0
        for at in range(first[who], first[who + 1] + 1):
            is_open = at == first[who + 1]
            if not is_open and not what[at] & CONVERSION:
                continue
            if again == FIRST and done > 0:
                continue
            start = filled
            for past in range(first[who] if again == ALL and not is_open else begins, at if is_open else at + 1):
                if what[past] & TOUCH:
                    channel[filled], time[filled] = what[past] >> BITS, when[past]
                    filled += 1
                elif what[past] & MILESTONE and reached.shape[1] > 0 and filled > start:
                    milestone = what[past] >> BITS
                    if j < reached.shape[0] and reached[j, milestone] < 0:
                        reached[j, milestone] = filled - start - 1
            begins, done = at + 1, done + 1
            if filled == start:
                continue
            end[j], whose[j] = when[at - 1 if is_open else at], who
            if not is_open:
                converted[j] = 1.0
                if value.size:
                    worth[j] = value[rows[at]]
            j += 1
            offsets[j] = filled
