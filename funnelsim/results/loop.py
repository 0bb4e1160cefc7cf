"""Whether customers who refer others make a loop that feeds itself: looked at before a run, in ever longer pieces.

A loop feeds itself where each of those who were referred brings at least one more. Those who came in the first half of
a piece had the other half to do so; what they would bring later is not seen. So a loop that takes longer than half the
run to close may go unnoticed, but neither has it the time to run away. One whose first customers come late and refer
many at once may run away in the piece in which it begins.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.ticks import DAY
from funnelsim.engines import asked
from funnelsim.engines.journal import Ints, Journal
from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.plan.layout import NONE
from funnelsim.plan.trace import TOUCHED
from funnelsim.results.simulate import Engine, outcomes
from funnelsim.rules.contacts import REFERRED
from funnelsim.scenario.model import Horizon, Scenario

FIRST: Final = 4.0
"""Occasions of a customer in the first piece: even if all are taken, prospects grow no more than e^4-fold in it."""
SURE: Final = 2.0
"""By how many standard errors a gain must lie above 1 to be believed."""


class Loop(NamedTuple):
    """A loop that feeds itself: how many more each of those who were referred had brought after so many days, at least;
    and the channels through which they come."""

    gain: float
    days: float
    channels: tuple[str, ...]


def looked_ahead(scenario: Scenario, *, seed: int, engine: Engine = "kernel") -> Loop | None:
    """The loop that feeds itself in the first replication; None where no loop surely does."""
    channels = {name: each.referrals for name, each in scenario.channels.items() if each.on}
    referring = {name: referrals for name, referrals in channels.items() if referrals is not None}
    rate = sum(referrals.rate for referrals in referring.values())
    if not rate:
        return None
    whole, tick = compile_scenario(scenario).timeline.horizon, scenario.tick
    ticks = min(whole, math.ceil(FIRST / (rate * tick)))
    while True:
        compiled = compile_scenario(_cut(scenario, ticks * tick))
        ((_, outcome),) = outcomes(compiled, 1, seed, 1, engine, 0, None, True)
        brought = brought_by_referred(compiled, seed, 0, outcome.traces[0])
        if _surely_grows(brought):
            return Loop(float(brought.mean()), ticks * tick / DAY, tuple(referring))
        if ticks == whole:
            return None
        # Twice the time squares the growth: a loop is seen before it fills the memory.
        ticks = min(2 * ticks, whole)


def _cut(scenario: Scenario, seconds: float) -> Scenario:
    """The scenario's first seconds."""
    return scenario.model_copy(update={"horizon": Horizon(seconds=seconds), "warmup": 0.0})


def _surely_grows(brought: Ints) -> bool:
    """Whether a mean is 1 or more, and not by chance."""
    if brought.size < 2:
        return False
    # Two who brought one each do not differ, and still are few: the spread is at least that of Poisson's law.
    variance = max(brought.var(ddof=1), brought.mean())
    return bool(brought.mean() - SURE * math.sqrt(variance / brought.size) >= 1.0)


def brought_by_referred(compiled: Compiled, seed: int, replication: int, trace: NDArray[np.void]) -> Ints:
    """How many each of those brought, by the horizon, who were themselves referred in the first half of the time."""
    journal = Journal(compiled.plan, trace, asked.replication_key(np.uint64(seed), replication))
    sources = compiled.plan["touches"]["source"]
    parents = np.isin(journal.source, sources[sources != NONE]) & (journal.born < journal.horizon / 2)
    bringing = trace[(trace["code"] == TOUCHED) & (trace["detail"] & REFERRED != 0)]
    times = np.bincount(np.searchsorted(journal.who, bringing["prospect"]), minlength=journal.who.size)
    return np.asarray(times[parents], np.int64)
