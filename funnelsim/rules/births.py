"""Who comes when, and what they bring: arrivals by inversion of the cumulative rate, attributes by address."""

import numpy as np

from funnelsim.chance.streams import BIRTH, GAP, REFERRAL, uniform, words
from funnelsim.core.jit import part
from funnelsim.plan.features import TRAITS, uses
from funnelsim.plan.layout import EXPONENTIAL_ROW, NONE, NORMAL_ROW, mix_at, segment_at, source_at, terms_at
from funnelsim.rules.laws import amount, unit_quantile
from funnelsim.rules.rates import piece_of, tick_of
from funnelsim.rules.reviews import paced

_NO_PLACE = 0


@part
def gap_words(key, identity, block):
    """The words of four gaps of a source: those before its arrivals of rank 4 block to 4 block + 3."""
    return words(key, identity, _NO_PLACE, GAP, block >> 16, block & 0xFFFF)


@part(often=True)
def next_of_rate(plan, dials, source, piece, exposure, word):
    """The exposure, the piece and the tick of a source's next arrival, a gap drawn at a word after an earlier one."""
    origin = source_at(plan, source)
    exposure += unit_quantile(plan, EXPONENTIAL_ROW, word)
    target = paced(plan, dials, origin.dial, exposure)
    piece = piece_of(plan, origin.first, origin.count, piece, target)
    return exposure, piece, tick_of(plan, origin.first + piece, target)


@part
def due_at_pace(plan, dials, source, exposure, tick):
    """The tick of a source's next arrival, whose exposure is drawn, after a review at a tick."""
    origin = source_at(plan, source)
    target = paced(plan, dials, origin.dial, exposure)
    piece = piece_of(plan, origin.first, origin.count, np.int64(0), target)
    return max(np.int64(tick), tick_of(plan, origin.first + piece, target))


@part
def referred_by(identity, parent, nth):
    """Who comes as the n-th whom a customer refers through a channel: the channel's bits, and 40 mixed from the others.

    Of n referrals through one channel in one replication two are taken for one person with probability n**2 / 2**41.
    """
    w0, w1, _, _ = words(np.uint64(identity), np.uint64(parent), _NO_PLACE, REFERRAL, nth >> 16, nth & 0xFFFF)
    return np.uint64(identity) + ((np.uint64(w1) & np.uint64(0xFF)) << np.uint64(32)) + np.uint64(w0)


@part
def _segment_of(plan, mix, word):
    """The segment whose share of a source's mix a word falls into."""
    segment = np.int64(0)
    u = uniform(word)
    while segment < terms_at(plan, 0).n_segments - 1 and u >= mix_at(plan, mix + segment).x:
        segment += 1
    return segment


@part
def _value_of(plan, law, key, who, word):
    """A deal's value in hundredths."""
    x = amount(plan, law, key, who, _NO_PLACE, 0, 0, 1, word)
    return np.int64(np.floor(max(0.0, min(x, 1e13)) * 100.0 + 0.5))


@part
def attributes(plan, source, key, who, segment, value):
    """Segment, value in hundredths, intent and score of a newcomer; segment or value other than NONE are known.

    All are zero where nothing asks for them.
    """
    if not uses(plan, TRAITS):
        return np.int64(0), np.int64(0), 0.0, 0.0
    origin, terms = source_at(plan, source), terms_at(plan, 0)
    w0, w1, w2, w3 = np.uint32(0), np.uint32(0), np.uint32(0), np.uint32(0)
    if terms.varied or origin.intent_sd > 0.0:
        w0, w1, w2, w3 = words(key, who, _NO_PLACE, BIRTH, 0, 0)
    if segment == NONE:
        segment = _segment_of(plan, origin.mix, w0)
    row = segment_at(plan, segment)
    if value == NONE:
        value = np.int64(0) if row.value == NONE else _value_of(plan, row.value, key, who, w1)
    intent = origin.intent_mean + row.intent
    if origin.intent_sd > 0.0:
        intent += origin.intent_sd * unit_quantile(plan, NORMAL_ROW, w2)
    score = terms.score_intent * intent + terms.score_fit * row.fit
    if terms.score_noise > 0.0:
        score += terms.score_noise * unit_quantile(plan, NORMAL_ROW, w3)
    return np.int64(segment), np.int64(value), intent, score
