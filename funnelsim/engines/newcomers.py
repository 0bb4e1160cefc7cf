"""The kernel's newcomers: a slot for each, and what they bring."""

import numpy as np

from funnelsim.core.jit import part
from funnelsim.engines.log import log
from funnelsim.engines.store import give_up, met_at, nth_word_at, person_at, slots_of, state_at
from funnelsim.engines.tallies import cell_page_at
from funnelsim.plan.features import CELLS, DEALS, HIDDEN, OWN_LINES, SALES, TOUCHES, TRAITS, n_segments, uses
from funnelsim.plan.layout import NONE, terms_at
from funnelsim.plan.trace import ARRIVED
from funnelsim.rules.births import attributes
from funnelsim.rules.contacts import forget
from funnelsim.rules.discovery import attributes_of


@part
def _take_slot(store):
    """A slot for a newcomer: the one given back last, else a fresh one; NONE if there is none left."""
    state = state_at(store, 0)
    slot = state.free_slot
    if slot != NONE:
        state.free_slot = person_at(store, slot).next_free
        return slot
    if state.most == slots_of(store):
        give_up(store)
        return slot
    slot = state.most
    state.most = slot + 1
    person = person_at(store, slot)
    person.token, person.spell, person.attempt, person.shuns = 0, 0, 0, NONE
    return slot


@part(often=True)
def be_born(plan, store, tally, source, who, channel, segment, value):
    """Give a newcomer a slot and its attributes; the slot, NONE if none is left."""
    state, terms = state_at(store, 0), terms_at(plan, 0)
    slot = _take_slot(store)
    if slot == NONE:
        return slot
    person = person_at(store, slot)
    person.who = who
    person.born = state.now
    person.cohort = state.cohort
    segment, value, intent, score = attributes(plan, source, state.key, person.who, segment, value)
    if uses(plan, TRAITS):
        person.segment, person.value, person.intent, person.score = segment, value, intent, score
    if uses(plan, HIDDEN):
        person.has = attributes_of(plan, state.key, person.who, segment, intent)
    if uses(plan, DEALS):
        person.deal = NONE
    person.cell = channel * n_segments(plan) + segment
    person.recycles, person.stage, person.visit = 0, NONE, 0
    if uses(plan, SALES):
        person.bought = 0
    first = slot * state.nth_words
    nth_word_at(store, first).n = 0
    for at in range(first + 1, first + state.nth_words):
        nth_word_at(store, at).n = 0
    if uses(plan, OWN_LINES) and terms.sticky:
        for at in range(slot * terms.n_teams, (slot + 1) * terms.n_teams):
            met_at(store, at).n = NONE
    if uses(plan, TOUCHES):
        forget(plan, state.contacts, slot, state.key, person.who)
    cell_page_at(tally, np.int64(person.cell) if uses(plan, CELLS) else np.int64(0)).born += 1
    state.events += 1
    state.prospects += 1
    log(plan, store, state.now, ARRIVED, person, NONE, person.cell)
    return slot
