"""Wins by their chances: what a move is expected to bring, in place of the coin that decides it.

The tail of a plan are stages from whose entry on nothing but coins decides whether a prospect wins in this pass (see
`plan.tails`); its hope W there is the chance that it does by way of tail stages alone, and the worth of entering a
stage is 1 for a win or a new sale, W for a tail stage and else 0. A decision of a stage counts its expected worth, in
the tail W, less W of the tail stage that is entered, which stays pending until it is left. Any other move (a newcomer,
a return, a way taken by rule) counts the worth of a win, and nothing for a tail stage.

Why it is unbiased. Take the sum of what was counted less the wins so far. A decision changes it by the expected worth
less the worth of the exit taken: its mean is zero given all that came before, for no word that decides an exit has been
read before. No other move changes it, but for what is pending: W, the same number at the entry and the exit of a stage,
taken off and given back. So it is a martingale (Doob 1953), with the mean zero over every time bucket, at the horizon
too, with deals open at the start and prospects who come back. It conditions on everything but the coins (Rao 1945,
Blackwell 1947; Asmussen and Glynn 2007, ch. V). What is rounded: each count to a whole number of `WINS` and `MONEY`, an
error of at most half of one, and each word to 32 bits, of at most 2**-33 in a chance.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.jit import part
from funnelsim.core.rows import Layout
from funnelsim.plan.features import APPROVALS, HIDDEN, SALES, TRAITS, n_segments, uses
from funnelsim.plan.layout import NEW, SHARE, WON, exit_at, segment_at, stage_at, tail_at, terms_at, visit_at
from funnelsim.rules.discovery import convinces
from funnelsim.rules.exits import all_would_agree, chance_of, discounted, effect_of
from funnelsim.rules.service import booked

WINS: Final = 4294967296.0
"""Units of expected wins in one win."""
MONEY: Final = 1024.0
"""Units of expected revenue in a hundredth."""

HOPE: Final = np.dtype([("wins", "f8"), ("money", "f8")])
HOPES: Final = Layout("hopes", hopes=HOPE)
"""A row a visit: of tail stages what a prospect who is there will bring in this pass, in wins and hundredths. Money is
kept only where hopes vary: else it is the deal's value times the wins."""
hope_at = HOPES.reader("hopes")


@part
def worth(plan, hopes, stage, segment, value):
    """The wins, and the money in hundredths, that a deal of a value is expected to bring as it enters a stage."""
    node, row, amount = stage_at(plan, stage), stage * n_segments(plan) + segment, np.float64(value)
    if node.terminal == WON:
        return 1.0, amount
    if uses(plan, SALES) and node.sale == NEW:
        return 1.0, np.float64(booked(plan, row, value))
    if not visit_at(plan, row).tail:
        return 0.0, 0.0
    hope = hope_at(hopes, row)
    return hope.wins, hope.money if terms_at(plan, 0).varying else hope.wins * amount


@part
def expect(plan, hopes, stage, segment, key, who, response, intent, skill, nth, value, has):
    """The wins and the money that a decision is expected to bring: the mean over the exits that `choose_exit` may take,
    which has the same arguments but for the word."""
    node, terms, visit_row = stage_at(plan, stage), terms_at(plan, 0), stage * n_segments(plan) + segment
    visit, first = visit_at(plan, visit_row), segment * terms.n_exits + node.first_exit
    after, others, wins, money = discounted(plan, visit_row, value), segment * terms.n_exits, 0.0, 0.0
    left, agreed = 1.0, 1.0
    if uses(plan, APPROVALS) and visit.stakeholders > 0:
        agreed = all_would_agree(plan, visit_row)
        some, amount = worth(plan, hopes, exit_at(plan, others + visit.refused_exit).to, segment, after)
        wins, money = (1.0 - agreed) * some, (1.0 - agreed) * amount
    if uses(plan, HIDDEN) and visit.asks and not convinces(plan, visit_row, key, who, node.place, nth, has):
        some, amount = worth(plan, hopes, exit_at(plan, others + visit.failed_exit).to, segment, after)
        return wins + agreed * some, money + agreed * amount
    effect, untaken = effect_of(plan, visit_row, response), 1.0
    for e in range(node.asked):
        leaving = exit_at(plan, first + e)
        share = left * chance_of(plan, first + e, visit_row, segment, effect, intent, skill, nth, value, has)
        some, amount = worth(plan, hopes, leaving.to, segment, after)
        wins, money = wins + agreed * share * some, money + agreed * share * amount
        untaken -= share
        if uses(plan, TRAITS) and leaving.kind != SHARE:
            left -= share
    share = agreed * max(0.0, untaken)
    some, amount = worth(plan, hopes, exit_at(plan, first + visit.rest).to, segment, after)
    return wins + share * some, money + share * amount


@part
def set_hopes(plan, hopes, segment, intent, value, has):
    """Work out the hopes of a prospect, or of a segment where they do not vary: those that others rest on first."""
    for at in range(terms_at(plan, 0).n_tails):
        stage = np.int64(tail_at(plan, at).n)
        hope = hope_at(hopes, stage * n_segments(plan) + segment)
        # Who it is matters to discoveries alone, and there are none.
        hope.wins, hope.money = expect(
            plan, hopes, stage, segment, np.uint64(0), np.uint64(0), np.int64(-1), intent, 0.0, np.int64(0), value, has
        )


@part
def open_hopes(plan, hopes):
    """Work out the hopes of every segment, once for all where they do not vary."""
    for segment in range(n_segments(plan)):
        set_hopes(plan, hopes, segment, segment_at(plan, segment).intent, np.int64(0), np.int64(0))


@part
def weigh_decision(plan, hopes, stage, leaving, segment, key, who, response, intent, skill, nth, value, has):
    """The expected wins and revenue, in units, of a decision whose exit was chosen; the arguments of `choose_exit`."""
    row, n_exits = stage * n_segments(plan) + segment, terms_at(plan, 0).n_exits
    after = discounted(plan, row, value)
    if terms_at(plan, 0).varying:
        set_hopes(plan, hopes, segment, intent, after, has)
    if visit_at(plan, row).tail:
        wins, money = in_units(*worth(plan, hopes, stage, segment, value))
    else:
        wins, money = in_units(*expect(plan, hopes, stage, segment, key, who, response, intent, skill, nth, value, has))
    to = np.int64(exit_at(plan, segment * n_exits + leaving).to)
    if visit_at(plan, to * n_segments(plan) + segment).tail:
        pending, owed = in_units(*worth(plan, hopes, to, segment, after))
        wins, money = wins - pending, money - owed
    return wins, money


@part
def weigh_arrival(plan, hopes, stage, segment, value):
    """The expected wins and revenue, in units, of a move to a stage that no decision led to."""
    if visit_at(plan, stage * n_segments(plan) + segment).tail:
        return np.int64(0), np.int64(0)
    return in_units(*worth(plan, hopes, stage, segment, value))


@part
def in_units(wins, money):
    """Wins and hundredths as whole numbers of `WINS` and `MONEY`."""
    return np.int64(math.floor(wins * WINS + 0.5)), np.int64(math.floor(money * MONEY + 0.5))


def hope_table(n: int) -> NDArray[np.void]:
    """Room for the hopes of n visits: stages times segments."""
    return np.zeros(n, HOPE)
