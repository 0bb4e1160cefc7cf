"""The fast engine: one compiled loop over what is due next.

A tick has two phases. First the facts: whatever happens at the tick happens, in any order, because facts only note what
became of a prospect or a rep. Then the choices: every team that something happened to admits its newcomers and gives
its free reps to the heads of its lines. A choice takes effect at a later tick, so a tick ends.

Everything here says when; how much and where to stands in `rules`.
"""

from typing import Final

import numpy as np

from funnelsim.chance.agenda import KIND_BITS, is_due, next_key, strike, upcoming
from funnelsim.chance.lines import link_at
from funnelsim.chance.streams import VISIT, replication_key, words
from funnelsim.core.jit import kernel, part
from funnelsim.core.rows import fetch_ahead
from funnelsim.core.ticks import NEVER
from funnelsim.engines.bookings import book, count_decided, count_discovery, count_win
from funnelsim.engines.books import close_books, open_books, turn_to
from funnelsim.engines.choices import settle
from funnelsim.engines.crews import join
from funnelsim.engines.expectations import count_arrival, count_decision
from funnelsim.engines.facts import DECIDE, ENTERS, STAYS, happen
from funnelsim.engines.generators import first_due, look_ahead
from funnelsim.engines.log import log
from funnelsim.engines.newcomers import be_born
from funnelsim.engines.notices import (
    DELAY_ENDS,
    REFERS,
    RETURNS,
    ROUTED,
    TOUCH_DUE,
    notify,
)
from funnelsim.engines.store import (
    BINS,
    COOLING,
    DELAYED,
    DONE,
    FREE,
    NTHS_A_WORD,
    ROUTING,
    bin_at,
    generator_at,
    nth_at,
    nth_word_at,
    person_at,
    slots_of,
    state_at,
)
from funnelsim.engines.tallies import (
    bin_of,
    cohort_at,
    exit_page_at,
    stage_cell_at,
    stage_page_at,
)
from funnelsim.plan.features import (
    AGAIN,
    CELLS,
    DEALS,
    DISCOUNTS,
    EXPECTED,
    FEEDS,
    HANDOFFS,
    HIDDEN,
    PEOPLE,
    REFERRALS,
    RESPONSE,
    REVIEWS,
    ROUTES,
    SALES,
    TOUCHES,
    TRAITS,
    as_plain,
    n_segments,
    uses,
)
from funnelsim.plan.layout import (
    GOING_ON,
    LEADS,
    LOST,
    NONE,
    NOTHING,
    WON,
    exit_at,
    lead_at,
    rep_at,
    source_at,
    stage_at,
    terms_at,
    visit_at,
)
from funnelsim.plan.trace import ENTERED, LEFT
from funnelsim.rules.clocks import decided_at, end_of
from funnelsim.rules.contacts import come_within_reach, go_out_of_reach, intent_at, is_ready, next_touch
from funnelsim.rules.exits import choose_exit, discounted
from funnelsim.rules.laws import lasts, visit_lasts, visit_remains
from funnelsim.rules.reviews import see_entry, see_exit
from funnelsim.rules.service import cool_off, leaks

_KIND: Final = (1 << KIND_BITS) - 1


@kernel
def replicate(plan, store, tally, seed, replication):
    """Run one replication into one tally; FULL if the store was too small."""
    return _replicate(plan, store, tally, seed, replication)


@kernel
def replicate_plain(plan, store, tally, seed, replication):
    """As `replicate`, for a plan that uses no feature, without a trace."""
    return _replicate(as_plain(plan), store, tally, seed, replication)


@part
def _replicate(plan, store, tally, seed, replication):
    state, terms = state_at(store, 0), terms_at(plan, 0)
    open_books(plan, store, tally, replication_key(seed, replication))
    state.now = -1
    source = first_due(plan, store)
    arrival = _due(store, source)
    while True:
        key = next_key(state.agenda)
        tick = min(arrival, key >> KIND_BITS)
        if tick >= state.boundary:
            if not turn_to(plan, store, tally, tick):
                break
            if uses(plan, REVIEWS):
                # A review may have turned a rate.
                source = first_due(plan, store)
                arrival = _due(store, source)
                continue
        state.now = tick

        # A fact: whom it concerns, and where that goes from here.
        if arrival == tick:
            slot, onward = _be_born(plan, store, tally, source)
            generator_at(store, source).rank += 1
            look_ahead(plan, store, source)
            if terms.n_sources > 1:
                source = first_due(plan, store)
            arrival = generator_at(store, source).next
        else:
            who, token = strike(state.agenda)
            slot = np.int64(who)
            ahead = upcoming(state.agenda)
            if ahead < slots_of(store):
                fetch_ahead(person_at(store, ahead))
                fetch_ahead(nth_word_at(store, ahead * state.nth_words))
                fetch_ahead(link_at(state.lines, ahead))
            onward = happen(plan, store, tally, key & _KIND, slot, token)
        if onward != STAYS:
            _move(plan, store, tally, slot, onward)

        # Choices, once no fact of this tick is left.
        if state.dirty != 0 and arrival > tick and not is_due(state.agenda, tick):
            settle(plan, store, tally)
    if state.status == DONE:
        close_books(plan, store, tally)
    return state.status


