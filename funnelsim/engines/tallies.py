"""What is counted: whole numbers only, so that the order of counting cannot matter.

Areas are integrals of a number over time in ticks: kept as a running sum of plus and minus the tick of each change, and
closed at every mark. Everything begins to count at the end of the warm-up.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.jit import part
from funnelsim.core.rows import NUMBER, Frame, Layout, numbers
from funnelsim.engines.store import BINS_AN_OCTAVE
from funnelsim.plan.layout import mark_at

QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)

_STAGE = ("bucket", "stage")
_CELL = ("bucket", "cell")
TABLES: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "stage_pages": (
        _STAGE,
        (
            "entries",
            "reached",  # by cohort: the bucket of birth
            "stage_time",  # ticks of those who left
            "stage_area",
            "line_area",
            "joins",
            "routing_time",  # ticks from entering the stage to joining the line
            "starts",
            "waited",  # ticks in line of those taken up
            "responses",
            "response_time",  # ticks from joining the line to the first start
            "within_sla",
            "breaches",
        ),
    ),
    "cell_pages": (_CELL, ("born", "wins", "revenue")),  # revenue in hundredths
    "exit_pages": (("bucket", "exit"), ("exits",)),
    "tier_pages": (("bucket", "tier"), ("tiers",)),
    "team_pages": (("bucket", "team"), ("busy_area",)),  # on the team's own clock
    "bucket_rows": (("bucket",), ("cycle_time",)),  # ticks from birth to win
    "stage_cells": (("stage", "cell"), ("entries_by", "reached_by")),  # reached: born after the warm-up
    "rep_rows": (("rep",), ("rep_busy", "rep_starts")),  # on the team's own clock
    "stage_rows": (("stage",), ("open_at_end",)),
    "whole": ((), ("cooling_at_end",)),
    "total_rows": (("total",), ("totals",)),  # events, prospects, most at once: warm-up included
    "stage_shares": (("stage", "quantile"), ("stage_quantiles", "response_quantiles")),  # ticks
    "cycle_shares": (("quantile",), ("cycle_quantiles",)),  # ticks
}
"""What is counted together: a table's dimensions after the replication, and its columns, one a count."""

DIMENSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    count: dimensions for dimensions, counts in TABLES.values() for count in counts
}
"""Every count and its dimensions after the replication."""


def _record(counts: tuple[str, ...]) -> np.dtype[np.void]:
    return np.dtype([(count, "f8" if count.endswith("quantiles") else "i8") for count in counts])


TALLY: Final = Layout("tally", (), block=NUMBER, **{name: _record(counts) for name, (_, counts) in TABLES.items()})
"""The block is all tables of a replication, one after the other, as plain numbers."""

block_at = TALLY.reader("block", alias="")
block_size = TALLY.size("block")
stage_page_at = TALLY.reader("stage_pages")
cell_page_at = TALLY.reader("cell_pages")
exit_page_at = TALLY.reader("exit_pages")
tier_page_at = TALLY.reader("tier_pages")
team_page_at = TALLY.reader("team_pages")
bucket_row_at = TALLY.reader("bucket_rows")
stage_cell_at = TALLY.reader("stage_cells")
rep_row_at = TALLY.reader("rep_rows")
stage_row_at = TALLY.reader("stage_rows")
whole_at = TALLY.reader("whole")
total_row_at = TALLY.reader("total_rows")
stage_share_at = TALLY.reader("stage_shares")
cycle_share_at = TALLY.reader("cycle_shares")


class Tally:
    """Zeros for every count of `n` replications: `arrays` by name, the replication first; one frame a replication."""

    def __init__(self, terms: np.void, n: int) -> None:
        sizes = {name: int(terms[f"n_{name}s"]) for name in ("stage", "cell", "exit", "team", "rep", "tier")}
        sizes |= {"bucket": int(terms["n_marks"]), "total": 3, "quantile": len(QUANTILES)}
        shapes = {name: tuple(sizes[key] for key in dimensions) for name, (dimensions, _) in TABLES.items()}
        words = {name: math.prod(shapes[name]) * len(TABLES[name][1]) for name in TABLES}
        block = numbers((n, sum(words.values())))
        tables: dict[str, NDArray[Any]] = {"block": block}
        self.arrays: dict[str, NDArray[Any]] = {}
        at = 0
        for name, (_, counts) in TABLES.items():
            record, end = TALLY.tables[name], at + words[name]
            tables[name] = block[:, at:end].view(record).reshape(n, *shapes[name])
            self.arrays |= {count: tables[name][count] for count in counts}
            at = end
        self._frame = Frame(TALLY, tables, rows=n)
        self.address, self.stride = self._frame.address, self._frame.stride

    def __getitem__(self, count: str) -> NDArray[Any]:
        return self.arrays[count]


@part
def bucket_of(plan, bucket, tick):
    """The bucket of a tick at or before the current bucket's."""
    while bucket > 0 and tick < mark_at(plan, bucket - 1).n:
        bucket -= 1
    return bucket


@part
def bin_of(ticks):
    """The bin of a number of ticks, below 2**40."""
    bits = np.float64(ticks).view(np.int64)
    return max(np.int64(0), 1 + ((bits >> 47) - (1023 << 5)))


@part
def edge_of(at):
    """The least number of ticks in a bin, and the bin's width in ticks."""
    octave = (at - 1) // BINS_AN_OCTAVE
    piece = (at - 1) % BINS_AN_OCTAVE
    return math.ldexp(1.0 + piece / BINS_AN_OCTAVE, octave), math.ldexp(1.0 / BINS_AN_OCTAVE, octave)
