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
    anchors_at,
    bin_at,
    crew_at,
    desk_at,
    in_line_at,
    joiner_at,
    met_at,
    person_at,
    state_at,
)
from funnelsim.engines.tallies import (
    at_stage,
    bin_of,
    breaches_at,
    bucket_of,
    busy_area_at,
    line_area_at,
    rep_busy_at,
    rep_starts_at,
    response_time_at,
    responses_at,
    routing_time_at,
    starts_at,
    tiers_at,
    waited_at,
    within_sla_at,
)
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
def visit_row(plan, person):
    """The row of what a prospect's present visit may do."""
    return np.int64(person.stage * terms_at(plan, 0).n_segments + person.segment)


@part
def join(store, slot, team, keeps_place):
    """Note that a prospect comes to a team, to be admitted when it chooses; who was there before may keep its place."""
    person = person_at(store, slot)
    person.keeps_place = keeps_place
    person.state = JOINING
    person.team = team
    mark_dirty(store, team)
    at = state_at(store, 0).n_joiners
    if at == anchors_at(store, 0).slots:
        state_at(store, 0).status = FULL
        return
    state_at(store, 0).n_joiners = at + 1
    joiner = joiner_at(store, at)
    joiner.who = person.who
    joiner.slot = slot
    joiner.token = person.token
    joiner.team = team


@part
def mark_dirty(store, team):
    """Something happened to a team in this tick: it has to choose."""
    crew_at(store, team).dirty = 1
    state_at(store, 0).dirty = 1


@part
def leave_line(plan, store, tally, slot, now, bucket):
    """Take a waiting prospect out of its line."""
    person = person_at(store, slot)
    line = link_at(anchors_at(store, 0).lines, slot).line
    dequeue(anchors_at(store, 0).lines, line, slot)
    own = line - terms_at(plan, 0).n_teams
    if own >= 0:
        desk_at(store, own).queued -= 1
    crew_at(store, person.team).waiting -= 1
    in_line_at(store, person.stage).n -= 1
    line_area_at(tally, at_stage(plan, bucket, person.stage)).n += now


@part
def release(plan, store, tally, slot, now, bucket):
    """Free the rep a prospect occupies."""
    person = person_at(store, slot)
    team, rep = person.team, person.rep
    if team_at(plan, team).discipline == PREEMPTIVE:
        link = link_at(anchors_at(store, 0).lines, slot)
        dequeue(anchors_at(store, 0).lines, link.line, slot)
        link.rank, link.since, link.who = -link.rank, -link.since, ~link.who
    read = reading(plan, team, now)
    busy_area_at(tally, bucket * terms_at(plan, 0).n_teams + team).n += read
    rep_busy_at(tally, rep).n += read
    crew_at(store, team).busy -= 1
    desk_at(store, rep).busy -= 1
    if desk_at(store, rep).employed:
        crew_at(store, team).free += 1
        crew_at(store, team).hint = min(crew_at(store, team).hint, np.int64(rep))
    mark_dirty(store, team)


@part
def interrupt(plan, store, tally, slot, now, bucket):
    """Stop a prospect's work; what is left of it is kept."""
    person = person_at(store, slot)
    person.left = left_of(plan, _work_clock(plan, person), person.begun, now, person.work)
    person.token += 1
    log(store, now, STOPPED, person, person.rep, person.left)
    release(plan, store, tally, slot, now, bucket)


