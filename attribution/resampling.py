"""How sure a credit is: the journeys drawn anew, prospect by prospect, many times, and quantiles of what comes out.

Each prospect is drawn a Poisson number of times with mean 1 (Oza and Russell, 2001; Chamandy et al., 2012): a function
of seed, prospect and draw alone, so neither the order of rows nor pieces of a log matter. Where rows count many
journeys, each count is drawn with its own mean. What it covers is the luck of who came; not whether credit is effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.alike import paths_of, summed_up
from attribution.journeys.drawing import times_drawn
from attribution.journeys.ragged import Journeys, Reals
from attribution.models.credit import CreditModel
from attribution.models.sets import MOST, distinct_sets

COVERS = "luck of which prospects came; not whether credit is effect"


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
    levels = [level for level in LEVELS if any(model.reads == level for model in models)]
    grouped = {level: _grouped(journeys, level) for level in levels}
    recounts = [(model.reads, model.recount(grouped[model.reads].journeys)) for model in models]
    for begin in range(0, resamples, LANES):
        # The last block is as wide as the others, so that nothing is compiled for its width.
        counts = _drawn(journeys, seed, range(begin, begin + LANES))
        upto = min(LANES, resamples - begin)
        summed = {level: grouped[level].summed(*counts) for level in levels}
        for at, (level, recount) in enumerate(recounts):
            conversions, value = recount(*summed[level])
            out[0, begin : begin + upto, at], out[1, begin : begin + upto, at] = conversions[:upto], value[:upto]
        if progress is not None:
            progress(upto)
    return out[0], out[1]


LANES = 8
"""Draws that are counted at once."""
LEVELS = ("journeys", "conversions", "paths", "sets")


@dataclass(frozen=True)
class _Grouped:
    """Journeys counted together as a model may, and the group of each journey; -1 of those that do not count."""

    journeys: Journeys
    group: NDArray[np.int32]

    def summed(self, converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals, Reals]:
        """The counts of the groups, by group and lane, from those of journeys."""
        out = np.zeros((3, self.journeys.n, LANES))
        _sum(self.group, converted, lost, value, out)
        return out[0], out[1], out[2]


def _grouped(journeys: Journeys, level: str) -> _Grouped:
    """What a level tells apart."""
    if level == "journeys":
        return _Grouped(journeys, np.arange(journeys.n, dtype=np.int32))
    if level == "conversions":
        counts = (journeys.converted > 0) | (journeys.value != 0)
        return _Grouped(journeys.take(counts), np.where(counts, np.cumsum(counts) - 1, -1).astype(np.int32))
    path, example = paths_of(journeys)
    paths = summed_up(journeys, path, example)
    if level == "paths" or len(journeys.channels) > MOST:
        return _Grouped(paths, path)
    sets, of_path = distinct_sets(paths)
    return _Grouped(sets, of_path[path])


def _drawn(journeys: Journeys, seed: int, which: range) -> tuple[Reals, Reals, Reals]:
    """What some draws count: converted, lost and value by journey and draw."""
    if (journeys.converted + journeys.lost > 1).any():
        each = np.divide(journeys.value, journeys.converted, out=np.zeros(journeys.n), where=journeys.converted > 0)
        found = np.empty((2, journeys.n, len(which)))
        for lane, draw in enumerate(which):
            rng = np.random.Generator(np.random.Philox(key=np.array([seed, draw], np.uint64)))
            found[0, :, lane], found[1, :, lane] = rng.poisson(journeys.converted), rng.poisson(journeys.lost)
        return found[0], found[1], found[0] * each[:, None]
    whose = np.arange(journeys.n, dtype=np.uint64) if journeys.prospect is None else journeys.prospect
    times = np.stack([times_drawn(whose, seed, draw) for draw in which], axis=1)
    return journeys.converted[:, None] * times, journeys.lost[:, None] * times, journeys.value[:, None] * times


def quantiles(found: Reals, level: float) -> Reals:
    """The lower and upper end of the middle `level` (in per cent) of draws, which are the first dimension."""
    tail = (100.0 - level) / 200.0
    # Where a quantile of n draws is that of n + 1 places: the usual one leaves one draw in 200 too few outside.
    return np.asarray(np.quantile(found, [tail, 1.0 - tail], axis=0, method="weibull"))


@kernel
def _sum(group, converted, lost, value, out):
    for j in range(group.size):
        g = group[j]
        if g >= 0:
            for d in range(out.shape[2]):
                out[0, g, d] += converted[j, d]
                out[1, g, d] += lost[j, d]
                out[2, g, d] += value[j, d]
