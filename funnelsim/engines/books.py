"""How the kernel opens a replication, turns from one time bucket to the next, and closes it."""

import math

import numpy as np

from funnelsim.chance.agenda import KIND_BITS, clear, room_of
from funnelsim.chance.calendars import ALWAYS
from funnelsim.chance.lines import head_at, n_lines
from funnelsim.core.bits import BITS
from funnelsim.core.jit import part
from funnelsim.engines.crews import judge_response, mark_vacant, reading
from funnelsim.engines.generators import keep_pace, look_ahead
from funnelsim.engines.notices import CLOSES, OPENS, REP_COMES, REP_LEAVES, notify
from funnelsim.engines.store import (
    BINS,
    COOLING,
    DONE,
    FREE,
    FULL,
    WAITING,
    WORKING,
    bin_at,
    crew_at,
    desk_at,
    generator_at,
    person_at,
    state_at,
    vacant_at,
)
from funnelsim.engines.tallies import (
    QUANTILES,
    block_at,
    block_size,
    cohort_at,
    cycle_share_at,
    dial_page_at,
    edge_of,
    filed_at,
    page_at,
    page_size,
    rep_row_at,
    stage_cell_at,
    stage_page_at,
    stage_row_at,
    stage_share_at,
    team_page_at,
    total_row_at,
    whole_at,
)
from funnelsim.plan.features import AGAIN, CELLS, DEALS, EXPECTED, LIMITS, PROMISES, REVIEWS, ROUTES, uses
from funnelsim.plan.layout import (
    FIFO,
    NONE,
    REPRIORITISE,
    calendar_at,
    mark_at,
    rep_at,
    span_at,
    stage_at,
    team_at,
    terms_at,
    tier_at,
)
from funnelsim.rules.expectation import open_hopes
from funnelsim.rules.reviews import hold_reviews, next_review, set_up, setting_at
from funnelsim.rules.tenure import leaves_at

_SHARES = QUANTILES


@part(rare=True)
def open_books(plan, store, tally, key):
    """An empty store and tally; every source, calendar and rep with its first notice."""
    state, terms = state_at(store, 0), terms_at(plan, 0)
    state.key = key
    state.status, state.rows, state.free_slot, state.n_joiners = DONE, 0, NONE, 0
    state.events, state.prospects, state.most, state.dirty = 0, 0, 0, 0
    state.few = 1 if terms.n_teams <= BITS else NONE
    state.bucket, state.cohort = 0, (NONE if terms.warmup > 0 else 0)
    state.turn = terms.warmup if terms.warmup > 0 else mark_at(plan, 0).n
    state.boundary = state.turn
    if uses(plan, REVIEWS):
        set_up(plan, state.dials)
        state.review = next_review(plan, 0)
        state.boundary = min(state.turn, state.review)
    if uses(plan, EXPECTED):
        open_hopes(plan, state.hopes)
    _forget(plan, store, tally)
    shift = KIND_BITS
    while shift < 40 and (terms.horizon >> (shift - KIND_BITS)) > 65536:
        shift += 1
    clear(state.agenda, room_of(state.agenda), shift)
    for source in range(terms.n_sources):
        generator = generator_at(store, source)
        generator.rank, generator.exposure, generator.piece = 0, 0.0, 0
        look_ahead(plan, store, source)
    _man_teams(plan, store)
    _post_shifts(plan, store)


@part
def _forget(plan, store, tally):
    """Count from zero; what has begun is dealt with by the caller."""
    for at in range((2 * terms_at(plan, 0).n_stages + 1) * BINS):
        bin_at(store, at).n = 0
    for at in range(block_size(tally)):
        block_at(tally, at).n = 0


