"""Touches and talks told a second time, from a trace: what each added to intent, which no row says."""

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.jit import kernel
from funnelsim.core.rows import Frame
from funnelsim.plan.addresses import sources_of
from funnelsim.plan.layout import NONE
from funnelsim.plan.trace import ARRIVED, FINISHED, LEFT, TOUCHED
from funnelsim.rules.births import attributes
from funnelsim.rules.contacts import (
    CONTACTS,
    MARK,
    MOOD,
    REFERRED,
    WAS_SEEN,
    forget,
    intent_at,
    leave_behind,
    touch_of,
)

Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]


def lifts_of(plan: Frame, trace: NDArray[np.void], key: int) -> tuple[Reals, Reals]:
    """What each row of a trace added to intent, a touch or the end of a talk, 0 of other rows; and the intent after
    each row of an arrival, a touch or the end of a talk, nan of other rows."""
    n = int(plan["terms"][0]["n_touches"])
    contacts = Frame(CONTACTS, {"marks": np.zeros(n, MARK), "moods": np.zeros(1, MOOD)})
    trusts = _trusts_of(plan, trace)
    order = np.flatnonzero(_is_told(trace) | (trusts != 0.0))
    rows = trace[order]
    code, detail = rows["code"], rows["detail"]
    touch = np.where(code == TOUCHED, touch_of(detail), NONE)
    # As the engines work them off: at one tick by channel, and those of one channel in turn; then work ends.
    order = order[by := np.lexsort([detail, touch, code, rows["tick"], rows["prospect"]])]
    rows, touch, code, detail = rows[by], touch[by], code[by], detail[by]
    source = sources_of(plan["sources"]["identity"], rows["prospect"])
    lifts, intents = np.zeros(trace.size), np.full(trace.size, np.nan)
    told = np.zeros((2, order.size))
    seen = (code == TOUCHED) & (detail & WAS_SEEN != 0)
    segment = np.where(code == ARRIVED, detail % plan["terms"][0]["n_segments"], NONE)
    _retell(plan.address, contacts.address, key, rows["prospect"].copy(), source, segment, rows["tick"].copy(), touch,
            seen, trusts[order], told)  # fmt: skip
    lifts[order], intents[order] = told
    return lifts, intents


def _is_told(trace: NDArray[np.void]) -> Bools:
    """Arrivals, and what is done to a prospect; not that it refers others."""
    touched = (trace["code"] == TOUCHED) & (trace["detail"] & REFERRED == 0)
    return np.asarray((trace["code"] == ARRIVED) | touched)


def _trusts_of(plan: Frame, trace: NDArray[np.void]) -> Reals:
    """What the talk that ends at each row of a trace adds to intent; 0 of other rows, and of attempts in vain."""
    trust = plan["teams"]["trust"]
    out = np.zeros(trace.size)
    if not trust.any():
        return out
    by_rep = (trace["code"] == FINISHED) & (trace["rep"] != NONE)
    at = np.flatnonzero(by_rep | (trace["code"] == LEFT))
    rows = trace[at := at[np.lexsort([trace[key][at] for key in ("code", "tick", "visit", "stage", "prospect")])]]
    # Who was reached goes on at once; who was not waits for the next attempt, or leaves by an exit of its own.
    same = np.logical_and.reduce([rows[key][1:] == rows[key][:-1] for key in ("prospect", "stage", "visit", "tick")])
    unreached = np.isin(rows["detail"][1:], plan["visits"]["unreached_exit"])
    reached = np.flatnonzero(by_rep[at[:-1]] & same & (rows["code"][1:] == LEFT) & ~unreached)
    out[at[reached]] = trust[plan["reps"]["team"][rows["rep"][reached]]]
    return out


@kernel
def _retell(plan, contacts, key, whos, sources, segments, ticks, touches, seen, trusts, told):
    """Fill in lift and intent of each row; the rows of one prospect follow its arrival."""
    segment, intent = np.int64(0), 0.0
    for at in range(whos.size):
        if segments[at] >= 0:
            segment = segments[at]
            _, _, intent, _ = attributes(plan, sources[at], key, whos[at], segment, 0)
            forget(plan, contacts, 0, key, whos[at])
            told[1, at] = intent
            continue
        before = intent_at(plan, contacts, 0, intent, ticks[at])
        intent += trusts[at]
        if seen[at]:
            leave_behind(plan, contacts, 0, touches[at], segment, ticks[at])
        told[1, at] = intent_at(plan, contacts, 0, intent, ticks[at])
        told[0, at] = told[1, at] - before
