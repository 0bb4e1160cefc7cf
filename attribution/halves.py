"""Stability: the prospects split in two halves, each credited by itself, and how far apart the two are; many times.

Which half a prospect is in is a function of seed, split and prospect alone, so neither the order of rows nor other
prospects matter. Where rows count many journeys, each of them is somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from attribution.comparison import CAVEAT
from attribution.crediting import credits_of
from attribution.journeys.alike import paths_of, summed_up
from attribution.journeys.pieces import Pieces
from attribution.journeys.ragged import Journeys, Reals
from attribution.models import CreditModel
from attribution.resampling import draws

COVERS: Final = "how far the luck of who came moves credit, at half of the prospects; not whether credit is effect"


def stability(
    journeys: Journeys,
    models: Sequence[CreditModel] | None = None,
    *,
    splits: int = 20,
    seed: int = 0,
    resamples: int = 0,
    progress: Callable[[int], None] | None = None,
) -> xr.Dataset:
    """How far apart the credits of two halves of the prospects are, by model (default: all that journeys suffice for).

    Variables: `apart`, by model and split, half the sum of the differences between shares of credit (0: the same, 1:
    nothing in common); `mean_apart` and `largest_apart` over splits. NaN where a half does not suffice for a model, or
    credits nobody. With `resamples`, `expected_apart` besides: what the bootstrap of the whole says of it. If shares
    have standard errors s, halves are apart by sqrt(2 / pi) times the sum of s, in large samples; a model that lies far
    above is bent by having little to look up, which a bootstrap does not show. `progress` is told of each split.

    Raises ValueError where a model that was asked for cannot be computed, and for journeys in pieces.
    """
    if isinstance(journeys, Pieces):
        raise ValueError("stability: journeys in pieces; split those that fit into memory, of fewer prospects")
    if splits < 1:
        raise ValueError(f"stability: splits: {splits}; it must be at least 1")
    whole = credits_of(journeys, models)
    crediting, apart = _Crediting(journeys), np.full((len(whole.models), splits), np.nan)
    for split in range(splits):
        sides = [crediting.side(*counts) for counts in halves(journeys, seed, split)]
        for at, model in enumerate(whole.models):
            one, other = (side(model) for side in sides)
            apart[at, split] = float(abs(one - other).sum()) / 2.0
        if progress is not None:
            progress(1)
    about = {"units": "1", "covers": COVERS}
    variables: dict[str, Any] = {
        "apart": (("model", "split"), apart, about | {"long_name": "credit placed elsewhere by the other half"}),
        "mean_apart": ("model", _over(apart, np.nanmean), about | {"long_name": "mean of splits"}),
        "largest_apart": ("model", _over(apart, np.nanmax), about | {"long_name": "largest of splits"}),
    }
    if resamples:
        found = _expected(draws(journeys, whole.models, resamples=resamples, seed=seed)[0])
        told = about | {"long_name": "expected of the bootstrap", "resamples": resamples}
        variables["expected_apart"] = ("model", found, told)
    labels = [model.label for model in whole.models]
    skipped = {f"skipped: {label}": why for label, why in whole.skipped.items()}
    attrs = {"says": CAVEAT, "splits": splits, "seed": seed, **skipped}
    return xr.Dataset(variables, coords={"model": labels, "split": np.arange(splits)}, attrs=attrs)


def halves(journeys: Journeys, seed: int, split: int) -> tuple[tuple[Reals, Reals, Reals], tuple[Reals, Reals, Reals]]:
    """What the journeys of each half count: converted, lost and value by journey; together they are those of all."""
    if (journeys.converted + journeys.lost > 1).any():
        rng = np.random.Generator(np.random.Philox(key=np.array([seed, split], np.uint64)))
        converted, lost = _some(journeys.converted, rng), _some(journeys.lost, rng)
        part = np.divide(converted, journeys.converted, out=np.zeros(journeys.n), where=journeys.converted > 0)
        one = converted, lost, journeys.value * part
    else:
        whose = np.arange(journeys.n, dtype=np.uint64) if journeys.prospect is None else journeys.prospect
        is_first = _is_first(whose.astype(np.uint64), seed, split)
        one = journeys.converted * is_first, journeys.lost * is_first, journeys.value * is_first
    return one, (journeys.converted - one[0], journeys.lost - one[1], journeys.value - one[2])


def _some(counts: Reals, rng: np.random.Generator) -> Reals:
    """Of each count the part that is in the first half; what is left of a whole number goes to either."""
    n = np.floor(counts)
    return np.asarray(rng.binomial(n.astype(np.int64), 0.5) + (counts - n) * rng.integers(0, 2, counts.size))


def _is_first(whose: NDArray[np.uint64], seed: int, split: int) -> NDArray[np.bool_]:
    """Whether prospects are in the first half: a bit of the finaliser of SplitMix64, over seed, split and prospect."""
    step = np.uint64(0x9E3779B97F4A7C15)
    key = _mixed(np.array([seed % 2**64], np.uint64) * step + np.uint64(split))
    return np.asarray(_mixed(key + (whose + np.uint64(1)) * step) >> np.uint64(63) == 0)


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


class _Crediting:
    """Shares of credit of a half; paths are looked up once."""

    def __init__(self, journeys: Journeys) -> None:
        self.journeys = journeys
        self.path, example = paths_of(journeys)
        self.paths = summed_up(journeys, self.path, example)

    def side(self, converted: Reals, lost: Reals, value: Reals) -> Callable[[CreditModel], Reals]:
        """The shares of credit by channel, as a function of the model; NaN where there are none."""
        counted = replace(self.journeys, converted=converted, lost=lost, value=value)
        journeys = counted.take(converted + lost > 0)
        summed = [np.asarray(np.bincount(self.path, x, self.paths.n), float) for x in (converted, lost, value)]
        by_path = replace(self.paths, converted=summed[0], lost=summed[1], value=summed[2])
        paths = by_path.take(summed[0] + summed[1] > 0)

        def shares(model: CreditModel) -> Reals:
            n = len(journeys.channels)
            try:
                found = model.credit(paths if model.reads in ("paths", "sets") else journeys).conversions
            except (ValueError, ArithmeticError):
                return np.full(n, np.nan)
            return found / found.sum() if found.sum() else np.full(n, np.nan)

        return shares


def _over(apart: Reals, what: Callable[..., Any]) -> Reals:
    """Over the splits that are known, by model."""
    known = np.isfinite(apart).any(1)
    out = np.full(apart.shape[0], np.nan)
    out[known] = what(apart[known], axis=1)
    return out


def _expected(drawn: Reals) -> Reals:
    """What halves are apart in large samples, by model, from conversions by draw, model and channel.

    A half has twice the variance of the whole, and the difference of two halves four times; the mean of the absolute
    value of a normal variable is its standard deviation times sqrt(2 / pi).
    """
    out = np.full(drawn.shape[1], np.nan)
    for model in range(out.size):
        total = drawn[:, model].sum(-1)
        some = total != 0
        if some.sum() > 1:
            shares = drawn[some, model] / total[some, None]
            out[model] = np.sqrt(2.0 / np.pi) * shares.std(axis=0, ddof=1).sum()
    return out
