"""How much: a draw from a law, and a number as ticks."""

import numpy as np

from funnelsim.chance.quantiles import row_of, within_row
from funnelsim.chance.streams import APPROVAL, PART, uniform, words
from funnelsim.core.jit import part
from funnelsim.plan.features import APPROVALS, HIDDEN, MIXED, uses
from funnelsim.plan.layout import EMPIRICAL, MIXTURE, TABLE, cubic_at, law_at, part_at, value_at, visit_at

_LONGEST = 1e15


@part
def unit_quantile(plan, first, word):
    """The quantile of the unit law whose table begins at row `first`."""
    return within_row(cubic_at(plan, first + row_of(word)), word)


@part(rare=True)
def _part_of(plan, law, key, who, place, visit, turn, lane):
    """The part of a mixture that falls to an address."""
    w0, w1, w2, w3 = words(key, who, place, PART, visit, turn)
    word = w0 if lane == 0 else (w1 if lane == 1 else (w2 if lane == 2 else w3))
    u = uniform(word)
    at = law_at(plan, law).first
    last = at + law_at(plan, law).count - 1
    while at < last and u >= part_at(plan, at).upto:
        at += 1
    return np.int64(part_at(plan, at).law)


@part
def amount(plan, law, key, who, place, visit, turn, lane, word):
    """The law's quantile at a word; the address and lane (0 to 3) say which part of a mixture it is."""
    if uses(plan, MIXED) and law_at(plan, law).kind == MIXTURE:
        law = _part_of(plan, law, key, who, place, visit, turn, lane)
    row = law_at(plan, law)
    if row.kind == TABLE:
        return row.shift + row.scale * unit_quantile(plan, row.first, word)
    if uses(plan, MIXED) and row.kind == EMPIRICAL:
        at = (np.uint64(word) * np.uint64(row.count)) >> np.uint64(32)
        return value_at(plan, row.first + np.int64(at)).x
    return row.shift


@part
def lasts(plan, law, key, who, place, visit, turn, lane, word):
    """Ticks drawn from a duration's law; turn 0 is the visit's own, turn a + 1 that of attempt a, in lane 0 that of
    stakeholder a + 1.

    The nearest whole number of ticks, and at least one: work takes time, so a tick ends.
    """
    x = amount(plan, law, key, who, place, visit, turn, lane, word)
    return np.int64(max(min(x, _LONGEST) + 0.5, 1.0))


@part
def visit_lasts(plan, row, key, who, place, visit, word):
    """Ticks that a visit takes: those of the slowest stakeholder, each drawn from the duration's law.

    `row` is the visit's. The first draws at `word`, so one stakeholder alone takes as long as a stage without any.
    """
    law = visit_at(plan, row).duration
    longest = lasts(plan, law, key, who, place, visit, 0, 0, word)
    if uses(plan, APPROVALS):
        for nth in range(1, visit_at(plan, row).stakeholders):
            w0, _, _, _ = words(key, who, place, APPROVAL, visit, nth)
            longest = max(longest, lasts(plan, law, key, who, place, visit, nth, 0, w0))
    if uses(plan, HIDDEN):
        longest += visit_at(plan, row).asking
    return longest


@part(rare=True)
def visit_remains(plan, row, key, who, place, visit, word, age):
    """As `visit_lasts`, for one who has been there for `age` ticks: what is left, given that it took longer; the
    questions of a discovery are still to be asked."""
    k = max(np.int64(1), np.int64(visit_at(plan, row).stakeholders))
    left = residual(plan, visit_at(plan, row).duration, key, who, place, visit, 0, word, np.float64(age), k)
    if uses(plan, HIDDEN):
        left += visit_at(plan, row).asking
    return left


@part(rare=True)
def residual(plan, law, key, who, place, visit, lane, word, age, k):
    """Ticks that are left of the longest of `k` draws from a duration's law, given that it is longer than `age`; one if
    no draw is.

    With F the law's distribution function the longest is the quantile at v**(1/k), where v is uniform between F(age)**k
    and 1. Of a mixture, the parts count by how likely each is to last so long.
    """
    if uses(plan, MIXED) and law_at(plan, law).kind == MIXTURE:
        w0, w1, w2, w3 = words(key, who, place, PART, visit, 0)
        chosen = w0 if lane == 0 else (w1 if lane == 1 else (w2 if lane == 2 else w3))
        law = _part_that_lasts(plan, law, chosen, age)
    below = np.power(_share_below(plan, law, age), np.float64(k))
    if below >= 1.0:
        return np.int64(1)
    share = np.power(below + (1.0 - below) * uniform(word), 1.0 / k)
    at = np.uint32(min(np.int64(share * 4294967296.0), np.int64(0xFFFFFFFF)))
    return max(np.int64(1), np.int64(amount(plan, law, key, who, place, visit, 0, lane, at) - age + 0.5))


@part(rare=True)
def _share_below(plan, law, age):
    """How likely a law other than a mixture is to be less than `age`: its quantile, read backwards."""
    low, high = np.int64(0), np.int64(1) << 32
    while low < high:
        middle = (low + high) >> 1
        if amount(plan, law, np.uint64(0), np.uint64(0), 0, 0, 0, 0, np.uint32(middle)) < age:
            low = middle + 1
        else:
            high = middle
    return low / 4294967296.0


@part(rare=True)
def _part_that_lasts(plan, law, word, age):
    """The part of a mixture that falls to a word, given that it lasts longer than `age`."""
    first, n = law_at(plan, law).first, law_at(plan, law).count
    total, upto = 0.0, 0.0
    for at in range(first, first + n):
        total += (part_at(plan, at).upto - upto) * (1.0 - _share_below(plan, part_at(plan, at).law, age))
        upto = part_at(plan, at).upto
    wanted, found, upto = uniform(word) * total, 0.0, 0.0
    for at in range(first, first + n):
        found += (part_at(plan, at).upto - upto) * (1.0 - _share_below(plan, part_at(plan, at).law, age))
        upto = part_at(plan, at).upto
        if wanted < found:
            return np.int64(part_at(plan, at).law)
    return np.int64(part_at(plan, first + n - 1).law)
