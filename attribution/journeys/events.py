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

from attribution.journeys.identity import Words, identified
from attribution.journeys.paths import encoded
from attribution.journeys.problems import Findings, JourneysError
from attribution.journeys.ragged import Codes, Ints, Journeys, Reals
from attribution.journeys.schema import MILESTONES
from attribution.journeys.sorting import (
    ALL,
    CONVERSION,
    END,
    FIRST,
    MILESTONE,
    SINCE,
    TOUCH,
    by_prospect,
    by_time,
    cut,
    size_up,
)

AGAIN: Final = {"since": SINCE, "all": ALL, "first": FIRST}
"""Touches of a further conversion: those since the one before, all of them, or none: only the first one counts."""
TWICE: Final = "events that are the same as another at the same instant"
KIND_CODES: Final = {
    "arrival": TOUCH,
    "touch": TOUCH,
    "milestone": MILESTONE,
    "conversion": CONVERSION,
    "loss": END,
    "sales": 0,
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
    channels: tuple[str, ...] | None = None,
) -> Journeys:
    """The journeys in a table of events, one row an event, in any order.

    Columns: `prospect`, `time` (a timestamp, a date or a number of days) and `channel`; `kind` says what a row is (see
    `attribution.journeys.COLUMNS`). Without a `kind`, rows are touches, and those with `conversion` (true, or how many)
    end a journey; a converting row that names a channel is a touch as well. `columns` maps these names to the table's
    own. A row whose `observed` is false is not seen. With `sales`, a rep's touches count as touches of its team.

    `again` is what a further conversion of a prospect gets: the touches `since` the one before, `all` touches, or
    nothing (`first`). Events that are there twice count twice, and are told in `noticed`. `channels` fixes names and
    codes; without it they are those that occur, in alphabetical order. Raises JourneysError with every column and row
    that is wrong.
    """
    if again not in AGAIN:
        raise ValueError(f"again is {again!r}; it must be one of {', '.join(AGAIN)}")
    events = _read(table, columns or {}, sales, channels is not None)
    names, codes = events.channels, events.code
    if channels is not None:
        names, codes = channels, _renumbered(events, channels)
    first, when, what, rows = by_prospect(events.prospect, events.words.size, events.time, events.kind, codes)
    by_time(first, when, what, rows)
    n, n_touches, bare, late, twice = size_up(first, when, what, AGAIN[again])
    offsets, end, whose = np.zeros(n + 1, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    channel, time = np.empty(n_touches, np.int32), np.empty(n_touches, np.int64)
    converted, value = np.zeros((2, n))
    reached = np.full((n, len(MILESTONES) if events.has_milestones else 0), -1, np.int32)
    cut(
        first, when, what, rows, events.value, AGAIN[again],
        offsets, channel, time, end, converted, value, whose, reached,
    )  # fmt: skip
    reasons = {**events.left_out, "conversions without a touch": bare, "touches after the first conversion": late}
    segment = None if events.segment is None else events.segment[rows[first[:-1].clip(max=rows.size - 1)]][whose]
    return Journeys(
        channels=names,
        offsets=offsets,
        channel=channel,
        converted=converted,
        lost=1.0 - converted,
        value=value,
        time=time,
        end=end,
        milestones=reached if events.has_milestones else None,
        milestone_names=MILESTONES if events.has_milestones else (),
        prospect=events.words[whose],
        segment=segment,
        segments=events.segments,
        left_out={why: n for why, n in reasons.items() if n},
        noticed={TWICE: twice} if twice else {},
    )


@dataclass(frozen=True)
class _Events:
    """The columns of a table of events, as codes and numbers; of no kind is what is left out."""

    prospect: NDArray[Any]
    words: Words
    time: Ints
    kind: NDArray[np.int8]
    code: Codes
    value: Reals
    channels: tuple[str, ...]
    segment: Codes | None
    segments: tuple[str, ...]
    has_milestones: bool
    left_out: dict[str, int]


def _read(table: Any, columns: Mapping[str, str], sales: bool, fixed: bool) -> _Events:
    """The columns of a table; of a piece of one (`fixed`), milestones count even where none of them lies in it."""
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
    left_out: dict[str, int] = {}
    kind = _kinds(own, found, sales, findings, left_out) if "kind" in own else _flags(own, found, findings)
    if "observed" in own:
        unseen = (kind & TOUCH != 0) & ~np.asarray(pc.fill_null(own["observed"], True), bool)
        left_out["touches that nobody saw"] = int(unseen.sum())
        kind[unseen] &= ~np.int8(TOUCH)
    for name in ("prospect", "time"):
        if own[name].null_count:
            findings.rows(
                found[name], "nothing", "every event has one", np.flatnonzero(np.asarray(own[name].is_null()))
            )
    time = _instants(own["time"], found["time"], findings)
    findings.raise_if_any()
    channels, code = _codes(own, kind)
    prospect, words = identified(own["prospect"], own.get("replication"))
    segments, segment = encoded(own["segment"].cast(pa.string())) if "segment" in own else ((), None)
    value = np.asarray(pc.fill_null(own["value"].cast(pa.float64()), 0.0)) if "value" in own else np.ones(kind.size)
    has_milestones = bool((kind & MILESTONE).any()) or (fixed and "milestone" in own)
    return _Events(prospect, words, time, kind, code, value, channels, segment, segments, has_milestones, left_out)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    whole = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], column.type)
    return whole


