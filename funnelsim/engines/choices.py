"""The kernel's choices, the second phase of a tick: whom a team admits, and which rep takes whom.

A rep takes the first by key of the rep's own line and the team's.
"""

import numpy as np

from funnelsim.chance.lines import NOBODY, enqueue, head_at, is_before, link_at
from funnelsim.core.bits import bit_of, lowest_bit
from funnelsim.core.jit import part
from funnelsim.core.ticks import NEVER
from funnelsim.engines.crews import interrupt, leave_line, served_by, start, watch_tier
from funnelsim.engines.log import log
from funnelsim.engines.notices import GIVES_UP, WALKS_OFF, notify
from funnelsim.engines.store import (
    BALKING,
    JOINING,
    WAITING,
    crew_at,
    desk_at,
    joiner_at,
    met_at,
    person_at,
    state_at,
    vacant_at,
)
from funnelsim.engines.tallies import stage_page_at
from funnelsim.plan.features import AGAIN, DEALS, HOURS, LIMITS, OWN_LINES, PROMISES, RANKED, ROUTES, uses
from funnelsim.plan.layout import (
    LEAST_LOADED,
    NONE,
    POOLED,
    PREEMPTIVE,
    ROUND_ROBIN,
    lead_at,
    rep_at,
    stage_at,
    team_at,
    terms_at,
    visit_at,
)
from funnelsim.plan.trace import BALKED, JOINED
from funnelsim.rules.contacts import score_at
from funnelsim.rules.laws import lasts, residual
from funnelsim.rules.service import FOREMOST, due_at, has_room, rank_in_line


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
def _first_free(plan, store, team):
    """The first rep of a team with a free slot; there is one."""
    first = np.int64(team_at(plan, team).first_rep)
    at = first >> 6
    reps = vacant_at(store, at).reps & -bit_of(first)
    while reps == 0:
        at += 1
        reps = vacant_at(store, at).reps
    return (at << 6) + lowest_bit(reps)


@part(often=True)
def _admit(plan, store, tally, slot, team, alone):
    """Let a newcomer into a line, or send it off if the line is full; whether it may go straight to a rep."""
    person, state, crew = person_at(store, slot), state_at(store, 0), crew_at(store, team)
    now, page, row = state.now, stage_page_at(tally, person.stage), person.row
    if not uses(plan, AGAIN) or person.fresh:
        if not has_room(plan, team, crew.waiting, crew.free if crew.open else np.int64(0)):
            person.state = BALKING
            log(plan, store, now, BALKED, person, NONE, team)
            notify(plan, store, now + 1, WALKS_OFF, slot, person.token)
            return False
        person.joined = now
        if uses(plan, LIMITS | ROUTES):
            page.joins += 1
            page.routing_time += now - person.entered
        if uses(plan, PROMISES) and visit_at(plan, row).sla:
            person.deadline = due_at(plan, team, row, now, visit_at(plan, row).respond_within)
    log(plan, store, now, JOINED, person, NONE, team)
    person.state = WAITING
    person.in_line_since = now
    if not uses(plan, AGAIN) or not person.keeps_place:
        person.since = now
        if uses(plan, DEALS) and person.fresh and person.deal != NONE:
            person.since -= lead_at(plan, person.deal).age
    pooled = not uses(plan, OWN_LINES) or team_at(plan, team).assignment == POOLED
    opened = not uses(plan, HOURS) or crew.open
    straight = alone and pooled and opened and crew.free > 0 and crew.waiting == 0
    if straight and not uses(plan, RANKED):
        return True
    link = link_at(state.lines, slot)
    link.who, link.since = person.who, person.since
    score = score_at(plan, state.contacts, slot, person.score, now)
    link.rank = rank_in_line(plan, team, row, score, person.value, person.deadline, link.since)
    if uses(plan, PROMISES) and person.foremost:
        link.rank = FOREMOST
    if straight:
        return True
    line = _line_for(plan, store, slot, team)
    if uses(plan, OWN_LINES):
        person.shuns, person.line = NONE, line
        if line >= terms_at(plan, 0).n_teams:
            desk_at(store, line - terms_at(plan, 0).n_teams).queued += 1
    crew.waiting += 1
    enqueue(state.lines, line, slot)
    return False


