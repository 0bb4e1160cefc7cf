"""Touches told a second time, from a trace: what each added to intent, which no row says."""

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.jit import kernel
from funnelsim.core.rows import Frame
from funnelsim.plan.addresses import RANK_BITS
from funnelsim.plan.layout import NONE
from funnelsim.plan.trace import ARRIVED, TOUCHED
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


def lifts_of(plan: Frame, trace: NDArray[np.void], key: int) -> tuple[Reals, Reals]:
    """What the touch of each row of a trace added to intent, 0 of other rows; and the intent after each row of an
    arrival or a touch, nan of other rows."""
    n = int(plan["terms"][0]["n_touches"])
    contacts = Frame(CONTACTS, {"marks": np.zeros(n, MARK), "moods": np.zeros(1, MOOD)})
    order = np.flatnonzero(_is_told(trace))
    rows = trace[order]
    touch = np.where(rows["code"] == TOUCHED, touch_of(rows["detail"]), NONE)
    # As the engines work them off: at one tick by channel, and those of one channel in turn.
    order = order[by := np.lexsort([rows["detail"], touch, rows["tick"], rows["prospect"]])]
    rows, touch = rows[by], touch[by]
    identities = plan["sources"]["identity"] >> np.uint64(RANK_BITS)
    by_identity = np.argsort(identities)
    source = by_identity[np.searchsorted(identities[by_identity], rows["prospect"] >> np.uint64(RANK_BITS))]
    lifts, intents = np.zeros(trace.size), np.full(trace.size, np.nan)
    told = np.zeros((2, order.size))
    seen = (rows["detail"] & WAS_SEEN) != 0
    cell = np.where(rows["code"] == ARRIVED, rows["detail"], NONE)
    _retell(plan.address, contacts.address, key, rows["prospect"].copy(), source, cell, rows["tick"].copy(), touch,
            seen, told)  # fmt: skip
    lifts[order], intents[order] = told
    return lifts, intents


def _is_told(trace: NDArray[np.void]) -> NDArray[np.bool_]:
    """Arrivals, and what is done to a prospect; not that it refers others."""
    touched = (trace["code"] == TOUCHED) & (trace["detail"] & REFERRED == 0)
    return np.asarray((trace["code"] == ARRIVED) | touched)


@kernel
def _retell(plan, contacts, key, whos, sources, cells, ticks, touches, seen, told):
    """Fill in lift and intent of each row; the rows of one prospect follow its arrival."""
    segment, intent = np.int64(0), 0.0
    for at in range(whos.size):
        if touches[at] < 0:
            segment = cells[at]
            _, _, intent, _ = attributes(plan, sources[at], key, whos[at], segment, 0)
            forget(plan, contacts, 0, key, whos[at])
            told[1, at] = intent
            continue
        before = intent_at(plan, contacts, 0, intent, ticks[at])
        if seen[at]:
            leave_behind(plan, contacts, 0, touches[at], segment, ticks[at])
        told[1, at] = intent_at(plan, contacts, 0, intent, ticks[at])
        told[0, at] = told[1, at] - before
