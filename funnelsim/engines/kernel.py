"""The fast engine: one compiled loop over what is due next.

A tick has two phases. First the facts: whatever happens at the tick happens, in any order, because facts only note what
became of a prospect or a rep. Then the choices: every team that something happened to admits its newcomers and gives
its free reps to the heads of its lines. A choice takes effect at a later tick, so a tick ends.

Everything here says when; how much and where to stands in `rules`.
"""

from typing import Final

import numpy as np

from funnelsim.chance.agenda import KIND_BITS, next_key, strike, upcoming
from funnelsim.chance.lines import link_at
from funnelsim.chance.streams import VISIT, replication_key, words
from funnelsim.core.jit import kernel, part
from funnelsim.core.rows import fetch_ahead
from funnelsim.core.ticks import NEVER
from funnelsim.engines.books import close_books, open_books, turn_bucket
from funnelsim.engines.crews import (
    interrupt,
    join,
    judge_response,
    leave_line,
    mark_dirty,
    release,
    settle,
    stage_page,
    watch_tier,
)
from funnelsim.engines.generators import first_due, look_ahead
from funnelsim.engines.log import log
from funnelsim.engines.notices import (
    CLOSES,
    DELAY_ENDS,
    GIVES_UP,
    OPENS,
    REP_COMES,
    REP_LEAVES,
    RETRY,
    RETURNS,
    ROUTED,
    TIER_DUE,
    WALKS_OFF,
    WORK_ENDS,
    notify,
)
from funnelsim.engines.store import (
    BINS,
    COOLING,
    DELAYED,
    DONE,
    FREE,
    FULL,
    NTHS_A_WORD,
    PAUSING,
    ROUTING,
    WAITING,
    WORKING,
    bin_at,
    crew_at,
    desk_at,
    generator_at,
    live_at,
    met_at,
    nth_at,
    nth_word_at,
    person_at,
    slots_of,
    state_at,
)
from funnelsim.engines.tallies import (
    bin_of,
    bucket_row_at,
    cell_page_at,
    exit_page_at,
    stage_cell_at,
    stage_page_at,
    tier_page_at,
)
from funnelsim.plan.features import ATTEMPTS, LIMITS, PROMISES, ROUTES, known_plain, uses
from funnelsim.plan.layout import (
    ESCALATE,
    GOING_ON,
    LEADS,
    NONE,
    PULL_BACK,
    REASSIGN,
    WON,
    exit_at,
    lead_at,
    mark_at,
    rep_at,
    source_at,
    stage_at,
    team_at,
    terms_at,
    tier_at,
    visit_at,
)
from funnelsim.plan.trace import ARRIVED, BREACHED, ENTERED, FINISHED, LEFT, RETURNED
from funnelsim.rules.births import attributes
from funnelsim.rules.clocks import end_of
from funnelsim.rules.exits import choose_exit
from funnelsim.rules.laws import lasts
from funnelsim.rules.service import cool_off, gap_after

DECIDE: Final = -2
"""In place of an exit: let the rule choose."""
_KIND: Final = (1 << KIND_BITS) - 1


@kernel
def replicate(plan, store, tally, seed, replication):
    """Run one replication into one tally; FULL if the store was too small."""
    return _replicate(plan, store, tally, seed, replication)


@kernel
def replicate_plain(plan, store, tally, seed, replication):
    """As `replicate`, for a plan that uses no feature, without a trace."""
    return _replicate(known_plain(plan), store, tally, seed, replication)


