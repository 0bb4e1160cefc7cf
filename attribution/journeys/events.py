"""Journeys from a table of events: a touch log of a warehouse, or what the simulator wrote.

Any frame that speaks Arrow (pandas, polars, pyarrow), in any order. Nothing is dropped in silence: what is in no
journey is counted in `left_out`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attribution.journeys.paths import encoded
from attribution.journeys.problems import Findings
from attribution.journeys.ragged import Codes, Ints, Journeys, Reals
from attribution.journeys.schema import MILESTONES
from attribution.journeys.sorting import CONVERSION, END, MILESTONE, TOUCH, by_prospect, by_time, cut

AGAIN: Final = {"since": 0, "all": 1, "first": 2}
"""Touches of a further conversion: those since the one before, all of them, or none: only the first one counts."""
KIND_CODES: Final = {
    "arrival": TOUCH,
    "touch": TOUCH,
    "milestone": MILESTONE,
    "conversion": CONVERSION,
    "loss": END,
    "sales": -1,
}
COLUMNS_READ: Final = (
    "prospect",
    "time",
    "kind",
    "channel",
    "value",
    "milestone",
    "segment",
    "observed",
    "replication",
)


def from_events(
    table: Any,
    *,
    columns: Mapping[str, str] | None = None,
    again: str = "since",
    sales: bool = False,
) -> Journeys:
    """The journeys in a table of events, one row an event, in any order.

    Columns: `prospect`, `time` (a timestamp, a date or a number of days) and `channel`; `kind` says what a row is (see
    `attribution.journeys.COLUMNS`). Without a `kind`, rows are touches, and those with `conversion` (true, or how many)
    end a journey; a converting row that names a channel is a touch as well. `columns` maps these names to the table's
    own. A row whose `observed` is false is not seen. With `sales`, a rep's touches count as touches of its team.

    `again` is what a further conversion of a prospect gets: the touches `since` the one before, `all` touches, or
    nothing (`first`). Raises JourneysError with every column and row that is wrong.
    """
    events = _read(table, columns or {}, sales)
    if again not in AGAIN:
        raise ValueError(f"again is {again!r}; it must be one of {', '.join(AGAIN)}")
    first, order = by_prospect(events.prospect, events.n_prospects)
    by_time(first, order, events.time, events.kind)
    journey_of = np.full(events.kind.size, -1, np.int64)
    offsets, touches, end, converted, value, whose, reached = cut(
        first, order, events.time, events.kind, events.code, events.value, len(MILESTONES), AGAIN[again], journey_of
    )
    found = Journeys(
        channels=events.channels,
        offsets=offsets,
        channel=events.code[touches],
        converted=converted,
        lost=1.0 - converted,
        value=value,
        time=events.time[touches],
        end=end,
        milestones=reached,
        milestone_names=MILESTONES,
        prospect=whose,
        segment=None if events.segment is None else _first_segment(events, first, order)[whose],
        segments=events.segments,
        left_out=events.left_out,
    )
    late = int(((events.kind == TOUCH) & (journey_of < 0)).sum())
    if late:
        found.left_out["touches after the first conversion"] = late  # type: ignore[index]
    return found.take(np.diff(found.offsets) > 0, "conversions without a touch")


@dataclass(frozen=True)
class _Events:
    """The columns of a table of events, as codes and numbers."""

    prospect: Ints
    n_prospects: int
    time: Ints
    kind: NDArray[np.int8]
    code: Codes
    value: Reals
    channels: tuple[str, ...]
    segment: Codes | None
    segments: tuple[str, ...]
    left_out: dict[str, int]


def _read(table: Any, columns: Mapping[str, str], sales: bool) -> _Events:
    arrow = table if isinstance(table, pa.Table) else pa.table(table)
    findings = Findings("events")
    unknown = sorted(set(columns) - {*COLUMNS_READ, "conversion"})
    if unknown:
        findings.add("columns", f"names {', '.join(unknown)}", f"it maps {', '.join((*COLUMNS_READ, 'conversion'))}")
    found = {name: columns.get(name, name) for name in (*COLUMNS_READ, "conversion")}
    missing = [
        name
        for name, own in found.items()
        if own not in arrow.column_names and (name in ("prospect", "time", "channel") or name in columns)
    ]
    for name in missing:
        has = ", ".join(arrow.column_names[:12])
        findings.add(
            found[name], "there is no such column", f"the table has {has}; map it with columns={{{name!r}: ...}}"
        )
    findings.raise_if_any()
    own = {name: _plain(arrow[column]) for name, column in found.items() if column in arrow.column_names}
    if "kind" not in own:
        own = _with_kind(own, arrow.num_rows, findings, found)
    return _coded(own, found, sales, findings)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    whole = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], column.type)
    return whole


def _with_kind(own: dict[str, pa.Array], n: int, findings: Findings, found: Mapping[str, str]) -> dict[str, pa.Array]:
    """A log without a `kind`: every row with a channel is a touch, those that convert are a conversion as well."""
    flag = own.pop("conversion", None)
    converts = np.zeros(n, bool)
    if flag is not None:
        counts = np.asarray(pc.fill_null(flag.cast(pa.float64()), 0.0))
        wrong = np.flatnonzero((counts != 0.0) & (counts != 1.0))
        findings.rows(found["conversion"], "neither 0 nor 1", "write a row for each conversion", wrong)
        converts = counts == 1.0
    touches = np.asarray(own["channel"].is_valid())
    rows = np.concatenate([np.flatnonzero(touches), np.flatnonzero(converts)])
    kinds = np.repeat(["touch", "conversion"], [touches.sum(), converts.sum()])
    idle = n - int((touches | converts).sum())
    if idle:
        findings.rows(
            found["channel"],
            "no channel",
            "name it, or mark the row as a conversion",
            np.flatnonzero(~touches & ~converts),
        )
    out = {name: column.take(pa.array(rows)) for name, column in own.items()}
    out["kind"] = pa.array(kinds, pa.string())
    return out


def _coded(own: Mapping[str, pa.Array], found: Mapping[str, str], sales: bool, findings: Findings) -> _Events:
    left_out: dict[str, int] = {}
    names, kinds = encoded(
        own["kind"].cast(pa.string()) if not pa.types.is_dictionary(own["kind"].type) else own["kind"]
    )
    strange = [name for name in names if name not in KIND_CODES]
    for name in strange:
        rows = np.flatnonzero(kinds == names.index(name))
        findings.rows(found["kind"], f"{name!r}", f"a kind is one of {', '.join(KIND_CODES)}", rows)
    codes_of = KIND_CODES | ({"sales": TOUCH} if sales else {})
    kind = np.array([codes_of.get(name, -1) for name in names], np.int8)[kinds]
    _no_nulls(own, found, kind, findings)
    time = _instants(own["time"], found["time"], findings)
    findings.raise_if_any()
    kept = kind >= 0
    if not kept.all():
        left_out["touches by sales"] = int((~kept).sum())
    if "observed" in own:
        unseen = (kind == TOUCH) & ~np.asarray(pc.fill_null(own["observed"], True), bool)
        if unseen.any():
            left_out["touches that nobody saw"] = int(unseen.sum())
        kept &= ~unseen
    channels, channel = encoded(own["channel"].filter(pa.array(kept & (kind == TOUCH))))
    code = np.zeros(kind.size, np.int32)
    code[kept & (kind == TOUCH)] = channel
    if "milestone" in own and (kind == MILESTONE).any():
        texts = own["milestone"].filter(pa.array(kind == MILESTONE)).cast(pa.string()).to_pylist()
        code[kind == MILESTONE] = [MILESTONES.index(text) if text in MILESTONES else -1 for text in texts]
        kept &= (kind != MILESTONE) | (code >= 0)
    value = np.ones(kind.size)
    if "value" in own:
        value = np.asarray(pc.fill_null(own["value"].cast(pa.float64()), 0.0), np.float64)
    who, n_prospects = _who(own)
    segments, segment = encoded(own["segment"].cast(pa.string())) if "segment" in own else ((), None)
    return _Events(
        who[kept],
        n_prospects,
        time[kept],
        kind[kept],
        code[kept],
        value[kept],
        channels,
        None if segment is None else segment[kept],
        segments,
        left_out,
    )


def _no_nulls(
    own: Mapping[str, pa.Array], found: Mapping[str, str], kind: NDArray[np.int8], findings: Findings
) -> None:
    for name in ("prospect", "time"):
        findings.rows(found[name], "nothing", "every event has one", np.flatnonzero(np.asarray(own[name].is_null())))
    nameless = np.asarray(own["channel"].is_null()) & (kind == TOUCH)
    findings.rows(found["channel"], "a touch without a channel", "name it", np.flatnonzero(nameless))


def _instants(column: pa.Array, name: str, findings: Findings) -> Ints:
    """Microseconds; a number is one of days."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return np.asarray(
            column.cast(pa.timestamp("us", getattr(column.type, "tz", None))).cast(pa.int64()).fill_null(0)
        )
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        days = np.asarray(column.cast(pa.float64()).fill_null(0.0))
        findings.rows(name, "not a number", "write a number of days", np.flatnonzero(~np.isfinite(days)))
        return np.asarray(np.floor(np.where(np.isfinite(days), days, 0.0) * 86_400e6 + 0.5), np.int64)
    findings.add(name, f"is {column.type}", "make it a timestamp, a date or a number of days")
    return np.zeros(len(column), np.int64)


def _who(own: Mapping[str, pa.Array]) -> tuple[Ints, int]:
    """Prospects counted from 0 in the order of their names, so that their order in the table does not matter; those of
    different replications are different."""
    who = own["prospect"].dictionary_encode() if not pa.types.is_dictionary(own["prospect"].type) else own["prospect"]
    codes, n = np.asarray(who.indices.fill_null(0), np.int64), len(who.dictionary)
    rank = np.empty(n, np.int64)
    rank[np.asarray(pc.sort_indices(who.dictionary))] = np.arange(n)
    codes = rank[codes] if n else codes
    if "replication" in own:
        replication = np.asarray(own["replication"].cast(pa.int64()).fill_null(0))
        both, codes = np.unique(replication * n + codes, return_inverse=True)
        n = both.size
    return codes, n


def _first_segment(events: _Events, first: Ints, order: Ints) -> Codes:
    """The segment of each prospect: that of its first event."""
    out = np.zeros(events.n_prospects, np.int32)
    some = np.flatnonzero(np.diff(first) > 0)
    assert events.segment is not None
    out[some] = events.segment[order[first[some]]]
    return out
