"""Hidden attributes: who has which, and what a rep's questions make of them."""

import math

from funnelsim.chance.streams import ANSWERED, BEARING, uniform, words
from funnelsim.core.jit import part
from funnelsim.plan.features import HIDDEN, n_segments, uses
from funnelsim.plan.layout import (
    LOGIT,
    answer_at,
    bearing_at,
    hidden_at,
    segment_at,
    stake_at,
    terms_at,
    visit_at,
)

_NO_PLACE = 0


@part
def attributes_of(plan, key, who, segment, intent):
    """The hidden attributes that a newcomer has, as bits; intent is what it brings."""
    bits, n = 0, terms_at(plan, 0).n_hidden
    if not uses(plan, HIDDEN):
        return bits
    for at in range(n):
        chance = hidden_at(plan, at * n_segments(plan) + segment)
        p = chance.p
        if chance.kind == LOGIT:
            odds = chance.logit + chance.intent * intent + chance.fit * segment_at(plan, segment).fit
            p = 1.0 / (1.0 + math.exp(-odds))
        w0, _, _, _ = words(key, who, _NO_PLACE, BEARING, 0, bearing_at(plan, at).n)
        if uniform(w0) < p:
            bits |= 1 << at
    return bits


@part
def seems(plan, row, key, who, place, nth, has):
    """The attributes that a prospect seems to have, of those that are asked for, as bits; `row` is the visit's."""
    bits, n, asks = 0, terms_at(plan, 0).n_hidden, visit_at(plan, row).asks
    for at in range(n):
        if asks >> at & 1:
            answer = answer_at(plan, row * n + at)
            w0, _, _, _ = words(key, who, place, ANSWERED, nth, bearing_at(plan, at).n)
            if has >> at & 1:
                bits |= (uniform(w0) < answer.has) << at
            else:
                bits |= (uniform(w0) >= answer.lacks) << at
    return bits


@part
def suffices(plan, row, bits):
    """Whether some attributes, as bits, are enough of those that a visit asks for."""
    found, bits = 0, bits & visit_at(plan, row).asks
    while bits:
        found += bits & 1
        bits >>= 1
    return found >= visit_at(plan, row).at_least


@part
def convinces(plan, row, key, who, place, nth, has):
    """Whether a prospect seems to have enough of what a visit asks for."""
    return suffices(plan, row, seems(plan, row, key, who, place, nth, has))


@part
def stake_of(plan, exit_row, has):
    """What hidden attributes, as bits, add to the log-odds of an exit; `exit_row` is its row in the plan."""
    odds, n = 0.0, terms_at(plan, 0).n_hidden
    for at in range(n):
        if has >> at & 1:
            odds += stake_at(plan, exit_row * n + at).x
    return odds
