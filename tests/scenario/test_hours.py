"""Working hours are the spans of a week that people write."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from funnelsim.scenario.hours import ALWAYS, Hours, weekly_spans
from funnelsim.scenario.refusal import Refusal

H = 3600


def hours(text: str, *holidays: date, offset: float = 0.0) -> Hours:
    """Hours with holidays and an offset in seconds."""
    return Hours.model_construct(spans=weekly_spans(text), holidays=holidays, utc_offset=offset)


def test_office_hours() -> None:
    assert weekly_spans("mon-fri 9-17") == tuple((day, 9 * H, 17 * H) for day in range(5))


def test_a_break_for_lunch_and_a_short_friday() -> None:
    expected = [(day, *span) for day in range(4) for span in ((9 * H, 12 * H), (13 * H, 17 * H + 1800))]
    assert weekly_spans("mon-thu 9-12 13-17:30, fri 9-15") == (*expected, (4, 9 * H, 15 * H))


@pytest.mark.parametrize(
    "text", ["Mon-Fri 9-17", "mon - fri 9 - 17", " mon-fri  9:00-17:00 ", "mon-wed 9-17, thu-fri 9-17"]
)
def test_the_same_week_in_other_words(text: str) -> None:
    assert weekly_spans(text) == weekly_spans("mon-fri 9-17")


def test_a_week_that_runs_over_sunday() -> None:
    assert weekly_spans("sat-mon 9-10") == ((0, 9 * H, 10 * H), (5, 9 * H, 10 * H), (6, 9 * H, 10 * H))


def test_a_night_shift_ends_on_the_next_day() -> None:
    assert weekly_spans("sun 22-6") == ((0, 0, 6 * H), (6, 22 * H, 24 * H))
    assert weekly_spans("mon 22-0") == ((0, 22 * H, 24 * H),)


def test_spans_that_touch_are_one() -> None:
    assert weekly_spans("mon 9-12 12-17") == ((0, 9 * H, 17 * H),)


def test_always_is_every_hour() -> None:
    assert weekly_spans("always") is None
    assert ALWAYS.always
    assert not hours("always", date(2026, 1, 1)).always


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mon",
        "9-17",
        "mon-fri 9",
        "mon-fri 9-17,",
        "mon-fri 9-25",
        "mon-fri 9-17 16-18",
        "mon-fri 9:60-17",
        "mon 9-9",
        "mon-fri-sun 9-17",
        "monday 9-17",
        "mon-fri nine to five",
        "mon 24-25",
        "sun 22-6, mon 5-9",
        9,
        ["mon"],
    ],
)
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(Refusal):
        weekly_spans(text)


MONDAY = datetime(2026, 1, 5)


@pytest.mark.parametrize(
    ("week", "start", "end", "opens"),
    [
        (hours("mon-fri 9-17"), MONDAY, datetime(2026, 1, 6), True),
        (hours("mon-fri 9-17"), MONDAY, datetime(2026, 1, 5, 9), False),
        (hours("mon-fri 9-17"), MONDAY, datetime(2026, 1, 5, 9, 0, 1), True),
        (hours("mon-fri 9-17"), datetime(2026, 1, 9, 17), datetime(2026, 1, 12, 9), False),
        (hours("mon-fri 9-17", date(2026, 1, 5)), MONDAY, datetime(2026, 1, 6), False),
        (hours("mon-fri 9-17", offset=9 * H), MONDAY, datetime(2026, 1, 5, 1), True),
        (hours("mon-fri 9-17", offset=-5 * H), MONDAY, datetime(2026, 1, 5, 14), False),
        (hours("always"), MONDAY, datetime(2026, 1, 5, 0, 0, 1), True),
        (hours("always", date(2026, 1, 5)), MONDAY, datetime(2026, 1, 6), False),
    ],
)
def test_whether_a_week_opens_between_two_instants(week: Hours, start: datetime, end: datetime, opens: bool) -> None:
    assert week.opens_between(start, end) is opens
