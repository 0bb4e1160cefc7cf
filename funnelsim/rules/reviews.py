"""Reviews: what is counted for them, and how far each turns its dial.

A dial is a threshold, a leak, or what a channel's rate is multiplied with. All that was counted up to a tick, itself
not included, is looked at before anything else happens at that tick. Both engines hand over the address of a frame of
dials and counts.
"""

from typing import Final

import numpy as np

from funnelsim.core.jit import part
from funnelsim.core.rows import Layout
from funnelsim.core.ticks import NEVER
from funnelsim.plan.features import REVIEWS, uses
from funnelsim.plan.layout import NONE, dial_at, review_at, source_at, terms_at, visit_at
from funnelsim.rules.rates import exposure_at

SETTING: Final = np.dtype(
    [
        ("value", "f8"),
        ("clock", "f8"),  # of a rate: how much of it, multiplied, was behind at the review before
        ("exposure", "f8"),  # and how much of it as it stands in the plan
    ]
)
GAUGE: Final = np.dtype([("hits", "i8"), ("of", "i8")])
DIALS: Final = Layout("dials", settings=SETTING, gauges=GAUGE)
setting_at = DIALS.reader("settings")
gauge_at = DIALS.reader("gauges")

_NEVER_REACHED: Final = 1e300


@part
def set_up(plan, dials):
    """Every dial where it begins, and nothing counted."""
    for at in range(terms_at(plan, 0).n_dials):
        setting = setting_at(dials, at)
        setting.value, setting.clock, setting.exposure = dial_at(plan, at).begins, 0.0, 0.0
    for at in range(terms_at(plan, 0).n_reviews):
        gauge = gauge_at(dials, at)
        gauge.hits, gauge.of = 0, 0


@part
def see_entry(plan, dials, stage):
    """Count an entry of a stage."""
    for at in range(terms_at(plan, 0).n_reviews):
        review = review_at(plan, at)
        if review.exit == NONE and review.stage == stage:
            gauge_at(dials, at).hits += 1


@part
def see_exit(plan, dials, stage, leaving):
    """Count that somebody leaves a stage by an exit."""
    for at in range(terms_at(plan, 0).n_reviews):
        review = review_at(plan, at)
        if review.exit != NONE and review.stage == stage:
            gauge_at(dials, at).of += 1
            gauge_at(dials, at).hits += review.exit == leaving


@part
def next_review(plan, tick):
    """The first tick after a tick at which there is a review; NEVER without any."""
    first = np.int64(NEVER)
    for at in range(terms_at(plan, 0).n_reviews):
        every = review_at(plan, at).every
        first = min(first, (np.int64(tick) // every + 1) * every)
    return first


@part
def hold_reviews(plan, dials, tick):
    """Hold the reviews of a tick, in the order of the file: turn their dials and count from zero."""
    for at in range(terms_at(plan, 0).n_reviews):
        review, gauge = review_at(plan, at), gauge_at(dials, at)
        if tick % review.every == 0:
            found = np.float64(gauge.hits)
            if review.exit != NONE:
                found = found / gauge.of if gauge.of > 0 else review.target
            step = 0.0
            if found < review.target:
                step = review.below
            elif found > review.target:
                step = review.above
            if step != 0.0:
                _turn(plan, dials, np.int64(review.dial), step, tick)
            gauge.hits, gauge.of = 0, 0


@part
def _turn(plan, dials, at, step, tick):
    """Turn a dial by a step, within its bounds."""
    dial, setting = dial_at(plan, at), setting_at(dials, at)
    if dial.source != NONE:
        source = source_at(plan, dial.source)
        exposure = exposure_at(plan, source.first, source.count, tick)
        setting.clock += setting.value * (exposure - setting.exposure)
        setting.exposure = exposure
    setting.value = min(dial.high, max(dial.low, setting.value + step))


@part
def paced(plan, dials, dial, exposure):
    """What a rate must have come to, as the plan has it, where it has come to an exposure as it was multiplied."""
    if not uses(plan, REVIEWS) or dial == NONE:
        return exposure
    setting = setting_at(dials, dial)
    if setting.value <= 0.0:
        return _NEVER_REACHED
    return setting.exposure + (exposure - setting.clock) / setting.value


@part
def enough_of(plan, dials, row):
    """The score that is enough for a handoff; `row` is the visit's."""
    visit = visit_at(plan, row)
    if uses(plan, REVIEWS) and visit.enough_dial != NONE:
        return setting_at(dials, visit.enough_dial).value
    return visit.enough


@part
def leak_of(plan, dials, row):
    """The share that gets lost on its way to a team; `row` is the visit's."""
    visit = visit_at(plan, row)
    if uses(plan, REVIEWS) and visit.leak_dial != NONE:
        return setting_at(dials, visit.leak_dial).value
    return visit.leak
