"""Which of several may be the best: those that no other is known to beat.

Only comparisons of the true best with the others must hold, so k alternatives share the level among k - 1 one-sided
intervals, whichever looks best in the sample; with common random numbers the pairs are not independent, so Bonferroni
(Nelson, Swann, Goldsman and Song 2001, screening of one stage, with paired spreads). The best is among those that are
left with at least the probability of the level, for normal data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from funnelsim.studies.paired import ROUNDING, Sample


def contenders(samples: Sequence[Sample], better: int, level: float = 0.95) -> NDArray[np.bool_]:
    """Of each sample whether it may be the best; `better` is 1 where more is, -1 where less is."""
    from scipy.special import stdtrit

    values = better * np.array([each.value for each in samples])
    n, k = samples[0].n, len(samples)
    known = np.isfinite(values)
    if n < 2 or k < 2:
        return np.asarray(known, np.bool_)
    influences = np.array([each.influences() for each in samples])
    products = influences @ influences.T / (n * (n - 1))
    apart = np.add.outer(np.diag(products), np.diag(products))
    # What is left of a difference that is the same in every replication is rounding.
    squares = np.where(apart - 2 * products > ROUNDING**0.5 * apart, apart - 2 * products, 0.0)
    half = float(stdtrit(n - 1, 1 - (1 - level) / (k - 1))) * np.sqrt(squares)
    with np.errstate(invalid="ignore"):
        beaten = (values[None, :] - values[:, None] > half).any(axis=1)
    found: NDArray[np.bool_] = known & ~beaten
    return found
