"""Which order a chain of journeys should have: how well each foresees journeys that it was not fitted to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from attribution.journeys.folds import Folds, folds_of
from attribution.journeys.ragged import Ints, Journeys, Reals

CRITERIA: Final = ("log_likelihood", "auc")
EQUAL: Final = 1e-9
"""What two orders may differ by, relative, and be as good."""


def choose_order(
    journeys: Journeys, orders: Sequence[int] = (1, 2, 3, 4), folds: int = 5, seed: int = 0, *, smoothing: float = 1.0
) -> xr.Dataset:
    """How well chains of each `order` foresee the journeys of each `fold` when fitted to the other folds.

    `log_likelihood`, in nats per touch: of every touch and of how the journey ends, given the touches before, as the
    chain of the order sees them (repeats of a window count too, which credit does not look at). The chance of a step
    after a window is (n(window, step) + smoothing x chance after the window without its earliest touch) /
    (n(window) + smoothing), down to no window at all and to equal chances of all steps: no step is impossible (MacKay
    and Peto, 1995, with one weight). `auc`: the chance that a journey that converted has a higher score than one that
    was lost, ties being half, the score being the chance to convert rather than be lost after the last window. They
    answer different questions, how journeys go on and who converts. Each is the mean over folds; `..._error` is its
    standard error over folds, `..._by_fold` has the folds (NaN where a fold has nothing to say). Attributes
    `chosen_log_likelihood` and `chosen_auc` name the lowest of the best orders.

    Folds hold whole prospects, by seed and the prospect's number. Raises ValueError for orders or folds that there are
    not, and where no journey has a touch.
    """
    orders = _checked(orders, smoothing)
    dealt = folds_of(journeys, folds, seed=seed)
    if dealt.paths.n == 0:
        raise ValueError("choose_order: no journey has a touch; a chain is made of touches")
    found = np.full((len(CRITERIA), len(orders), folds), np.nan)
    for order, chances in enumerate(_foreseen(dealt, max(orders), smoothing)):
        if order in orders:
            found[:, orders.index(order)] = _measured(dealt, chances)
    return _dataset(orders, found, {"folds": folds, "seed": seed, "smoothing": smoothing})


def best_order(table: xr.Dataset, criterion: str) -> int:
    """The lowest of the orders of `choose_order` that are best by a criterion. Raises ValueError where none is."""
    if criterion not in CRITERIA:
        raise ValueError(f"choose_order: no criterion {criterion!r}; known are {', '.join(CRITERIA)}")
    chosen = int(table.attrs[f"chosen_{criterion}"])
    if chosen == 0:
        raise ValueError(f"choose_order: no fold has both kinds of journeys that {criterion} needs, converted and lost")
    return chosen


def auc_of(score: Reals, won: Reals, lost: Reals) -> float:
    """The chance that one of those who won has a higher score than one who lost, ties being half; NaN without both."""
    if not (won.sum() > 0 and lost.sum() > 0):
        return float("nan")
    # What differs by rounding alone is equal.
    scores, at = np.unique(np.round(score, 12), return_inverse=True)
    wins, losses = (np.bincount(at, each, scores.size) for each in (won, lost))
    below = np.cumsum(losses) - losses / 2.0
    return float(wins @ below / (wins.sum() * losses.sum()))


def _checked(orders: Sequence[int], smoothing: float) -> list[int]:
    found = sorted(set(orders))
    if not found or found[0] < 1:
        raise ValueError(f"choose_order: orders {tuple(orders)}; they are numbers from 1 on, at least one")
    if not 0 < smoothing < np.inf:
        raise ValueError(f"choose_order: a smoothing of {smoothing:g}; it must be more than 0")
    return found


def _dataset(orders: list[int], found: Reals, about: dict[str, float]) -> xr.Dataset:
    units = {"log_likelihood": "nats per touch", "auc": "1"}
    variables: dict[str, Any] = {}
    for name, by_fold in zip(CRITERIA, found, strict=True):
        # A fold that has nothing to say has nothing to say at every order.
        known = by_fold[:, np.isfinite(by_fold).all(0)]
        n = known.shape[1]
        mean = known.mean(1) if n else np.full(len(orders), np.nan)
        error = known.std(1, ddof=1) / np.sqrt(n) if n > 1 else np.full(len(orders), np.nan)
        said = {"units": units[name], "long_name": f"held-out {name}"}
        variables[name] = ("order", mean, said)
        variables[f"{name}_error"] = ("order", error, {**said, "long_name": f"standard error of held-out {name}"})
        variables[f"{name}_by_fold"] = (("order", "fold"), by_fold, said)
        top = mean.max() - EQUAL * abs(mean.max())
        about[f"chosen_{name}"] = next((order for order, each in zip(orders, mean, strict=True) if each >= top), 0)
    return xr.Dataset(variables, {"order": orders, "fold": np.arange(found.shape[2])}, about)


def _measured(dealt: Folds, chances: Reals) -> tuple[Reals, Reals]:
    """Log-likelihood per touch, and AUC, by fold, from chances by fold and step."""
    weights = _weights(dealt)
    sizes, n_paths = np.diff(dealt.paths.offsets), dealt.paths.n
    touches = sizes @ (dealt.converted + dealt.lost)
    total = (weights.T * np.log(chances)).sum(1)
    value = np.divide(total, touches, out=np.full(touches.size, np.nan), where=touches > 0)
    wins, loses = chances[:, -2 * n_paths : -n_paths], chances[:, -n_paths:]
    scores = wins / (wins + loses)
    folds = zip(scores, dealt.converted.T, dealt.lost.T, strict=True)
    return value, np.array([auc_of(*each) for each in folds])


def _weights(dealt: Folds) -> Reals:
    """How often each step is made, by step and fold: touches in a row, then all conversions, then all losses."""
    whose = np.repeat(np.arange(dealt.paths.n), np.diff(dealt.paths.offsets))
    return np.concatenate([(dealt.converted + dealt.lost)[whose], dealt.converted, dealt.lost])


def _foreseen(dealt: Folds, most: int, smoothing: float) -> Iterator[Reals]:
    """The chance of each step, fitted to the other folds, by fold and step; for windows of 0, 1, ... touches."""
    paths, weights = dealt.paths, _weights(dealt)
    base, sizes = len(paths.channels) + 3, np.diff(paths.offsets)
    if base ** (most + 1) >= 2**62:
        raise ValueError(f"order {most} of {base - 3} channels has more states than there are numbers")
    begins = np.concatenate([np.repeat(paths.offsets[:-1], sizes), paths.offsets[:-1], paths.offsets[:-1]])
    places = np.concatenate([np.arange(paths.n_touches), paths.offsets[1:], paths.offsets[1:]])
    ends = np.repeat([base - 2, base - 1], paths.n)
    steps = np.concatenate([paths.channel.astype(np.int64) + 1, ends])
    window = np.zeros(steps.size, np.int64)
    out = np.full((weights.shape[1], steps.size), 1.0 / (np.unique(paths.channel).size + 2))
    for depth in range(most + 1):
        before = places - depth >= begins
        if depth > 0:
            window += np.where(before, paths.channel[np.maximum(places - depth, 0)].astype(np.int64) + 1, 0) * (
                base ** (depth - 1)
            )
        # A window that already reaches to the start says nothing more when it is longer.
        more = places - depth >= begins - 1
        counts = _others(window * base + steps, weights)
        of = _others(window, weights)
        out = np.where(more, (counts + smoothing * out) / (of + smoothing), out)
        yield out


def _others(numbers: Ints, weights: Reals) -> Reals:
    """How often what has a number happens in the other folds, by fold and step."""
    known, at = np.unique(numbers, return_inverse=True)
    sums = np.stack([np.bincount(at, each, known.size) for each in weights.T])
    others: NDArray[np.float64] = np.maximum(sums.sum(0) - sums, 0.0)
    return others[:, at]
