"""Where to: the exit a prospect takes, and what a late response does to it."""

import math

import numpy as np

from funnelsim.chance.streams import APPROVAL, uniform, words
from funnelsim.core.jit import part
from funnelsim.plan.features import APPROVALS, BANDS, DISCOUNTS, HIDDEN, RESPONSE, TRAITS, n_segments, uses
from funnelsim.plan.layout import (
    BAND,
    HALF_LIFE,
    HYPERBOLIC,
    LOGIT,
    NO_EFFECT,
    SHARE,
    exit_at,
    point_at,
    segment_at,
    stage_at,
    terms_at,
    visit_at,
)
from funnelsim.rules.discovery import convinces, stake_of


@part
def response_effect(plan, row, delay):
    """What is left of a chance after a delay in ticks: in [0, 1], 1 where the response time does not matter.

    `floor + (1 - floor) / 2**(t/tau)`, `floor + (1 - floor) / (1 + (t/tau)**power)` or a line through points; of it,
    the causal share c is believed: 1 - c (1 - f). `row` is the visit's.
    """
    visit = visit_at(plan, row)
    if visit.shape == HALF_LIFE:
        f = visit.floor + (1.0 - visit.floor) * math.pow(2.0, -delay / visit.tau)
    elif visit.shape == HYPERBOLIC:
        f = visit.floor + (1.0 - visit.floor) / (1.0 + math.pow(delay / visit.tau, visit.power))
    else:
        f = _through_points(plan, visit.first_point, visit.n_points, delay)
    return 1.0 - visit.causal * (1.0 - f)


@part
def _through_points(plan, first, count, delay):
    at, last = first, first + count - 1
    while at < last and delay >= point_at(plan, at + 1).delay:
        at += 1
    if at == last:
        return point_at(plan, last).value
    a, b = point_at(plan, at), point_at(plan, at + 1)
    return a.value + (delay - a.delay) / (b.delay - a.delay) * (b.value - a.value)


@part
def _slowed(p, effect, odds):
    if odds:
        return p * effect / (1.0 - p + p * effect)
    return p * effect


@part
def all_agree(plan, row, key, who, place, nth):
    """Whether every stakeholder of a visit agrees; `row` is the visit's, nth the earlier visits."""
    visit = visit_at(plan, row)
    for stakeholder in range(visit.stakeholders):
        _, w1, _, _ = words(key, who, place, APPROVAL, nth, stakeholder)
        if uniform(w1) >= visit.agree:
            return False
    return True


@part
def all_would_agree(plan, row):
    """The chance that every stakeholder of a visit agrees; `row` is the visit's."""
    visit = visit_at(plan, row)
    return math.pow(visit.agree, np.float64(visit.stakeholders))


@part
def discounted(plan, row, value):
    """A deal's value once the decision of a visit has fallen, in hundredths; `row` is the visit's."""
    if not uses(plan, DISCOUNTS):
        return np.int64(value)
    return np.int64(np.floor(np.float64(value) * (1.0 - visit_at(plan, row).discount) + 0.5))


@part
def effect_of(plan, visit_row, response):
    """What is left of a chance after a response in ticks (-1: none), where it matters."""
    if uses(plan, RESPONSE) and visit_at(plan, visit_row).shape != NO_EFFECT and response >= 0:
        return response_effect(plan, visit_row, np.float64(response))
    return 1.0


@part
def chance_of(plan, exit_row, visit_row, segment, effect, intent, skill, nth, value, has):
    """The chance that an exit that is asked takes a prospect, of what is left for its kind; see `choose_exit`."""
    leaving, visit = exit_at(plan, exit_row), visit_at(plan, visit_row)
    if uses(plan, BANDS) and leaving.kind == BAND:
        return 1.0 if leaving.low <= value < leaving.below else 0.0
    p = leaving.p
    if uses(plan, TRAITS) and leaving.kind == LOGIT:
        odds = leaving.logit + leaving.intent * intent + leaving.fit * segment_at(plan, segment).fit
        odds += leaving.visits * nth + leaving.skill * skill + leaving.discount * visit.discount
        if uses(plan, HIDDEN):
            odds += stake_of(plan, exit_row, has)
        p = 1.0 / (1.0 + math.exp(-odds))
    if uses(plan, RESPONSE) and leaving.slowed:
        p = _slowed(p, effect, visit.odds)
    return p


@part
def choose_exit(plan, stage, segment, key, who, word, response, intent, skill, nth, value, has):
    """The exit taken at a word; response is the delay of the first response in ticks (-1: none), skill that of the rep
    who did the work (0: none did), nth the earlier visits, has the hidden attributes as bits.

    Where a stakeholder does not agree, it is the way of those who are refused; where too few attributes are found, that
    of those who fail. A band takes the deals of its values. Log-odds exits come next, each asked of what is left; the
    table shares what then remains; the rest, which is not asked, takes what is left.
    """
    node, terms = stage_at(plan, stage), terms_at(plan, 0)
    visit_row = stage * n_segments(plan) + segment
    visit = visit_at(plan, visit_row)
    if uses(plan, APPROVALS) and visit.stakeholders > 0 and not all_agree(plan, visit_row, key, who, node.place, nth):
        return np.int64(visit.refused_exit)
    if uses(plan, HIDDEN) and visit.asks and not convinces(plan, visit_row, key, who, node.place, nth, has):
        return np.int64(visit.failed_exit)
    effect = effect_of(plan, visit_row, response)
    u, taken, left = uniform(word), 0.0, 1.0
    first = segment * terms.n_exits + node.first_exit
    for e in range(node.asked):
        share = left * chance_of(plan, first + e, visit_row, segment, effect, intent, skill, nth, value, has)
        taken += share
        if u < taken:
            return np.int64(node.first_exit + e)
        if uses(plan, TRAITS) and exit_at(plan, first + e).kind != SHARE:
            left -= share
    return np.int64(node.first_exit + visit.rest)
