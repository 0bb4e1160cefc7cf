"""Journeys apart: by segment, or by the day, week, month, quarter or year in which they ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.journeys.ragged import Journeys

PERIODS: Final = {"day": "D", "week": "W", "month": "M", "quarter": "M", "year": "Y"}
MONDAY: Final = 4
"""Days from 1970-01-01, a Thursday, to the first Monday."""


def apart(journeys: Journeys, by: str) -> Iterator[tuple[str, Journeys]]:
    """The journeys of each segment or period, with its name, in order; those without any have no journeys.

    Periods are those of the end of a journey, on the clock of the log: `2026-03-02` (a day, or a week's Monday),
    `2026-03`, `2026-Q1`, `2026`. Raises ValueError where journeys have no segments or times, and for another word.
    """
    if by == "segment":
        if journeys.segment is None:
            raise ValueError("by segment: these journeys have no segments; name the column with segment=...")
        for code, name in enumerate(journeys.segments):
            yield name, journeys.take(journeys.segment == code)
        return
    if by not in PERIODS:
        raise ValueError(f"by {by}: it must be segment, {', '.join(PERIODS)}")
    if journeys.end is None:
        raise ValueError(f"by {by}: it needs the times of touches; these journeys know only their order")
    names, period = _periods(journeys.end, by)
    for code, name in enumerate(names):
        yield name, journeys.take(period == code)


def _periods(end: NDArray[np.int64], by: str) -> tuple[list[str], NDArray[np.int64]]:
    """Names of the periods from the first to the last, and the number of each instant's."""
    days = end.view("datetime64[us]").astype("datetime64[D]")
    if by == "week":
        weeks = (days.astype(np.int64) - MONDAY) // 7
        first, last = (int(weeks.min()), int(weeks.max())) if weeks.size else (0, -1)
        mondays = np.arange(first, last + 1) * 7 + MONDAY
        return [str(day) for day in mondays.astype("datetime64[D]")], weeks - first
    unit = days.astype(f"datetime64[{PERIODS[by]}]")
    number = unit.astype(np.int64) // (3 if by == "quarter" else 1)
    first, last = (int(number.min()), int(number.max())) if number.size else (0, -1)
    every = np.arange(first, last + 1)
    if by == "quarter":
        return [f"{1970 + at // 4}-Q{at % 4 + 1}" for at in every], number - first
    return [str(each) for each in every.astype(f"datetime64[{PERIODS[by]}]")], number - first
