"""The quality of a score: the chance that of two newcomers the one with more intent also has the higher score.

This is the area under the curve that shows how well a score tells high intent from low (AUC), for intent that is a
number and not a yes or no: (1 + Kendall's tau) / 2, half for good luck and half for bad where intents or scores are
equal. It is said of newcomers, before any touch, and worked out exactly: of two kinds of newcomers the differences of
intent and of score are jointly normal, and both have the same sign with a probability known by Owen's function T
(Owen, Tables for computing bivariate normal probabilities, 1956). Of one kind it is 1/2 + asin(r) / pi, with r the
correlation of intent and score (Sheppard 1899).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from funnelsim.scenario.newcomers import Kinds, kinds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from funnelsim.scenario.model import Scenario

    Floats = NDArray[np.float64]

MOST_KINDS: Final = 200
"""Kinds of newcomers of which all pairs are looked at."""
CLOSE: Final = 1e-12
_LOUDEST, _QUIETEST, _STEPS, _HALVINGS = 2.0**20, 2.0**-20, 41, 60


def auc(kinds: Kinds, weight: float, noise: float) -> float:
    """The AUC of a score that is `weight` times intent, what fit adds, and noise; nan if there are no newcomers."""
    a, b = np.triu_indices(kinds.numbers.size)
    shares = kinds.numbers / kinds.numbers.sum()
    twice = np.where(a == b, 1.0, 2.0)
    more, variance = kinds.means[a] - kinds.means[b], kinds.sds[a] ** 2 + kinds.sds[b] ** 2
    agree = agreement(more, variance, weight, kinds.fits[a] - kinds.fits[b], math.sqrt(2.0) * noise)
    return float((twice * shares[a] * shares[b] * agree).sum()) if shares.size else math.nan


def agreement(mean: Floats, variance: Floats, weight: float, shift: Floats, noise: float) -> Floats:
    """The chance that U, which is normal, and weight U + shift + noise Z have the same sign; half of it where one is 0.

    Elementwise; a variance may be 0, and so may the noise.
    """
    sure = variance == 0.0
    spread = np.sqrt(np.where(sure, 1.0, variance))
    score = weight * mean + shift
    if noise == 0.0:
        of_spread = _without_noise(mean / spread, spread, weight, shift)
        right = (1.0 + np.sign(score)) / 2.0
    else:
        from scipy.special import ndtr

        of_spread = _with_noise(mean, spread, weight, shift, noise)
        right = ndtr(score / noise)
    of_sure = np.where(mean == 0.0, 0.5, np.where(mean > 0.0, right, 1.0 - right))
    return np.where(sure, of_sure, of_spread)


def _without_noise(place: Floats, spread: Floats, weight: float, shift: Floats) -> Floats:
    """The signs differ only between the zero of one line and that of the other; `place` is the mean in spreads."""
    from scipy.special import ndtr

    if weight == 0.0:
        return np.where(shift == 0.0, 0.5, ndtr(np.sign(shift) * place))
    between = np.abs(ndtr(-shift / weight / spread - place) - ndtr(-place))
    return np.asarray(1.0 - between if weight > 0.0 else between)


def _with_noise(mean: Floats, spread: Floats, weight: float, shift: Floats, noise: float) -> Floats:
    """Owen's formula for both signs together, its arguments written so that no digits cancel for little noise."""
    from scipy.special import owens_t

    score = weight * mean + shift
    h, k = mean / spread, score / np.hypot(weight * spread, noise)
    of_h = owens_t(h, _slope(shift * spread, mean * noise))
    of_k = owens_t(k, _slope(mean * noise**2 - weight * spread**2 * shift, score * spread * noise))
    # A zero has the sign of what it leads to from above, in this and in `_slope`.
    same = (h >= 0.0) == (k >= 0.0)
    found = np.where(same, 1.0, 0.0) - 2.0 * of_h - 2.0 * of_k
    both_zero = (mean == 0.0) & (score == 0.0)
    return np.where(both_zero, 0.5 + np.arctan(weight * spread / noise) / np.pi, found)


def _slope(numerator: Floats, denominator: Floats) -> Floats:
    """A quotient; over 0 it is infinite, with the sign of the numerator."""
    flat = denominator == 0.0
    return np.where(flat, np.copysign(np.inf, numerator), numerator / np.where(flat, 1.0, denominator))


def best_auc(kinds: Kinds, weight: float) -> float:
    """The highest AUC that some noise gives: as a rule without any, but where fit misleads, noise may help."""
    return max(auc(kinds, weight, noise) for noise in _levels(kinds, weight))


def noise_for(kinds: Kinds, weight: float, wanted: float) -> float | None:
    """The noise that gives an AUC above one half, the largest where several do; None where none does."""
    louder = math.inf
    for noise in _levels(kinds, weight):
        if auc(kinds, weight, noise) >= wanted - CLOSE:
            return None if louder == math.inf else _between(kinds, weight, wanted, noise, louder)
        louder = noise
    return None


def _levels(kinds: Kinds, weight: float) -> list[float]:
    """Weights of noise, descending to none, close to each other around the one that gives the highest AUC."""
    shares = kinds.numbers / kinds.numbers.sum()
    signals = weight * kinds.means + kinds.fits
    around = signals - (shares * signals).sum()
    scale = math.sqrt((shares * ((weight * kinds.sds) ** 2 + around**2)).sum())
    if scale == 0.0:
        return [1.0, 0.0]
    levels = [*np.geomspace(_LOUDEST * scale, _QUIETEST * scale, _STEPS).tolist(), 0.0]
    at = int(np.argmax([auc(kinds, weight, noise) for noise in levels]))
    close = np.linspace(levels[max(0, at - 1)], levels[min(at + 1, len(levels) - 1)], _STEPS).tolist()
    return sorted({*levels, *close}, reverse=True)


def _between(kinds: Kinds, weight: float, wanted: float, low: float, high: float) -> float:
    """The noise from low, where the AUC is high enough, to high, where it is not; by bisection."""
    if auc(kinds, weight, low) <= wanted + CLOSE:
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if auc(kinds, weight, middle) >= wanted else (low, middle)
    return low


def with_noise(scenario: Scenario) -> Scenario:
    """A sound scenario whose score has the noise that gives the AUC it asks for, if it asks for one."""
    score = scenario.score
    if score.auc is None:
        return scenario
    noise = noise_for(kinds_of(scenario), score.intent, score.auc)
    assert noise is not None
    return scenario.model_copy(update={"score": score.model_copy(update={"noise": noise})})