@part
def judge_response(plan, store, tally, slot, tick, answered, bucket):
    """Settle the SLA of a visit: at its first response, when it goes unanswered, or at the end."""
    person = person_at(store, slot)
    row = visit_row(plan, person)
    visit = visit_at(plan, row)
    if visit.sla == 0:
        return
    if tick < person.deadline:
        if answered:
            within_sla_at(tally, at_stage(plan, bucket, person.stage)).n += 1
        return
    breaches_at(tally, at_stage(plan, bucket, person.stage)).n += 1
    home = stage_at(plan, person.stage).team
    for tier in range(visit.first_tier, visit.first_tier + visit.n_tiers):
        if tier_at(plan, tier).do == COUNT:
            due = due_at(plan, home, row, person.joined, tier_at(plan, tier).after)
            if due <= tick:
                log(store, due, BREACHED, person, NONE, tier)
                if due >= terms_at(plan, 0).warmup:
                    tiers_at(tally, bucket_of(plan, bucket, due) * terms_at(plan, 0).n_tiers + tier).n += 1


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
    if assignment == POOLED:
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
def start(plan, store, tally, slot, rep, now, bucket, horizon):
    """A rep takes a prospect up, who has left its line."""
    person = person_at(store, slot)
    team = person.team
    row = visit_row(plan, person)
    starts_at(tally, at_stage(plan, bucket, person.stage)).n += 1
    waited_at(tally, at_stage(plan, bucket, person.stage)).n += now - person.in_line_since
    if person.response < 0:
        responses_at(tally, at_stage(plan, bucket, person.stage)).n += 1
        response_time_at(tally, at_stage(plan, bucket, person.stage)).n += now - person.joined
        bin_at(store, (terms_at(plan, 0).n_stages + person.stage) * BINS + bin_of(now - person.joined)).n += 1
        person.response = now - person.entered
        judge_response(plan, store, tally, slot, now, True, bucket)
    if person.left > 0:
        person.work = person.left
        person.left = 0
    else:
        place, key = stage_at(plan, person.stage).place, state_at(store, 0).key
        work, reached = attempt_work(
            plan, row, key, person.who, place, person.visit, person.attempt, person.duration_word
        )
        person.work = work
        person.reached = reached
    person.state = WORKING
    person.fresh = 0
    person.rep = rep
    person.begun = now
    person.token += 1
    log(store, now, STARTED, person, rep, person.attempt)
    read = reading(plan, team, now)
    busy_area_at(tally, bucket * terms_at(plan, 0).n_teams + team).n -= read
    rep_busy_at(tally, rep).n -= read
    rep_starts_at(tally, rep).n += 1
    crew_at(store, team).busy += 1
    crew_at(store, team).free -= 1
    desk_at(store, rep).busy += 1
    if team_at(plan, team).assignment == STICKY:
        met_at(store, slot * terms_at(plan, 0).n_teams + team).n = rep
    if team_at(plan, team).discipline == PREEMPTIVE:
        link = link_at(anchors_at(store, 0).lines, slot)
        link.rank, link.since, link.who = -link.rank, -link.since, ~link.who
        enqueue(anchors_at(store, 0).lines, terms_at(plan, 0).n_teams + terms_at(plan, 0).n_reps + team, slot)
    end = end_of(plan, _work_clock(plan, person), now, person.work)
    notify(store, horizon, end, WORK_ENDS, slot, person.token)


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
def _admit(plan, store, tally, slot, team, alone, now, bucket, horizon):
    """Let a newcomer into a line, straight to a rep if it is alone, or send it off if the line is full."""
    person = person_at(store, slot)
    crew = crew_at(store, team)
    row = visit_row(plan, person)
    visit = visit_at(plan, row)
    if person.fresh:
        if not has_room(plan, team, crew.waiting, crew.free if crew.open else np.int64(0)):
            person.state = BALKING
            log(store, now, BALKED, person, NONE, team)
            notify(store, horizon, now + 1, WALKS_OFF, slot, person.token)
            return
        person.joined = now
        routing_time_at(tally, at_stage(plan, bucket, person.stage)).n += now - person.entered
        if visit.sla:
            person.deadline = due_at(plan, team, row, now, visit.respond_within)
    log(store, now, JOINED, person, NONE, team)
    person.state = WAITING
    person.in_line_since = now
    link = link_at(anchors_at(store, 0).lines, slot)
    link.who = person.who
    if not person.keeps_place:
        link.since = now
    link.rank = rank_in_line(plan, team, row, person.score, person.value, person.deadline, link.since)
    if person.foremost:
        link.rank = FOREMOST
    if alone and team_at(plan, team).assignment == POOLED and crew.open and crew.free > 0 and crew.waiting == 0:
        start(plan, store, tally, slot, _first_free(plan, store, team), now, bucket, horizon)
        return
    line = _line_for(plan, store, slot, team)
    person.shuns = NONE
    if line >= terms_at(plan, 0).n_teams:
        desk_at(store, line - terms_at(plan, 0).n_teams).queued += 1
    crew.waiting += 1
    in_line_at(store, person.stage).n += 1
    line_area_at(tally, at_stage(plan, bucket, person.stage)).n -= now
    enqueue(anchors_at(store, 0).lines, line, slot)


@part
def _watch(plan, store, slot, now, horizon):
    """Enter when a newcomer who was not taken up at once gives up, and when its SLA comes due."""
    person = person_at(store, slot)
    visit = visit_at(plan, visit_row(plan, person))
    if visit.patience != NONE:
        place, key = stage_at(plan, person.stage).place, state_at(store, 0).key
        patience = lasts(plan, visit.patience, key, person.who, place, person.visit, 0, 1, person.patience_word)
        notify(store, horizon, now + patience, GIVES_UP, slot, person.token)
    if visit.sla:
        watch_tier(plan, store, slot, horizon)


@part
def watch_tier(plan, store, slot, horizon):
    """Enter when the next tier that does more than count comes due."""
    person = person_at(store, slot)
    row = visit_row(plan, person)
    visit = visit_at(plan, row)
    while person.tier < visit.n_tiers:
        tier = tier_at(plan, visit.first_tier + person.tier)
        if tier.do != COUNT:
            home = stage_at(plan, person.stage).team
            due = due_at(plan, home, row, person.joined, tier.after)
            notify(store, horizon, due, TIER_DUE, slot, person.token)
            return
        person.tier += 1


