"""Sales counted a second time, from a trace: wins, revenue and cycles, renewals, expansions, and customers lost."""

from collections.abc import Callable
from typing import Final

import numpy as np

from funnelsim.core.ticks import NEVER
from funnelsim.engines.census import Census, Reals, quantiles
from funnelsim.engines.journal import Ints
from funnelsim.plan.layout import EXPANSION, LOST, NEW, RENEWAL, WON
from funnelsim.plan.trace import VALUED, WEIGHED


def _won(census: Census) -> Ints:
    """The tick of the win of each visit that is one; NEVER of the others."""
    j = census.journal
    return np.where((j.terminal == WON) | (_sale(census) == NEW), j.entered, NEVER)


def _sale(census: Census) -> Ints:
    """What each visit books."""
    return np.asarray(census.plan["stages"]["sale"][census.journal.stage], np.int64)


def _amount(census: Census) -> Ints:
    """What each visit books of its deal, in hundredths; all of it where the journey ends with a win."""
    j = census.journal
    share = np.where(j.terminal == WON, 1.0, census.plan["visits"]["books"][j.row])
    return np.asarray(np.floor(j.value * share + 0.5), np.int64)


def _by_sale(census: Census, kind: int, amount: Ints | int = 1) -> Ints:
    j = census.journal
    ticks = np.where(_sale(census) == kind, j.entered, NEVER)
    return census.by_bucket(census.n_cells, ticks, j.cell[j.person], amount)


def renewals(census: Census) -> Ints:
    return _by_sale(census, RENEWAL)


def renewed(census: Census) -> Ints:
    return _by_sale(census, RENEWAL, _amount(census))


def due(census: Census) -> Ints:
    return _by_sale(census, RENEWAL, census.journal.value)


def kept(census: Census) -> Ints:
    return _by_sale(census, RENEWAL, np.minimum(_amount(census), census.journal.value))


def expansions(census: Census) -> Ints:
    return _by_sale(census, EXPANSION)


def expanded(census: Census) -> Ints:
    return _by_sale(census, EXPANSION, _amount(census))


def _churned(census: Census) -> Ints:
    """The tick of each visit to a lost stage whose prospect has bought since it was lost before; NEVER of others."""
    j, sale = census.journal, _sale(census)
    lost = j.terminal == LOST
    told = np.flatnonzero(lost | (sale == NEW))
    told = told[np.lexsort([lost[told], j.entered[told], j.person[told]])]
    after_sale = np.zeros(told.size, bool)
    after_sale[1:] = (j.person[told[1:]] == j.person[told[:-1]]) & (sale[told[:-1]] == NEW)
    out = np.full(j.n_visits, NEVER, np.int64)
    churn = told[after_sale & lost[told]]
    out[churn] = j.entered[churn]
    return out


def churns(census: Census) -> Ints:
    j = census.journal
    return census.by_bucket(census.n_cells, _churned(census), j.cell[j.person])


def churned(census: Census) -> Ints:
    j = census.journal
    return census.by_bucket(census.n_cells, _churned(census), j.cell[j.person], j.value)


def wins(census: Census) -> Ints:
    j = census.journal
    return census.by_bucket(census.n_cells, _won(census), j.cell[j.person])


def revenue(census: Census) -> Ints:
    j = census.journal
    return census.by_bucket(census.n_cells, _won(census), j.cell[j.person], _amount(census))


def _told(census: Census, code: int) -> Ints:
    """The details of all rows of a code, by bucket and cell."""
    j = census.journal
    rows = j.rows[j.rows["code"] == code]
    person = np.searchsorted(j.who, rows["prospect"])
    return census.by_bucket(census.n_cells, rows["tick"], j.cell[person], rows["detail"])


def expected_wins(census: Census) -> Ints:
    return _told(census, WEIGHED)


def expected_revenue(census: Census) -> Ints:
    return _told(census, VALUED)


def cycle_time(census: Census) -> Ints:
    j = census.journal
    nowhere = np.zeros_like(j.stage)
    return census.by_bucket(1, _won(census), nowhere, j.entered - j.born[j.person])[:, 0]


def cycle_quantiles(census: Census) -> Reals:
    j, won = census.journal, _won(census)
    kept = (won < NEVER) & (won >= j.warmup)
    return quantiles(won[kept] - j.born[j.person[kept]])


SALES: Final[tuple[Callable[[Census], Ints | Reals], ...]] = (
    renewals,
    renewed,
    due,
    kept,
    expansions,
    expanded,
    churns,
    churned,
    wins,
    revenue,
    expected_wins,
    expected_revenue,
    cycle_time,
    cycle_quantiles,
)
