"""Dates and date-times as people write them: `2026-03-01`, `2026-03-01 10:00`, with or without an offset."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from funnelsim.scenario.refusal import Refusal, show


def moment(value: object) -> datetime:
    """A date-time in the scenario's time; a date is its midnight, an offset is converted to UTC."""
    if isinstance(value, datetime):
        parsed = value
    elif isinstance(value, date):
        parsed = datetime.combine(value, time())
    else:
        parsed = _moment_in(value)
    if parsed.tzinfo is not None:
        parsed = parsed.astimezone(UTC).replace(tzinfo=None)
    if not 1900 <= parsed.year <= 2200:
        raise Refusal(f"found {show(value)}", "a date lies between 1900-01-01 and 2200-12-31")
    return parsed.replace(microsecond=0)


def _moment_in(value: object) -> datetime:
    """The date-time a text spells in ISO 8601, `2026-01-05` or `2026-01-05 10:00`."""
    refusal = Refusal(
        f"found {show(value)}", "it must be a date or a date-time", "write 2026-01-05 or 2026-01-05 10:00"
    )
    if not isinstance(value, str) or not re.match(r"\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", value):
        raise refusal
    try:
        parsed = datetime.fromisoformat(value.strip())
        parsed.astimezone(UTC) if parsed.tzinfo else None
        return parsed
    except (ValueError, OverflowError) as reason:
        refusal.found += f", which is no date ({reason})" if "range" in str(reason) else ""
        raise refusal from None


def day(value: object) -> date:
    """A date, without a time."""
    parsed = moment(value)
    if parsed.time() != time():
        raise Refusal(f"found {show(value)}", "it must be a date without a time", f"write {parsed.date()}")
    return parsed.date()


def say_moment(at: datetime) -> str:
    """An instant as a person would write it: the date alone at midnight."""
    return f"{at:%Y-%m-%d}" if at.time() == time() else f"{at:%Y-%m-%d %H:%M:%S}"
