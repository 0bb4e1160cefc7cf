"""Events of many prospects in order: those of one prospect together, in the order of time, and cut into journeys.

Kernels alone; they know codes, not names. What happens at an event is some of the bits below.
"""

import numpy as np

from attribution.jit import kernel

TOUCH, MILESTONE, CONVERSION, END = 1, 2, 4, 8
"""At one instant touches come first, so a touch at the instant of a conversion belongs to it; one event may be both."""
BITS = 4
SINCE, ALL, FIRST = 0, 1, 2
"""What a further conversion of a prospect gets: the touches since the one before, all of its touches, or nothing."""


@kernel
def by_prospect(prospect, n_prospects, time, kind, code):
    """The first place of each prospect's events, and of the events in this order: time, what (code and kind), row.

    Those of no kind are left out; those of one prospect stay as they came.
    """
    first = np.zeros(n_prospects + 1, np.int64)
    for row in range(prospect.size):
        if kind[row] != 0:
            first[prospect[row] + 1] += 1
    for who in range(n_prospects):
        first[who + 1] += first[who]
    free, n = first[:-1].copy(), first[n_prospects]
    when, what, rows = np.empty(n, np.int64), np.empty(n, np.int32), np.empty(n, np.int32)
    for row in range(prospect.size):
        if kind[row] != 0:
            at = free[prospect[row]]
            free[prospect[row]] = at + 1
            when[at], what[at], rows[at] = time[row], (code[row] << BITS) | kind[row], row
    return first, when, what, rows


@kernel
def by_time(first, when, what, rows):
    """Put each prospect's events in the order of time, and of kind at one instant; those alike stay as they came."""
    mask = (1 << BITS) - 1
    for who in range(first.size - 1):
        for at in range(first[who] + 1, first[who + 1]):
            tick, it, row, to = when[at], what[at], rows[at], at
            while to > first[who]:
                before = to - 1
                if when[before] < tick or (when[before] == tick and what[before] & mask <= it & mask):
                    break
                when[to], what[to], rows[to] = when[before], what[before], rows[before]
                to = before
            when[to], what[to], rows[to] = tick, it, row


@kernel
def size_up(first, when, what, again):
    """How many journeys and touches there will be; conversions without a touch; touches in no journey; events that are
    the same as the one before, at the same instant."""
    n_journeys, n_touches, bare, late, twice = 0, 0, 0, 0, 0
    for who in range(first.size - 1):
        seen, since, done = 0, 0, 0
        for at in range(first[who], first[who + 1]):
            twice += at > first[who] and when[at] == when[at - 1] and what[at] == what[at - 1]
            if what[at] & TOUCH:
                seen += 1
                since += 1
            if what[at] & CONVERSION:
                if again == FIRST and done > 0:
                    continue
                held = seen if again == ALL else since
                n_touches += held
                n_journeys += held > 0
                bare += held == 0
                since, done = 0, done + 1
        if again == FIRST and done > 0:
            late += since
        elif since > 0:
            n_touches += since
            n_journeys += 1
    return n_journeys, n_touches, bare, late, twice


@kernel
def cut(first, when, what, rows, value, again, offsets, channel, time, end, converted, worth, whose, reached):
    """Cut each prospect's events into journeys, which are filled in: each ends with a conversion, the last may be open.

    `reached` is, by journey and milestone, the number of the touch before it; it comes filled with -1.
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
                converted[j], worth[j] = 1.0, value[rows[at]]
            j += 1
            offsets[j] = filled