@part
def _due(store, source):
    """When a source sends its next prospect."""
    return generator_at(store, source).next if source != NONE else np.int64(NEVER)


@part
def _segment_of(plan, person):
    """A prospect's segment."""
    return np.int64(person.segment) if uses(plan, TRAITS) else np.int64(0)


@part
def _be_born(plan, store, tally, source):
    """The next prospect of a source comes; its slot and where it goes from here: nowhere if no slot is left."""
    origin, rank = source_at(plan, source), generator_at(store, source).rank
    channel, segment, value = np.int64(origin.channel), np.int64(NONE), np.int64(NONE)
    enters, deal = np.int64(origin.enters), np.int64(NONE)
    if uses(plan, FEEDS) and origin.kind == LEADS:
        at = np.int64(origin.first + rank)
        lead = lead_at(plan, at)
        channel, segment, value, rank = np.int64(lead.channel), np.int64(lead.segment), lead.value, lead.rank
        if uses(plan, DEALS) and lead.stage != NONE:
            enters, deal = np.int64(lead.stage), at
    slot = be_born(plan, store, tally, source, origin.identity + np.uint64(rank), channel, segment, value)
    if slot == NONE:
        return slot, np.int64(STAYS)
    if uses(plan, DEALS):
        person_at(store, slot).deal = deal
    return slot, ENTERS + enters


@part
def _move(plan, store, tally, slot, onward):
    """Send a prospect onward, through exits and stages that take no time, to the first stage where it stays."""
    person, state, terms = person_at(store, slot), state_at(store, 0), terms_at(plan, 0)
    now = state.now
    while True:
        stage = onward - ENTERS if onward >= ENTERS else _leave(plan, store, tally, slot, onward)

        # Enter a stage.
        node, row, nth = stage_at(plan, stage), stage * n_segments(plan) + _segment_of(plan, person), np.int64(0)
        if node.terminal != WON:
            # Nobody comes back from a win.
            visits = nth_at(store, NTHS_A_WORD * slot * state.nth_words + stage)
            nth = np.int64(visits.n)
            visits.n += 1
            person.entered, person.row = now, row
        person.stage, person.visit = stage, nth
        person.token += 1
        if uses(plan, TOUCHES):
            person.spell += 1
        log(plan, store, now, ENTERED, person, NONE, person.value)
        page, cell = stage_page_at(tally, stage), stage_cell_at(tally, stage * terms.n_cells + person.cell)
        page.entries += 1
        if uses(plan, EXPECTED) and onward != DECIDE:
            count_arrival(plan, store, tally, slot)
        if uses(plan, SALES) and (node.sale != NOTHING or (node.terminal == LOST and person.bought)):
            book(plan, store, tally, person, row)
        if uses(plan, CELLS):
            cell.entries_by += 1
        if uses(plan, REVIEWS):
            see_entry(plan, state.dials, stage)
        if nth == 0 and person.cohort >= 0:
            cohort_at(tally, person.cohort + stage).reached += 1
            if uses(plan, CELLS):
                cell.reached_by += 1
        if node.terminal != GOING_ON:
            _come_to_an_end(plan, store, tally, slot)
            return
        if uses(plan, HANDOFFS):
            onward = is_ready(plan, state.contacts, state.dials, slot, row, person.score, 0, now)
            if onward != NONE:
                continue
        if uses(plan, TOUCHES):
            come_within_reach(plan, state.contacts, slot, stage, now)
            notify(plan, store, next_touch(plan, state.contacts, slot, now, False), TOUCH_DUE, slot, person.spell)
            if uses(plan, REFERRALS):
                notify(plan, store, next_touch(plan, state.contacts, slot, now, True), REFERS, slot, person.spell)
        w0, w1, w2, w3 = words(state.key, person.who, node.place, VISIT, nth, 0)
        person.exit_word = w2
        if uses(plan, AGAIN | RESPONSE):
            person.response = -1
        if node.team != NONE:
            person.duration_word, person.patience_word = w0, w1
            if uses(plan, AGAIN):
                person.attempt, person.tier, person.work, person.shuns = 0, 0, 0, NONE
                person.fresh, person.foremost = 1, 0
            if uses(plan, DEALS) and person.deal != NONE:
                worked = lead_at(plan, person.deal).worked
                if worked > 0:
                    person.reached = 1
                    person.work = visit_remains(plan, row, state.key, person.who, node.place, nth, w0, worked)
                join(plan, store, slot, np.int64(node.team), False)
                return
            if leaks(plan, state.dials, row, state.key, person.who, node.place, nth):
                onward = np.int64(visit_at(plan, row).leak_exit)
                continue
            routing = visit_at(plan, row).routing
            if not uses(plan, ROUTES) or routing == NONE:
                join(plan, store, slot, np.int64(node.team), False)
                return
            person.state = ROUTING
            delay = lasts(plan, routing, state.key, person.who, node.place, nth, 0, 3, w3)
            notify(plan, store, now + delay, ROUTED, slot, person.token)
            return
        if node.takes_time:
            person.state = DELAYED
            delay = visit_lasts(plan, row, state.key, person.who, node.place, nth, w0)
            if uses(plan, DEALS) and person.deal != NONE and lead_at(plan, person.deal).age > 0:
                age = lead_at(plan, person.deal).age
                delay = visit_remains(plan, row, state.key, person.who, node.place, nth, w0, age)
            ready = end_of(plan, node.calendar, now, delay)
            notify(plan, store, decided_at(plan, stage, ready), DELAY_ENDS, slot, person.token)
            return
        onward = np.int64(DECIDE)