@part
def _watch_patience(plan, store, slot):
    """Enter when one who waits gives up."""
    person, state = person_at(store, slot), state_at(store, 0)
    law, place = visit_at(plan, person.row).patience, stage_at(plan, person.stage).place
    patience = lasts(plan, law, state.key, person.who, place, person.visit, 0, 1, person.patience_word)
    if uses(plan, DEALS) and person.deal != NONE and lead_at(plan, person.deal).age > 0:
        age, one = np.float64(lead_at(plan, person.deal).age), np.int64(1)
        patience = residual(plan, law, state.key, person.who, place, person.visit, 1, person.patience_word, age, one)
    notify(plan, store, state.now + patience, GIVES_UP, slot, person.token)


@part(often=True)
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
    state, served = state_at(store, 0), served_by(plan, team)
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
        log(plan, store, state.now, JOINED, person, NONE, team)
        if uses(plan, OWN_LINES):
            person.line = team
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
    n, dirty = state.n_joiners, state.dirty
    if n > state.few:
        _choose_all(plan, store, tally, n, dirty)
        dirty = np.int64(0)
    # So it is at most ticks: one joiner at most.
    while dirty != 0:
        team = lowest_bit(dirty)
        dirty &= dirty - 1
        _choose(plan, store, tally, team, n > 0 and joiner_at(store, 0).team == team)
    # Only now: releasing a rep to pre-empt marks a team that has just chosen.
    state.n_joiners, state.dirty = 0, 0


@part(rare=True)
def _choose_all(plan, store, tally, n, dirty):
    """The teams whose bits are set choose, with `n` joiners, whoever they are."""
    upto = np.int64(0)
    _sort_joiners(store, n)
    for team in range(terms_at(plan, 0).n_teams):
        first = upto
        while upto < n and joiner_at(store, upto).team == team:
            upto += 1
        if dirty & bit_of(team) != 0:
            _choose_for_several(plan, store, tally, team, first, upto)


@part
def _choose_for_several(plan, store, tally, team, first, upto):
    """A team admits its newcomers, joiners `first` to before `upto`, and gives its free reps to the heads of lines."""
    for at in range(first, upto):
        _let_in(plan, store, tally, team, at, False)
    _dispatch(plan, store, tally, team, np.int64(NOBODY))
    for at in range(first, upto):
        _settle_down(plan, store, at)


@part(often=True)
def _choose(plan, store, tally, team, comes):
    """The same, if joiner 0 is the only newcomer there may be: straight to a free rep, if nobody waits."""
    straight = np.int64(NOBODY)
    if comes:
        straight = _let_in(plan, store, tally, team, 0, True)
    _dispatch(plan, store, tally, team, straight)
    if comes and straight == NOBODY:
        _settle_down(plan, store, 0)


@part(often=True)
def _let_in(plan, store, tally, team, at, alone):
    """Admit a joiner who still comes; the slot of one who may go straight to a rep, else NOBODY."""
    joiner = joiner_at(store, at)
    slot = np.int64(joiner.slot)
    person = person_at(store, slot)
    comes = person.token == joiner.token and person.state == JOINING and person.team == team
    if uses(plan, AGAIN) and not comes:
        return np.int64(NOBODY)
    return slot if _admit(plan, store, tally, slot, team, alone) else np.int64(NOBODY)


@part(often=True)
def _settle_down(plan, store, at):
    """A joiner whom nobody took up at once waits from now on, until it gives up or its SLA comes due."""
    joiner = joiner_at(store, at)
    slot = np.int64(joiner.slot)
    person = person_at(store, slot)
    if person.state == WAITING and (not uses(plan, AGAIN) or (person.fresh and person.token == joiner.token)):
        if uses(plan, AGAIN):
            person.fresh = 0
        if visit_at(plan, person.row).patience != NONE:
            _watch_patience(plan, store, slot)
        if uses(plan, PROMISES) and visit_at(plan, person.row).sla:
            watch_tier(plan, store, slot)


@part(often=True)
def _dispatch(plan, store, tally, team, straight):
    """A team gives its free reps to whoever goes straight to one and to the heads of its lines."""
    crew, row = crew_at(store, team), team_at(plan, team)
    if not uses(plan, HOURS) or crew.open:
        if not uses(plan, OWN_LINES) or row.assignment == POOLED:
            _dispatch_pool(plan, store, tally, team, straight)
        elif crew.free > 0:
            _dispatch_desks(plan, store, tally, team)
        if uses(plan, RANKED) and row.discipline == PREEMPTIVE:
            _preempt(plan, store, tally, team)
