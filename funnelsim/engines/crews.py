"""The kernel's choices: whom a team admits, which rep takes whom, who is interrupted.

A rep takes the first by key of the rep's own line and the team's. Lines by row of `heads`: one a team, one a rep, and
one a team of those being served, worst first, which only pre-emptive teams keep.
"""

import numpy as np

from funnelsim.chance.lines import NOBODY, dequeue, enqueue, head_at, is_before, link_at
from funnelsim.core.jit import part
from funnelsim.core.ticks import NEVER
from funnelsim.engines.log import log
from funnelsim.engines.notices import GIVES_UP, TIER_DUE, WALKS_OFF, WORK_ENDS, notify
from funnelsim.engines.store import (
    BALKING,
    BINS,
    FULL,
    JOINING,
    WAITING,
    WORKING,
    bin_at,
    crew_at,
    desk_at,
    joiner_at,
    live_at,
    met_at,
    person_at,
    slots_of,
    state_at,
)
from funnelsim.engines.tallies import bin_of, bucket_of, rep_row_at, stage_page_at, team_page_at, tier_page_at
from funnelsim.plan.features import HOURS, OWN_LINES, PROMISES, RANKED, uses
from funnelsim.plan.layout import (
    COUNT,
    LEAST_LOADED,
    NONE,
    POOLED,
    PREEMPTIVE,
    ROUND_ROBIN,
    STICKY,
    rep_at,
    stage_at,
    team_at,
    terms_at,
    tier_at,
    visit_at,
)
from funnelsim.plan.trace import BALKED, BREACHED, JOINED, STARTED, STOPPED
from funnelsim.rules.clocks import business, end_of, left_of
from funnelsim.rules.laws import lasts
from funnelsim.rules.service import FOREMOST, attempt_work, due_at, has_room, rank_in_line


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
def stage_page(store, tally, stage):
    """What is counted of a stage in the present bucket."""
    return stage_page_at(tally, state_at(store, 0).stage_page + stage)


@part
def join(store, slot, team, keeps_place):
    """Note that a prospect comes to a team, to be admitted when it chooses; who was there before may keep its place."""
    person, state = person_at(store, slot), state_at(store, 0)
    person.keeps_place = keeps_place
    person.state = JOINING
    person.team = team
    mark_dirty(store, team)
    at = state.n_joiners
    if at == slots_of(store):
        state.status = FULL
        return
    state.n_joiners = at + 1
    joiner = joiner_at(store, at)
    joiner.slot, joiner.token, joiner.team = slot, person.token, team


@part
def mark_dirty(store, team):
    """Something happened to a team in this tick: it has to choose."""
    state = state_at(store, 0)
    crew_at(store, team).dirty = 1
    state.first_dirty = min(state.first_dirty, team)
    state.last_dirty = max(state.last_dirty, team)


@part
def leave_line(plan, store, tally, slot):
    """Take a waiting prospect out of its line."""
    person, state = person_at(store, slot), state_at(store, 0)
    line = np.int64(link_at(state.lines, slot).line)
    dequeue(state.lines, line, slot)
    own = line - terms_at(plan, 0).n_teams
    if uses(plan, OWN_LINES) and own >= 0:
        desk_at(store, own).queued -= 1
    crew_at(store, person.team).waiting -= 1
    live_at(store, person.stage).waiting -= 1
    stage_page(store, tally, person.stage).line_area += state.now


@part
def release(plan, store, tally, slot):
    """Free the rep a prospect occupies."""
    person, state = person_at(store, slot), state_at(store, 0)
    team, rep = np.int64(person.team), np.int64(person.rep)
    if uses(plan, RANKED) and team_at(plan, team).discipline == PREEMPTIVE:
        link = link_at(state.lines, slot)
        dequeue(state.lines, np.int64(link.line), slot)
        link.rank, link.since, link.who = -link.rank, -link.since, ~link.who
    read = reading(plan, team, state.now)
    team_page_at(tally, state.team_page + team).busy_area += read
    rep_row_at(tally, rep).rep_busy += read
    crew, desk = crew_at(store, team), desk_at(store, rep)
    crew.busy -= 1
    desk.busy -= 1
    if desk.employed:
        crew.free += 1
        crew.hint = min(crew.hint, rep)
    mark_dirty(store, team)


