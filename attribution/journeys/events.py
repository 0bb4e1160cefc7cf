"""Journeys from a table of events: a touch log of a warehouse, or what the simulator wrote.

Any frame that speaks Arrow (pandas, polars, pyarrow), in any order. Nothing is dropped in silence: what is in no
journey is counted in `left_out`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attribution.journeys.columns import columns_of
from attribution.journeys.identity import Identified, identified
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
    cut,
    in_order,
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
    events, log = _read(table, columns or {}, sales, channels is not None)
    names = log.channels if channels is None else channels
    if names != log.channels:
        events = replace(events, code=_renumbered(events, log.channels, names))
    asks = log.value is not None or log.segment is not None
    found, sizes = in_order(
        events.prospect, log.prospects.n, events.time, events.kind, events.code, AGAIN[again], asks
    )  # fmt: skip
    del events
    n, alone = sizes.journeys, AGAIN[again] != ALL
    offsets, end, whose = np.zeros(n + 1, np.int64), np.empty(n, np.int64), np.empty(n, np.int32)
    # In the place of the events themselves, unless a touch may be in two journeys.
    channel = found.what[: sizes.touches] if alone else np.empty(sizes.touches, np.int32)
    time = found.when[: sizes.touches] if alone else np.empty(sizes.touches, np.int64)
    converted = np.zeros(n)
    value = converted if log.value is None else np.zeros(n)
    reached = np.full((n, len(MILESTONES) if log.has_milestones else 0), -1, np.int32)
    cut(
        *found, NO_VALUE if log.value is None else log.value, AGAIN[again],
        offsets, channel, time, end, converted, value, whose, reached,
    )  # fmt: skip
    reasons = {
        **log.left_out, "conversions without a touch": sizes.bare, "touches after the first conversion": sizes.late,
    }  # fmt: skip
    # Of the first event: everybody who has a journey has one.
    segment = None if log.segment is None else log.segment[found.rows[found.first[whose]]].astype(np.int32)
    del found
    return Journeys(
        channels=names,
        offsets=offsets,
        channel=channel,
        converted=converted,
        lost=1.0 - converted,
        value=value,
        time=time,
        end=end,
        milestones=reached if log.has_milestones else None,
        milestone_names=MILESTONES if log.has_milestones else (),
        prospect=log.prospects.numbers(whose),
        segment=segment,
        segments=log.segments,
        left_out={why: n for why, n in reasons.items() if n},
        noticed={TWICE: sizes.twice} if sizes.twice else {},
    )


NO_VALUE: Final[Reals] = np.zeros(0)
NOBODY: Final = np.zeros(0, np.int32)


@dataclass(frozen=True)
class _Events:
    """What is put in order, by row of the table: codes and numbers; of no kind is what is left out."""

    prospect: NDArray[Any]
    time: Ints
    kind: NDArray[np.int8]
    code: NDArray[Any]


@dataclass(frozen=True)
class _Log:
    """What else a table of events says."""

    prospects: Identified
    """Without the codes of events."""
    value: Reals | None
    """By row; None where a conversion is worth 1."""
    channels: tuple[str, ...]
    segment: NDArray[Any] | None
    """By row."""
    segments: tuple[str, ...]
    has_milestones: bool
    left_out: dict[str, int]


def _read(table: Any, columns: Mapping[str, str], sales: bool, fixed: bool) -> tuple[_Events, _Log]:
    """The columns of a table; of a piece of one (`fixed`), milestones count even where none of them lies in it."""
    findings = Findings("events")
    own, found = columns_of(table, columns, findings)
    left_out: dict[str, int] = {}
    kind = _kinds(own, found, sales, findings, left_out) if "kind" in own else _flags(own, found, findings)
    if "observed" in own:
        unseen = (kind & TOUCH != 0) & ~np.asarray(_filled(own["observed"], True))
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
    prospects = identified(own["prospect"], own.get("replication"))
    segments, segment = encoded(_named(own["segment"], "none")) if "segment" in own else ((), None)
    value = np.asarray(own["value"]) if "value" in own else None
    has_milestones = bool((kind & MILESTONE).any()) or (fixed and "milestone" in own)
    log = _Log(replace(prospects, codes=NOBODY), value, channels, segment, segments, has_milestones, left_out)
    return _Events(prospects.codes, time, kind, code), log


def _filled(column: pa.Array, nothing: Any) -> pa.Array:
    """A column with something for those that are missing; not a copy where none is."""
    return pc.fill_null(column, nothing) if column.null_count else column


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
        kind[np.asarray(_filled(flag, False))] |= CONVERSION
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
    if touches.all():
        channels, code = encoded(own["channel"])
    else:
        channels, some = encoded(own["channel"].filter(pa.array(touches)))
        code = np.zeros(kind.size, some.dtype)
        code[touches] = some
    if "" in channels:
        nameless = np.flatnonzero(touches & (code == channels.index("")))
        findings.rows(found["channel"], "a channel without a name", "name it", nameless)
    passes = kind & MILESTONE != 0
    if passes.any():
        names, numbers = encoded(_named(own["milestone"].filter(pa.array(passes)), "")) if "milestone" in own else NONE
        of_name = np.array([MILESTONES.index(each) if each in MILESTONES else 0 for each in names], code.dtype)
        is_one = np.array([each in MILESTONES for each in names], bool)
        code[passes] = of_name[numbers] if names else 0
        others = np.flatnonzero(passes)[~is_one[numbers] if names else slice(None)]
        kind[others] = 0
        left_out["milestones of another name"] = others.size
    return channels, code


def _renumbered(events: _Events, names: tuple[str, ...], channels: tuple[str, ...]) -> Codes:
    """Codes of channels as others have them. Raises JourneysError for a channel that they do not have."""
    strange = sorted(set(names) - set(channels))
    if strange:
        raise JourneysError(f"events: channel: {', '.join(strange)}; channels are {', '.join(channels)}")
    place = np.array([channels.index(name) for name in names], np.int32)
    return np.where(events.kind & TOUCH != 0, place[events.code.clip(max=place.size - 1)], events.code)


def _instants(column: pa.Array, name: str, findings: Findings) -> Ints:
    """Microseconds; a number is one of days."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        instants = column.cast(pa.timestamp("us", getattr(column.type, "tz", None))).cast(pa.int64())
        return np.asarray(_filled(instants, 0))
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        days = np.asarray(_filled(column.cast(pa.float64()), 0.0))
        wrong = ~(np.abs(days) < LATEST)
        findings.rows(name, "not a number of days", f"write one below {LATEST:,.0f}", np.flatnonzero(wrong))
        return np.asarray(np.floor(np.where(wrong, 0.0, days) * 86_400e6 + 0.5), np.int64)
    findings.add(name, f"is {column.type}", "make it a timestamp, a date or a number of days")
    return np.zeros(len(column), np.int64)
