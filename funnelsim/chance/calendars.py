"""Working calendars: weekly hours and holidays laid out as open spans of ticks.

A span is an open interval [open, close) in ticks with `before`, the open ticks before it. Hours are local: scenario
time plus the offset, which is the same all year; daylight saving is not known here.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

SPAN: Final = np.dtype([("open", "i8"), ("close", "i8"), ("before", "i8")], align=True)
ALWAYS: Final = -1
"""In place of a calendar's first span: it never closes."""


def lay_out(
    week: Iterable[tuple[int, float, float]],
    holidays: Iterable[date],
    utc_offset: float,
    start: datetime,
    horizon: int,
    tick: int,
) -> NDArray[np.void]:
    """The spans of weekly hours over [0, horizon] ticks of `tick` seconds; `utc_offset` in seconds."""
    by_day: dict[int, list[tuple[float, float]]] = {}
    for weekday, opens, closes in week:
        by_day.setdefault(weekday, []).append((opens, closes))
    closed = set(holidays)
    midnight = datetime(start.year, start.month, start.day)
    pieces = []
    for day in range(-2, int(horizon * tick // 86_400) + 3):
        local = midnight + timedelta(days=day)
        if local.date() in closed:
            continue
        offset = (local - start).total_seconds() - utc_offset
        for opens, closes in by_day.get(local.weekday(), ()):
            first = _ceil((offset + opens) / tick)
            last = _ceil((offset + closes) / tick)
            pieces.append((max(first, 0), min(last, horizon + 1)))
    return _merge(sorted(piece for piece in pieces if piece[0] < piece[1]))


def _ceil(x: float) -> int:
    return -int(-x // 1)


def _merge(pieces: list[tuple[int, int]]) -> NDArray[np.void]:
    """Touching and overlapping pieces become one; `before` is counted up."""
    joined: list[list[int]] = []
    for first, last in pieces:
        if joined and first <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    out = np.zeros(len(joined), SPAN)
    worked = 0
    for at, (first, last) in enumerate(joined):
        out[at] = (first, last, worked)
        worked += last - first
    return out
