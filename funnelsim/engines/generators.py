"""The kernel's sources of prospects: when each sends its next."""

import numpy as np

from funnelsim.core.jit import part
from funnelsim.core.ticks import NEVER
from funnelsim.engines.store import generator_at, state_at
from funnelsim.plan.features import FEEDS, uses
from funnelsim.plan.layout import BATCHES, NONE, POISSON, batch_at, lead_at, source_at, terms_at
from funnelsim.rules.births import due_at_pace, gap_words, next_of_rate


@part
def first_due(plan, store):
    """The source whose next prospect comes first; the first of equals, NONE without sources."""
    first = np.int64(NONE)
    for source in range(terms_at(plan, 0).n_sources):
        if first == NONE or generator_at(store, source).next < generator_at(store, first).next:
            first = np.int64(source)
    return first


@part(often=True)
def look_ahead(plan, store, source):
    """Work out when a source sends the prospect of its current rank."""
    generator, origin = generator_at(store, source), source_at(plan, source)
    if not uses(plan, FEEDS) or origin.kind == POISSON:
        tick = _next_of_rate(plan, store, source)
    elif origin.kind == BATCHES:
        tick = _next_of_batches(plan, store, source)
    else:
        tick = lead_at(plan, origin.first + generator.rank).tick if generator.rank < origin.count else np.int64(NEVER)
    generator.next = tick


@part(often=True)
def _next_of_rate(plan, store, source):
    generator, origin = generator_at(store, source), source_at(plan, source)
    lane = generator.rank & 3
    if lane == 0:
        w0, w1, w2, w3 = gap_words(state_at(store, 0).key, origin.identity, generator.rank >> 2)
        generator.w0, generator.w1, generator.w2, generator.w3 = w0, w1, w2, w3
    word = generator.w0
    if lane > 0:
        word = generator.w1 if lane == 1 else (generator.w2 if lane == 2 else generator.w3)
    exposure, piece, tick = next_of_rate(
        plan, state_at(store, 0).dials, source, generator.piece, generator.exposure, word
    )
    generator.exposure, generator.piece = exposure, piece
    return tick


@part
def keep_pace(plan, store, tick):
    """Work out again when the sources come whose rates reviews turn, after those of a tick."""
    for source in range(terms_at(plan, 0).n_sources):
        if source_at(plan, source).dial != NONE:
            generator = generator_at(store, source)
            generator.piece = 0
            generator.next = due_at_pace(plan, state_at(store, 0).dials, source, generator.exposure, tick)


@part
def _next_of_batches(plan, store, source):
    generator, origin = generator_at(store, source), source_at(plan, source)
    while generator.piece < origin.count and generator.rank >= batch_at(plan, origin.first + generator.piece).upto:
        generator.piece += 1
    if generator.piece == origin.count:
        return np.int64(NEVER)
    batch = batch_at(plan, origin.first + generator.piece)
    generator.rank = max(generator.rank, batch.begin)
    return np.int64(batch.tick)
