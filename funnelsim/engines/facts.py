"""The kernel's facts, the first phase of a tick: what a notice that comes due means for a prospect or a rep."""

from typing import Final

import numpy as np

from funnelsim.core.jit import part
from funnelsim.engines.crews import (
    interrupt,
    join,
    judge_response,
    leave_line,
    mark_dirty,
    mark_occupied,
    mark_vacant,
    release,
    watch_tier,
)
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
    PAUSING,
    WAITING,
    WORKING,
    crew_at,
    desk_at,
    person_at,
    state_at,
)
from funnelsim.engines.tallies import tier_row_at
from funnelsim.plan.features import ATTEMPTS, LIMITS, OWN_LINES, PROMISES, ROUTES, uses
from funnelsim.plan.layout import (
    ESCALATE,
    NONE,
    PULL_BACK,
    REASSIGN,
    rep_at,
    stage_at,
    team_at,
    terms_at,
    tier_at,
    visit_at,
)
from funnelsim.plan.trace import BREACHED, FINISHED, RETURNED
from funnelsim.rules.service import gap_after

# Where a prospect goes from here: through the exit of a number, or one of these.
STAYS: Final = NONE
DECIDE: Final = -2  # through the exit that the rule chooses
ENTERS: Final = 1 << 32  # to the stage of the number that is added


@part
def happen(plan, store, tally, kind, slot, token):
    """Note a fact; where its prospect goes from here."""
    if kind >= REP_LEAVES:
        _change_of_shift(plan, store, tally, kind, slot)
        return np.int64(STAYS)
    person, state = person_at(store, slot), state_at(store, 0)
    if person.token != token:
        return np.int64(STAYS)
    state.events += 1
    if kind == WORK_ENDS:
        log(plan, store, state.now, FINISHED, person, person.rep, person.attempt)
        release(plan, store, tally, slot)
        if not uses(plan, ATTEMPTS) or person.reached:
            return np.int64(DECIDE)
        return _try_again(plan, store, slot)
    if kind == DELAY_ENDS:
        log(plan, store, state.now, FINISHED, person, NONE, 0)
        return np.int64(DECIDE)
    if uses(plan, ROUTES) and kind == ROUTED:
        join(plan, store, slot, np.int64(stage_at(plan, person.stage).team), False)
    elif uses(plan, ATTEMPTS) and kind == RETRY:
        join(plan, store, slot, np.int64(person.team), False)
    elif kind == RETURNS:
        person.recycles += 1
        log(plan, store, state.now, RETURNED, person, NONE, person.recycles)
        return ENTERS + np.int64(visit_at(plan, person.row).back_to)
    elif uses(plan, LIMITS) and kind == WALKS_OFF:
        return np.int64(visit_at(plan, person.row).balk_exit)
    elif kind == GIVES_UP:
        _go_unanswered(plan, store, tally, slot)
        return np.int64(visit_at(plan, person.row).patience_exit)
    elif uses(plan, PROMISES) and kind == TIER_DUE:
        return _breach(plan, store, tally, slot)
    return np.int64(STAYS)


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
    person.work = 0
    person.token += 1
    person.state = PAUSING
    notify(plan, store, state.now + gap, RETRY, slot, person.token)
    return np.int64(STAYS)


@part
def _go_unanswered(plan, store, tally, slot):
    """A waiting prospect leaves its line without having been answered."""
    if person_at(store, slot).state == WAITING:
        leave_line(plan, store, tally, slot)
    judge_response(plan, store, tally, slot, state_at(store, 0).now, False)


@part
def _breach(plan, store, tally, slot):
    """An SLA tier comes due for one who still waits; the exit if the tier pulls the prospect back."""
    person, state, terms = person_at(store, slot), state_at(store, 0), terms_at(plan, 0)
    at = visit_at(plan, person.row).first_tier + person.tier
    tier = tier_at(plan, at)
    tier_row_at(tally, state.bucket * terms.n_tiers + at).tiers += 1
    log(plan, store, state.now, BREACHED, person, NONE, at)
    person.tier += 1
    if tier.do == PULL_BACK:
        _go_unanswered(plan, store, tally, slot)
        return np.int64(tier.to)
    if person.state == WAITING:
        if uses(plan, OWN_LINES) and tier.do == REASSIGN and person.line >= terms.n_teams:
            person.shuns = person.line - terms.n_teams
        leave_line(plan, store, tally, slot)
    if tier.do != ESCALATE and tier.do != REASSIGN:
        person.foremost = 1
    join(plan, store, slot, np.int64(tier.to if tier.do == ESCALATE else person.team), True)
    watch_tier(plan, store, slot)
    return np.int64(STAYS)


@part(rare=True)
def _change_of_shift(plan, store, tally, kind, who):
    """A calendar opens or closes, a rep comes or leaves."""
    n_teams = terms_at(plan, 0).n_teams
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
        mark_vacant(store, who)
        return
    crew.free -= spell.slots - desk.busy
    desk.employed = 0
    mark_occupied(store, who)
    for slot in range(state_at(store, 0).most):
        person = person_at(store, slot)
        if person.state == WORKING and person.rep == who:
            interrupt(plan, store, tally, slot)
            join(plan, store, slot, team, True)
        elif uses(plan, OWN_LINES) and person.state == WAITING and person.line == n_teams + who:
            leave_line(plan, store, tally, slot)
            join(plan, store, slot, team, True)
