"""The fast engine: one compiled loop over what is due next.

A tick has two phases. First the facts: whatever happens at the tick happens, in any order, because facts only note what
became of a prospect or a rep. Then the choices: every team that something happened to admits its newcomers and gives
its free reps to the heads of its lines. A choice takes effect at a later tick, so a tick ends.

Everything here says when; how much and where to stands in `rules`.
"""

from typing import Final

import numpy as np

from funnelsim.chance.agenda import KIND_BITS, notice_at, peek, strike
from funnelsim.chance.lines import link_at
from funnelsim.chance.streams import VISIT, replication_key, words
from funnelsim.core.jit import kernel, part
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
    visit_row,
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
    PAUSING,
    ROUTING,
    WAITING,
    WORKING,
    anchors_at,
    bin_at,
    crew_at,
    desk_at,
    generator_at,
    in_stage_at,
    met_at,
    nth_at,
    person_at,
    state_at,
)
from funnelsim.engines.tallies import (
    at_cell,
    at_stage,
    bin_of,
    born_at,
    cycle_time_at,
    entries_at,
    entries_by_at,
    exits_at,
    reached_at,
    reached_by_at,
    revenue_at,
    stage_area_at,
    stage_time_at,
    tiers_at,
    wins_at,
)
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
_LATEST: Final = 0x7FFFFFFFFFFFFFFF
_KIND: Final = (1 << KIND_BITS) - 1


@kernel
def replicate(plan, store, tally, seed, replication):
    """Run one replication into one tally; FULL if the store was too small."""
    state, terms = state_at(store, 0), terms_at(plan, 0)
    horizon, agenda = terms.horizon, anchors_at(store, 0).agenda
    open_books(plan, store, tally, replication_key(seed, replication))
    bucket = np.int64(0)
    boundary = terms.warmup if terms.warmup > 0 else mark_at(plan, 0).n
    now = np.int64(-1)
    source = first_due(plan, store)
    while state.status == DONE:
        at = peek(agenda)
        key = notice_at(agenda, at).key if at >= 0 else np.int64(_LATEST)
        arrival = generator_at(store, source).next if source != NONE else np.int64(NEVER)
        tick = min(arrival, key >> KIND_BITS)

        # Choices, once no fact of this tick is left.
        if tick > now and state.dirty:
            settle(plan, store, tally, now, bucket, horizon)
            continue
        if tick >= horizon:
            break
        while tick >= boundary:
            bucket, boundary = turn_bucket(plan, store, tally, bucket, boundary)
        now = tick

        # The next fact: whom it concerns, and the exit or stage it leads to.
        if arrival == tick:
            slot, leaving, stage = _be_born(plan, store, tally, source, now, bucket)
            generator_at(store, source).rank += 1
            look_ahead(plan, store, source)
            source = first_due(plan, store)
        else:
            notice = notice_at(agenda, at)
            slot, token = np.int64(notice.who), notice.token
            strike(agenda)
            leaving, stage = _happen(plan, store, tally, key & _KIND, slot, token, now, bucket, horizon)
        if leaving != NONE or stage != NONE:
            _move(plan, store, tally, slot, leaving, stage, now, bucket, horizon)
    if state.status == DONE:
        close_books(plan, store, tally, bucket, boundary)
    return state.status


@part
def _be_born(plan, store, tally, source, now, bucket):
    """Give a newcomer a slot and its attributes; slot, NONE and the stage it enters, NONE if there is no slot left."""
    state, terms = state_at(store, 0), terms_at(plan, 0)
    slot = np.int64(state.free_slot)
    if slot == NONE:
        state.status = FULL
        return slot, np.int64(NONE), np.int64(NONE)
    person, origin, rank = person_at(store, slot), source_at(plan, source), generator_at(store, source).rank
    state.free_slot = person.next_free
    channel, segment, value = np.int64(origin.channel), np.int64(NONE), np.int64(NONE)
    if origin.kind == LEADS:
        lead = lead_at(plan, origin.first + rank)
        channel, segment, value, rank = np.int64(lead.channel), np.int64(lead.segment), lead.value, lead.rank
    person.who = origin.identity + np.uint64(rank)
    person.born = now
    person.cohort = bucket if now >= terms.warmup else NONE
    segment, value, intent, score = attributes(plan, source, state.key, person.who, segment, value)
    person.segment, person.value, person.intent, person.score = segment, value, intent, score
    person.cell = channel * terms.n_segments + segment
    person.recycles, person.stage, person.visit = 0, NONE, 0
    for at in range(slot * terms.n_stages, (slot + 1) * terms.n_stages):
        nth_at(store, at).n = 0
    if terms.sticky:
        for at in range(slot * terms.n_teams, (slot + 1) * terms.n_teams):
            met_at(store, at).n = NONE
    born_at(tally, at_cell(plan, bucket, person.cell)).n += 1
    state.events += 1
    state.prospects += 1
    state.in_flight += 1
    state.most = max(state.most, state.in_flight)
    log(store, now, ARRIVED, person, NONE, person.cell)
    return slot, np.int64(NONE), np.int64(origin.enters)


