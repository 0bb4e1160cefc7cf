"""Discoveries counted a second time, from a trace: who was asked, who was able, who was qualified, and who rightly."""

from collections.abc import Callable
from typing import Final

import numpy as np

from funnelsim.core.ticks import NEVER
from funnelsim.engines import asked
from funnelsim.engines.census import Census
from funnelsim.engines.journal import Ints
from funnelsim.plan.layout import WAY


def _discoveries(census: Census) -> dict[str, Ints]:
    """The tick of each visit that ends with a discovery, by what was found and is: NEVER where it was not."""
    j, visits, plan = census.journal, census.plan["visits"], census.plan
    asks, failed, refused = (visits[name][j.row] for name in ("asks", "failed_exit", "refused_exit"))
    way = plan["exits"]["kind"][np.maximum(j.exit, 0)] == WAY
    asked_ = (asks != 0) & (j.left < NEVER) & (j.exit != refused) & (~way | (j.exit == failed))
    able = np.zeros(j.n_visits, bool)
    for at in np.flatnonzero(asked_):
        able[at] = asked.suffices(plan.address, int(j.row[at]), j.hidden_of(int(j.person[at])))
    qualified = asked_ & (j.exit != failed)
    chosen = {"discoveries": asked_, "able": asked_ & able, "qualified": qualified, "rightly": qualified & able}
    return {name: np.where(kept, j.left, NEVER) for name, kept in chosen.items()}


def discoveries(census: Census) -> Ints:
    return census.by_stage(_discoveries(census)["discoveries"])


def able(census: Census) -> Ints:
    return census.by_stage(_discoveries(census)["able"])


def qualified(census: Census) -> Ints:
    return census.by_stage(_discoveries(census)["qualified"])


def rightly_qualified(census: Census) -> Ints:
    return census.by_stage(_discoveries(census)["rightly"])


DISCOVERIES: Final[tuple[Callable[[Census], Ints], ...]] = (discoveries, able, qualified, rightly_qualified)
