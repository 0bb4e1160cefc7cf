"""The plan's time: instants as ticks, the horizon, the buckets of results, and calendars."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from funnelsim.chance.calendars import ALWAYS, SPAN, lay_out
from funnelsim.core.ticks import NEVER
from funnelsim.plan.layout import CALENDAR
from funnelsim.scenario.meetings import Meetings
from funnelsim.scenario.model import Hours, Scenario

_ALL_DAY = tuple((day, 0, 86_400) for day in range(7))


@dataclass(frozen=True)
class Timeline:
    """Start, end and grain of a scenario; `tick` in seconds."""

    start: datetime
    end: datetime
    tick: int
    warmup: int

    @property
    def horizon(self) -> int:
        """Ticks from start to end."""
        return self.at(self.end)

    def at(self, instant: datetime) -> int:
        """The first tick at or after an instant; negative before the start."""
        return -int(-(instant - self.start).total_seconds() // self.tick)

    def ticks(self, seconds: float) -> int:
        """The nearest whole number of ticks, and at least one."""
        return max(1, round(seconds / self.tick))

    def when(self, tick: int) -> datetime:
        """The instant of a tick."""
        return self.start + timedelta(seconds=tick * self.tick)


def timeline_of(scenario: Scenario, first_lead: datetime | None, last_lead: datetime | None) -> Timeline:
    """A scenario's timeline; the leads' first and last instant stand in for `first lead` and `last lead`."""
    start = scenario.start
    if start is None:
        assert first_lead is not None
        start = datetime(first_lead.year, first_lead.month, first_lead.day)
    end = scenario.horizon.end(start)
    if end is None:
        assert last_lead is not None
        assert scenario.horizon.after_last is not None
        after = last_lead + timedelta(seconds=scenario.horizon.after_last)
        end = datetime(after.year, after.month, after.day) + timedelta(days=1)
    return Timeline(start, end, scenario.tick, round(scenario.warmup / scenario.tick))


def bucket_ends(timeline: Timeline, bucket: str) -> list[int]:
    """Ticks at which the buckets after the warm-up end, ascending; the last is the horizon."""
    instant = timeline.when(timeline.warmup)
    ends: list[int] = []
    while True:
        instant = _next_edge(instant, bucket)
        if timeline.at(instant) >= timeline.horizon:
            return [*ends, timeline.horizon]
        ends.append(timeline.at(instant))


def _next_edge(instant: datetime, bucket: str) -> datetime:
    """The first edge of the buckets after an instant: a midnight, a Monday, the first of a month or of a quarter."""
    midnight = datetime(instant.year, instant.month, instant.day)
    if bucket == "day":
        return midnight + timedelta(days=1)
    if bucket == "week":
        return midnight + timedelta(days=7 - midnight.weekday())
    step = 1 if bucket == "month" else 3 - (midnight.month - 1) % 3
    month = midnight.month - 1 + step
    return datetime(midnight.year + month // 12, month % 12 + 1, 1)


@dataclass
class Calendars:
    """Collects working calendars; equal ones share their rows."""

    timeline: Timeline
    spans: list[NDArray[np.void]] = field(default_factory=lambda: [np.zeros(0, SPAN)])
    rows: list[tuple[int, int]] = field(default_factory=list)
    _known: dict[Hours, int] = field(default_factory=dict)

    def enter(self, hours: Hours) -> int:
        """The row of a calendar."""
        if hours not in self._known:
            self._known[hours] = len(self.rows)
            self.rows.append(self._lay_out(hours))
        return self._known[hours]

    def enter_meetings(self, meetings: Meetings) -> int:
        """The row of a calendar that is open for a tick at each meeting."""
        instants = meetings.between(self.timeline.start, self.timeline.end)
        ticks = np.unique([self.timeline.at(instant) for instant in instants])
        spans = np.zeros(ticks.size, SPAN)
        spans["open"], spans["close"], spans["before"] = ticks, ticks + 1, np.arange(ticks.size)
        self.rows.append(self._file(spans))
        return len(self.rows) - 1

    def _lay_out(self, hours: Hours) -> tuple[int, int]:
        if hours.always:
            return ALWAYS, 0
        t = self.timeline
        spans = lay_out(hours.spans or _ALL_DAY, hours.holidays, hours.utc_offset, t.start, t.horizon, t.tick)
        return self._file(spans)

    def _file(self, spans: NDArray[np.void]) -> tuple[int, int]:
        """The first row of some spans, and how many there are."""
        first = sum(part.size for part in self.spans)
        self.spans.append(spans)
        return first, spans.size

    def span_rows(self) -> NDArray[np.void]:
        """All spans."""
        return np.concatenate(self.spans)

    def calendar_rows(self) -> NDArray[np.void]:
        """All calendars."""
        return np.array(self.rows, CALENDAR)


def spell(timeline: Timeline, start: datetime | None, until: datetime | None) -> tuple[int, int]:
    """First tick of a rep's employment (0 if before the start) and the tick from which the rep is gone."""
    first = 0 if start is None else max(0, timeline.at(start))
    return first, NEVER if until is None else max(0, timeline.at(until))
