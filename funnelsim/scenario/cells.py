"""The cells of an export: instants in ISO 8601 and amounts."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from funnelsim.scenario.refusal import Refusal, show

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?", re.DOTALL)
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def instant(cell: str) -> tuple[datetime, bool]:
    """The instant of a cell in UTC, cut to the second, and whether it is a date only."""
    if _ISO.fullmatch(cell):
        try:
            parsed = datetime.fromisoformat(cell)
            if parsed.tzinfo is not None:
                parsed = parsed.astimezone(UTC).replace(tzinfo=None)
            if 1900 <= parsed.year <= 2200:
                return parsed.replace(microsecond=0), len(cell) == 10
        except (ValueError, OverflowError):
            pass
    found = f"{show(cell)} is no time" if cell else "the time is missing"
    raise Refusal(found, "times are written 2026-01-05 or 2026-01-05 10:00:00, from 1900 to 2200")


def amount(cell: str) -> float:
    """The amount of a cell, 0 or more; NaN for an empty one."""
    if not cell:
        return math.nan
    if _THOUSANDS.fullmatch(cell):
        raise Refusal(f"{show(cell)} has commas", "amounts are plain numbers", f"write {cell.replace(',', '')}")
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Refusal(f"{show(cell)} is no amount", "amounts are plain numbers, 1234.5")
    if value < 0.0:
        raise Refusal(f"{show(cell)} is negative", "a deal value is 0 or more")
    return value
