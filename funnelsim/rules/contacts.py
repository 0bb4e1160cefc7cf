"""What channels do to a prospect: when they reach for it, what it sees, and what touches leave behind.

A prospect keeps a mark of every channel that touches, and a mood. A channel's touches at a rate run on a clock of their
own, which stands still while the prospect is where the channel does not reach: the n-th touch has its place on that
clock whatever else happens. Both engines hand over the address of a frame of marks and moods and the prospect's `slot`
in it.
"""

import math
from typing import Any, Final

import numpy as np

from funnelsim.chance.streams import REACTION, TOUCH, uniform, words
from funnelsim.core.jit import part
from funnelsim.core.rows import Layout
from funnelsim.core.ticks import NEVER
from funnelsim.plan.features import HANDOFFS, TOUCHES, n_segments, uses
from funnelsim.plan.layout import (
    CHANCES_A_TOUCH,
    CLICKS,
    EXPONENTIAL_ROW,
    LOGIT,
    NONE,
    OPTS_OUT,
    RAISES,
    SEEN,
    chance_at,
    lift_at,
    reach_at,
    segment_at,
    step_at,
    synergy_at,
    terms_at,
    touch_at,
    visit_at,
)
from funnelsim.rules.laws import unit_quantile
from funnelsim.rules.reviews import enough_of

MARK: Final = np.dtype(
    [
        ("due", "f8"),  # the instant, in ticks, at which the channel reaches for the prospect next
        ("ahead", "f8"),  # what the channel's clock still has to run until then, while it stands still
        ("lift", "f8"),  # what its touches had added to intent at `since`
        ("since", "i8"),
        ("tries", "i4"),  # how often it has reached for the prospect
        ("hits", "i4"),  # how often it was seen
        ("step", "i4"),  # of its drip
        ("reaches", "i4"),  # whether it does in the present stage
    ]
)
MOOD: Final = np.dtype(
    [
        ("points", "f8"),  # of touches, at `since`
        ("since", "i8"),
        ("lessons", "f8"),
        ("touches", "i4"),  # seen, of all channels
        ("out", "i4"),  # wants no more
    ]
)
CONTACTS: Final = Layout("contacts", marks=MARK, moods=MOOD)
mark_at = CONTACTS.reader("marks")
mood_at = CONTACTS.reader("moods")

# What came of a touch, as bits.
WAS_SEEN, WAS_CLICKED, HAND_RAISED, WAS_OBSERVED, OPTED_OUT, REFERRED, NOT_SENT = 1, 2, 4, 8, 16, 32, 64
OUTCOME_BITS: Final = 7
CHANNEL_BITS: Final = 13

_NO_PLACE: Final = 0
_AWAY: Final = 4e18
"""An instant that never comes."""


def touch_of(detail: Any) -> Any:
    """Which of the touching channels the detail of a touch names."""
    return (detail >> OUTCOME_BITS) & ((1 << CHANNEL_BITS) - 1)


@part
def detail_of(touch, tries, outcome):
    """The detail of a touch in a trace: how many times before, which of the touching channels, and what came of it."""
    return (np.int64(tries) << (OUTCOME_BITS + CHANNEL_BITS)) | (np.int64(touch) << OUTCOME_BITS) | np.int64(outcome)


@part
def forget(plan, contacts, slot, key, who):
    """Make a newcomer's marks and mood: no channel has touched it yet."""
    mood, n = mood_at(contacts, slot), terms_at(plan, 0).n_touches
    mood.points, mood.since, mood.lessons, mood.touches, mood.out = 0.0, 0, 0.0, 0, 0
    for at in range(n):
        mark, touch = mark_at(contacts, slot * n + at), touch_at(plan, at)
        mark.due, mark.ahead, mark.lift, mark.since = _AWAY, 0.0, 0.0, 0
        mark.tries, mark.hits, mark.step, mark.reaches = 0, 0, 0, 0
        if touch.rate > 0.0:
            w0, _, _, _ = words(key, who, touch.place, TOUCH, 0, 0)
            mark.ahead = unit_quantile(plan, EXPONENTIAL_ROW, w0)