@part
def _replicate(plan, store, tally, seed, replication):
    state, terms = state_at(store, 0), terms_at(plan, 0)
    open_books(plan, store, tally, replication_key(seed, replication))
    boundary = terms.warmup if terms.warmup > 0 else mark_at(plan, 0).n
    state.now = -1
    source = first_due(plan, store)
    arrival = _due(store, source)
    while state.status == DONE:
        key = next_key(state.agenda)
        tick = min(arrival, key >> KIND_BITS)

        # Choices, once no fact of this tick is left.
        if tick > state.now and state.last_dirty >= 0:
            settle(plan, store, tally)
            continue
        if tick >= terms.horizon:
            break
        while tick >= boundary:
            boundary = turn_bucket(plan, store, tally, boundary)
        state.now = tick

        # The next fact: whom it concerns, and the exit or stage it leads to.
        if arrival == tick:
            slot, leaving, stage = _be_born(plan, store, tally, source)
            generator_at(store, source).rank += 1
            look_ahead(plan, store, source)
            source = first_due(plan, store)
            arrival = _due(store, source)
        else:
            who, token = strike(state.agenda)
            slot = np.int64(who)
            ahead = upcoming(state.agenda)
            if 0 <= ahead < slots_of(store):
                fetch_ahead(person_at(store, ahead))
            leaving, stage = _happen(plan, store, tally, key & _KIND, slot, token)
        if leaving != NONE or stage != NONE:
            _move(plan, store, tally, slot, leaving, stage)
    if state.status == DONE:
        close_books(plan, store, tally, boundary)
    return state.status


@part
def _due(store, source):
    """When a source sends its next prospect."""
    return generator_at(store, source).next if source != NONE else np.int64(NEVER)


@part
def _be_born(plan, store, tally, source):
    """Give a newcomer a slot and its attributes; slot, NONE and the stage it enters, NONE if there is no slot left."""
    state, terms, nowhere = state_at(store, 0), terms_at(plan, 0), np.int64(NONE)
    slot = state.free_slot
    if slot == NONE:
        state.status = FULL
        return slot, nowhere, nowhere
    person, origin, rank = person_at(store, slot), source_at(plan, source), generator_at(store, source).rank
    state.free_slot = person.next_free
    channel, segment, value = np.int64(origin.channel), np.int64(NONE), np.int64(NONE)
    if origin.kind == LEADS:
        lead = lead_at(plan, origin.first + rank)
        channel, segment, value, rank = np.int64(lead.channel), np.int64(lead.segment), lead.value, lead.rank
    person.who = origin.identity + np.uint64(rank)
    person.born = state.now
    person.cohort = state.bucket if state.now >= terms.warmup else nowhere
    segment, value, intent, score = attributes(plan, source, state.key, person.who, segment, value)
    person.segment, person.value, person.intent, person.score = segment, value, intent, score
    person.cell = channel * terms.n_segments + segment
    person.recycles, person.stage, person.visit = 0, NONE, 0
    for at in range(slot * state.nth_words, (slot + 1) * state.nth_words):
        nth_word_at(store, at).n = 0
    if terms.sticky:
        for at in range(slot * terms.n_teams, (slot + 1) * terms.n_teams):
            met_at(store, at).n = NONE
    cell_page_at(tally, state.cell_page + person.cell).born += 1
    state.events += 1
    state.prospects += 1
    state.in_flight += 1
    state.most = max(state.most, state.in_flight)
    log(plan, store, state.now, ARRIVED, person, NONE, person.cell)
    return slot, nowhere, np.int64(origin.enters)


@part
def _happen(plan, store, tally, kind, slot, token):
    """Note a fact; the exit that its prospect now takes (DECIDE: by rule), and the stage if it comes from nowhere."""
    nowhere = np.int64(NONE)
    if kind >= REP_LEAVES:
        _change_of_shift(plan, store, tally, kind, slot)
        return nowhere, nowhere
    person, state = person_at(store, slot), state_at(store, 0)
    if person.token != token:
        return nowhere, nowhere
    state.events += 1
    if kind == WORK_ENDS:
        log(plan, store, state.now, FINISHED, person, person.rep, person.attempt)
        release(plan, store, tally, slot)
        if not uses(plan, ATTEMPTS) or person.reached:
            return np.int64(DECIDE), nowhere
        return _try_again(plan, store, slot), nowhere
    if kind == DELAY_ENDS:
        log(plan, store, state.now, FINISHED, person, NONE, 0)
        return np.int64(DECIDE), nowhere
    if uses(plan, ROUTES) and kind == ROUTED:
        join(store, slot, np.int64(stage_at(plan, person.stage).team), False)
    elif uses(plan, ATTEMPTS) and kind == RETRY:
        join(store, slot, np.int64(person.team), False)
    elif kind == RETURNS:
        person.recycles += 1
        log(plan, store, state.now, RETURNED, person, NONE, person.recycles)
        return nowhere, np.int64(visit_at(plan, person.row).back_to)
    elif uses(plan, LIMITS) and kind == WALKS_OFF:
        return np.int64(visit_at(plan, person.row).balk_exit), nowhere
    elif kind == GIVES_UP:
        _go_unanswered(plan, store, tally, slot)
        return np.int64(visit_at(plan, person.row).patience_exit), nowhere
    elif uses(plan, PROMISES) and kind == TIER_DUE:
        return _breach(plan, store, tally, slot), nowhere
    return nowhere, nowhere


