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

from attribution.journeys.columns import columns_of
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
NONE: Final[tuple[tuple[str, ...], Codes]] = ((), np.zeros(0, np.int32))
LATEST: Final = 1e8
"""Days from the clock's zero that an instant may be away: beyond, microseconds have no room."""


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
        # Of the first event: everybody who has a journey has one.
        segment=None if events.segment is None else events.segment[rows[first[whose]]],
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
    findings = Findings("events")
    own, found = columns_of(table, columns, findings)
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
    channels, code = _codes(own, kind, found, left_out, findings)
    findings.raise_if_any()
    prospect, words = identified(own["prospect"], own.get("replication"))
    segments, segment = encoded(_named(own["segment"], "none")) if "segment" in own else ((), None)
    value = np.asarray(own["value"]) if "value" in own else np.ones(kind.size)
    has_milestones = bool((kind & MILESTONE).any()) or (fixed and "milestone" in own)
    return _Events(prospect, words, time, kind, code, value, channels, segment, segments, has_milestones, left_out)


def _named(column: pa.Array, nothing: str) -> pa.Array:
    """Texts, with a word for those that are missing."""
    return column if not column.null_count else column.cast(pa.string()).fill_null(nothing)


def _flags(own: Mapping[str, pa.Array], found: Mapping[str, str], findings: Findings) -> NDArray[np.int8]:
    """Of a log without a `kind`: every row with a channel is a touch, those that convert are a conversion as well."""
    channel, flag = own["channel"], own.get("conversion")
    kind = np.full(len(channel), TOUCH, np.int8)
    if channel.null_count:
        kind[np.asarray(channel.is_null())] = 0
    if flag is not None:
        kind |= np.asarray(pc.fill_null(flag, False), np.int8) << 2
    if channel.null_count:
        way_out = "name it, or mark the row as a conversion"
        findings.rows(found["channel"], "no channel", way_out, np.flatnonzero(kind == 0))
    return kind


def _kinds(
    own: Mapping[str, pa.Array], found: Mapping[str, str], sales: bool, findings: Findings, left_out: dict[str, int]
) -> NDArray[np.int8]:
    """What each row is, by its `kind`."""
    names, kinds = encoded(own["kind"])
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


def _codes(
    own: Mapping[str, pa.Array],
    kind: NDArray[np.int8],
    found: Mapping[str, str],
    left_out: dict[str, int],
    findings: Findings,
) -> tuple[tuple[str, ...], Codes]:
    """Names of channels that touch, and of each event the code of its channel, or of its milestone; kinds of events
    whose milestone is not one become none."""
    touches = kind & TOUCH != 0
    code = np.zeros(kind.size, np.int32)
    if touches.all():
        channels, code = encoded(own["channel"])
    else:
        channels, code[touches] = encoded(own["channel"].filter(pa.array(touches)))
    if "" in channels:
        nameless = np.flatnonzero(touches & (code == channels.index("")))
        findings.rows(found["channel"], "a channel without a name", "name it", nameless)
    passes = kind & MILESTONE != 0
    if passes.any():
        names, numbers = encoded(_named(own["milestone"].filter(pa.array(passes)), "")) if "milestone" in own else NONE
        of_name = np.array([MILESTONES.index(each) if each in MILESTONES else -1 for each in names], np.int32)
        code[passes] = of_name[numbers] if names else -1
        others = passes & (code < 0)
        kind[others] = 0
        left_out["milestones of another name"] = int(others.sum())
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
        wrong = ~(np.abs(days) < LATEST)
        findings.rows(name, "not a number of days", f"write one below {LATEST:,.0f}", np.flatnonzero(wrong))
        return np.asarray(np.floor(np.where(wrong, 0.0, days) * 86_400e6 + 0.5), np.int64)
    findings.add(name, f"is {column.type}", "make it a timestamp, a date or a number of days")
    return np.zeros(len(column), np.int64)
