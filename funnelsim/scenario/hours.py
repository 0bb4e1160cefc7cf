"""Working hours as people write them: `mon-fri 9-17`, `mon-thu 9-12 13-17:30, fri 9-15`, `always`.

It knows a week and its holidays in local time. Turning them into ticks of a scenario is the plan's business.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from funnelsim.core.problems import did_you_mean
from funnelsim.scenario.fields import Day, Offset, Part
from funnelsim.scenario.refusal import Refusal, show

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_SECONDS = 86_400
EXAMPLE = "write mon-fri 9-17, or mon-thu 9-12 13-17:30, fri 9-15"

Span = tuple[int, int, int]
"""Weekday (0 is Monday), opening and closing in local seconds of that day; closing is at most 86400."""

_TIMES = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?-([0-9]{1,2})(?::([0-9]{2}))?")
_WEEKDAYS = re.compile(r"([a-z]+)(?:-([a-z]+))?")


def weekly_spans(value: Any) -> tuple[Span, ...] | None:
    """The open spans of a week, sorted and disjoint; None when it is open always."""
    if value is None or isinstance(value, tuple):
        return value
    if not isinstance(value, str):
        raise Refusal(f"found {show(value)}", "hours are days with spans of hours", EXAMPLE)
    text = re.sub(r"\s*-\s*", "-", value.strip().lower())
    if text == "always":
        return None
    spans: list[Span] = []
    for group in text.split(","):
        words = group.split()
        if not words:
            raise Refusal(f"found {show(value)}", "hours are days with spans of hours", EXAMPLE)
        days = _weekdays(words[0], value)
        if len(words) == 1:
            raise Refusal(f"found {show(value)}", f"{words[0]} has no hours", EXAMPLE)
        for word in words[1:]:
            start, end = _times(word, value)
            spans += [span for day in days for span in _of_day(day, start, end)]
    return _disjoint(spans, value)


def _weekdays(word: str, value: str) -> list[int]:
    """The weekdays of `mon-fri` or `sat`; a range may run over Sunday."""
    match = _WEEKDAYS.fullmatch(word)
    names = [name for name in match.groups() if name] if match else [word]
    for name in names:
        if name not in DAYS:
            raise Refusal(
                f"found {show(value)}, where {show(name)} is no day",
                f"days are {', '.join(DAYS)}",
                did_you_mean(name, DAYS),
            )
    first, last = DAYS.index(names[0]), DAYS.index(names[-1])
    return [(first + i) % 7 for i in range((last - first) % 7 + 1)]


def _times(word: str, value: str) -> tuple[int, int]:
    """Opening and closing in seconds of the day."""
    match = _TIMES.fullmatch(word)
    if match is None:
        raise Refusal(f"found {show(value)}, where {show(word)} is no span of hours", "a span is written 9-17", EXAMPLE)
    h1, m1, h2, m2 = (int(part or 0) for part in match.groups())
    start, end = h1 * 3600 + m1 * 60, h2 * 3600 + m2 * 60
    if start >= DAY_SECONDS or end > DAY_SECONDS or m1 > 59 or m2 > 59:
        raise Refusal(f"found {show(value)}, where {show(word)} leaves the day", "hours run from 0 to 24")
    if start == end:
        raise Refusal(f"found {show(value)}, where {show(word)} is empty", "a span opens before it closes")
    return start, end


def _of_day(day: int, start: int, end: int) -> list[Span]:
    """The spans of one opening; `22-6` closes on the next day."""
    if start < end:
        return [(day, start, end)]
    after = [((day + 1) % 7, 0, end)] if end else []
    return [(day, start, DAY_SECONDS), *after]


def _disjoint(spans: list[Span], value: str) -> tuple[Span, ...]:
    """Sorted spans, refused where two overlap; touching ones become one."""
    joined: list[Span] = []
    for day, start, end in sorted(spans):
        if joined and joined[-1][0] == day and start < joined[-1][2]:
            raise Refusal(f"found {show(value)}, where spans of {DAYS[day]} overlap", "spans must not overlap")
        if joined and joined[-1][0] == day and start == joined[-1][2]:
            joined[-1] = (day, joined[-1][1], end)
        else:
            joined.append((day, start, end))
    return tuple(joined)


_HOURS = r"[0-9]{1,2}(:[0-9]{2})?\s*-\s*[0-9]{1,2}(:[0-9]{2})?"
_GROUP = rf"[A-Za-z]{{3}}(\s*-\s*[A-Za-z]{{3}})?(\s+{_HOURS})+"
HOURS_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": rf"^\s*(always|{_GROUP}(\s*,\s*{_GROUP})*)\s*$",
    "examples": ["mon-fri 9-17", "mon-thu 9-12 13-17:30, fri 9-15", "always"],
}
WeeklySpans = Annotated[tuple[Span, ...] | None, PlainValidator(weekly_spans), WithJsonSchema(HOURS_SCHEMA)]


class Hours(Part):
    """A working week with its holidays: when a calendar is open."""

    spans: WeeklySpans = Field(alias="hours", description="days with spans of local hours, or always")
    holidays: tuple[Day, ...] = Field(default=(), description="local dates on which nobody works")
    utc_offset: Offset = Field(default=0.0, description="local time minus the scenario's time", examples=["1 h"])

    @property
    def always(self) -> bool:
        """Whether it never closes."""
        return self.spans is None and not self.holidays

    def opens_between(self, start: datetime, end: datetime) -> bool:
        """Whether some open hour lies between two instants of the scenario's time."""
        offset = timedelta(seconds=self.utc_offset)
        start, end = start + offset, end + offset
        spans = self.spans if self.spans is not None else tuple((day, 0, DAY_SECONDS) for day in range(7))
        closed = set(self.holidays)
        day = datetime.combine(start.date(), time())
        while day < end:
            if day.date() not in closed:
                for weekday, opens, closes in spans:
                    first, last = day + timedelta(seconds=opens), day + timedelta(seconds=closes)
                    if weekday == day.weekday() and max(first, start) < min(last, end):
                        return True
            day += timedelta(days=1)
        return False


ALWAYS = Hours.model_construct(spans=None)
