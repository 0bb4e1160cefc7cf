"""Calendars agree with a walk from tick to tick: nights, weekends, holidays, offsets, a horizon that ends at night."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from called import business, end_of, left_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from funnelsim.chance.calendars import ALWAYS, SPAN, lay_out
from funnelsim.core.rows import Frame
from funnelsim.core.ticks import NEVER
from funnelsim.plan import features
from funnelsim.plan.layout import CALENDAR, NONE, PLAN
from funnelsim.scenario.hours import weekly_spans

MONDAY = datetime(2026, 1, 5)


def frame_of(spans: NDArray[np.void], first: int = 0) -> Frame:
    """A plan that has nothing but one calendar."""
    tables: dict[str, NDArray[Any]] = {name: np.zeros(1, dtype) for name, dtype in PLAN.tables.items()}
    tables["terms"]["uses"] = features.HOURS
    calendar = np.array([(first, spans.size if first >= 0 else 0)], CALENDAR)
    return Frame(PLAN, tables | {"spans": spans if spans.size else np.zeros(1, SPAN), "calendars": calendar})


def office(hours: str, start: datetime, horizon: int, tick: int, *holidays: date, offset: float = 0.0) -> Frame:
    """The plan of written hours."""
    week = weekly_spans(hours)
    assert week is not None
    return frame_of(lay_out(week, holidays, offset, start, horizon, tick))


def walked(hours: str, start: datetime, horizon: int, tick: int, *holidays: date, offset: float = 0.0) -> list[bool]:
    """Whether each tick up to the horizon, it included, is open: its own instant looked up on the wall."""
    week = weekly_spans(hours)
    assert week is not None
    out = []
    for at in range(horizon + 1):
        local = start + timedelta(seconds=at * tick + offset)
        second = (local - datetime(local.year, local.month, local.day)).total_seconds()
        works = any(day == local.weekday() and opens <= second < closes for day, opens, closes in week)
        out.append(works and local.date() not in holidays)
    return out


HOURS = st.sampled_from(
    [
        "mon-fri 9-17",
        "mon-thu 9-12 13-17:30, fri 9-15",
        "mon-sun 22-6",
        "sat 8-12, sun 23-24",
        "mon-sun 0-24",
        "wed 7:01-7:02 7:03-19",
        "sun-tue 0-0:30 23:45-24",
    ]
)
STARTS = st.builds(lambda minutes: MONDAY + timedelta(minutes=minutes), st.integers(0, 14 * 1440))
HOLIDAYS = st.lists(st.integers(-2, 15).map(lambda day: (MONDAY + timedelta(days=day)).date()), max_size=4)
OFFSETS = st.sampled_from([0.0, 3600.0, -5 * 3600.0, 5.5 * 3600.0, 14 * 3600.0, -12 * 3600.0, 60.0])


@settings(max_examples=60)
@given(HOURS, STARTS, HOLIDAYS, OFFSETS, st.integers(1, 4 * 1440), st.sampled_from([60, 300, 3600, 7200]), st.data())
def test_a_calendar_agrees_with_a_walk_over_its_ticks(
    hours: str, start: datetime, holidays: list[date], offset: float, minutes: int, tick: int, data: st.DataObject
) -> None:
    horizon = max(1, minutes * 60 // tick)
    frame = office(hours, start, horizon, tick, *holidays, offset=offset)
    is_open = walked(hours, start, horizon, tick, *holidays, offset=offset)
    read = np.concatenate([[0], np.cumsum(is_open)])
    ticks = [*data.draw(st.lists(st.integers(0, horizon), min_size=1, max_size=10)), 0, horizon]
    for at in ticks:
        assert business(frame.address, 0, at) == read[at]
        for work in (1, 2, 7, 61, int(read[-1] - read[at]), 10_000):
            if work < 1:
                continue
            reached = np.flatnonzero(read[at:] - read[at] == work)
            wanted = at + int(reached[0]) if reached.size else NEVER
            assert end_of(frame.address, 0, at, work) == wanted, (at, work)


@settings(max_examples=30)
@given(HOURS, STARTS, HOLIDAYS, OFFSETS, st.integers(1, 20_000))
def test_spans_are_disjoint_ascending_and_counted(
    hours: str, start: datetime, holidays: list[date], offset: float, horizon: int
) -> None:
    week = weekly_spans(hours)
    assert week is not None
    spans = lay_out(week, holidays, offset, start, horizon, 60)
    assert (spans["open"] < spans["close"]).all()
    assert (spans["close"][:-1] < spans["open"][1:]).all(), "spans that touch are one"
    np.testing.assert_array_equal(np.cumsum(spans["close"] - spans["open"])[:-1], spans["before"][1:])
    assert spans.size == 0 or (spans["before"][0] == 0 and spans["open"][0] >= 0 and spans["close"][-1] <= horizon + 1)


def hour(days: int, at: float) -> int:
    """The tick, on ticks of an hour from Monday midnight on."""
    return days * 24 + int(at)


HAND_WORKED = [
    # begun at, hours of work, done at
    (hour(0, 9), 8, hour(0, 17)),  # a full day ends at closing time
    (hour(0, 9), 9, hour(1, 10)),  # one hour is left for Tuesday
    (hour(0, 17), 1, hour(1, 10)),  # at closing time nobody begins
    (hour(0, 3), 1, hour(0, 10)),  # before opening time: from nine on
    (hour(3, 16), 2, hour(7, 10)),  # Thursday, Friday is a holiday, the weekend: Monday
    (hour(4, 12), 1, hour(7, 10)),  # on the holiday
    (hour(5, 12), 40, hour(11, 17)),  # begun at the weekend: a working week
]


@pytest.mark.parametrize(("begun", "work", "done"), HAND_WORKED)
def test_business_time_by_hand(begun: int, work: int, done: int) -> None:
    frame = office("mon-fri 9-17", MONDAY, hour(14, 0), 3600, date(2026, 1, 9))
    assert end_of(frame.address, 0, begun, work) == done


def test_work_that_the_horizon_cuts_off_in_the_night_never_ends() -> None:
    frame = office("mon-fri 9-17", MONDAY, hour(1, 3), 3600)
    assert end_of(frame.address, 0, hour(0, 10), 7) == hour(0, 17)
    assert end_of(frame.address, 0, hour(0, 10), 8) == NEVER
    assert business(frame.address, 0, hour(1, 3)) == 8


def test_an_offset_moves_the_hours_against_the_scenario() -> None:
    """Nine o'clock at UTC+2 is seven o'clock of a scenario in UTC; a holiday is a local day."""
    frame = office("mon-fri 9-17", MONDAY, hour(14, 0), 3600, date(2026, 1, 6), offset=7200)
    assert end_of(frame.address, 0, 0, 1) == hour(0, 8)
    assert end_of(frame.address, 0, hour(0, 15), 1) == hour(2, 8)


def test_opening_and_closing_round_up_to_ticks() -> None:
    """On ticks of an hour a day from 9:20 to 17:20 is the ticks 10 to 17, whose own instants lie within."""
    week = ((0, 9 * 3600 + 1200, 17 * 3600 + 1200),)
    spans = lay_out(week, (), 0.0, MONDAY, 100, 3600)
    assert spans[["open", "close"]].tolist() == [(10, 18)]


def test_nobody_waits_for_no_calendar() -> None:
    frame = frame_of(np.zeros(0, SPAN), first=ALWAYS)
    for calendar in (NONE, 0):
        assert business(frame.address, calendar, 77) == 77
        assert end_of(frame.address, calendar, 77, 5) == 82


def test_what_is_left_of_interrupted_work_is_business_time_and_at_least_one_tick() -> None:
    frame = office("mon-fri 9-17", MONDAY, hour(14, 0), 3600)
    assert left_of(frame.address, 0, hour(0, 16), hour(1, 10), 5) == 3
    assert left_of(frame.address, 0, hour(0, 16), hour(0, 23), 5) == 4
    assert left_of(frame.address, 0, hour(0, 9), hour(0, 17), 8) == 1
    assert left_of(frame.address, NONE, 10, 13, 5) == 2


def test_a_calendar_without_hours_in_the_horizon_never_opens() -> None:
    frame = office("sat 9-12", MONDAY, hour(3, 0), 3600)
    assert business(frame.address, 0, hour(3, 0)) == 0
    assert end_of(frame.address, 0, 5, 1) == NEVER