@part(often=True)
def _leave(plan, store, tally, slot, leaving):
    """Take an exit (DECIDE: the one the rule chooses) out of the present stage; the stage it leads to."""
    person, state, terms = person_at(store, slot), state_at(store, 0), terms_at(plan, 0)
    now, page = state.now, stage_page_at(tally, person.stage)
    if uses(plan, TOUCHES):
        go_out_of_reach(plan, state.contacts, slot, now)
    if leaving == DECIDE:
        segment, word = _segment_of(plan, person), person.exit_word
        intent = intent_at(plan, state.contacts, slot, person.intent, now)
        skill, by_rep = 0.0, uses(plan, PEOPLE) and stage_at(plan, person.stage).team != NONE
        if by_rep:
            skill = rep_at(plan, person.rep).skill
        leaving = choose_exit(
            plan,
            person.stage,
            segment,
            state.key,
            person.who,
            word,
            person.response,
            intent,
            skill,
            person.visit,
            person.value,
            np.int64(person.has),
        )
        if uses(plan, EXPECTED) and visit_at(plan, person.row).weighs:
            count_decision(plan, store, tally, slot, leaving, intent, skill)
        if uses(plan, HIDDEN) and visit_at(plan, person.row).asks:
            count_discovery(plan, tally, person, leaving)
        if uses(plan, DISCOUNTS):
            person.value = discounted(plan, person.row, person.value)
        if by_rep:
            count_decided(plan, tally, person, leaving)
    if uses(plan, REVIEWS):
        see_exit(plan, state.dials, person.stage, leaving)
    if uses(plan, DEALS):
        person.deal = NONE
    log(plan, store, now, LEFT, person, NONE, leaving)
    spent = now - person.entered
    exit_page_at(tally, leaving).exits += 1
    page.stage_time += spent
    bin_at(store, person.stage * BINS + bin_of(spent)).n += 1
    return np.int64(exit_at(plan, _segment_of(plan, person) * terms.n_exits + leaving).to)


@part
def _come_to_an_end(plan, store, tally, slot):
    """A prospect is won, or lost; one who is lost may come back after a while."""
    person, state = person_at(store, slot), state_at(store, 0)
    now, node = state.now, stage_at(plan, person.stage)
    if node.terminal == WON:
        count_win(plan, store, tally, person, person.value)
    else:
        away = cool_off(plan, person.row, state.key, person.who, node.place, person.visit, person.recycles)
        if away >= 0:
            person.state = COOLING
            notify(plan, store, now + away, RETURNS, slot, person.token)
            return
    person.state = FREE
    person.next_free = state.free_slot
    state.free_slot = slot
