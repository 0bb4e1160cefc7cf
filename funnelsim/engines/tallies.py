"""What is counted: whole numbers only, so that the order of counting cannot matter.

What is counted by bucket is counted in one page, that of the open bucket, which is filed when the bucket ends. Areas
are integrals of a number over time in ticks: the times of those who left, more at the end of the bucket and less at its
beginning by how long everybody has been there. Everything begins to count at the end of the warm-up.
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

_Tables = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]

PAGE: Final[_Tables] = {
    "stage_pages": (
        ("stage",),
        (
            "entries",
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
    "cell_pages": (
        ("cell",),
        # Money in hundredths.
        (
            "born",
            "wins",
            "revenue",
            "renewals",
            "due",  # value of the deals that are renewed
            "renewed",  # what is booked of it
            "kept",  # the same, each deal at most at its value
            "expansions",
            "expanded",
            "churns",
            "churned",
            "expected_wins",  # in 2**-32
            "expected_revenue",  # in 2**-10 hundredths
        ),
    ),
    "exit_pages": (("exit",), ("exits",)),
    "team_pages": (("team",), ("busy_area", "team_starts")),  # busy: on the team's own clock
    "touch_pages": (("touch",), ("sent", "seen", "clicked", "raised", "opted_out", "referred")),
    # Those who were asked, who have enough, who seem to, and who do both.
    "asked_pages": (("stage",), ("discoveries", "able", "qualified", "rightly_qualified")),
    "dial_pages": (("dial",), ("settings",)),  # in millionths, at the end of the bucket
    "won_pages": ((), ("cycle_time",)),  # ticks from birth to win
}
"""What is counted together in the open bucket: a table's dimensions, and its columns, one a count."""

TABLES: Final[_Tables] = {
    "cohorts": (("bucket", "stage"), ("reached",)),  # by bucket of birth
    "tier_rows": (("bucket", "tier"), ("tiers",)),
    "stage_cells": (("stage", "cell"), ("entries_by", "reached_by")),  # reached: born after the warm-up
    "rep_rows": (("rep",), ("rep_busy", "rep_starts", "rep_done", "rep_passed")),  # busy: on the team's own clock
    "stage_rows": (("stage",), ("open_at_end",)),
    "whole": ((), ("cooling_at_end",)),
    "total_rows": (("total",), ("totals",)),  # events, prospects, most at once: warm-up included
    "stage_shares": (("stage", "quantile"), ("stage_quantiles", "response_quantiles")),  # ticks
    "cycle_shares": (("quantile",), ("cycle_quantiles",)),  # ticks
}
"""What is counted together in the whole replication, in the same way."""

DIMENSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    count: dimensions
    for dimensions, counts in (
        *((("bucket", *dimensions), counts) for dimensions, counts in PAGE.values()),
        *TABLES.values(),
    )
    for count in counts
}
"""Every count and its dimensions after the replication."""


def _record(counts: tuple[str, ...]) -> np.dtype[np.void]:
    return np.dtype([(count, "f8" if count.endswith("quantiles") else "i8") for count in counts])


_RECORDS: Final = {name: _record(counts) for name, (_, counts) in (PAGE | TABLES).items()}
TALLY: Final = Layout("tally", (), block=NUMBER, page=NUMBER, filed=NUMBER, **_RECORDS)
"""The block is all that is counted, as plain numbers: first the page, which is the tables of the open bucket one after
the other, then the page of each bucket as it was filed at its end, then the tables of the whole replication."""

block_at = TALLY.reader("block", alias="")
block_size = TALLY.size("block")
page_at = TALLY.reader("page", alias="")
page_size = TALLY.size("page")
filed_at = TALLY.reader("filed", alias="")
stage_page_at = TALLY.reader("stage_pages")
cell_page_at = TALLY.reader("cell_pages")
exit_page_at = TALLY.reader("exit_pages")
touch_page_at = TALLY.reader("touch_pages")
team_page_at = TALLY.reader("team_pages")
asked_page_at = TALLY.reader("asked_pages")
dial_page_at = TALLY.reader("dial_pages")
won_page_at = TALLY.reader("won_pages")
cohort_at = TALLY.reader("cohorts")
tier_row_at = TALLY.reader("tier_rows")
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
        sizes |= {"touch": int(terms["n_touches"]), "dial": int(terms["n_dials"])}
        sizes |= {"bucket": int(terms["n_marks"]), "total": 3, "quantile": len(QUANTILES)}
        shapes = {name: tuple(sizes[key] for key in dimensions) for name, (dimensions, _) in (PAGE | TABLES).items()}
        words = {name: math.prod(shapes[name]) * _RECORDS[name].itemsize // NUMBER.itemsize for name in shapes}
        page, n_buckets = sum(words[name] for name in PAGE), sizes["bucket"]
        begin = (1 + n_buckets) * page
        block = numbers((n, begin + sum(words[name] for name in TABLES)))
        pages = block[:, page:begin].reshape(n, n_buckets, page)
        tables: dict[str, NDArray[Any]] = {"block": block, "page": block[:, :page], "filed": block[:, page:begin]}
        self.arrays: dict[str, NDArray[Any]] = {}
        at = 0
        for name in PAGE:
            piece = slice(at, at := at + words[name])
            tables[name] = block[:, piece].view(_RECORDS[name]).reshape(n, *shapes[name])
            filed = pages[:, :, piece].view(_RECORDS[name]).reshape(n, n_buckets, *shapes[name])
            self.arrays |= {count: filed[count] for count in PAGE[name][1]}
        at = begin
        for name in TABLES:
            piece = slice(at, at := at + words[name])
            tables[name] = block[:, piece].view(_RECORDS[name]).reshape(n, *shapes[name])
            self.arrays |= {count: tables[name][count] for count in TABLES[name][1]}
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
    """The bin of a number of ticks below 2**40: the one that holds half a tick more, so that zero has one as well."""
    return ((np.float64(ticks) + 0.5).view(np.int64) >> 47) - (1022 << 5)


@part
def edge_of(at):
    """Where a bin begins, and its width, in ticks; a bin no wider than a tick holds the whole number below."""
    octave = at // BINS_AN_OCTAVE - 1
    piece = at % BINS_AN_OCTAVE
    return math.ldexp(1.0 + piece / BINS_AN_OCTAVE, octave), math.ldexp(1.0 / BINS_AN_OCTAVE, octave)