def _flags(own: Mapping[str, pa.Array], found: Mapping[str, str], findings: Findings) -> NDArray[np.int8]:
    """Of a log without a `kind`: every row with a channel is a touch, those that convert are a conversion as well."""
    channel, flag = own["channel"], own.get("conversion")
    kind = np.full(len(channel), TOUCH, np.int8)
    if channel.null_count:
        kind[np.asarray(channel.is_null())] = 0
    if flag is not None:
        counts = np.asarray(pc.fill_null(flag.cast(pa.int8(), safe=False), 0))
        if not pa.types.is_boolean(flag.type):
            whole = np.asarray(pc.fill_null(flag.cast(pa.float64()), 0.0))
            wrong = np.flatnonzero((whole != 0.0) & (whole != 1.0))
            findings.rows(found["conversion"], "neither 0 nor 1", "write a row for each conversion", wrong)
        kind |= counts << 2
    if channel.null_count:
        way_out = "name it, or mark the row as a conversion"
        findings.rows(found["channel"], "no channel", way_out, np.flatnonzero(kind == 0))
    return kind


def _kinds(
    own: Mapping[str, pa.Array], found: Mapping[str, str], sales: bool, findings: Findings, left_out: dict[str, int]
) -> NDArray[np.int8]:
    """What each row is, by its `kind`."""
    is_coded = pa.types.is_dictionary(own["kind"].type)
    names, kinds = encoded(own["kind"] if is_coded else own["kind"].cast(pa.string()))
    for name in names:
        if name not in KIND_CODES:
            rows = np.flatnonzero(kinds == names.index(name))
            findings.rows(found["kind"], f"{name!r}", f"a kind is one of {', '.join(KIND_CODES)}", rows)
    known = KIND_CODES | ({"sales": TOUCH} if sales else {})
    kind: NDArray[np.int8] = np.array([known.get(name, 0) for name in names], np.int8)[kinds]
    if "sales" in names and not sales:
        left_out["touches by sales"] = int((kinds == names.index("sales")).sum())
    if own["channel"].null_count:
        nameless = np.asarray(own["channel"].is_null()) & (kind == TOUCH)
        findings.rows(found["channel"], "a touch without a channel", "name it", np.flatnonzero(nameless))
    return kind


def _codes(own: Mapping[str, pa.Array], kind: NDArray[np.int8]) -> tuple[tuple[str, ...], Codes]:
    """Names of channels that touch, and of each event the code of its channel, or of its milestone; kinds of events
    whose milestone is not one become none."""
    touches = kind & TOUCH != 0
    code = np.zeros(kind.size, np.int32)
    if touches.all():
        channels, code = encoded(own["channel"])
    else:
        channels, code[touches] = encoded(own["channel"].filter(pa.array(touches)))
    passes = kind & MILESTONE != 0
    if "milestone" in own and passes.any():
        names, numbers = encoded(own["milestone"].filter(pa.array(passes)).cast(pa.string()).fill_null(""))
        of_name = np.array([MILESTONES.index(name) if name in MILESTONES else -1 for name in names], np.int32)
        code[passes] = of_name[numbers]
        kind[passes & (code < 0)] = 0
    elif passes.any():
        kind[passes] = 0
    return channels, code


def _renumbered(events: _Events, channels: tuple[str, ...]) -> Codes:
    """Codes of channels as others have them. Raises JourneysError for a channel that they do not have."""
    strange = sorted(set(events.channels) - set(channels))
    if strange:
        raise JourneysError(f"events: channel: {', '.join(strange)}; channels are {', '.join(channels)}")
    place = np.array([channels.index(name) for name in events.channels], np.int32)
    return np.where(events.kind & TOUCH != 0, place[events.code.clip(max=place.size - 1)], events.code)


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
