"""The kernel's teams: who comes to one and leaves its line, whom a rep takes up, what is counted of it.

Lines by row of `heads`: one a team, one a rep, and one a team of those being served, worst first, which only
pre-emptive teams keep.
"""

import numpy as np

from funnelsim.chance.lines import dequeue, enqueue, link_at
from funnelsim.core.bits import bit_of
from funnelsim.core.jit import part
from funnelsim.engines.log import log
from funnelsim.engines.notices import TIER_DUE, WORK_ENDS, notify
from funnelsim.engines.store import (
    BINS,
    JOINING,
    WORKING,
    bin_at,
    crew_at,
    desk_at,
    give_up,
    joiner_at,
    met_at,
    person_at,
    slots_of,
    state_at,
    vacant_at,
)
from funnelsim.engines.tallies import bin_of, bucket_of, rep_row_at, stage_page_at, tier_row_at
from funnelsim.plan.features import AGAIN, ATTEMPTS, OWN_LINES, PROMISES, RANKED, RESPONSE, SHIFTS, uses
from funnelsim.plan.layout import (
    COUNT,
    NONE,
    PREEMPTIVE,
    STICKY,
    rep_at,
    stage_at,
    team_at,
    terms_at,
    tier_at,
    visit_at,
)
from funnelsim.plan.trace import BREACHED, STARTED, STOPPED
from funnelsim.rules.clocks import business, end_of, left_of
from funnelsim.rules.contacts import shortened
from funnelsim.rules.service import attempt_work, due_at, ticks_of, work_of


@part
def reading(plan, team, tick):
    """What a team's business clock reads."""
    return business(plan, team_at(plan, team).calendar, tick)


@part
def _work_clock(plan, person):
    """The calendar on which a prospect's work runs; NONE for calendar time."""
    calendar = stage_at(plan, person.stage).calendar
    if calendar != NONE and stage_at(plan, person.stage).team != person.team:
        calendar = team_at(plan, person.team).calendar
    return np.int64(calendar)


@part
def served_by(plan, team):
    """The line of those whom a pre-emptive team serves, worst first."""
    return terms_at(plan, 0).n_teams + terms_at(plan, 0).n_reps + team


@part
def join(plan, store, slot, team, keeps_place):
    """Note that a prospect comes to a team, to be admitted when it chooses; who was there before may keep its place."""
    person, state = person_at(store, slot), state_at(store, 0)
    if uses(plan, AGAIN):
        person.keeps_place = keeps_place
    person.state = JOINING
    person.team = team
    mark_dirty(store, team)
    at = state.n_joiners
    if at == slots_of(store):
        give_up(store)
        return
    state.n_joiners = at + 1
    joiner = joiner_at(store, at)
    joiner.slot, joiner.team = slot, team
    if uses(plan, AGAIN):
        joiner.token = person.token


@part
def mark_dirty(store, team):
    """Something happened to a team in this tick: it has to choose."""
    state_at(store, 0).dirty |= bit_of(team)


@part(often=True)
def leave_line(plan, store, tally, slot):
    """Take a waiting prospect out of its line."""
    person, state = person_at(store, slot), state_at(store, 0)
    line = np.int64(person.line if uses(plan, OWN_LINES) else person.team)
    dequeue(state.lines, line, slot)
    own = line - terms_at(plan, 0).n_teams
    if uses(plan, OWN_LINES) and own >= 0:
        desk_at(store, own).queued -= 1
    crew_at(store, person.team).waiting -= 1
    stage_page_at(tally, person.stage).line_area += state.now - person.in_line_since


@part
def mark_vacant(store, rep):
    """A rep has a free slot."""
    vacant_at(store, rep >> 6).reps |= bit_of(rep)


@part
def mark_occupied(store, rep):
    """A rep has no free slot, or is not there."""
    vacant_at(store, rep >> 6).reps &= ~bit_of(rep)


@part(often=True)
def release(plan, store, tally, slot):
    """Free the rep a prospect occupies."""
    person, state = person_at(store, slot), state_at(store, 0)
    team, rep = np.int64(person.team), np.int64(person.rep)
    if uses(plan, RANKED) and team_at(plan, team).discipline == PREEMPTIVE:
        link = link_at(state.lines, slot)
        dequeue(state.lines, served_by(plan, team), slot)
        link.rank, link.since, link.who = -link.rank, -link.since, ~link.who
    rep_row_at(tally, rep).rep_busy += reading(plan, team, state.now) - person.clock
    desk = desk_at(store, rep)
    desk.busy -= 1
    if not uses(plan, SHIFTS) or desk.employed:
        crew_at(store, team).free += 1
        mark_vacant(store, rep)
    mark_dirty(store, team)


