"""How sure a credit is: the journeys drawn anew, prospect by prospect, many times, and quantiles of what comes out.

Each prospect is drawn a Poisson number of times with mean 1 (Oza and Russell, 2001; Chamandy et al., 2012): a function
of seed, prospect and draw alone, so neither the order of rows nor pieces of a log matter. Where rows count many
journeys, each count is drawn with its own mean. What it covers is the luck of who came; not whether credit is effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from attribution.jit import kernel
from attribution.journeys.alike import paths_of, summed_up
from attribution.journeys.ragged import Ints, Journeys, Reals
from attribution.models.credit import CreditModel

COVERS = "luck of which prospects came; not whether credit is effect"
LIMITS = np.floor(np.cumsum([np.exp(-1.0) / f for f in np.cumprod([1.0, *range(1, 13)])]) * 2.0**32).astype(np.uint64)
"""Of 2**32 words, how many give at most 0, 1, 2, ... draws."""


def draws(
    journeys: Journeys,
    models: Sequence[CreditModel],
    *,
    resamples: int,
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> tuple[Reals, Reals]:
    """Conversions and value that each model credits in each draw, by draw, model and channel."""
    out = np.zeros((2, resamples, len(models), len(journeys.channels)))
    by_path = [at for at, model in enumerate(models) if not {"time", "milestones"} & set(model.needs)]
    others = [at for at in range(len(models)) if at not in by_path]
    path, example = paths_of(journeys)
    for draw, drawn in enumerate(_drawn(journeys, resamples, seed)):
        if by_path:
            paths = summed_up(drawn, path, example)
            paths = paths.take(paths.converted + paths.lost > 0)
            for at in by_path:
                found = models[at].credit(paths)
                out[:, draw, at] = found.conversions, found.value
        for at in others:
            found = models[at].credit(drawn)
            out[:, draw, at] = found.conversions, found.value
        if progress is not None:
            progress(1)
    return out[0], out[1]


def _drawn(journeys: Journeys, resamples: int, seed: int) -> Iterator[Journeys]:
    """The journeys of each draw: the same ones, with other counts."""
    counted = bool((journeys.converted + journeys.lost > 1).any())
    whose = np.arange(journeys.n) if journeys.prospect is None else journeys.prospect
    each = np.divide(journeys.value, journeys.converted, out=np.zeros(journeys.n), where=journeys.converted > 0)
    times = np.empty(journeys.n)
    for draw in range(resamples):
        if counted:
            rng = np.random.Generator(np.random.Philox(key=np.array([seed, draw], np.uint64)))
            converted = rng.poisson(journeys.converted).astype(float)
            lost = rng.poisson(journeys.lost).astype(float)
            yield replace(journeys, converted=converted, lost=lost, value=converted * each)
        else:
            _times(whose, np.uint64(seed), np.uint64(draw), LIMITS, times)
            yield replace(
                journeys,
                converted=journeys.converted * times,
                lost=journeys.lost * times,
                value=journeys.value * times,
            )


def quantiles(found: Reals, level: float) -> Reals:
    """The lower and upper end of the middle `level` (in per cent) of draws, which are the first dimension."""
    tail = (100.0 - level) / 200.0
    return np.asarray(np.quantile(found, [tail, 1.0 - tail], axis=0))


def times_drawn(whose: Ints, seed: int, draw: int) -> Reals:
    """How often each prospect is drawn."""
    out = np.empty(whose.size)
    _times(whose, np.uint64(seed), np.uint64(draw), LIMITS, out)
    return out


@kernel
def _times(whose, seed, draw, limits, out):
    """Two rounds of the finaliser of SplitMix64 over seed, draw and prospect; the upper half of it is the word."""
    a, b, c = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
    s30, s27, s31, s32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
    key = seed * a + draw
    key = (key ^ (key >> s30)) * b
    key = (key ^ (key >> s27)) * c
    key ^= key >> s31
    for j in range(whose.size):
        x = key + (np.uint64(whose[j]) + np.uint64(1)) * a
        x = (x ^ (x >> s30)) * b
        x = (x ^ (x >> s27)) * c
        word, n = (x ^ (x >> s31)) >> s32, 0
        while n < limits.size and word >= limits[n]:
            n += 1
        out[j] = n
