"""What the counts of a trace share: time buckets, the teams' clocks, sums by place, areas, and quantiles by bins."""

import numpy as np
from numpy.typing import NDArray

from funnelsim.engines.journal import Clock, Ints, Journal
from funnelsim.engines.store import BINS_AN_OCTAVE
from funnelsim.engines.tallies import QUANTILES

Reals = NDArray[np.float64]


class Census:
    """What the counts share: a journal, the time buckets, and the sizes of the tables."""

    def __init__(self, journal: Journal) -> None:
        self.journal, self.plan = journal, journal.plan
        self.marks = self.plan["marks"].astype(np.int64)
        self.edges = np.concatenate([[journal.warmup], self.marks])
        terms = journal.terms
        self.n_buckets, self.n_stages, self.n_cells = self.marks.size, int(terms["n_stages"]), int(terms["n_cells"])
        self.n_teams, self.n_reps = int(terms["n_teams"]), int(terms["n_reps"])
        self.n_exits, self.n_tiers = int(terms["n_exits"]), int(terms["n_tiers"])
        self.n_touches = int(terms["n_touches"])
        self.clocks = [Clock(self.plan, calendar) for calendar in self.plan["teams"]["calendar"]]

    def bucket(self, ticks: Ints) -> Ints:
        """The time bucket of each tick; a tick of the warm-up is given the first."""
        return np.searchsorted(self.marks, ticks, "right")

    def by_bucket(self, n: int, ticks: Ints, place: Ints, amount: Ints | int = 1) -> Ints:
        """The amounts of what happened after the warm-up and before the horizon, by bucket and place."""
        kept = (ticks >= self.journal.warmup) & (ticks < self.journal.horizon)
        amounts = np.broadcast_to(amount, ticks.shape)
        return table((self.n_buckets, n), (self.bucket(ticks[kept]), place[kept]), amounts[kept])

    def by_stage(self, ticks: Ints, amount: Ints | int = 1) -> Ints:
        """The amounts of what happened to visits, by bucket and stage."""
        return self.by_bucket(self.n_stages, ticks, self.journal.stage, amount)

    def read(self, team: Ints, ticks: Ints) -> Ints:
        """What each team's business clock reads."""
        out = ticks.copy()
        for number, clock in enumerate(self.clocks):
            out[team == number] = clock.read(ticks[team == number])
        return out

    def area(self, begin: Ints, end: Ints, place: Ints, n: int, on_clocks: bool = False) -> Ints:
        """How much of the intervals falls into each bucket, by place; on the teams' clocks if places are teams."""
        kept = end > self.journal.warmup
        begin, end = np.maximum(begin[kept], self.journal.warmup), np.minimum(end[kept], self.journal.horizon)
        place = place[kept]
        read = self.read if on_clocks else lambda _, ticks: ticks
        shown = np.stack([read(np.arange(n), np.full(n, edge)) for edge in self.edges])
        out = np.zeros((self.n_buckets, n), np.int64)
        there = np.zeros((self.n_buckets + 1, n), np.int64)
        for ticks, sign in ((begin, 1), (end, -1)):
            bucket = self.bucket(ticks)
            np.add.at(there, (np.minimum(bucket + 1, self.n_buckets), place), sign * (bucket < self.n_buckets))
            inside = bucket < self.n_buckets
            at, who = bucket[inside], place[inside]
            np.add.at(out, (at, who), sign * (shown[at + 1, who] - read(who, ticks[inside])))
        return out + np.cumsum(there, axis=0)[:-1] * np.diff(shown, axis=0)


def table(shape: tuple[int, ...], places: tuple[Ints, ...], amounts: Ints | int = 1) -> Ints:
    """Amounts added up in a table of zeros."""
    out = np.zeros(shape, np.int64)
    np.add.at(out, places, amounts)
    return out


def quantiles(ticks: Ints) -> Reals:
    """Quantiles of numbers of ticks, each as exact as the bins that tallies keep; nan of nothing."""
    if ticks.size == 0:
        return np.full(len(QUANTILES), np.nan)
    fraction, exponent = np.frexp(ticks.astype(np.float64))
    piece = np.floor((2 * fraction - 1) * BINS_AN_OCTAVE).astype(np.int64)
    bins = np.where(ticks < 1, 0, 1 + (exponent - 1) * BINS_AN_OCTAVE + piece)
    held = np.bincount(bins)
    return np.array([_quantile(held, share) for share in QUANTILES])


def _quantile(held: Ints, share: float) -> float:
    """The quantile of numbers that bins hold: linear within its bin, whole where a bin holds one number."""
    upto = np.cumsum(held)
    wanted = share * int(upto[-1])
    at = int(np.searchsorted(upto, wanted, "left"))
    if at == 0:
        return 0.0
    octave, piece = divmod(at - 1, BINS_AN_OCTAVE)
    low, width = float(np.ldexp(1 + piece / BINS_AN_OCTAVE, octave)), float(np.ldexp(1 / BINS_AN_OCTAVE, octave))
    if width <= 1:
        return float(np.ceil(low))
    return low + width * (wanted - int(upto[at - 1])) / int(held[at])
