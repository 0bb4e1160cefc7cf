"""How a team serves: the work of an attempt, the pause to the next, deadlines and ranks in line."""

import numpy as np

from funnelsim.chance.streams import ATTEMPT, RETURN, WAY_IN, uniform, words
from funnelsim.core.jit import part
from funnelsim.plan.features import ATTEMPTS, LIMITS, PEOPLE, RANKED, ROUTES, uses
from funnelsim.plan.layout import DEADLINE, FIFO, LIFO, NONE, SCORE, VALUE, rep_at, team_at, visit_at
from funnelsim.rules.clocks import end_of
from funnelsim.rules.laws import lasts, visit_lasts
from funnelsim.rules.reviews import leak_of

FOREMOST = -(1 << 61)
"""The rank of those who were moved to the front."""


@part
def rank_in_line(plan, team, row, score, value, deadline, since):
    """The rank of one in a team's line since a tick; smaller is served earlier. `row` is the visit's."""
    discipline = team_at(plan, team).discipline
    if not uses(plan, RANKED) or discipline == FIFO:
        return np.int64(0)
    if discipline == LIFO:
        return -np.int64(since)
    if discipline == SCORE:
        return -np.int64(np.floor(max(-1e9, min(score, 1e9)) * 1048576.0))
    if discipline == VALUE:
        return -np.int64(value)
    if discipline == DEADLINE:
        return np.int64(deadline)
    return np.int64(visit_at(plan, row).priority)


@part
def attempt_work(plan, row, key, who, place, nth, attempt, word):
    """Ticks of work of one attempt, and whether it reaches the prospect: the effort, and the work itself if it does."""
    visit = visit_at(plan, row)
    if not uses(plan, ATTEMPTS) or visit.up_to == 0:
        return visit_lasts(plan, row, key, who, place, nth, word), True
    w0, w1, _, _ = words(key, who, place, ATTEMPT, nth, attempt)
    reached = uniform(w0) < visit.reach
    work = np.int64(0)
    if visit.effort != NONE:
        work += lasts(plan, visit.effort, key, who, place, nth, attempt + 1, 1, w1)
    if reached:
        work += visit_lasts(plan, row, key, who, place, nth, word)
    return max(np.int64(1), work), reached


@part
def speed_at(plan, rep, hired, tick):
    """A rep's speed at a tick, as a share of normal speed: those on the ramp, hired at a tick, are on their way."""
    row = rep_at(plan, rep)
    if row.ramp <= 0.0:
        return row.speed
    share = min(1.0, max(0.0, (tick - hired) / row.ramp))
    return row.speed * (row.begins + (1.0 - row.begins) * share)


@part
def ticks_of(plan, rep, hired, tick, work):
    """Ticks that a rep who begins at a tick takes for work, which is in ticks at normal speed."""
    if not uses(plan, PEOPLE):
        return np.int64(work)
    return max(np.int64(1), np.int64(work / speed_at(plan, rep, hired, tick) + 0.5))


@part
def work_of(plan, rep, hired, begun, ticks):
    """Work that a rep who began at a tick does in some ticks: what `ticks_of` made them of."""
    if not uses(plan, PEOPLE):
        return np.int64(ticks)
    return max(np.int64(1), np.int64(ticks * speed_at(plan, rep, hired, begun) + 0.5))


@part
def gap_after(plan, row, key, who, place, nth, attempt):
    """Ticks from a failed attempt to the next."""
    _, _, w2, _ = words(key, who, place, ATTEMPT, nth, attempt)
    return lasts(plan, visit_at(plan, row).gap, key, who, place, nth, attempt + 1, 2, w2)


@part
def cool_off(plan, row, key, who, place, nth, recycles):
    """Ticks until a lost prospect comes back; -1 if it does not."""
    visit = visit_at(plan, row)
    if visit.back_to == NONE or recycles >= visit.at_most:
        return np.int64(-1)
    w0, w1, _, _ = words(key, who, place, RETURN, nth, 0)
    if uniform(w0) >= visit.share:
        return np.int64(-1)
    return lasts(plan, visit.cool_off, key, who, place, nth, 0, 1, w1)


@part
def due_at(plan, team, row, joined, after):
    """The tick at which an SLA's clock, started when a prospect joined a team, has run for `after` ticks."""
    if visit_at(plan, row).sla_business:
        return end_of(plan, team_at(plan, team).calendar, joined, after)
    return np.int64(joined + after)


@part
def booked(plan, row, value):
    """What is booked of a deal's value in a stage, in hundredths; `row` is the visit's."""
    return np.int64(np.floor(np.float64(value) * visit_at(plan, row).books + 0.5))


@part
def leaks(plan, dials, row, key, who, place, nth):
    """Whether a prospect gets lost on its way to a team."""
    if not uses(plan, ROUTES):
        return False
    share = leak_of(plan, dials, row)
    if share <= 0.0:
        return False
    w0, _, _, _ = words(key, who, place, WAY_IN, nth, 0)
    return uniform(w0) < share


@part
def has_room(plan, team, waiting, free):
    """Whether a newcomer may wait: those waiting do not outnumber the free slots by the allowance already."""
    room = team_at(plan, team).max_queue
    return not uses(plan, LIMITS) or room == NONE or waiting < room + free