@part
def _happen(plan, store, tally, kind, slot, token, now, bucket, horizon):
    """Note a fact; the exit that its prospect now takes (DECIDE: by rule), and the stage if it comes from nowhere."""
    nowhere = np.int64(NONE)
    if kind >= REP_LEAVES:
        _change_of_shift(plan, store, tally, kind, slot, now, bucket)
        return nowhere, nowhere
    person = person_at(store, slot)
    if person.token != token:
        return nowhere, nowhere
    state_at(store, 0).events += 1
    row = visit_row(plan, person)
    if kind == WORK_ENDS:
        log(store, now, FINISHED, person, person.rep, person.attempt)
        release(plan, store, tally, slot, now, bucket)
        if person.reached:
            return np.int64(DECIDE), nowhere
        return _try_again(plan, store, slot, row, now, horizon), nowhere
    if kind == DELAY_ENDS:
        log(store, now, FINISHED, person, NONE, 0)
        return np.int64(DECIDE), nowhere
    if kind == ROUTED:
        join(store, slot, stage_at(plan, person.stage).team, False)
    elif kind == RETRY:
        join(store, slot, person.team, False)
    elif kind == RETURNS:
        person.recycles += 1
        log(store, now, RETURNED, person, NONE, person.recycles)
        return nowhere, np.int64(visit_at(plan, row).back_to)
    elif kind == WALKS_OFF:
        return np.int64(visit_at(plan, row).balk_exit), nowhere
    elif kind == GIVES_UP:
        _go_unanswered(plan, store, tally, slot, now, bucket)
        return np.int64(visit_at(plan, row).patience_exit), nowhere
    elif kind == TIER_DUE:
        return _breach(plan, store, tally, slot, row, now, bucket, horizon), nowhere
    return nowhere, nowhere


@part
def _try_again(plan, store, slot, row, now, horizon):
    """After an attempt that reached nobody: pause, or the exit of those who were never reached."""
    person, visit = person_at(store, slot), visit_at(plan, row)
    if person.attempt + 1 >= visit.up_to:
        return np.int64(visit.unreached_exit)
    place, key = stage_at(plan, person.stage).place, state_at(store, 0).key
    gap = gap_after(plan, row, key, person.who, place, person.visit, person.attempt)
    person.attempt += 1
    person.token += 1
    person.state = PAUSING
    notify(store, horizon, now + gap, RETRY, slot, person.token)
    return np.int64(NONE)


@part
def _go_unanswered(plan, store, tally, slot, now, bucket):
    """A waiting prospect leaves its line without having been answered."""
    if person_at(store, slot).state == WAITING:
        leave_line(plan, store, tally, slot, now, bucket)
    judge_response(plan, store, tally, slot, now, False, bucket)


@part
def _breach(plan, store, tally, slot, row, now, bucket, horizon):
    """An SLA tier comes due for one who still waits; the exit if the tier pulls the prospect back."""
    person, n_teams = person_at(store, slot), terms_at(plan, 0).n_teams
    at = visit_at(plan, row).first_tier + person.tier
    tier = tier_at(plan, at)
    tiers_at(tally, bucket * terms_at(plan, 0).n_tiers + at).n += 1
    log(store, now, BREACHED, person, NONE, at)
    person.tier += 1
    if tier.do == PULL_BACK:
        _go_unanswered(plan, store, tally, slot, now, bucket)
        return np.int64(tier.to)
    if person.state == WAITING:
        line = link_at(anchors_at(store, 0).lines, slot).line
        if tier.do == REASSIGN and line >= n_teams:
            person.shuns = line - n_teams
        leave_line(plan, store, tally, slot, now, bucket)
    if tier.do != ESCALATE and tier.do != REASSIGN:
        person.foremost = 1
    join(store, slot, tier.to if tier.do == ESCALATE else person.team, True)
    watch_tier(plan, store, slot, horizon)
    return np.int64(NONE)


@part
def _change_of_shift(plan, store, tally, kind, who, now, bucket):
    """A calendar opens or closes, a rep comes or leaves."""
    n_teams = terms_at(plan, 0).n_teams
    if kind in (OPENS, CLOSES):
        for team in range(n_teams):
            if team_at(plan, team).calendar == who:
                crew_at(store, team).open = kind == OPENS
                mark_dirty(store, team)
        return
    spell, desk = rep_at(plan, who), desk_at(store, who)
    team, crew = spell.team, crew_at(store, spell.team)
    mark_dirty(store, team)
    if kind == REP_COMES:
        desk.employed = 1
        crew.free += spell.slots
        crew.hint = min(crew.hint, who)
        return
    crew.free -= spell.slots - desk.busy
    desk.employed = 0
    for slot in range(anchors_at(store, 0).slots):
        person = person_at(store, slot)
        if person.state == WORKING and person.rep == who:
            interrupt(plan, store, tally, slot, now, bucket)
            join(store, slot, team, True)
        elif person.state == WAITING and link_at(anchors_at(store, 0).lines, slot).line == n_teams + who:
            leave_line(plan, store, tally, slot, now, bucket)
            join(store, slot, team, True)


