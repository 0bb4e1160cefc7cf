"""Which assumptions matter: how much of the variance of an outcome each one explains, from draws that are there.

Squared semi-partial rank correlations (Saltelli and Marivoet 1990; Helton and Davis 2003, section 6.6): outcome and
assumptions are replaced by their ranks, the outcome is regressed on all assumptions at once, and the share of one is
what is lost when it alone is left out. Ranks see every effect that goes one way; an effect that turns round, and one
that two correlated assumptions share, is nobody's. Luck is part of the variance and is nobody's either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
RESAMPLES: Final = 1000
STREAM: Final = 0xB007
METHOD: Final = "squared semi-partial rank correlations (Saltelli and Marivoet 1990), bootstrap over draws"


@dataclass(frozen=True)
class Importance:
    """By assumption: the share of the variance with its ends, the direction (1, -1; 0 not known), and the share of
    resamples in which it came first."""

    share: Reals
    low: Reals
    high: Reals
    direction: Reals
    first: Reals


def importance(assumed: Reals, outcome: Reals, *, seed: int, level: float = 0.95) -> Importance:
    """How the outcome, by draw and replication, hangs on what was assumed, by draw and assumption.

    nan where there are fewer than four draws more than assumptions. Shares are freed of the variance of their
    correlation, which their squares would add.
    """
    n, count = assumed.shape
    if n < count + 4:
        nothing = np.full(count, np.nan)
        return Importance(nothing, nothing, nothing, np.zeros(count), np.zeros(count))
    moments = _moments(assumed, outcome)
    rng = np.random.default_rng([STREAM, seed])
    weights = rng.multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES).astype(np.float64)
    found = semi_partial(moments, np.ones((1, n)))[0]
    resampled = semi_partial(moments, weights)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(resampled, [tail, 1.0 - tail], axis=0)
    crosses = low * high <= 0.0
    ends = np.sort(np.abs([low, high]), axis=0)
    return Importance(
        share=np.maximum(0.0, found**2 - resampled.var(axis=0)),
        low=np.where(crosses, 0.0, ends[0] ** 2),
        high=ends[1] ** 2,
        direction=np.where(crosses, 0.0, np.sign(found)),
        first=np.bincount(np.argmax(resampled**2, axis=1), minlength=count) / RESAMPLES,
    )


def _moments(assumed: Reals, outcome: Reals) -> Reals:
    """Of each draw the products of 1, its ranks and its outcome's rank, summed over replications and flattened."""
    from scipy.stats import rankdata

    n, count = assumed.shape
    ranks = rankdata(outcome).reshape(outcome.shape)
    # Centred, so that sums of squares keep their digits.
    ranks -= ranks.mean()
    columns = np.column_stack([rankdata(assumed[:, at]) - (n + 1) / 2 for at in range(count)])
    rows = np.column_stack([np.ones(n), columns, ranks.mean(axis=1)])
    products = rows[:, :, None] * rows[:, None, :]
    products[:, -1, -1] = (ranks**2).mean(axis=1)
    return np.asarray(products.reshape(n, -1))


def semi_partial(moments: Reals, weights: Reals) -> Reals:
    """Semi-partial correlations by row of weights and assumption: those of the draws, weighted."""
    size = round(moments.shape[1] ** 0.5)
    sums = (weights @ moments).reshape(-1, size, size)
    total = sums[:, 0, 0]
    means = sums[:, 0, :] / total[:, None]
    cov = sums / total[:, None, None] - means[:, :, None] * means[:, None, :]
    sd = np.sqrt(np.maximum(np.diagonal(cov, axis1=1, axis2=2), 0.0))[:, 1:]
    # What does not vary goes with nothing.
    scale = np.where(sd > 0.0, sd, np.inf)
    correlations = cov[:, 1:, 1:] / (scale[:, :, None] * scale[:, None, :])
    among, with_outcome = correlations[:, :-1, :-1].copy(), correlations[:, :-1, -1]
    at = np.arange(size - 2)
    among[:, at, at] = 1.0 + 1e-12
    inverse = np.linalg.inv(among)
    slopes = np.einsum("bij,bj->bi", inverse, with_outcome)
    return np.asarray(slopes / np.sqrt(np.diagonal(inverse, axis1=1, axis2=2)))
