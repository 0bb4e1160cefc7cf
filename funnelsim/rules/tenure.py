"""Tenure: how long a rep stays, and how long its place is empty then.

A place is filled by one rep after the other, counted from 0; each draws at the place's own address, so the reps of one
place know nothing of those of another, nor of what happens in the funnel.
"""

import numpy as np

from funnelsim.chance.streams import TENURE, words
from funnelsim.core.jit import part
from funnelsim.core.ticks import NEVER
from funnelsim.plan.features import ATTRITION, uses
from funnelsim.plan.layout import NONE, rep_at, team_at
from funnelsim.rules.laws import lasts

_NOBODY = np.uint64(0)


@part
def leaves_at(plan, key, rep, nth, hired):
    """The tick at which the nth of a place leaves by itself, hired at a tick; NEVER if it does not before its day."""
    if not uses(plan, ATTRITION):
        return np.int64(NEVER)
    row = rep_at(plan, rep)
    law = team_at(plan, row.team).stays
    if law == NONE:
        return np.int64(NEVER)
    w0, _, _, _ = words(key, _NOBODY, row.place, TENURE, nth, 0)
    tick = hired + lasts(plan, law, key, _NOBODY, row.place, nth, 0, 0, w0)
    return np.int64(tick) if tick < row.until else np.int64(NEVER)


@part
def successor_at(plan, key, rep, nth, left):
    """The tick at which a successor comes for the nth of a place, who left at a tick; NEVER if nobody does in time."""
    if not uses(plan, ATTRITION):
        return np.int64(NEVER)
    row = rep_at(plan, rep)
    law = team_at(plan, row.team).replaced
    if law == NONE:
        return np.int64(NEVER)
    _, w1, _, _ = words(key, _NOBODY, row.place, TENURE, nth, 0)
    tick = left + lasts(plan, law, key, _NOBODY, row.place, nth, 0, 1, w1)
    return np.int64(tick) if tick < row.until else np.int64(NEVER)
