"""Deals that are open at the start, found again among the prospects of a run."""

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.rows import Frame
from funnelsim.plan.addresses import RANK_BITS, sources_of
from funnelsim.plan.layout import LEADS, NONE


def deals_of(plan: Frame, who: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The row of the plan's leads that each prospect is, if it is an open deal; NONE of the others."""
    leads, sources = plan["leads"], plan["sources"]
    out = np.full(who.size, NONE, np.int64)
    source = sources_of(sources["identity"], who)
    for number in np.flatnonzero((sources["kind"] == LEADS) & (sources["count"] > 0)):
        first = leads[sources["first"][number]]
        if first["stage"] != NONE:
            own = source == number
            # Deals are numbered in their order, one after the other.
            rank = (who[own] & np.uint64((1 << RANK_BITS) - 1)).astype(np.int64)
            out[own] = sources["first"][number] + rank - first["rank"]
    return out