@part
def interrupt(plan, store, tally, slot):
    """Stop a prospect's work; what is left of it is kept."""
    person, now = person_at(store, slot), state_at(store, 0).now
    person.left = left_of(plan, _work_clock(plan, person), person.begun, now, person.work)
    person.token += 1
    log(plan, store, now, STOPPED, person, person.rep, person.left)
    release(plan, store, tally, slot)


@part
def judge_response(plan, store, tally, slot, tick, answered):
    """Settle the SLA of a visit: at its first response, when it goes unanswered, or at the end."""
    person = person_at(store, slot)
    visit, page = visit_at(plan, person.row), stage_page(store, tally, person.stage)
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
                    tier_page_at(tally, bucket * terms_at(plan, 0).n_tiers + tier).tiers += 1


@part
def _next_in_turn(plan, store, team, shuns):
    """Round robin: the next rep employed, after the one whose turn was last."""
    first, n = team_at(plan, team).first_rep, team_at(plan, team).n_reps
    turn = crew_at(store, team).turn
    for step in range(n):
        rep = first + (turn + step) % n
        if desk_at(store, rep).employed and rep != shuns:
            crew_at(store, team).turn = (turn + step + 1) % n
            return np.int64(rep)
    return np.int64(NONE)


@part
def _least_loaded(plan, store, team, shuns):
    """The rep employed with the most room: slots less deals held and waiting; the first of equals."""
    best, most = np.int64(NONE), np.int64(-NEVER)
    for rep in range(team_at(plan, team).first_rep, team_at(plan, team).first_rep + team_at(plan, team).n_reps):
        room = rep_at(plan, rep).slots - desk_at(store, rep).busy - desk_at(store, rep).queued
        if desk_at(store, rep).employed and rep != shuns and room > most:
            best, most = np.int64(rep), np.int64(room)
    return best


@part
def _line_for(plan, store, slot, team):
    """The line a newcomer joins: a rep's own, or the team's."""
    assignment = team_at(plan, team).assignment
    if not uses(plan, OWN_LINES) or assignment == POOLED:
        return np.int64(team)
    shuns = person_at(store, slot).shuns
    if assignment == ROUND_ROBIN:
        rep = _next_in_turn(plan, store, team, shuns)
    elif assignment == LEAST_LOADED:
        rep = _least_loaded(plan, store, team, shuns)
    else:
        rep = np.int64(met_at(store, slot * terms_at(plan, 0).n_teams + team).n)
        if rep != NONE and (not desk_at(store, rep).employed or rep == shuns):
            rep = np.int64(NONE)
    return np.int64(team) if rep == NONE else terms_at(plan, 0).n_teams + rep


@part
def start(plan, store, tally, slot, rep):
    """A rep takes a prospect up, who has left its line."""
    person, state = person_at(store, slot), state_at(store, 0)
    now, team = state.now, np.int64(person.team)
    page, crew, row = stage_page(store, tally, person.stage), crew_at(store, team), team_at(plan, team)
    page.starts += 1
    page.waited += now - person.in_line_since
    if person.response < 0:
        page.responses += 1
        page.response_time += now - person.joined
        bin_at(store, (terms_at(plan, 0).n_stages + person.stage) * BINS + bin_of(now - person.joined)).n += 1
        person.response = now - person.entered
        judge_response(plan, store, tally, slot, now, True)
    if person.left > 0:
        person.work = person.left
        person.left = 0
    else:
        place = stage_at(plan, person.stage).place
        work, reached = attempt_work(
            plan, person.row, state.key, person.who, place, person.visit, person.attempt, person.duration_word
        )
        person.work = work
        person.reached = reached
    person.state = WORKING
    person.fresh = 0
    person.rep = rep
    person.begun = now
    person.token += 1
    log(plan, store, now, STARTED, person, rep, person.attempt)
    read = reading(plan, team, now)
    team_page_at(tally, state.team_page + team).busy_area -= read
    rep_row_at(tally, rep).rep_busy -= read
    rep_row_at(tally, rep).rep_starts += 1
    crew.busy += 1
    crew.free -= 1
    desk_at(store, rep).busy += 1
    if uses(plan, OWN_LINES) and row.assignment == STICKY:
        met_at(store, slot * terms_at(plan, 0).n_teams + team).n = rep
    if uses(plan, RANKED) and row.discipline == PREEMPTIVE:
        link = link_at(state.lines, slot)
        link.rank, link.since, link.who = -link.rank, -link.since, ~link.who
        enqueue(state.lines, terms_at(plan, 0).n_teams + terms_at(plan, 0).n_reps + team, slot)
    end = end_of(plan, _work_clock(plan, person), now, person.work)
    notify(plan, store, end, WORK_ENDS, slot, person.token)


