"""Those who came in one replication: who, when, from where, and of which segment."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from funnelsim.plan.addresses import sources_of
from funnelsim.plan.compile import Compiled
from funnelsim.plan.deals import deals_of
from funnelsim.plan.layout import NONE
from funnelsim.plan.trace import ARRIVED


class People(NamedTuple):
    """One entry a prospect, in the order of their numbers."""

    who: NDArray[np.uint64]
    born: NDArray[np.int64]
    channel: NDArray[np.int64]
    segment: NDArray[np.int64]
    source: NDArray[np.int64]
    door: NDArray[np.int64]  # the stage in which it appears
    is_deal: NDArray[np.bool_]  # open at the start

    def number(self, who: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The place of each of these among all."""
        return np.searchsorted(self.who, who)


def people_of(compiled: Compiled, trace: NDArray[np.void]) -> People:
    """Everybody whose arrival is in a trace."""
    born = trace[trace["code"] == ARRIVED]
    born = born[np.argsort(born["prospect"])]
    channel, segment = np.divmod(born["detail"], len(compiled.segments))
    source = sources_of(compiled.plan["sources"]["identity"], born["prospect"])
    who = born["prospect"].copy()
    door, row = compiled.plan["sources"]["enters"][source].astype(np.int64), deals_of(compiled.plan, who)
    is_deal = row != NONE
    door[is_deal] = compiled.plan["leads"]["stage"][row[is_deal]]
    return People(who, born["tick"].astype(np.int64), channel, segment, source, door, is_deal)
