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
from funnelsim.engines.newcomers import be_born
from funnelsim.engines.notices import (
    CLOSES,
    COMES_IN,
    DELAY_ENDS,
    GIVES_UP,
    OPENS,
    REFERS,
    REP_COMES,
    REP_LEAVES,
    RETRY,
    RETURNS,
    ROUTED,
    TIER_DUE,
    TOUCH_DUE,
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
from funnelsim.engines.tallies import tier_row_at, touch_page_at
from funnelsim.plan.features import (
    ATTEMPTS,
    ATTRITION,
    LIMITS,
    OWN_LINES,
    PEOPLE,
    PROMISES,
    REFERRALS,
    ROUTES,
    TOUCHES,
    uses,
)
from funnelsim.plan.layout import (
    ESCALATE,
    NONE,
    PULL_BACK,
    REASSIGN,
    rep_at,
    source_at,
    stage_at,
    team_at,
    terms_at,
    tier_at,
    touch_at,
    visit_at,
)
from funnelsim.plan.trace import BREACHED, FINISHED, RETURNED, TOUCHED
from funnelsim.rules.births import referred_by
from funnelsim.rules.contacts import (
    HAND_RAISED,
    NOT_SENT,
    OPTED_OUT,
    REFERRED,
    WAS_CLICKED,
    WAS_SEEN,
    detail_of,
    first_due,
    is_ready,
    mark_at,
    next_touch,
    reach,
)
from funnelsim.rules.service import gap_after
from funnelsim.rules.tenure import leaves_at, successor_at

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
    if uses(plan, TOUCHES) and kind <= TOUCH_DUE:
        if person.spell != token:
            return np.int64(STAYS)
        if kind == TOUCH_DUE:
            return _be_touched(plan, store, tally, slot)
        _refer(plan, store, tally, slot)
        return np.int64(STAYS)
    if uses(plan, REFERRALS) and kind == COMES_IN:
        return ENTERS + np.int64(person.row)
    if person.token != token:
        return np.int64(STAYS)
    state.events += 1
    if kind == WORK_ENDS:
        log(plan, store, state.now, FINISHED, person, person.rep, person.attempt)
        release(plan, store, tally, slot)
        if not uses(plan, ATTEMPTS) or person.reached:
            if uses(plan, PEOPLE):
                person.intent += team_at(plan, person.team).trust
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
def _reach(plan, store, slot, touch):
    """What comes of it that a channel reaches for a prospect now."""
    person, state = person_at(store, slot), state_at(store, 0)
    who, segment, intent, entered = person.who, person.segment, person.intent, person.entered
    return reach(plan, state.contacts, slot, touch, state.key, who, segment, intent, entered, state.now)


@part
def _be_touched(plan, store, tally, slot):
    """Every channel that is due reaches for a prospect; the exit if it is handed over then."""
    person, state = person_at(store, slot), state_at(store, 0)
    contacts, now = state.contacts, state.now
    touch = first_due(plan, contacts, slot, now, False)
    while touch != NONE:
        outcome = _reach(plan, store, slot, touch)
        if outcome != NOT_SENT:
            state.events += 1
            tries = mark_at(contacts, slot * terms_at(plan, 0).n_touches + touch).tries
            log(plan, store, now, TOUCHED, person, NONE, detail_of(touch, tries, outcome))
            _count_touch(tally, touch, outcome)
            leaving = is_ready(plan, contacts, state.dials, slot, person.row, person.score, outcome, now)
            if leaving != NONE:
                return leaving
        touch = first_due(plan, contacts, slot, now, False)
    notify(plan, store, next_touch(plan, contacts, slot, now, False), TOUCH_DUE, slot, person.spell)
    return np.int64(STAYS)


@part
def _refer(plan, store, tally, slot):
    """A customer has the occasion to refer others: whom it refers is born, and comes in at the same tick."""
    person, state = person_at(store, slot), state_at(store, 0)
    contacts, now = state.contacts, state.now
    touch = first_due(plan, contacts, slot, now, True)
    while touch != NONE:
        outcome = _reach(plan, store, slot, touch)
        if outcome == REFERRED:
            state.events += 1
            tries = mark_at(contacts, slot * terms_at(plan, 0).n_touches + touch).tries
            log(plan, store, now, TOUCHED, person, NONE, detail_of(touch, tries, outcome))
            touch_page_at(tally, touch).referred += 1
            number = touch_at(plan, touch).source
            origin = source_at(plan, number)
            who = referred_by(origin.identity, person.who, tries)
            child = be_born(plan, store, tally, number, who, np.int64(origin.channel), np.int64(NONE), np.int64(NONE))
            if child == NONE:
                return
            person_at(store, child).row = origin.enters
            notify(plan, store, now, COMES_IN, child, person_at(store, child).token)
        touch = first_due(plan, contacts, slot, now, True)
    notify(plan, store, next_touch(plan, contacts, slot, now, True), REFERS, slot, person.spell)


@part
def _count_touch(tally, touch, outcome):
    """Count a touch and what came of it."""
    page = touch_page_at(tally, touch)
    page.sent += 1
    page.seen += outcome & WAS_SEEN != 0
    page.clicked += outcome & WAS_CLICKED != 0
    page.raised += outcome & HAND_RAISED != 0
    page.opted_out += outcome & OPTED_OUT != 0


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


@part
def _begin(plan, store, rep):
    """A rep is new in a place: the first, if nobody was there, or a successor; it may leave by itself."""
    desk, now = desk_at(store, rep), state_at(store, 0).now
    if now > rep_at(plan, rep).start:
        desk.nth += 1
        desk.hired = now
    notify(plan, store, leaves_at(plan, state_at(store, 0).key, rep, desk.nth, now), REP_LEAVES, rep, 0)


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
    if kind == REP_LEAVES and not desk.employed:
        # Its day has come, and it was gone before.
        return
    mark_dirty(store, team)
    key, now = state_at(store, 0).key, state_at(store, 0).now
    if kind == REP_COMES:
        desk.employed = 1
        if uses(plan, ATTRITION):
            _begin(plan, store, who)
        crew.free += spell.slots
        mark_vacant(store, who)
        return
    crew.free -= spell.slots - desk.busy
    desk.employed = 0
    notify(plan, store, successor_at(plan, key, who, desk.nth, now), REP_COMES, who, 0)
    mark_occupied(store, who)
    for slot in range(state_at(store, 0).most):
        person = person_at(store, slot)
        if person.state == WORKING and person.rep == who:
            interrupt(plan, store, tally, slot)
            join(plan, store, slot, team, True)
        elif uses(plan, OWN_LINES) and person.state == WAITING and person.line == n_teams + who:
            leave_line(plan, store, tally, slot)
            join(plan, store, slot, team, True)
