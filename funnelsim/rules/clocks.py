"""The two clocks: calendar time runs always, business time while a calendar is open."""

import numpy as np

from funnelsim.chance.calendars import ALWAYS
from funnelsim.core.jit import part
from funnelsim.core.ticks import NEVER
from funnelsim.plan.features import HOURS, uses
from funnelsim.plan.layout import NONE, calendar_at, span_at, stage_at


@part
def _read(plan, first, count, tick):
    """Open ticks in [0, tick): of the last span that opens at or before the tick, and before it."""
    low, high = first, first + count
    while low < high:
        middle = (low + high) >> 1
        if span_at(plan, middle).open <= tick:
            low = middle + 1
        else:
            high = middle
    if low == first:
        return np.int64(0)
    span = span_at(plan, low - 1)
    return span.before + min(tick, span.close) - span.open


@part
def _reach(plan, first, count, reading):
    """The first tick at which a business clock reads `reading`, 1 or more; NEVER if it does not get there."""
    low, high = first, first + count
    while low < high:
        middle = (low + high) >> 1
        if span_at(plan, middle).before < reading:
            low = middle + 1
        else:
            high = middle
    if low == first:
        return np.int64(NEVER)
    span = span_at(plan, low - 1)
    tick = span.open + reading - span.before
    return tick if tick <= span.close else np.int64(NEVER)


@part
def business(plan, calendar, tick):
    """What a calendar's business clock reads at a tick; calendar NONE is calendar time."""
    if not uses(plan, HOURS) or calendar == NONE:
        return np.int64(tick)
    row = calendar_at(plan, calendar)
    if row.first == ALWAYS:
        return np.int64(tick)
    return _read(plan, row.first, row.count, tick)


@part
def end_of(plan, calendar, tick, work):
    """The tick at which work begun at a tick is done; work is 1 or more, calendar NONE is calendar time."""
    if not uses(plan, HOURS) or calendar == NONE:
        return np.int64(tick + work)
    row = calendar_at(plan, calendar)
    if row.first == ALWAYS:
        return np.int64(tick + work)
    return _reach(plan, row.first, row.count, _read(plan, row.first, row.count, tick) + work)


@part
def left_of(plan, calendar, begun, tick, work):
    """Ticks of work still to do at a tick, of work begun earlier; at least one."""
    return max(np.int64(1), work - (business(plan, calendar, tick) - business(plan, calendar, begun)))


@part
def decided_at(plan, stage, tick):
    """The tick at which what a stage prepared until a tick is decided: that of its first meeting not before, later than
    any horizon if none is left; the same tick in a stage without meetings."""
    meetings = stage_at(plan, stage).meetings
    if not uses(plan, HOURS) or meetings == NONE:
        return np.int64(tick)
    # A meeting lasts a tick, and what is decided takes that tick.
    return end_of(plan, meetings, tick, 1) - 1
