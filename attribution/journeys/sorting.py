"""Events of many prospects in order: those of one prospect together, in the order of time, and what comes of them.

Kernels alone; they know codes, not names.
"""

import numpy as np

from attribution.jit import kernel

TOUCH, MILESTONE, CONVERSION, END = 0, 1, 2, 3
"""What an event is; at one instant touches come first, so a touch at the instant of a conversion belongs to it."""


@kernel
def by_prospect(prospect, n_prospects):
    """The first place of each prospect's events, and the events in the order of prospects, else as they came."""
    first = np.zeros(n_prospects + 1, np.int64)
    for at in range(prospect.size):
        first[prospect[at] + 1] += 1
    for at in range(n_prospects):
        first[at + 1] += first[at]
    free, order = first[:-1].copy(), np.empty(prospect.size, np.int64)
    for at in range(prospect.size):
        who = prospect[at]
        order[free[who]] = at
        free[who] += 1
    return first, order


@kernel
def by_time(first, order, time, kind):
    """Put each prospect's events in the order of time and kind; those alike stay as they came."""
    for who in range(first.size - 1):
        for at in range(first[who] + 1, first[who + 1]):
            event = order[at]
            when, what, to = time[event], kind[event], at
            while to > first[who]:
                before = order[to - 1]
                if time[before] < when or (time[before] == when and kind[before] <= what):
                    break
                order[to] = before
                to -= 1
            order[to] = event


@kernel
def cut(first, order, time, kind, code, value, n_milestones, again, journey_of):
    """Cut each prospect's events into journeys: each ends with a conversion, the last one may stay open.

    `again` says what a further conversion of a prospect has: 0 the touches since the one before, 1 all of its touches,
    2 no journey of its own. Returns, by journey, its first touch in `touches`, end, whether it converted, value, whose,
    and the touch before each milestone; `touches` are events. `journey_of` is filled in with what became of each
    touch: the number of a journey, or -1.
    """
    n_touches, n_journeys = 0, 0
    for who in range(first.size - 1):
        seen, since, done = 0, 0, 0
        for at in range(first[who], first[who + 1]):
            what = kind[order[at]]
            if what == TOUCH:
                seen += 1
                since += 1
            elif what == CONVERSION and (again != 2 or done == 0):
                n_touches += seen if again == 1 else since
                n_journeys += 1
                since, done = 0, done + 1
        if since > 0 and (again != 2 or done == 0):
            n_touches += since
            n_journeys += 1
    offsets, touches = np.zeros(n_journeys + 1, np.int64), np.empty(n_touches, np.int64)
    end, whose = np.empty(n_journeys, np.int64), np.empty(n_journeys, np.int64)
    converted, worth = np.zeros(n_journeys), np.zeros(n_journeys)
    reached = np.full((n_journeys, n_milestones), -1, np.int32)
    passed = np.full(n_milestones, -1, np.int64)
    j, filled = 0, 0
    for who in range(first.size - 1):
        begins, done = first[who], 0
        for at in range(first[who], first[who + 1] + 1):
            last = at == first[who + 1]
            if not last:
                event = order[at]
                if kind[event] != CONVERSION:
                    continue
                if again == 2 and done > 0:
                    continue
            elif again == 2 and done > 0:
                continue
            start = filled
            passed[:] = -1
            for before in range(first[who] if again == 1 and not last else begins, at):
                past = order[before]
                if kind[past] == TOUCH:
                    touches[filled] = past
                    journey_of[past] = j
                    filled += 1
                elif kind[past] == MILESTONE and passed[code[past]] < 0:
                    passed[code[past]] = filled - start - 1
            if last and filled == start:
                continue
            for milestone in range(n_milestones):
                reached[j, milestone] = passed[milestone]
            if not last:
                end[j], converted[j], worth[j] = time[event], 1.0, value[event]
            else:
                end[j] = time[order[at - 1]]
            whose[j] = who
            j += 1
            offsets[j] = filled
            begins, done = at + 1, done + 1
    return offsets[: j + 1], touches, end[:j], converted[:j], worth[:j], whose[:j], reached[:j]
