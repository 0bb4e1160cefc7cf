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
from funnelsim.core.rows import NUMBER, Frame, Layout
from funnelsim.engines.store import BINS, BINS_AN_OCTAVE
from funnelsim.plan.layout import mark_at, terms_at

QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)

DIMENSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "born": ("bucket", "cell"),
    "entries": ("bucket", "stage"),
    "entries_by": ("stage", "cell"),
    "reached": ("bucket", "stage"),  # by cohort: the bucket of birth
    "reached_by": ("stage", "cell"),  # born after the warm-up
    "exits": ("bucket", "exit"),
    "stage_time": ("bucket", "stage"),  # ticks of those who left
    "stage_area": ("bucket", "stage"),
    "line_area": ("bucket", "stage"),
    "starts": ("bucket", "stage"),
    "waited": ("bucket", "stage"),  # ticks in line of those taken up
    "responses": ("bucket", "stage"),
    "response_time": ("bucket", "stage"),  # ticks from joining the line to the first start
    "routing_time": ("bucket", "stage"),  # ticks from entering the stage to joining the line
    "within_sla": ("bucket", "stage"),
    "breaches": ("bucket", "stage"),
    "tiers": ("bucket", "tier"),
    "busy_area": ("bucket", "team"),  # on the team's own clock
    "rep_busy": ("rep",),  # on the team's own clock
    "rep_starts": ("rep",),
    "wins": ("bucket", "cell"),
    "revenue": ("bucket", "cell"),  # hundredths
    "cycle_time": ("bucket",),  # ticks from birth to win
    "open_at_end": ("stage",),
    "cooling_at_end": (),
    "totals": ("total",),  # events, prospects, most at once: warm-up included
    "stage_quantiles": ("stage", "quantile"),  # ticks
    "response_quantiles": ("stage", "quantile"),  # ticks
    "cycle_quantiles": ("quantile",),  # ticks
}
"""Every count and its dimensions after the replication."""

_REAL = np.dtype([("x", "f8")])
TALLY: Final = Layout("tally", **{name: _REAL if name.endswith("quantiles") else NUMBER for name in DIMENSIONS})

born_at = TALLY.reader("born")
entries_at = TALLY.reader("entries")
entries_by_at = TALLY.reader("entries_by")
reached_at = TALLY.reader("reached")
reached_by_at = TALLY.reader("reached_by")
exits_at = TALLY.reader("exits")
stage_time_at = TALLY.reader("stage_time")
stage_area_at = TALLY.reader("stage_area")
line_area_at = TALLY.reader("line_area")
starts_at = TALLY.reader("starts")
waited_at = TALLY.reader("waited")
responses_at = TALLY.reader("responses")
response_time_at = TALLY.reader("response_time")
routing_time_at = TALLY.reader("routing_time")
within_sla_at = TALLY.reader("within_sla")
breaches_at = TALLY.reader("breaches")
tiers_at = TALLY.reader("tiers")
busy_area_at = TALLY.reader("busy_area")
rep_busy_at = TALLY.reader("rep_busy")
rep_starts_at = TALLY.reader("rep_starts")
wins_at = TALLY.reader("wins")
revenue_at = TALLY.reader("revenue")
cycle_time_at = TALLY.reader("cycle_time")
open_at_end_at = TALLY.reader("open_at_end")
cooling_at_end_at = TALLY.reader("cooling_at_end")
totals_at = TALLY.reader("totals")
stage_quantiles_at = TALLY.reader("stage_quantiles")
response_quantiles_at = TALLY.reader("response_quantiles")
cycle_quantiles_at = TALLY.reader("cycle_quantiles")


def make_tally(terms: np.void, n_replications: int) -> Frame:
    """Zeros for every count, the replication first; one frame a replication."""
    sizes = {name: int(terms[f"n_{name}s"]) for name in ("stage", "cell", "exit", "team", "rep", "tier")}
    sizes |= {"bucket": int(terms["n_marks"]), "total": 3, "quantile": len(QUANTILES)}
    arrays: dict[str, NDArray[Any]] = {}
    for name, dimensions in DIMENSIONS.items():
        shape = (n_replications, *(sizes[dimension] for dimension in dimensions))
        arrays[name] = np.zeros(shape, np.float64 if name.endswith("quantiles") else np.int64)
    return Frame(TALLY, arrays, rows=n_replications)


@part
def bucket_of(plan, bucket, tick):
    """The bucket of a tick at or before the current bucket's."""
    while bucket > 0 and tick < mark_at(plan, bucket - 1).n:
        bucket -= 1
    return bucket


@part
def at_stage(plan, bucket, stage):
    """The place of a bucket and stage."""
    return bucket * terms_at(plan, 0).n_stages + stage


@part
def at_cell(plan, first, cell):
    """The place of a bucket or stage and a cell."""
    return first * terms_at(plan, 0).n_cells + cell


@part
def bin_of(ticks):
    """The bin of a number of ticks."""
    if ticks < 1:
        return np.int64(0)
    bits = np.float64(ticks).view(np.int64)
    return min(np.int64(BINS - 1), 1 + ((bits >> 47) - (1023 << 5)))


@part
def edge_of(at):
    """The least number of ticks in a bin, and the bin's width in ticks."""
    octave = (at - 1) // BINS_AN_OCTAVE
    piece = (at - 1) % BINS_AN_OCTAVE
    return math.ldexp(1.0 + piece / BINS_AN_OCTAVE, octave), math.ldexp(1.0 / BINS_AN_OCTAVE, octave)
