"""Shapley values: the game of conversions that journeys within a set bring, and the game of their rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attribution.jit import kernel
from attribution.journeys.ragged import Ints, Journeys, Reals
from attribution.models.credit import Credit, CreditModel, Recount
from attribution.models.heuristics import Linear, LinearDistinct
from attribution.models.sets import SetTable, set_table

MOST_EXACT = 20
"""Channels up to which every set is looked at."""

Game = Callable[[Ints], Reals]
"""What sets of channels, given as bits, are worth."""


@dataclass(frozen=True)
class Shapley(CreditModel):
    """The game in which a set is worth the conversions of the journeys inside it.

    Its Shapley value is exactly the credit that is linear over the distinct channels of a journey, and is worked out as
    that, in one pass. Zhao, Mahboobi and Bagheri (2018).
    """

    name: ClassVar[str] = "shapley"
    reads: ClassVar[str] = "sets"

    def credit(self, journeys: Journeys) -> Credit:
        """The credit of each channel."""
        return LinearDistinct().credit(journeys)

    def recount(self, journeys: Journeys) -> Recount:
        """Credits for other counts."""
        return self.counted_as.recount(journeys)

    @property
    def counted_as(self) -> CreditModel:
        """The rule that gives the same credits."""
        return LinearDistinct()


@dataclass(frozen=True)
class ShapleyOrdered(CreditModel):
    """As `Shapley`, but a channel at one place of a journey and at another are two players: each touch gets the same.

    Zhao, Mahboobi and Bagheri (2018), section 3.3.
    """

    name: ClassVar[str] = "shapley_ordered"
    reads: ClassVar[str] = "paths"

    def credit(self, journeys: Journeys) -> Credit:
        """The credit of each channel; `by_place` besides, by channel and place, in conversions."""
        longest = int(_longest(journeys.offsets))
        places = np.zeros((longest, len(journeys.channels), 2))
        _by_place(journeys.offsets, journeys.channel, journeys.converted, journeys.value, places)
        conversions, value = np.ascontiguousarray(places.sum(0).T)
        return Credit(conversions, value, None, {"by_place": np.ascontiguousarray(places[:, :, 0].T)})

    def recount(self, journeys: Journeys) -> Recount:
        """Credits for other counts: summed over places, each touch gets the same."""
        return self.counted_as.recount(journeys)

    @property
    def counted_as(self) -> CreditModel:
        """The rule that gives the same credits."""
        return Linear()


@kernel
def _longest(offsets):
    longest = 0
    for j in range(offsets.size - 1):
        longest = max(longest, offsets[j + 1] - offsets[j])
    return longest


@kernel
def _by_place(offsets, channel, converted, value, places):
    for j in range(offsets.size - 1):
        begin, n = offsets[j], offsets[j + 1] - offsets[j]
        if converted[j] == 0.0 and value[j] == 0.0:
            continue
        conversions, worth = converted[j] / n, value[j] / n
        for at in range(n):
            places[at, channel[begin + at], 0] += conversions
            places[at, channel[begin + at], 1] += worth


@dataclass(frozen=True)
class ShapleyRate(CreditModel):
    """The game in which a set is worth the conversion rate of the journeys inside it: 0 where there are none.

    Every set is looked at, for up to 20 channels; beyond, `permutations` orders are drawn, each with its reverse, and
    `standard_error` says how far off that may be. Shares of the Shapley value hand out conversions and value; they may
    be negative, and are as they are.
    """

    name: ClassVar[str] = "shapley_rate"
    reads: ClassVar[str] = "sets"
    needs: ClassVar[tuple[str, ...]] = ("lost",)
    permutations: int = 1000
    seed: int = 0

    def credit(self, journeys: Journeys) -> Credit:
        """The credit of each channel; `shapley`, `standard_error` and `grand` (the rate of all) besides."""
        self.check(journeys)
        table = set_table(journeys)
        if table.n_channels <= MOST_EXACT:
            rate = _rates(table)
            found, error = shapley_of(rate), np.zeros(table.n_channels)
            grand = float(rate[-1])
        else:
            worth = _rate_game(table)
            found, error = sampled(worth, table.n_channels, self.permutations, self.seed)
            grand = float(worth(np.array([(1 << table.n_channels) - 1]))[0])
        shares = found / found.sum() if found.sum() else np.zeros_like(found)
        return Credit(
            shares * journeys.conversions,
            shares * journeys.total_value,
            None,
            {"shapley": found, "standard_error": error, "grand": grand},
        )


def _rates(table: SetTable) -> Reals:
    """The rate of the journeys inside every set, by its bits."""
    converted, _, journeys = table.dense()
    for sums in (converted, journeys):
        _over_subsets(sums, table.n_channels)
    return np.divide(converted, journeys, out=np.zeros_like(converted), where=journeys > 0)


def _rate_game(table: SetTable) -> Game:
    def worth(sets: Ints) -> Reals:
        out = np.empty(sets.size)
        _rates_inside(sets, table.bits, table.converted, table.journeys, out)
        return out

    return worth


def shapley_of(worth: Reals) -> Reals:
    """The Shapley value of a game that is given for every set, by its bits; the empty set may be worth something."""
    n = worth.size.bit_length() - 1
    if worth.size != 1 << n:
        raise ValueError(f"{worth.size} sets; a game of n channels has 2**n")
    weight = np.empty(max(n, 1))
    for size in range(n):
        weight[size] = 1.0 / (n * _choose(n - 1, size))
    out = np.zeros(n)
    _shapley(worth, weight, out)
    return out


def _choose(n: int, k: int) -> float:
    out = 1.0
    for at in range(k):
        out = out * (n - at) / (at + 1)
    return out


def sampled(worth: Game, n: int, permutations: int, seed: int) -> tuple[Reals, Reals]:
    """The Shapley value of a game of `n` channels by random orders, each with its reverse, and standard errors.

    Castro, Gomez and Tejada (2009); reverses as in Mitchell, Cooper, Frank and Holmes (2022).
    """
    rng = np.random.Generator(np.random.Philox(seed))
    pairs = max(2, permutations // 2)
    total, squares = np.zeros((2, n))
    for _ in range(pairs):
        order = rng.permutation(n)
        pair = np.zeros(n)
        for each in (order, order[::-1]):
            sets = np.concatenate([[0], np.cumsum(np.int64(1) << each.astype(np.int64))])
            pair[each] += np.diff(worth(sets)) / 2.0
        total += pair
        squares += pair**2
    mean = total / pairs
    spread = np.maximum(squares / pairs - mean**2, 0.0) * pairs / (pairs - 1)
    return mean, np.sqrt(spread / pairs)


@kernel
def _over_subsets(sums, n):
    for c in range(n):
        bit = 1 << c
        for s in range(sums.size):
            if s & bit:
                sums[s] += sums[s ^ bit]


@kernel
def _shapley(worth, weight, out):
    for s in range(worth.size):
        size, left = 0, s
        while left:
            size += left & 1
            left >>= 1
        for c in range(out.size):
            if not s >> c & 1:
                out[c] += weight[size] * (worth[s | 1 << c] - worth[s])


@kernel
def _rates_inside(sets, bits, converted, journeys, out):
    for at in range(sets.size):
        hits, of = 0.0, 0.0
        for t in range(bits.size):
            if bits[t] & ~sets[at] == 0:
                hits += converted[t]
                of += journeys[t]
        out[at] = hits / of if of > 0.0 else 0.0
