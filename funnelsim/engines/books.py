"""How the kernel opens a replication, turns from one time bucket to the next, and closes it."""

import math

import numpy as np

from funnelsim.chance.agenda import KIND_BITS, clear
from funnelsim.chance.calendars import ALWAYS
from funnelsim.chance.lines import head_at
from funnelsim.core.jit import part
from funnelsim.engines.crews import judge_response, reading
from funnelsim.engines.generators import look_ahead
from funnelsim.engines.notices import CLOSES, OPENS, REP_COMES, REP_LEAVES, notify
from funnelsim.engines.store import (
    BINS,
    COOLING,
    FREE,
    FULL,
    WAITING,
    anchors_at,
    bin_at,
    crew_at,
    desk_at,
    generator_at,
    in_line_at,
    in_stage_at,
    person_at,
    state_at,
)
from funnelsim.engines.tallies import (
    QUANTILES,
    at_stage,
    born_at,
    breaches_at,
    busy_area_at,
    cooling_at_end_at,
    cycle_quantiles_at,
    cycle_time_at,
    edge_of,
    entries_at,
    entries_by_at,
    exits_at,
    line_area_at,
    open_at_end_at,
    reached_at,
    reached_by_at,
    rep_busy_at,
    rep_starts_at,
    response_quantiles_at,
    response_time_at,
    responses_at,
    revenue_at,
    routing_time_at,
    stage_area_at,
    stage_quantiles_at,
    stage_time_at,
    starts_at,
    tiers_at,
    totals_at,
    waited_at,
    wins_at,
    within_sla_at,
)
from funnelsim.plan.layout import (
    FIFO,
    NONE,
    REPRIORITISE,
    calendar_at,
    mark_at,
    rep_at,
    span_at,
    team_at,
    terms_at,
    tier_at,
)

_SHARES = QUANTILES


@part
def open_books(plan, store, tally, key):
    """An empty store and tally; every source, calendar and rep with its first notice."""
    state, terms = state_at(store, 0), terms_at(plan, 0)
    for slot in range(anchors_at(store, 0).slots):
        person = person_at(store, slot)
        person.next_free, person.state, person.token = slot + 1, FREE, 0
    person_at(store, anchors_at(store, 0).slots - 1).next_free = NONE
    state.key = key
    state.status, state.rows, state.free_slot, state.n_joiners, state.dirty = 0, 0, 0, 0, 0
    state.events, state.prospects, state.in_flight, state.most = 0, 0, 0, 0
    state.warm = terms.warmup == 0
    for stage in range(terms.n_stages):
        in_stage_at(store, stage).n = 0
        in_line_at(store, stage).n = 0
    _forget(plan, store, tally)
    shift = KIND_BITS
    while shift < 40 and (terms.horizon >> (shift - KIND_BITS)) > 65536:
        shift += 1
    clear(anchors_at(store, 0).agenda, anchors_at(store, 0).room, shift)
    for source in range(terms.n_sources):
        generator = generator_at(store, source)
        generator.rank, generator.exposure, generator.piece = 0, 0.0, 0
        look_ahead(plan, store, source)
    _man_teams(plan, store)
    _post_shifts(plan, store)


@part
def _forget(plan, store, tally):
    """Count from zero; what has begun is dealt with by the caller."""
    terms = terms_at(plan, 0)
    for at in range((2 * terms.n_stages + 1) * BINS):
        bin_at(store, at).n = 0
    for at in range(terms.n_marks * terms.n_cells):
        born_at(tally, at).n = 0
        wins_at(tally, at).n = 0
        revenue_at(tally, at).n = 0
    for at in range(terms.n_stages * terms.n_cells):
        entries_by_at(tally, at).n = 0
        reached_by_at(tally, at).n = 0
    for at in range(terms.n_marks * terms.n_stages):
        entries_at(tally, at).n = 0
        reached_at(tally, at).n = 0
        stage_time_at(tally, at).n = 0
        stage_area_at(tally, at).n = 0
        line_area_at(tally, at).n = 0
        starts_at(tally, at).n = 0
        waited_at(tally, at).n = 0
        responses_at(tally, at).n = 0
        response_time_at(tally, at).n = 0
        routing_time_at(tally, at).n = 0
        within_sla_at(tally, at).n = 0
        breaches_at(tally, at).n = 0
    for at in range(terms.n_marks * terms.n_exits):
        exits_at(tally, at).n = 0
    for at in range(terms.n_marks * terms.n_tiers):
        tiers_at(tally, at).n = 0
    for at in range(terms.n_marks * terms.n_teams):
        busy_area_at(tally, at).n = 0
    for at in range(terms.n_marks):
        cycle_time_at(tally, at).n = 0
    for rep in range(terms.n_reps):
        rep_busy_at(tally, rep).n = 0
        rep_starts_at(tally, rep).n = 0
    for stage in range(terms.n_stages):
        open_at_end_at(tally, stage).n = 0
    cooling_at_end_at(tally, 0).n = 0