@part
def come_within_reach(plan, contacts, slot, stage, tick):
    """Start the clocks of the channels that reach into a stage, entered at a tick."""
    n = terms_at(plan, 0).n_touches
    for at in range(n):
        mark, touch = mark_at(contacts, slot * n + at), touch_at(plan, at)
        mark.reaches = reach_at(plan, stage * n + at).n
        mark.due, mark.step = _AWAY, 0
        if mark.reaches:
            mark.due = _due_after(plan, touch, mark.ahead, 0, np.float64(tick), tick)


@part
def _due_after(plan, touch, ahead, step, instant, entered):
    """When a channel reaches for a prospect next: `ahead` on its clock after an instant, or at a step of its drip."""
    if touch.rate > 0.0:
        return instant + ahead / touch.rate
    at = touch.first_step + step
    return np.float64(entered + step_at(plan, at).n) if at < touch.upto_step else _AWAY


@part
def go_out_of_reach(plan, contacts, slot, tick):
    """Stop the clocks of all channels, at a tick."""
    n = terms_at(plan, 0).n_touches
    for at in range(n):
        mark, touch = mark_at(contacts, slot * n + at), touch_at(plan, at)
        if mark.reaches and touch.rate > 0.0:
            mark.ahead = max(0.0, (mark.due - tick) * touch.rate)
        mark.due, mark.reaches = _AWAY, 0


@part
def next_touch(plan, contacts, slot, tick, referrals):
    """The first tick after a tick at which some channel reaches for a prospect, or, of `referrals`, at which it has the
    occasion to refer somebody; NEVER if there is none."""
    n, first = terms_at(plan, 0).n_touches, _AWAY
    for at in range(n):
        if (touch_at(plan, at).source != NONE) == referrals:
            first = min(first, mark_at(contacts, slot * n + at).due)
    return max(np.int64(tick) + 1, np.int64(math.ceil(first))) if first < 1e15 else np.int64(NEVER)


@part
def first_due(plan, contacts, slot, tick, referrals):
    """The first channel of the file that is due at a tick, as `next_touch`; NONE if none is."""
    n = terms_at(plan, 0).n_touches
    for at in range(n):
        if (touch_at(plan, at).source != NONE) == referrals and mark_at(contacts, slot * n + at).due <= tick:
            return np.int64(at)
    return np.int64(NONE)


@part
def _faded(amount, half_life, ticks):
    """What is left of an amount after some ticks; a half-life of 0 is for what stays."""
    return amount if half_life <= 0.0 else amount * math.pow(2.0, -ticks / half_life)


@part
def intent_at(plan, contacts, slot, intent, tick):
    """A prospect's intent at a tick: what it brought, and what touches have left."""
    if not uses(plan, TOUCHES):
        return intent
    n = terms_at(plan, 0).n_touches
    for at in range(n):
        mark = mark_at(contacts, slot * n + at)
        if mark.hits > 0:
            intent += _faded(mark.lift, touch_at(plan, at).half_life, tick - mark.since)
    return intent


@part
def score_at(plan, contacts, slot, score, tick):
    """A prospect's score at a tick: what is seen of it from the start, and the points of touches that are left."""
    if not uses(plan, TOUCHES):
        return score
    mood = mood_at(contacts, slot)
    return score + _faded(mood.points, terms_at(plan, 0).score_half_life, tick - mood.since)


@part
def _probability(plan, touch, segment, code, intent, touches):
    """The chance that something comes of a touch."""
    chance = chance_at(plan, (touch * n_segments(plan) + segment) * CHANCES_A_TOUCH + code)
    if chance.kind != LOGIT:
        return chance.p
    odds = chance.logit + chance.intent * intent + chance.fit * segment_at(plan, segment).fit
    return 1.0 / (1.0 + math.exp(-(odds + chance.touches * touches)))