@part
def _man_teams(plan, store):
    """Empty lines; reps employed at the start at their desks, the others due."""
    terms, lines = terms_at(plan, 0), state_at(store, 0).lines
    for line in range(n_lines(lines)):
        head = head_at(lines, line)
        head.first, head.last, head.plain = NONE, NONE, 0
    moves_up = _moves_up(plan)
    for team in range(terms.n_teams):
        crew, row = crew_at(store, team), team_at(plan, team)
        crew.free, crew.waiting, crew.turn, crew.filed, crew.filed_starts = 0, 0, 0, 0, 0
        crew.open = calendar_at(plan, row.calendar).first == ALWAYS
        if row.discipline == FIFO and not moves_up:
            head_at(lines, team).plain = 1
            for rep in range(row.first_rep, row.first_rep + row.n_reps):
                head_at(lines, terms.n_teams + rep).plain = 1
    for word in range(terms.n_reps // 64 + 1):
        vacant_at(store, word).reps = 0
    for rep in range(terms.n_reps):
        desk, spell = desk_at(store, rep), rep_at(plan, rep)
        desk.busy, desk.queued, desk.employed, desk.hired, desk.nth = 0, 0, 0, spell.hired, 0
        if spell.start <= 0 < spell.until:
            desk.employed = 1
            crew_at(store, spell.team).free += spell.slots
            mark_vacant(store, rep)
            notify(plan, store, leaves_at(plan, state_at(store, 0).key, rep, 0, 0), REP_LEAVES, rep, 0)
        elif spell.start < spell.until:
            notify(plan, store, spell.start, REP_COMES, rep, 0)
        if max(np.int64(0), spell.start) < spell.until:
            notify(plan, store, spell.until, REP_LEAVES, rep, 0)


@part
def _moves_up(plan):
    """Whether anybody ever comes to a line further to the front than its end."""
    found = uses(plan, DEALS)
    for tier in range(terms_at(plan, 0).n_tiers):
        found = found or tier_at(plan, tier).do == REPRIORITISE
    return found


@part
def _post_shifts(plan, store):
    """A notice for every opening and closing of a team's calendar."""
    for at in range(terms_at(plan, 0).n_calendars):
        calendar = calendar_at(plan, at)
        if calendar.first != ALWAYS and _is_of_a_team(plan, at):
            for span in range(calendar.first, calendar.first + calendar.count):
                notify(plan, store, span_at(plan, span).open, OPENS, at, 0)
                notify(plan, store, span_at(plan, span).close, CLOSES, at, 0)


@part
def _is_of_a_team(plan, calendar):
    """Whether a team works by a calendar."""
    found = False
    for team in range(terms_at(plan, 0).n_teams):
        found = found or team_at(plan, team).calendar == calendar
    return found


@part(rare=True)
def turn_to(plan, store, tally, tick):
    """Turn the buckets that end at or before a tick, up to the first review; whether the replication goes on then."""
    state = state_at(store, 0)
    while state.status == DONE and state.boundary <= tick and state.boundary < terms_at(plan, 0).horizon:
        now = state.boundary
        if now == state.turn:
            state.turn = _turn_bucket(plan, store, tally, now)
        state.boundary = state.turn
        if uses(plan, REVIEWS):
            reviewed = now == state.review
            if reviewed:
                hold_reviews(plan, state.dials, now)
                keep_pace(plan, store, now)
                state.review = next_review(plan, now)
            state.boundary = min(state.turn, state.review)
            if reviewed:
                return True
    return tick < state.boundary


@part
def _turn_bucket(plan, store, tally, tick):
    """Close the bucket at its boundary, or forget the warm-up at its end; the boundary that follows."""
    state = state_at(store, 0)
    if state.cohort == NONE:
        state.cohort = 0
        _forget(plan, store, tally)
        _carry(plan, store, tally, tick, -1)
        return mark_at(plan, 0).n
    _carry(plan, store, tally, tick, 1)
    _file_page(plan, store, tally, state.bucket)
    state.bucket += 1
    state.cohort += terms_at(plan, 0).n_stages
    _carry(plan, store, tally, tick, -1)
    return mark_at(plan, state.bucket).n


@part
def _carry(plan, store, tally, tick, sign):
    """Close (+1) or open (-1) the areas of the bucket with how long everybody has been there at its boundary."""
    state = state_at(store, 0)
    for slot in range(state.most):
        person = person_at(store, slot)
        if person.state not in (FREE, COOLING):
            page = stage_page_at(tally, person.stage)
            page.stage_area += sign * (tick - person.entered)
            if person.state == WAITING:
                page.line_area += sign * (tick - person.in_line_since)
            elif person.state == WORKING:
                rep_row_at(tally, person.rep).rep_busy += sign * (reading(plan, person.team, tick) - person.clock)


@part(rare=True)
def close_books(plan, store, tally):
    """Close the last areas, settle what is still open, and read the quantiles off the histograms."""
    state, terms = state_at(store, 0), terms_at(plan, 0)
    _carry(plan, store, tally, terms.horizon, 1)
    for slot in range(state.most):
        person = person_at(store, slot)
        if person.state == COOLING:
            whole_at(tally, 0).cooling_at_end += 1
        elif person.state != FREE:
            stage_row_at(tally, person.stage).open_at_end += 1
            if uses(plan, PROMISES) and person.state == WAITING and person.response < 0:
                judge_response(plan, store, tally, slot, terms.horizon - 1, False)
    _file_page(plan, store, tally, state.bucket)
    if not uses(plan, CELLS):
        for bucket in range(terms.n_marks):
            for stage in range(terms.n_stages):
                stage_cell_at(tally, stage).reached_by += cohort_at(tally, bucket * terms.n_stages + stage).reached
    total_row_at(tally, 0).totals = state.events
    total_row_at(tally, 1).totals = state.prospects
    total_row_at(tally, 2).totals = state.most
    n = len(_SHARES)
    for at in range(n):
        for stage in range(terms.n_stages):
            row = stage_share_at(tally, stage * n + at)
            row.stage_quantiles = _quantile_of(store, stage, _SHARES[at])
            row.response_quantiles = _quantile_of(store, terms.n_stages + stage, _SHARES[at])
        cycle_share_at(tally, at).cycle_quantiles = _quantile_of(store, 2 * terms.n_stages, _SHARES[at])
    if state.rows > state.trace_size > 0:
        state.status = FULL


@part
def _file_page(plan, store, tally, bucket):
    """File the page of the bucket that ends, with the counts that follow from others, and begin an empty one."""
    for stage in range(terms_at(plan, 0).n_stages):
        page = stage_page_at(tally, stage)
        page.stage_area += page.stage_time
        if not uses(plan, LIMITS | ROUTES) and stage_at(plan, stage).team != NONE:
            page.joins = page.entries
        if not uses(plan, AGAIN):
            page.responses, page.response_time = page.starts, page.waited
        if not uses(plan, CELLS):
            stage_cell_at(tally, stage).entries_by += page.entries
    for rep in range(terms_at(plan, 0).n_reps):
        page, row = team_page_at(tally, rep_at(plan, rep).team), rep_row_at(tally, rep)
        page.busy_area += row.rep_busy
        page.team_starts += row.rep_starts
    for team in range(terms_at(plan, 0).n_teams):
        page, crew = team_page_at(tally, team), crew_at(store, team)
        page.busy_area -= crew.filed
        crew.filed += page.busy_area
        page.team_starts -= crew.filed_starts
        crew.filed_starts += page.team_starts
    for dial in range(terms_at(plan, 0).n_dials):
        dial_page_at(tally, dial).settings = np.int64(
            math.floor(setting_at(state_at(store, 0).dials, dial).value * 1e6 + 0.5)
        )
    first = bucket * page_size(tally)
    for at in range(page_size(tally)):
        filed_at(tally, first + at).n = page_at(tally, at).n
        page_at(tally, at).n = 0


@part
def _quantile_of(store, histogram, share):
    """The quantile of a histogram of ticks, in ticks: linear within its bin; nan of nothing."""
    first, total = histogram * BINS, 0
    for at in range(BINS):
        total += bin_at(store, first + at).n
    below, wanted = 0, share * total
    for at in range(BINS):
        here = bin_at(store, first + at).n
        if here > 0 and below + here >= wanted:
            low, width = edge_of(at)
            return math.floor(low) if width <= 1.0 else low + width * (wanted - below) / here
        below += here
    return math.nan
