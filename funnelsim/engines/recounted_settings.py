"""Where the dials of reviews stand, worked out a second time from a trace."""

import numpy as np

from funnelsim.engines.census import Census
from funnelsim.engines.journal import Ints, Journal
from funnelsim.plan.layout import NONE


def settings(census: Census) -> Ints:
    """Where the dials stand at the end of each bucket, every review worked out from the visits before it."""
    j, plan = census.journal, census.plan
    dials, ends = plan["dials"], census.marks
    out = np.zeros((ends.size, dials.size), np.int64)
    values = dials["begins"].copy()
    due = sorted(
        (tick, at)
        for at, review in enumerate(plan["reviews"])
        for tick in range(review["every"], j.horizon, review["every"])
    )
    for bucket, end in enumerate(ends):
        while due and due[0][0] < end:
            tick, at = due.pop(0)
            review = plan["reviews"][at]
            step = _step(j, review, tick)
            dial = review["dial"]
            if step:
                values[dial] = min(dials["high"][dial], max(dials["low"][dial], values[dial] + step))
        out[bucket] = np.floor(values * 1e6 + 0.5)
    return out


def _step(j: Journal, review: np.void, tick: int) -> float:
    """How far a review at a tick turns its dial."""
    began, here = tick - int(review["every"]), j.stage == review["stage"]
    if review["exit"] == NONE:
        found = float((here & (j.entered >= began) & (j.entered < tick)).sum())
    else:
        gone = here & (j.left >= began) & (j.left < tick)
        if not gone.any():
            return 0.0
        found = float((j.exit[gone] == review["exit"]).sum() / gone.sum())
    target = float(review["target"])
    return float(review["below"] if found < target else review["above"] if found > target else 0.0)