@part
def _try_again(plan, store, slot):
    """After an attempt that reached nobody: pause, or the exit of those who were never reached."""
    person, state = person_at(store, slot), state_at(store, 0)
    visit = visit_at(plan, person.row)
    if person.attempt + 1 >= visit.up_to:
        return np.int64(visit.unreached_exit)
    place = stage_at(plan, person.stage).place
    gap = gap_after(plan, person.row, state.key, person.who, place, person.visit, person.attempt)
    person.attempt += 1
    person.token += 1
    person.state = PAUSING
    notify(plan, store, state.now + gap, RETRY, slot, person.token)
    return np.int64(NONE)


@part
def _go_unanswered(plan, store, tally, slot):
    """A waiting prospect leaves its line without having been answered."""
    if person_at(store, slot).state == WAITING:
        leave_line(plan, store, tally, slot)
    judge_response(plan, store, tally, slot, state_at(store, 0).now, False)


@part
def _breach(plan, store, tally, slot):
    """An SLA tier comes due for one who still waits; the exit if the tier pulls the prospect back."""
    person, state, n_teams = person_at(store, slot), state_at(store, 0), terms_at(plan, 0).n_teams
    at = visit_at(plan, person.row).first_tier + person.tier
    tier = tier_at(plan, at)
    tier_page_at(tally, state.tier_page + at).tiers += 1
    log(plan, store, state.now, BREACHED, person, NONE, at)
    person.tier += 1
    if tier.do == PULL_BACK:
        _go_unanswered(plan, store, tally, slot)
        return np.int64(tier.to)
    if person.state == WAITING:
        line = link_at(state.lines, slot).line
        if tier.do == REASSIGN and line >= n_teams:
            person.shuns = line - n_teams
        leave_line(plan, store, tally, slot)
    if tier.do != ESCALATE and tier.do != REASSIGN:
        person.foremost = 1
    join(store, slot, np.int64(tier.to if tier.do == ESCALATE else person.team), True)
    watch_tier(plan, store, slot)
    return np.int64(NONE)


@part(rare=True)
def _change_of_shift(plan, store, tally, kind, who):
    """A calendar opens or closes, a rep comes or leaves."""
    n_teams, lines = terms_at(plan, 0).n_teams, state_at(store, 0).lines
    if kind in (OPENS, CLOSES):
        for team in range(n_teams):
            if team_at(plan, team).calendar == who:
                crew_at(store, team).open = kind == OPENS
                mark_dirty(store, team)
        return
    spell, desk = rep_at(plan, who), desk_at(store, who)
    team, crew = np.int64(spell.team), crew_at(store, spell.team)
    mark_dirty(store, team)
    if kind == REP_COMES:
        desk.employed = 1
        crew.free += spell.slots
        crew.hint = min(crew.hint, who)
        return
    crew.free -= spell.slots - desk.busy
    desk.employed = 0
    for slot in range(slots_of(store)):
        person = person_at(store, slot)
        if person.state == WORKING and person.rep == who:
            interrupt(plan, store, tally, slot)
            join(store, slot, team, True)
        elif person.state == WAITING and link_at(lines, slot).line == n_teams + who:
            leave_line(plan, store, tally, slot)
            join(store, slot, team, True)