@part
def _first_free(plan, store, team):
    """The first rep of a team with a free slot; there is one."""
    crew, rep = crew_at(store, team), np.int64(crew_at(store, team).hint)
    last = team_at(plan, team).first_rep + team_at(plan, team).n_reps - 1
    while rep < last and not (desk_at(store, rep).employed and desk_at(store, rep).busy < rep_at(plan, rep).slots):
        rep += 1
    crew.hint = rep
    return rep


@part
def _admit(plan, store, tally, slot, team, alone):
    """Let a newcomer into a line, or send it off if the line is full; whether it may go straight to a rep."""
    person, state, crew = person_at(store, slot), state_at(store, 0), crew_at(store, team)
    now, page, row = state.now, stage_page(store, tally, person.stage), person.row
    if person.fresh:
        if not has_room(plan, team, crew.waiting, crew.free if crew.open else np.int64(0)):
            person.state = BALKING
            log(plan, store, now, BALKED, person, NONE, team)
            notify(plan, store, now + 1, WALKS_OFF, slot, person.token)
            return False
        person.joined = now
        page.joins += 1
        page.routing_time += now - person.entered
        if uses(plan, PROMISES) and visit_at(plan, row).sla:
            person.deadline = due_at(plan, team, row, now, visit_at(plan, row).respond_within)
    log(plan, store, now, JOINED, person, NONE, team)
    person.state = WAITING
    person.in_line_since = now
    link = link_at(state.lines, slot)
    link.who = person.who
    if not person.keeps_place:
        link.since = now
    link.rank = rank_in_line(plan, team, row, person.score, person.value, person.deadline, link.since)
    if uses(plan, PROMISES) and person.foremost:
        link.rank = FOREMOST
    pooled = not uses(plan, OWN_LINES) or team_at(plan, team).assignment == POOLED
    if alone and pooled and (not uses(plan, HOURS) or crew.open) and crew.free > 0 and crew.waiting == 0:
        return True
    line = _line_for(plan, store, slot, team)
    person.shuns = NONE
    if uses(plan, OWN_LINES) and line >= terms_at(plan, 0).n_teams:
        desk_at(store, line - terms_at(plan, 0).n_teams).queued += 1
    crew.waiting += 1
    live_at(store, person.stage).waiting += 1
    page.line_area -= now
    enqueue(state.lines, line, slot)
    return False


@part
def _watch(plan, store, slot):
    """Enter when a newcomer who was not taken up at once gives up, and when its SLA comes due."""
    person, state = person_at(store, slot), state_at(store, 0)
    visit = visit_at(plan, person.row)
    if visit.patience != NONE:
        place = stage_at(plan, person.stage).place
        patience = lasts(plan, visit.patience, state.key, person.who, place, person.visit, 0, 1, person.patience_word)
        notify(plan, store, state.now + patience, GIVES_UP, slot, person.token)
    if uses(plan, PROMISES) and visit.sla:
        watch_tier(plan, store, slot)


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


@part
def _dispatch_pool(plan, store, tally, team, straight):
    """Whoever goes straight to a rep, then heads of the team's line, to the first free reps."""
    crew = crew_at(store, team)
    while straight != NOBODY or (crew.free > 0 and crew.waiting > 0):
        slot = straight
        straight = np.int64(NOBODY)
        if slot == NOBODY:
            slot = np.int64(head_at(state_at(store, 0).lines, team).first)
            leave_line(plan, store, tally, slot)
        start(plan, store, tally, slot, _first_free(plan, store, team))