@part
def reach(plan, contacts, slot, at, key, who, segment, intent, entered, tick):
    """A channel reaches for a prospect at a tick; what comes of it, as bits. `intent` is what the prospect brought.

    Whether it is seen hangs on the intent before; what one who saw it does, on the intent after.
    """
    n = terms_at(plan, 0).n_touches
    mark, mood, touch = mark_at(contacts, slot * n + at), mood_at(contacts, slot), touch_at(plan, at)
    mark.tries += 1
    mark.step += 1
    high, low = mark.tries >> 16, mark.tries & 0xFFFF
    w0, w1, w2, w3 = words(key, who, touch.place, TOUCH, high, low)
    ahead = unit_quantile(plan, EXPONENTIAL_ROW, w0) if touch.rate > 0.0 else 0.0
    mark.due = _due_after(plan, touch, ahead, mark.step, mark.due, entered)
    if touch.source != NONE:
        now = intent_at(plan, contacts, slot, intent, tick)
        refers = uniform(w1) < _probability(plan, at, segment, SEEN, now, mood.touches)
        return np.int64(REFERRED) if refers else np.int64(NOT_SENT)
    if mood.out and touch.heeds:
        return np.int64(NOT_SENT)
    outcome = np.int64(WAS_OBSERVED) if uniform(w3) < touch.observed else np.int64(0)
    before = intent_at(plan, contacts, slot, intent, tick)
    if uniform(w1) >= _probability(plan, at, segment, SEEN, before, mood.touches):
        return outcome
    leave_behind(plan, contacts, slot, at, segment, tick)
    after = intent_at(plan, contacts, slot, intent, tick)
    v0, v1, _, _ = words(key, who, touch.place, REACTION, high, low)
    if uniform(w2) < _probability(plan, at, segment, RAISES, after, mood.touches):
        outcome |= HAND_RAISED
    if uniform(v0) < _probability(plan, at, segment, CLICKS, after, mood.touches):
        outcome |= WAS_CLICKED
    if uniform(v1) < _probability(plan, at, segment, OPTS_OUT, after, mood.touches):
        outcome |= OPTED_OUT
        mood.out = 1
    return outcome | WAS_SEEN


@part
def leave_behind(plan, contacts, slot, at, segment, tick):
    """What a touch that is seen adds to intent and score: each further one a share of the one before, more with
    others."""
    n = terms_at(plan, 0).n_touches
    mark, mood, touch = mark_at(contacts, slot * n + at), mood_at(contacts, slot), touch_at(plan, at)
    effect = lift_at(plan, at * n_segments(plan) + segment).x * math.pow(touch.repeat, mark.hits)
    together = 1.0
    for other in range(n):
        if mark_at(contacts, slot * n + other).hits > 0:
            together += synergy_at(plan, at * n + other).x
    mark.lift = _faded(mark.lift, touch.half_life, tick - mark.since) + effect * together
    mark.since = tick
    mark.hits += 1
    mood.points = _faded(mood.points, terms_at(plan, 0).score_half_life, tick - mood.since) + touch.points
    mood.since = tick
    mood.lessons += touch.teaches
    mood.touches += 1


@part
def shortened(plan, contacts, slot, row, work):
    """Ticks of work with one whom touches have taught; at least one. `row` is the visit's."""
    visit = visit_at(plan, row)
    if not uses(plan, TOUCHES) or visit.saves <= 0.0:
        return np.int64(work)
    share = visit.saves * min(1.0, mood_at(contacts, slot).lessons / visit.lessons)
    return max(np.int64(1), np.int64(work * (1.0 - share) + 0.5))


@part
def is_ready(plan, contacts, dials, slot, row, score, outcome, tick):
    """The exit of one who is ready for the next stage at a tick; NONE if it is not.

    `row` is the visit's, `score` what it brought, `outcome` what came of the touch at this tick, 0 without one.
    """
    if not uses(plan, HANDOFFS):
        return np.int64(NONE)
    visit = visit_at(plan, row)
    enough = score_at(plan, contacts, slot, score, tick) >= enough_of(plan, dials, row)
    raised = outcome & HAND_RAISED != 0
    if visit.ready_exit != NONE and enough and raised:
        return np.int64(visit.ready_exit)
    if visit.raised_exit != NONE and raised:
        return np.int64(visit.raised_exit)
    if visit.scored_exit != NONE and enough:
        return np.int64(visit.scored_exit)
    return np.int64(NONE)