@part
def _move(plan, store, tally, slot, leaving, stage):
    """Take a prospect through exits and stages that take no time, to the first where it stays."""
    person, state, terms = person_at(store, slot), state_at(store, 0), terms_at(plan, 0)
    now = state.now
    while True:
        if leaving != NONE:
            stage = _leave(plan, store, tally, slot, leaving)

        # Enter a stage.
        visits = nth_at(store, NTHS_A_WORD * slot * state.nth_words + stage)
        nth = np.int64(visits.n)
        visits.n += 1
        row = stage * terms.n_segments + person.segment
        person.stage, person.visit, person.entered, person.row = stage, nth, now, row
        person.token += 1
        log(plan, store, now, ENTERED, person, NONE, person.value)
        page, cell = stage_page(store, tally, stage), stage_cell_at(tally, stage * terms.n_cells + person.cell)
        page.entries += 1
        cell.entries_by += 1
        if nth == 0 and person.cohort >= 0:
            stage_page_at(tally, person.cohort * terms.n_stages + stage).reached += 1
            cell.reached_by += 1
        node = stage_at(plan, stage)
        if node.terminal != GOING_ON:
            _come_to_an_end(plan, store, tally, slot)
            return
        live_at(store, stage).here += 1
        page.stage_area -= now
        w0, w1, w2, w3 = words(state.key, person.who, node.place, VISIT, nth, 0)
        person.exit_word, person.response = w2, -1
        if node.team != NONE:
            person.duration_word, person.patience_word = w0, w1
            person.attempt, person.tier, person.left, person.shuns = 0, 0, 0, NONE
            person.fresh, person.foremost = 1, 0
            routing = visit_at(plan, row).routing
            if not uses(plan, ROUTES) or routing == NONE:
                join(store, slot, np.int64(node.team), False)
                return
            person.state = ROUTING
            delay = lasts(plan, routing, state.key, person.who, node.place, nth, 0, 3, w3)
            notify(plan, store, now + delay, ROUTED, slot, person.token)
            return
        if node.takes_time:
            person.state = DELAYED
            delay = lasts(plan, visit_at(plan, row).duration, state.key, person.who, node.place, nth, 0, 0, w0)
            notify(plan, store, end_of(plan, node.calendar, now, delay), DELAY_ENDS, slot, person.token)
            return
        leaving = np.int64(DECIDE)


@part
def _leave(plan, store, tally, slot, leaving):
    """Take an exit (DECIDE: the one the rule chooses) out of the present stage; the stage it leads to."""
    person, state, terms = person_at(store, slot), state_at(store, 0), terms_at(plan, 0)
    if leaving == DECIDE:
        leaving = choose_exit(
            plan, person.stage, person.segment, person.exit_word, person.response, person.intent, person.visit
        )
    now, page = state.now, stage_page(store, tally, person.stage)
    log(plan, store, now, LEFT, person, NONE, leaving)
    spent = now - person.entered
    exit_page_at(tally, state.exit_page + leaving).exits += 1
    page.stage_time += spent
    page.stage_area += now
    bin_at(store, person.stage * BINS + bin_of(spent)).n += 1
    live_at(store, person.stage).here -= 1
    return np.int64(exit_at(plan, person.segment * terms.n_exits + leaving).to)


@part
def _come_to_an_end(plan, store, tally, slot):
    """A prospect is won, or lost; one who is lost may come back after a while."""
    person, state = person_at(store, slot), state_at(store, 0)
    now, node = state.now, stage_at(plan, person.stage)
    if node.terminal == WON:
        cell = cell_page_at(tally, state.cell_page + person.cell)
        cell.wins += 1
        cell.revenue += person.value
        bucket_row_at(tally, state.bucket).cycle_time += now - person.born
        bin_at(store, 2 * terms_at(plan, 0).n_stages * BINS + bin_of(now - person.born)).n += 1
    else:
        away = cool_off(plan, person.row, state.key, person.who, node.place, person.visit, person.recycles)
        if away >= 0:
            person.state = COOLING
            notify(plan, store, now + away, RETURNS, slot, person.token)
            return
    person.state = FREE
    person.next_free = state.free_slot
    state.free_slot = slot
    state.in_flight -= 1