@part
def _dispatch_desks(plan, store, tally, team):
    """Each rep in turn takes from the rep's own line and the team's, whoever comes first."""
    for rep in range(team_at(plan, team).first_rep, team_at(plan, team).first_rep + team_at(plan, team).n_reps):
        while desk_at(store, rep).employed and desk_at(store, rep).busy < rep_at(plan, rep).slots:
            slot = head_at(state_at(store, 0).lines, terms_at(plan, 0).n_teams + rep).first
            common = head_at(state_at(store, 0).lines, team).first
            if slot == NOBODY or (common != NOBODY and is_before(state_at(store, 0).lines, common, slot)):
                slot = common
            if slot == NOBODY:
                break
            leave_line(plan, store, tally, slot)
            start(plan, store, tally, slot, rep)


@part(rare=True)
def _preempt(plan, store, tally, team):
    """The head of the line takes the place of the worst being served, as long as its class is strictly better."""
    state, served = state_at(store, 0), terms_at(plan, 0).n_teams + terms_at(plan, 0).n_reps + team
    while head_at(state.lines, team).first != NOBODY and head_at(state.lines, served).first != NOBODY:
        head, worst = np.int64(head_at(state.lines, team).first), np.int64(head_at(state.lines, served).first)
        if link_at(state.lines, head).rank >= -link_at(state.lines, worst).rank:
            return
        person = person_at(store, worst)
        rep = np.int64(person.rep)
        interrupt(plan, store, tally, worst)
        person.state = WAITING
        person.in_line_since = state.now
        leave_line(plan, store, tally, head)
        start(plan, store, tally, head, rep)
        crew_at(store, team).waiting += 1
        live_at(store, person.stage).waiting += 1
        stage_page(store, tally, person.stage).line_area -= state.now
        log(plan, store, state.now, JOINED, person, NONE, team)
        enqueue(state.lines, team, worst)


@part
def _comes_after(store, joiner, team, who):
    return joiner.team > team or (joiner.team == team and person_at(store, joiner.slot).who > who)


@part(rare=True)
def _sort_joiners(store, n):
    """By team, then by prospect: Shell's sort."""
    gap = np.int64(1)
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            moving = joiner_at(store, i)
            slot, token, team = moving.slot, moving.token, moving.team
            who = person_at(store, slot).who
            j = i
            while j >= gap and _comes_after(store, joiner_at(store, j - gap), team, who):
                place, other = joiner_at(store, j), joiner_at(store, j - gap)
                place.slot, place.token, place.team = other.slot, other.token, other.team
                j -= gap
            place = joiner_at(store, j)
            place.slot, place.token, place.team = slot, token, team
        gap //= 3


@part
def settle(plan, store, tally):
    """The second phase of a tick: every team that something happened to chooses."""
    state = state_at(store, 0)
    n, upto, team, last = state.n_joiners, np.int64(0), state.first_dirty, state.last_dirty
    if n > 1:
        _sort_joiners(store, n)
    state.n_joiners = 0
    while team <= last:
        if crew_at(store, team).dirty:
            first = upto
            while upto < n and joiner_at(store, upto).team == team:
                upto += 1
            _choose(plan, store, tally, team, first, upto)
            # Only now: releasing a rep to pre-empt marks a team that has just chosen.
            crew_at(store, team).dirty = 0
        team += 1
    state.first_dirty, state.last_dirty = terms_at(plan, 0).n_teams, NONE


@part
def _choose(plan, store, tally, team, first, upto):
    """A team admits its newcomers, joiners `first` to before `upto`, and gives its free reps to the heads of lines."""
    crew, row, straight = crew_at(store, team), team_at(plan, team), np.int64(NOBODY)
    for at in range(first, upto):
        joiner = joiner_at(store, at)
        slot = np.int64(joiner.slot)
        person = person_at(store, slot)
        if (
            person.token == joiner.token
            and person.state == JOINING
            and person.team == team
            and _admit(plan, store, tally, slot, team, upto - first == 1)
        ):
            straight = slot
    if not uses(plan, HOURS) or crew.open:
        if not uses(plan, OWN_LINES) or row.assignment == POOLED:
            _dispatch_pool(plan, store, tally, team, straight)
        elif crew.free > 0:
            _dispatch_desks(plan, store, tally, team)
        if uses(plan, RANKED) and row.discipline == PREEMPTIVE:
            _preempt(plan, store, tally, team)
    for at in range(first, upto):
        joiner = joiner_at(store, at)
        person = person_at(store, joiner.slot)
        if person.state == WAITING and person.fresh and person.token == joiner.token:
            person.fresh = 0
            _watch(plan, store, np.int64(joiner.slot))