@part
def _man_teams(plan, store):
    """Empty lines; reps employed at the start at their desks, the others due."""
    terms = terms_at(plan, 0)
    for line in range(anchors_at(store, 0).n_lines):
        head = head_at(anchors_at(store, 0).lines, line)
        head.first, head.last, head.size, head.plain = NONE, NONE, 0, 0
    moves_up = _moves_up(plan)
    for team in range(terms.n_teams):
        crew, row = crew_at(store, team), team_at(plan, team)
        crew.free, crew.waiting, crew.turn, crew.busy, crew.dirty = 0, 0, 0, 0, 0
        crew.hint = row.first_rep
        crew.open = calendar_at(plan, row.calendar).first == ALWAYS
        if row.discipline == FIFO and not moves_up:
            head_at(anchors_at(store, 0).lines, team).plain = 1
            for rep in range(row.first_rep, row.first_rep + row.n_reps):
                head_at(anchors_at(store, 0).lines, terms.n_teams + rep).plain = 1
    for rep in range(terms.n_reps):
        desk, spell = desk_at(store, rep), rep_at(plan, rep)
        desk.busy, desk.queued, desk.employed = 0, 0, 0
        if spell.start <= 0 < spell.until:
            desk.employed = 1
            crew_at(store, spell.team).free += spell.slots
        elif spell.start < spell.until:
            notify(store, terms.horizon, spell.start, REP_COMES, rep, 0)
        if max(np.int64(0), spell.start) < spell.until:
            notify(store, terms.horizon, spell.until, REP_LEAVES, rep, 0)


@part
def _moves_up(plan):
    """Whether anybody is ever moved to the front of a line."""
    found = False
    for tier in range(terms_at(plan, 0).n_tiers):
        found = found or tier_at(plan, tier).do == REPRIORITISE
    return found


@part
def _post_shifts(plan, store):
    """A notice for every opening and closing of a calendar."""
    horizon = terms_at(plan, 0).horizon
    for at in range(terms_at(plan, 0).n_calendars):
        calendar = calendar_at(plan, at)
        if calendar.first != ALWAYS:
            for span in range(calendar.first, calendar.first + calendar.count):
                notify(store, horizon, span_at(plan, span).open, OPENS, at, 0)
                notify(store, horizon, span_at(plan, span).close, CLOSES, at, 0)


@part
def turn_bucket(plan, store, tally, bucket, tick):
    """Close a bucket at its boundary, or forget the warm-up at its end; the bucket and boundary that follow."""
    if state_at(store, 0).warm == 0:
        state_at(store, 0).warm = 1
        _forget(plan, store, tally)
        _carry(plan, store, tally, bucket, tick, -1)
        for rep in range(terms_at(plan, 0).n_reps):
            rep_busy_at(tally, rep).n = -desk_at(store, rep).busy * reading(plan, rep_at(plan, rep).team, tick)
        return np.int64(bucket), mark_at(plan, bucket).n
    _carry(plan, store, tally, bucket, tick, 1)
    _carry(plan, store, tally, bucket + 1, tick, -1)
    return np.int64(bucket + 1), mark_at(plan, bucket + 1).n


@part
def _carry(plan, store, tally, bucket, tick, sign):
    """Close (+1) or open (-1) the areas of a bucket with what is there at its boundary."""
    terms = terms_at(plan, 0)
    for stage in range(terms.n_stages):
        stage_area_at(tally, at_stage(plan, bucket, stage)).n += sign * in_stage_at(store, stage).n * tick
        line_area_at(tally, at_stage(plan, bucket, stage)).n += sign * in_line_at(store, stage).n * tick
    for team in range(terms.n_teams):
        read = reading(plan, team, tick)
        busy_area_at(tally, bucket * terms.n_teams + team).n += sign * crew_at(store, team).busy * read


@part
def close_books(plan, store, tally, bucket, boundary):
    """Close the last areas, settle what is still open, and read the quantiles off the histograms."""
    state, terms = state_at(store, 0), terms_at(plan, 0)
    while boundary < terms.horizon:
        bucket, boundary = turn_bucket(plan, store, tally, bucket, boundary)
    _carry(plan, store, tally, bucket, terms.horizon, 1)
    for rep in range(terms.n_reps):
        rep_busy_at(tally, rep).n += desk_at(store, rep).busy * reading(plan, rep_at(plan, rep).team, terms.horizon)
    for slot in range(anchors_at(store, 0).slots):
        person = person_at(store, slot)
        if person.state == COOLING:
            cooling_at_end_at(tally, 0).n += 1
        elif person.state != FREE:
            open_at_end_at(tally, person.stage).n += 1
            if person.state == WAITING and person.response < 0:
                judge_response(plan, store, tally, slot, terms.horizon - 1, False, bucket)
    totals_at(tally, 0).n, totals_at(tally, 1).n, totals_at(tally, 2).n = state.events, state.prospects, state.most
    n = len(_SHARES)
    for at in range(n):
        for stage in range(terms.n_stages):
            stage_quantiles_at(tally, stage * n + at).x = _quantile_of(store, stage, _SHARES[at])
            response_quantiles_at(tally, stage * n + at).x = _quantile_of(store, terms.n_stages + stage, _SHARES[at])
        cycle_quantiles_at(tally, at).x = _quantile_of(store, 2 * terms.n_stages, _SHARES[at])
    if anchors_at(store, 0).trace_size > 0 and state.rows > anchors_at(store, 0).trace_size:
        state.status = FULL


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
            if at == 0:
                return 0.0
            low, width = edge_of(at)
            # A narrow bin holds one whole number of ticks.
            return math.ceil(low) if width <= 1.0 else low + width * (wanted - below) / here
        below += here
    return math.nan
