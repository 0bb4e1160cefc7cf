"""What the kernel counts of expected wins: each decision and each other move, by its chances."""

import numpy as np

from funnelsim.core.jit import part
from funnelsim.engines.bookings import cell_of
from funnelsim.engines.log import log
from funnelsim.engines.store import person_at, state_at
from funnelsim.engines.tallies import cell_page_at
from funnelsim.plan.features import TRAITS, uses
from funnelsim.plan.trace import VALUED, WEIGHED
from funnelsim.rules.expectation import weigh_arrival, weigh_decision


@part
def count_decision(plan, store, tally, slot, leaving, intent, skill):
    """Count what the decision of a prospect's stage, whose exit was chosen, was expected to bring."""
    person, state = person_at(store, slot), state_at(store, 0)
    wins, money = weigh_decision(
        plan,
        state.hopes,
        person.stage,
        leaving,
        _segment_of(plan, person),
        state.key,
        person.who,
        person.response,
        intent,
        skill,
        person.visit,
        person.value,
        np.int64(person.has),
    )
    _count(plan, store, tally, person, wins, money)


@part
def count_arrival(plan, store, tally, slot):
    """Count what a prospect brings that has come to its stage by no decision."""
    person = person_at(store, slot)
    hopes, segment = state_at(store, 0).hopes, _segment_of(plan, person)
    wins, money = weigh_arrival(plan, hopes, person.stage, segment, person.value)
    _count(plan, store, tally, person, wins, money)


@part
def _segment_of(plan, person):
    return np.int64(person.segment) if uses(plan, TRAITS) else np.int64(0)


@part
def _count(plan, store, tally, person, wins, money):
    """Add units of expected wins and revenue, and log what is not nothing."""
    cell, now = cell_page_at(tally, cell_of(plan, person)), state_at(store, 0).now
    if wins != 0:
        cell.expected_wins += wins
        log(plan, store, now, WEIGHED, person, -1, wins)
    if uses(plan, TRAITS) and money != 0:
        cell.expected_revenue += money
        log(plan, store, now, VALUED, person, -1, money)