@part
def _dispatch_pool(plan, store, tally, team, now, bucket, horizon):
    """Heads of the team's line to the first free reps."""
    crew = crew_at(store, team)
    while crew.free > 0 and crew.waiting > 0:
        slot = head_at(anchors_at(store, 0).lines, team).first
        leave_line(plan, store, tally, slot, now, bucket)
        start(plan, store, tally, slot, _first_free(plan, store, team), now, bucket, horizon)


@part
def _dispatch_desks(plan, store, tally, team, now, bucket, horizon):
    """Each rep in turn takes from the rep's own line and the team's, whoever comes first."""
    for rep in range(team_at(plan, team).first_rep, team_at(plan, team).first_rep + team_at(plan, team).n_reps):
        while desk_at(store, rep).employed and desk_at(store, rep).busy < rep_at(plan, rep).slots:
            slot = head_at(anchors_at(store, 0).lines, terms_at(plan, 0).n_teams + rep).first
            common = head_at(anchors_at(store, 0).lines, team).first
            if slot == NOBODY or (common != NOBODY and is_before(anchors_at(store, 0).lines, common, slot)):
                slot = common
            if slot == NOBODY:
                break
            leave_line(plan, store, tally, slot, now, bucket)
            start(plan, store, tally, slot, rep, now, bucket, horizon)


@part
def _preempt(plan, store, tally, team, now, bucket, horizon):
    """The head of the line takes the place of the worst being served, as long as its class is strictly better."""
    served = terms_at(plan, 0).n_teams + terms_at(plan, 0).n_reps + team
    while (
        head_at(anchors_at(store, 0).lines, team).first != NOBODY
        and head_at(anchors_at(store, 0).lines, served).first != NOBODY
    ):
        head, worst = head_at(anchors_at(store, 0).lines, team).first, head_at(anchors_at(store, 0).lines, served).first
        if link_at(anchors_at(store, 0).lines, head).rank >= -link_at(anchors_at(store, 0).lines, worst).rank:
            return
        rep = person_at(store, worst).rep
        interrupt(plan, store, tally, worst, now, bucket)
        person = person_at(store, worst)
        person.state = WAITING
        person.in_line_since = now
        leave_line(plan, store, tally, head, now, bucket)
        start(plan, store, tally, head, rep, now, bucket, horizon)
        crew_at(store, team).waiting += 1
        in_line_at(store, person.stage).n += 1
        line_area_at(tally, at_stage(plan, bucket, person.stage)).n -= now
        log(store, now, JOINED, person, NONE, team)
        enqueue(anchors_at(store, 0).lines, team, worst)


@part
def _comes_after(joiner, team, who):
    return joiner.team > team or (joiner.team == team and joiner.who > who)


@part
def _copy(to, origin):
    to.who, to.slot, to.token, to.team = origin.who, origin.slot, origin.token, origin.team


@part
def _sort_joiners(store, n):
    """By team, then by prospect: Shell's sort."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            moving = joiner_at(store, i)
            who, slot, token, team = moving.who, moving.slot, moving.token, moving.team
            j = i
            while j >= gap and _comes_after(joiner_at(store, j - gap), team, who):
                _copy(joiner_at(store, j), joiner_at(store, j - gap))
                j -= gap
            place = joiner_at(store, j)
            place.who, place.slot, place.token, place.team = who, slot, token, team
        gap //= 3


@part
def settle(plan, store, tally, now, bucket, horizon):
    """The second phase of a tick: every team that something happened to chooses."""
    n = state_at(store, 0).n_joiners
    if n > 1:
        _sort_joiners(store, n)
    state_at(store, 0).n_joiners = 0
    upto = 0
    for team in range(terms_at(plan, 0).n_teams):
        first = upto
        while upto < n and joiner_at(store, upto).team == team:
            upto += 1
        if not crew_at(store, team).dirty:
            continue
        crew_at(store, team).dirty = 0
        for at in range(first, upto):
            person = person_at(store, joiner_at(store, at).slot)
            if person.token == joiner_at(store, at).token and person.state == JOINING and person.team == team:
                _admit(plan, store, tally, joiner_at(store, at).slot, team, upto - first == 1, now, bucket, horizon)
        if crew_at(store, team).open:
            if team_at(plan, team).assignment == POOLED:
                _dispatch_pool(plan, store, tally, team, now, bucket, horizon)
            elif crew_at(store, team).free > 0:
                _dispatch_desks(plan, store, tally, team, now, bucket, horizon)
            if team_at(plan, team).discipline == PREEMPTIVE:
                _preempt(plan, store, tally, team, now, bucket, horizon)
        for at in range(first, upto):
            person = person_at(store, joiner_at(store, at).slot)
            if person.state == WAITING and person.fresh and person.token == joiner_at(store, at).token:
                person.fresh = 0
                _watch(plan, store, joiner_at(store, at).slot, now, horizon)
    # Only now: releasing a rep to pre-empt marks a team that has just chosen.
    for team in range(terms_at(plan, 0).n_teams):
        crew_at(store, team).dirty = 0
    state_at(store, 0).dirty = 0
