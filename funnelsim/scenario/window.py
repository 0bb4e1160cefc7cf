"""The window of a scenario: from its start to its horizon, where both can be known from the file and its lead lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from funnelsim.scenario.model import Scenario


@dataclass(frozen=True)
class Window:
    """First instant and end of a run; None where it is not known."""

    start: datetime | None
    end: datetime | None

    @property
    def seconds(self) -> float | None:
        """Length in seconds."""
        return None if self.start is None or self.end is None else (self.end - self.start).total_seconds()


def window(scenario: Scenario, leads: Iterable[tuple[datetime, datetime]]) -> Window:
    """The window of a scenario, given the first and the last instant of each lead list."""
    leads = list(leads)
    start = scenario.start or min((first for first, _ in leads), default=None)
    if scenario.horizon.after_last is not None:
        last = max((last for _, last in leads), default=None)
        end = None if last is None else last + timedelta(seconds=scenario.horizon.after_last)
    else:
        end = None if start is None else scenario.horizon.end(start)
    return Window(start, end)