@part
def _move(plan, store, tally, slot, leaving, stage, now, bucket, horizon):
    """Take a prospect through exits and stages that take no time, to the first where it stays."""
    person, terms, key = person_at(store, slot), terms_at(plan, 0), state_at(store, 0).key
    while True:
        if leaving != NONE:
            stage = _leave(plan, store, tally, slot, leaving, now, bucket)

        # Enter a stage.
        visits = nth_at(store, slot * terms.n_stages + stage)
        nth = np.int64(visits.n)
        visits.n += 1
        person.stage, person.visit, person.entered = stage, nth, now
        person.token += 1
        log(store, now, ENTERED, person, NONE, person.value)
        entries_at(tally, at_stage(plan, bucket, stage)).n += 1
        entries_by_at(tally, at_cell(plan, stage, person.cell)).n += 1
        if nth == 0 and person.cohort >= 0:
            reached_at(tally, at_stage(plan, person.cohort, stage)).n += 1
            reached_by_at(tally, at_cell(plan, stage, person.cell)).n += 1
        node, row = stage_at(plan, stage), stage * terms.n_segments + person.segment
        if node.terminal != GOING_ON:
            _come_to_an_end(plan, store, tally, slot, row, now, bucket, horizon)
            return
        in_stage_at(store, stage).n += 1
        stage_area_at(tally, at_stage(plan, bucket, stage)).n -= now
        w0, w1, w2, w3 = words(key, person.who, node.place, VISIT, nth, 0)
        person.exit_word, person.response = w2, -1
        if node.team != NONE:
            person.duration_word, person.patience_word = w0, w1
            person.attempt, person.tier, person.left, person.shuns = 0, 0, 0, NONE
            person.fresh, person.foremost = 1, 0
            routing = visit_at(plan, row).routing
            if routing == NONE:
                join(store, slot, node.team, False)
                return
            person.state = ROUTING
            delay = lasts(plan, routing, key, person.who, node.place, nth, 0, 3, w3)
            notify(store, horizon, now + delay, ROUTED, slot, person.token)
            return
        if node.takes_time:
            person.state = DELAYED
            delay = lasts(plan, visit_at(plan, row).duration, key, person.who, node.place, nth, 0, 0, w0)
            notify(store, horizon, end_of(plan, node.calendar, now, delay), DELAY_ENDS, slot, person.token)
            return
        leaving = np.int64(DECIDE)


@part
def _leave(plan, store, tally, slot, leaving, now, bucket):
    """Take an exit (DECIDE: the one the rule chooses) out of the present stage; the stage it leads to."""
    person, terms = person_at(store, slot), terms_at(plan, 0)
    if leaving == DECIDE:
        leaving = choose_exit(
            plan, person.stage, person.segment, person.exit_word, person.response, person.intent, person.visit
        )
    log(store, now, LEFT, person, NONE, leaving)
    spent = now - person.entered
    exits_at(tally, bucket * terms.n_exits + leaving).n += 1
    stage_time_at(tally, at_stage(plan, bucket, person.stage)).n += spent
    stage_area_at(tally, at_stage(plan, bucket, person.stage)).n += now
    bin_at(store, person.stage * BINS + bin_of(spent)).n += 1
    in_stage_at(store, person.stage).n -= 1
    return np.int64(exit_at(plan, person.segment * terms.n_exits + leaving).to)


@part
def _come_to_an_end(plan, store, tally, slot, row, now, bucket, horizon):
    """A prospect is won, or lost; one who is lost may come back after a while."""
    person, state = person_at(store, slot), state_at(store, 0)
    node = stage_at(plan, person.stage)
    if node.terminal == WON:
        wins_at(tally, at_cell(plan, bucket, person.cell)).n += 1
        revenue_at(tally, at_cell(plan, bucket, person.cell)).n += person.value
        cycle_time_at(tally, bucket).n += now - person.born
        bin_at(store, 2 * terms_at(plan, 0).n_stages * BINS + bin_of(now - person.born)).n += 1
    else:
        away = cool_off(plan, row, state.key, person.who, node.place, person.visit, person.recycles)
        if away >= 0:
            person.state = COOLING
            notify(store, horizon, now + away, RETURNS, slot, person.token)
            return
    person.state = FREE
    person.next_free = state.free_slot
    state.free_slot = slot
    state.in_flight -= 1
