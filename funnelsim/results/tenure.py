"""Who was employed when: the spells of each place, as the plan or the draws of a replication have them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from funnelsim.engines import asked
from funnelsim.plan.features import ATTRITION
from funnelsim.results.run import Reals, Run

Ticks = NDArray[np.int64]


class Spell(NamedTuple):
    """From its first tick to before its last a rep is employed in a place."""

    rep: int
    nth: int
    start: int
    until: int


def spells(run: Run) -> list[list[Spell]]:
    """The spells of all places: by replication where reps leave by themselves, else once for all of them."""
    reps = run.compiled.plan["reps"]
    if not int(run.compiled.plan["terms"][0]["uses"]) & ATTRITION:
        return [[Spell(at, 0, *row) for at, row in enumerate(reps[["start", "until"]].tolist())]]
    keys = [asked.replication_key(np.uint64(run.seed), run.first + at) for at in range(run.n)]
    return [[spell for at in range(reps.size) for spell in _of_place(run, key, at)] for key in keys]


def _of_place(run: Run, key: int, rep: int) -> Iterator[Spell]:
    """The reps of one place, one after the other."""
    plan = run.compiled.plan
    start, until = max(0, int(plan["reps"]["start"][rep])), int(plan["reps"]["until"][rep])
    horizon, nth = int(plan["terms"][0]["horizon"]), 0
    while start < min(until, horizon):
        left = asked.leaves_at(plan.address, key, rep, nth, start)
        yield Spell(rep, nth, start, min(left, until))
        if left >= horizon:
            return
        start, nth = asked.successor_at(plan.address, key, rep, nth, left), nth + 1


def by_bucket(run: Run, read: Callable[[int, Ticks], Reals]) -> Reals:
    """How much of each bucket each place was filled, by what a clock of the place's reads: shape (replications or 1,
    buckets, places)."""
    held = spells(run)
    out = np.zeros((len(held), run.edges.size - 1, len(run.compiled.reps)))
    for row, those in zip(out, held, strict=True):
        for spell in those:
            begin, end = np.maximum(run.edges[:-1], spell.start), np.minimum(run.edges[1:], spell.until)
            here = read(spell.rep, end) - read(spell.rep, np.minimum(begin, end))
            row[:, spell.rep] += np.where(begin < end, here, 0)
    return out
