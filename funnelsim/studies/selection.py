"""The best of several by sampling, with a guarantee: replications go to those that are still in the race.

Comparisons: procedure KN of Kim and Nelson (2001), fully sequential, with common random numbers. Two alternatives are
compared until their difference leaves a triangle that closes where a difference of `delta` could no longer hide; the
loser is out. Limits: the feasibility check of Andradottir and Kim (2010) with the same triangle, for what lies within a
tolerance of a limit may be taken either way; both at the same time (their AK+): who loses to another is out as soon as
that one is known to keep all limits. Half of what may go wrong is for limits, half for comparisons; each half is
shared equally (Bonferroni), so alternatives may depend on each other.

If the best is better than all others that keep the limits by at least delta, it is chosen with the probability that is
asked for, for normal data. Looking at fewer moments than at every replication can only make that larger (Jennison,
Johnstone and Turnbull 1982).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Sampler = Callable[[Sequence[int], int, int], Reals]
"""Of some alternatives the replications first, first + 1, ...: shape (alternatives, 1 + limits, replications), the
value, of which more is better, and what each limit leaves: at least 0 where it is kept."""
Told = Callable[[int, int], None]
"""Is told how many are still in the race, and how many replications each of them has."""
RACING, CHOSEN, BEATEN, BARRED, UNKNOWN = "in the race", "chosen", "beaten", "limit broken", "unknown"
ROUNDING: Final = 1e-24


@dataclass(frozen=True)
class Rules:
    """Differences below `delta` do not matter, nor what lies within a tolerance of its limit; `alpha` is the chance of
    a wrong choice. Each alternative has `first_stage` replications, and `ceiling` at most; after each look there are
    more by a share `growth`, at least one."""

    delta: float
    tolerances: tuple[float, ...] = ()
    alpha: float = 0.05
    first_stage: int = 10
    growth: float = 0.0
    ceiling: int = 100_000

    def __post_init__(self) -> None:
        if not all(0 < each < math.inf for each in (self.delta, *self.tolerances)):
            raise ValueError("delta and tolerances must be above 0: what is exactly equal is never told apart")
        if not 0 < self.alpha < 0.5:
            raise ValueError(f"alpha: found {self.alpha}; the chance of a wrong choice lies between 0 and 0.5")
        if not 3 <= self.first_stage <= self.ceiling:
            rule = f"it has at least 3 replications, and at most as many as the ceiling, {self.ceiling}"
            raise ValueError(f"first stage: found {self.first_stage}; {rule}")


@dataclass(frozen=True)
class Selection:
    """The chosen one (None where none is left), and of each alternative its fate, replications, means and, in the order
    of `Rules.tolerances`, what its limits leave; `rivals` were within delta of the chosen one when they lost."""

    chosen: int | None
    fates: tuple[str, ...]
    spent: tuple[int, ...]
    means: Reals
    rivals: tuple[int, ...]
    is_sure: bool
    """Whether it ended by its rules, not at the ceiling."""


def closing(beta: float, first_stage: int) -> float:
    """h squared of the triangle that is left on the wrong side with probability `beta`; c = 1."""
    return float((2 * beta) ** (-2 / (first_stage - 1)) - 1) * (first_stage - 1)


@dataclass
class _Race:
    """Sums of those in the race over the same replications, and what is known of them."""

    rules: Rules
    sums: Reals
    n: int
    compare: Reals
    """Spread of differences times h squared, by pair."""
    limit: Reals
    """Spread of what limits leave times h squared, by alternative and limit."""
    fates: list[str]
    spent: list[int]
    kept: NDArray[np.bool_]
    """Limits that are known to be kept."""
    lost: NDArray[np.bool_]
    """Who has lost to whom."""

    @property
    def racing(self) -> list[int]:
        return [at for at, fate in enumerate(self.fates) if fate == RACING]

    def look(self) -> None:
        """Put out who breaks a limit, then who loses to one that keeps all."""
        here = self.racing
        for at in here:
            self._check_limits(at)
        here = self.racing
        room = np.maximum(0.0, self.compare / (2 * self.rules.delta) - self.rules.delta * self.n / 2)
        ahead = self.sums[:, None, 0] - self.sums[None, :, 0]
        for i in here:
            for j in here:
                if i < j and not (self.lost[i, j] or self.lost[j, i]):
                    # Where the triangle has closed even nothing decides: the first of equals wins.
                    if ahead[i, j] > room[i, j] or (room[i, j] == 0 and ahead[i, j] == 0):
                        self.lost[j, i] = True
                    elif -ahead[i, j] > room[i, j]:
                        self.lost[i, j] = True
        sound = [at for at in here if self.kept[at].all()]
        losers = [at for at in here if any(self.lost[at, other] for other in sound)]
        if losers and len(losers) == len(here):
            # Losses of long ago may close a circle; whoever leads it now stays.
            losers.remove(max(losers, key=lambda at: float(self.sums[at, 0])))
        for at in losers:
            self._out(at, BEATEN)

    def _check_limits(self, at: int) -> None:
        for limit, tolerance in enumerate(self.rules.tolerances):
            if self.kept[at, limit]:
                continue
            room = max(0.0, self.limit[at, limit] / (2 * tolerance) - tolerance * self.n / 2)
            left = self.sums[at, 1 + limit]
            if left > room or (room == 0 and left == 0):
                self.kept[at, limit] = True
            elif -left > room:
                self._out(at, BARRED)
                return

    def _out(self, at: int, fate: str) -> None:
        self.fates[at] = fate
        self.spent[at] = self.n


def select(sampler: Sampler, k: int, rules: Rules, told: Told | None = None) -> Selection:
    """The best of k alternatives that keeps all limits."""
    n = rules.first_stage
    race = _started(np.asarray(sampler(range(k), 0, n), np.float64), rules)
    while True:
        race.look()
        here = race.racing
        if told is not None:
            told(len(here), race.n)
        done = not here or (len(here) == 1 and bool(race.kept[here[0]].all()))
        if done or race.n >= rules.ceiling:
            return _ended(race, done)
        more = min(max(1, math.ceil(race.n * rules.growth)), rules.ceiling - race.n)
        race.sums[here] += np.asarray(sampler(here, race.n, more), np.float64).sum(axis=2)
        race.n += more


def _started(rows: Reals, rules: Rules) -> _Race:
    k, parts, n = rows.shape
    limits = parts - 1
    if limits != len(rules.tolerances):
        raise ValueError(f"{limits} limits and {len(rules.tolerances)} tolerances")
    share = rules.alpha / 2 if limits else rules.alpha
    between = closing(share / max(1, k - 1), n)
    within = closing(share / max(1, k * limits), n)
    known: NDArray[np.bool_] = np.asarray(np.isfinite(rows).all(axis=(1, 2)))
    fates = [RACING if each else UNKNOWN for each in known]
    # What is not known takes no part; zeros keep its sums from spoiling others.
    rows = np.where(known[:, None, None], rows, 0.0)
    apart = (rows[:, None, 0] - rows[None, :, 0]).var(axis=2, ddof=1)
    scale = np.abs(rows[:, 0]).max(initial=0.0) ** 2
    return _Race(
        rules,
        rows.sum(axis=2),
        n,
        between * np.where(apart > ROUNDING * scale, apart, 0.0),
        within * rows[:, 1:].var(axis=2, ddof=1),
        fates,
        [n] * k,
        np.zeros((k, limits), np.bool_),
        np.zeros((k, k), np.bool_),
    )


def _ended(race: _Race, is_sure: bool) -> Selection:
    here = race.racing
    for at in here:
        race.spent[at] = race.n
    # At the ceiling the best mean among those that keep their limits, as far as they are known.
    able = [at for at in here if (race.sums[at, 1:] >= 0).all()]
    chosen = max(able, key=lambda at: race.sums[at, 0], default=None)
    if chosen is not None:
        race.fates[chosen] = CHOSEN
    means = race.sums / np.array(race.spent)[:, None]
    rivals = () if chosen is None else _rivals(race, means, chosen)
    return Selection(chosen, tuple(race.fates), tuple(race.spent), means, rivals, is_sure)


def _rivals(race: _Race, means: Reals, chosen: int) -> tuple[int, ...]:
    """Who keeps its limits, as far as they are known, and was less than delta behind."""
    return tuple(
        at
        for at, fate in enumerate(race.fates)
        if fate in (BEATEN, RACING)
        and (means[at, 1:] >= 0).all()
        and means[chosen, 0] - means[at, 0] < race.rules.delta
    )
