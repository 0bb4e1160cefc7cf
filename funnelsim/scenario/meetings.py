"""Meetings: the dates on which a decision can fall, such as those of a board."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field, model_validator

from funnelsim.scenario.fields import DayOfMonth, Moment, Part, PositiveDuration
from funnelsim.scenario.refusal import Refusal
from funnelsim.scenario.units import say

SHORTEST = 3600.0
"""Seconds from one meeting to the next, at least."""


class Meetings(Part):
    """A day of every month, every so often from `first` on (None: the start), or given instants."""

    monthly: DayOfMonth | None = Field(default=None, description="a day of every month, at midnight")
    every: PositiveDuration | None = Field(default=None, description="time from one to the next")
    first: Moment | None = Field(default=None, description="the first; default the start")
    at: tuple[Moment, ...] | None = Field(default=None, description="instants", min_length=1)

    @model_validator(mode="after")
    def _one_way(self) -> Meetings:
        ways = [key for key in ("monthly", "every", "at") if getattr(self, key) is not None]
        if len(ways) != 1:
            found = f"found {' and '.join(ways)}" if ways else "found none of monthly, every and at"
            rule = "meetings are on a day of the month (`monthly`), `every` so often or `at` given instants"
            raise Refusal(found, rule, "write {monthly: 15}" if not ways else "keep one of them")
        if self.first is not None and self.every is None:
            raise Refusal(f"found first and {ways[0]}", "`first` goes with `every`", "remove it")
        if self.every is not None and self.every < SHORTEST:
            raise Refusal(f"found every {say(self.every)}", f"meetings are {say(SHORTEST)} apart at least")
        return self

    def between(self, start: datetime, end: datetime) -> list[datetime]:
        """The meetings from `start` to before `end`, in order."""
        if self.at is not None:
            return sorted({instant for instant in self.at if start <= instant < end})
        if self.every is not None:
            step, first = timedelta(seconds=self.every), self.first or start
            n = max(0, -((first - end) // step))
            return [instant for nth in range(n) if (instant := first + nth * step) >= start]
        months = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
        days = [datetime(month // 12, month % 12 + 1, self.monthly or 1) for month in months]
        return [day for day in days if start <= day < end]
