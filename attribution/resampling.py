"""How sure a credit is: the journeys drawn anew, prospect by prospect, many times, and quantiles of what comes out.

Each prospect is drawn a Poisson number of times with mean 1 (Oza and Russell, 2001; Chamandy et al., 2012): a function
of seed, prospect and draw alone, so neither the order of rows nor pieces of a log matter. Where rows count many
journeys, each count is drawn with its own mean. What it covers is the luck of who came; not whether credit is effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from attribution.journeys.counted import Counted, Log, summed
from attribution.journeys.pieces import Pieces
from attribution.journeys.ragged import Codes, Journeys, Reals
from attribution.models.credit import LANES, CreditModel, Recounts
from attribution.models.sets import MOST, distinct_sets

COVERS = "luck of which prospects came; not whether credit is effect"
ONE_BY_ONE: Final = ("journeys", "conversions")


def draws(
    source: Journeys | Pieces,
    models: Sequence[CreditModel],
    *,
    resamples: int,
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> tuple[Reals, Reals]:
    """Conversions and value that each model credits in each draw, by draw, model and channel.

    Of journeys in pieces, each piece is read once; what is kept is its paths and, by journey, who, which path, and what
    became of it. `progress` is told of draws by what takes longest.
    """
    out = np.zeros((2, resamples, len(models), len(source.channels)))
    at = {reads: [m for m, model in enumerate(models) if model.reads == reads] for reads in LEVELS}
    on_paths, log = [*at["paths"], *at["sets"]], Log()
    tells = "journeys" if at["journeys"] else "paths" if on_paths else ""
    for piece in [source] if isinstance(source, Journeys) else source:
        for reads in ONE_BY_ONE:
            if at[reads]:
                told = progress if reads == tells else None
                some = Counted.one_by_one(piece, all_of=reads == "journeys")
                out[:, :, at[reads]] += _drawn(some, [models[m] for m in at[reads]], resamples, seed, told)
        if on_paths:
            log = log.with_piece(piece)
    if on_paths:
        told = progress if tells == "paths" else None
        out[:, :, on_paths] = _drawn(log.by_path(), [models[m] for m in on_paths], resamples, seed, told)
    if progress is not None and not tells:
        progress(resamples)
    return out[0], out[1]


LEVELS: Final = (*ONE_BY_ONE, "paths", "sets")


def _drawn(
    counted: Counted,
    models: Sequence[CreditModel],
    resamples: int,
    seed: int,
    progress: Callable[[int], None] | None,
) -> Reals:
    """What models credit in each draw: conversions and value by these two, draw, model and channel."""
    recount = _recount_of_all(models, counted.journeys)
    out = np.empty((2, resamples, len(models), len(counted.journeys.channels)))
    # One room for all blocks: the system is slow in giving and taking as much again and again.
    room = np.empty((3, counted.journeys.n, LANES))
    for begin in range(0, resamples, LANES):
        # The last block is as wide as the others, so that nothing is compiled for its width.
        found, upto = recount(*counted.drawn(seed, range(begin, begin + LANES), room)), min(LANES, resamples - begin)
        out[:, begin : begin + upto] = found[:, :upto]
        if progress is not None:
            progress(upto)
    return out


def _recount_of_all(models: Sequence[CreditModel], journeys: Journeys) -> Recounts:
    """The recounts of models by kin; of those that read sets, on the sets that paths are summed up to."""
    places: dict[tuple[bool, str], list[int]] = {}
    for at, model in enumerate(models):
        on_sets = model.reads == "sets" and len(journeys.channels) <= MOST
        places.setdefault((on_sets, model.counted_as.kin), []).append(at)
    sets, of_path = distinct_sets(journeys) if any(on_sets for on_sets, _ in places) else (journeys, None)
    recounts = []
    for (on_sets, _), members in places.items():
        kin = [models[at].counted_as for at in members]
        recounts.append((on_sets, members, type(kin[0]).recounts(kin, sets if on_sets else journeys)))

    def counted(converted: Reals, lost: Reals, value: Reals) -> Reals:
        out = np.empty((2, LANES, len(models), len(journeys.channels)))
        by_path = converted, lost, value
        by_set = by_path if of_path is None else _on_sets(of_path, sets.n, *by_path)
        for on_sets, members, recount in recounts:
            out[:, :, members] = recount(*(by_set if on_sets else by_path))
        return out

    return counted


def _on_sets(of_path: Codes, n: int, converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals, Reals]:
    """Counts of sets from those of paths; of conversions that are worth one, once."""
    conversions, losses = summed(of_path, converted, n), summed(of_path, lost, n)
    return conversions, losses, conversions if value is converted else summed(of_path, value, n)


def quantiles(found: Reals, level: float) -> Reals:
    """The lower and upper end of the middle `level` (in per cent) of draws, which are the first dimension."""
    tail = (100.0 - level) / 200.0
    # Where a quantile of n draws is that of n + 1 places: the usual one leaves one draw in 200 too few outside.
    return np.asarray(np.quantile(found, [tail, 1.0 - tail], axis=0, method="weibull"))
