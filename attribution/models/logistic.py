"""Credit by coefficients of logistic regression, averaged over draws of prospects and of channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from attribution.journeys.alike import paths_of
from attribution.journeys.cells import cells_of
from attribution.journeys.drawing import times_drawn
from attribution.journeys.ragged import Ints, Journeys, Reals
from attribution.models.credit import Credit, CreditModel

NEWTON: Final = 100
"""Most steps of one fit; ten are many."""
HALVINGS: Final = 30
CLOSE: Final = 1e-12
"""What a step may still gain where the function is a parabola to it."""
DONE: Final = 1e-20


@dataclass(frozen=True)
class BaggedLogistic(CreditModel):
    """Each conversion is shared among the channels of its journey in proportion to their positive coefficients.

    Shao and Li (2011), section 3.1. Whether a journey converts is regressed on an intercept and on which channels it
    has (with `counts`, on how many touches of each), in `bags` fits: prospects are drawn anew, a Poisson number of
    times with mean 1 each, and of the channels a share `channels`, at least one, without replacement. A channel's
    coefficient is its mean over the fits that had it. `bags=0` is one fit of everything, without a draw.

    A fit is the one maximum of the mean log-likelihood of a journey less ridge/2 x the sum of all squares of
    coefficients, the intercept among them: a channel whose journeys all convert gets a large coefficient, not an
    infinite one. Credit: in a converting journey a channel contributes max(0, coefficient) x what the fit sees of it
    (1, or its touches); each gets its part of the sum. A journey without a positive contribution credits nobody: it is
    counted in `unexplained`. Coefficients compare journeys, not people with and without a channel: a conversion ends a
    journey, those who wait collect more channels, and where that outweighs what channels do all coefficients are
    negative.
    """

    name: ClassVar[str] = "bagged_logistic"
    needs: ClassVar[tuple[str, ...]] = ("lost",)
    bags: int = 100
    channels: float = 0.5
    counts: bool = False
    ridge: float = 1e-8
    seed: int = 0

    def __post_init__(self) -> None:
        if self.bags < 0:
            raise ValueError(f"{self.name}: {self.bags} bags; they are 0 (one fit of everything) or more")
        if not 0 < self.channels <= 1:
            raise ValueError(f"{self.name}: a share of {self.channels:g} of channels; it is more than 0 and at most 1")
        if not 0 < self.ridge < np.inf:
            raise ValueError(f"{self.name}: a ridge of {self.ridge:g}; it must be more than 0")

    def credit(self, journeys: Journeys, *, by_touch: bool = False) -> Credit:
        """The credit of each channel; with `by_touch`, of each touch too.

        Touches of one channel in a journey get the same. Besides, by channel: `coefficients` (log-odds; NaN where no
        fit had the channel), `spread` (their standard deviation over fits) and `fits` (how many had it); and the mean
        `intercept`, and `unexplained`, conversions.
        """
        self.check(journeys)
        sight = sight_of(journeys, self.counts)
        n = len(journeys.channels)
        fitted, intercepts = np.full((max(1, self.bags), n), np.nan), np.empty(max(1, self.bags))
        for at, (hits, misses, drawn) in enumerate(self._draws(journeys, sight)):
            coefficients = fit(sight.seen[:, drawn], hits, misses, self.ridge)
            intercepts[at], fitted[at, drawn] = coefficients[0], coefficients[1:]
        fits = np.isfinite(fitted).sum(0)
        held = np.where(np.isfinite(fitted), fitted, 0.0)
        mean = np.divide(held.sum(0), fits, out=np.full(n, np.nan), where=fits > 0)
        apart = np.where(np.isfinite(fitted), fitted - mean, 0.0)
        shares, explained = _shares(sight, np.nan_to_num(mean))
        counts = sight.summed(journeys.converted, journeys.value)
        found = counts @ shares
        return Credit(
            found[0],
            found[1],
            _of_touches(journeys, sight, shares) if by_touch else None,
            {
                "coefficients": mean,
                "spread": np.sqrt((apart**2).sum(0) / np.maximum(1, fits - 1)),
                "fits": fits,
                "intercept": float(intercepts.mean()),
                "unexplained": float(counts[0, ~explained].sum()),
            },
        )

    def _draws(self, journeys: Journeys, sight: _Sight) -> Iterator[tuple[Reals, Reals, Ints]]:
        """Conversions and losses by pattern, and the channels that are looked at, for each fit."""
        occur = np.flatnonzero(sight.seen.any(0))
        whole = sight.summed(journeys.converted, journeys.lost)
        if self.bags == 0:
            yield whole[0], whole[1], occur
        some = max(1, round(self.channels * occur.size))
        for bag in range(self.bags):
            rng = np.random.Generator(np.random.Philox(key=np.array([self.seed, bag], np.uint64)))
            drawn = occur[np.sort(rng.permutation(occur.size)[:some])]
            if journeys.prospect is None:
                # Each journey is somebody else's: counts of a pattern are drawn at once.
                hits, misses = rng.poisson(whole).astype(float)
            else:
                times = times_drawn(journeys.prospect, self.seed, bag)
                hits, misses = sight.summed(journeys.converted * times, journeys.lost * times)
            yield hits, misses, drawn


@dataclass(frozen=True)
class _Sight:
    """What a fit sees: patterns of channels, by pattern and channel, and the pattern of each journey."""

    seen: Reals
    pattern: Ints

    def summed(self, *counts: Reals) -> Reals:
        """Counts of journeys, by row and pattern."""
        return np.array([np.bincount(self.pattern, row, self.seen.shape[0]) for row in counts])


def sight_of(journeys: Journeys, counts: bool) -> _Sight:
    """The patterns in the order of their numbers, so that the order of journeys does not matter."""
    path, example = paths_of(journeys)
    sizes, n = np.diff(journeys.offsets)[example], len(journeys.channels)
    row = np.repeat(np.arange(example.size), sizes)
    ahead = np.arange(row.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    touches = journeys.channel[journeys.offsets[example][row] + ahead]
    seen = np.bincount(row * n + touches, minlength=example.size * n).reshape(example.size, n)
    if counts:
        patterns, of_path = np.unique(seen, axis=0, return_inverse=True)
    else:
        packed, of_path = np.unique(np.packbits(seen > 0, axis=1), axis=0, return_inverse=True)
        patterns = np.unpackbits(packed, axis=1, count=n).astype(np.int64)
    return _Sight(patterns.astype(float), of_path.ravel()[path])


def fit(seen: Reals, hits: Reals, misses: Reals, ridge: float) -> Reals:
    """The intercept and coefficients at the maximum of the mean log-likelihood less ridge/2 times their squares.

    `seen` is by pattern and channel; `hits` and `misses` count the journeys of each pattern. All 0 where there are
    none. Newton's steps, halved where they go down: the function is strictly concave, so there is one maximum. Raises
    ArithmeticError if it is not reached.
    """
    of = hits + misses
    kept = of > 0
    x = np.column_stack([np.ones(kept.sum()), seen[kept]])
    total = float(of.sum())
    here = np.zeros(x.shape[1])
    if total == 0.0:
        return here
    share, weight = hits[kept] / total, of[kept] / total
    value = _value(x @ here, here, share, weight, ridge)
    for _ in range(NEWTON):
        p = 0.5 + 0.5 * np.tanh(0.5 * (x @ here))
        slope = x.T @ (share - weight * p) - ridge * here
        bend = (x.T * (weight * p * (1.0 - p))) @ x + ridge * np.eye(here.size)
        move = np.linalg.solve(bend, slope)
        gain = float(slope @ move)
        if gain < CLOSE:
            # So close that rounding hides whether the value went up: whole steps, which are right here.
            here = here + move
            if gain < DONE:
                return here
            continue
        for halving in range(HALVINGS):
            there = here + 0.5**halving * move
            reached = _value(x @ there, there, share, weight, ridge)
            if reached > value:
                break
        here, value = there, reached
    raise ArithmeticError(f"bagged_logistic: no maximum after {NEWTON} steps; give a larger ridge than {ridge:g}")


def _value(eta: Reals, coefficients: Reals, share: Reals, weight: Reals, ridge: float) -> float:
    return float(share @ eta - weight @ np.logaddexp(0.0, eta) - 0.5 * ridge * (coefficients @ coefficients))


def _shares(sight: _Sight, coefficients: Reals) -> tuple[Reals, NDArray[np.bool_]]:
    """Each channel's share of a conversion, by pattern and channel; and which patterns some channel explains."""
    parts = sight.seen * np.maximum(coefficients, 0.0)
    total = parts.sum(1)
    explained: NDArray[np.bool_] = total > 0
    return np.divide(parts, total[:, None], out=np.zeros_like(parts), where=explained[:, None]), explained


def _of_touches(journeys: Journeys, sight: _Sight, shares: Reals) -> Reals:
    """Each touch's share of a conversion."""
    cells = cells_of(journeys)
    return cells.evenly(shares[sight.pattern[cells.journey], cells.channel])