@part
def interrupt(plan, store, tally, slot):
    """Stop a prospect's work; what is left of it is kept."""
    person, now = person_at(store, slot), state_at(store, 0).now
    rep, clock = np.int64(person.rep), _work_clock(plan, person)
    hired = desk_at(store, rep).hired
    ticks = ticks_of(plan, rep, hired, person.begun, person.work)
    person.work = work_of(plan, rep, hired, person.begun, left_of(plan, clock, person.begun, now, ticks))
    person.token += 1
    log(plan, store, now, STOPPED, person, person.rep, person.work)
    release(plan, store, tally, slot)


@part
def judge_response(plan, store, tally, slot, tick, answered):
    """Settle the SLA of a visit: at its first response, when it goes unanswered, or at the end."""
    person = person_at(store, slot)
    visit, page = visit_at(plan, person.row), stage_page_at(tally, person.stage)
    if not uses(plan, PROMISES) or visit.sla == 0:
        return
    if tick < person.deadline:
        if answered:
            page.within_sla += 1
        return
    page.breaches += 1
    home = stage_at(plan, person.stage).team
    for tier in range(visit.first_tier, visit.first_tier + visit.n_tiers):
        if tier_at(plan, tier).do == COUNT:
            due = due_at(plan, home, person.row, person.joined, tier_at(plan, tier).after)
            if due <= tick:
                log(plan, store, due, BREACHED, person, NONE, tier)
                if due >= terms_at(plan, 0).warmup:
                    bucket = bucket_of(plan, state_at(store, 0).bucket, due)
                    tier_row_at(tally, bucket * terms_at(plan, 0).n_tiers + tier).tiers += 1


@part(often=True)
def start(plan, store, tally, slot, rep):
    """A rep takes a prospect up, who has left its line."""
    person, state = person_at(store, slot), state_at(store, 0)
    now, team = state.now, np.int64(person.team)
    page, row = stage_page_at(tally, person.stage), team_at(plan, team)
    page.starts += 1
    page.waited += now - person.in_line_since
    if not uses(plan, AGAIN) or person.response < 0:
        if uses(plan, AGAIN):
            page.responses += 1
            page.response_time += now - person.joined
        bin_at(store, (terms_at(plan, 0).n_stages + person.stage) * BINS + bin_of(now - person.joined)).n += 1
        if uses(plan, AGAIN | RESPONSE):
            person.response = now - person.entered
        judge_response(plan, store, tally, slot, now, True)
    if not uses(plan, AGAIN) or person.work == 0:
        place = stage_at(plan, person.stage).place
        work, reached = attempt_work(
            plan, person.row, state.key, person.who, place, person.visit, person.attempt, person.duration_word
        )
        person.work = shortened(plan, state.contacts, slot, person.row, work)
        if uses(plan, ATTEMPTS):
            person.reached = reached
    person.state, person.rep = WORKING, rep
    if uses(plan, AGAIN):
        person.fresh, person.begun = 0, now
    person.token += 1
    log(plan, store, now, STARTED, person, rep, person.attempt)
    person.clock = reading(plan, team, now)
    rep_row_at(tally, rep).rep_starts += 1
    crew_at(store, team).free -= 1
    desk = desk_at(store, rep)
    desk.busy += 1
    if desk.busy == rep_at(plan, rep).slots:
        mark_occupied(store, rep)
    if uses(plan, OWN_LINES) and row.assignment == STICKY:
        met_at(store, slot * terms_at(plan, 0).n_teams + team).n = rep
    if uses(plan, RANKED) and row.discipline == PREEMPTIVE:
        link = link_at(state.lines, slot)
        link.rank, link.since, link.who = -link.rank, -link.since, ~link.who
        enqueue(state.lines, served_by(plan, team), slot)
    end = end_of(plan, _work_clock(plan, person), now, ticks_of(plan, rep, desk.hired, now, person.work))
    notify(plan, store, end, WORK_ENDS, slot, person.token)


@part
def watch_tier(plan, store, slot):
    """Enter when the next tier that does more than count comes due."""
    person = person_at(store, slot)
    visit = visit_at(plan, person.row)
    while person.tier < visit.n_tiers:
        tier = tier_at(plan, visit.first_tier + person.tier)
        if tier.do != COUNT:
            home = stage_at(plan, person.stage).team
            due = due_at(plan, home, person.row, person.joined, tier.after)
            notify(plan, store, due, TIER_DUE, slot, person.token)
            return
        person.tier += 1
