"""Windows: what is left of journeys, at the very boundary too, and that everything which goes is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.journeys import (
    Journeys,
    conversion_window,
    from_events,
    from_paths,
    ignore_direct,
    lookback,
    only,
    without,
)
from attribution.models import LEAD_CREATION, First, Last, LastNot, Linear

from .drawn import NAMES, ROWS, Row, counted, journeys_of, order_alone, rows_of

HALF_DAYS = st.integers(1, 6).map(lambda n: n / 2)
SOME = st.sets(st.sampled_from(NAMES))
ROW = Row(("a", "b", "a", "direct"), (0, 24, 30, 47), (0, 2), 48, 1, 0, 5)


def with_touches(rows: list[Row], stays: Callable[[Row], list[int]]) -> list[Row]:
    """What is left of rows, without those that have nothing left."""
    return [row.with_touches(stays(row)) for row in rows if stays(row)]


def everything(before: Journeys, after: Journeys) -> None:
    """Touches, conversions and other journeys are there or counted."""
    reasons = counted(before, after)
    gone = {
        kind: sum(n for why, n in reasons.items() if why.startswith(kind)) for kind in ("touches", "conv", "journeys")
    }
    assert sum(gone.values()) == sum(reasons.values())
    assert after.n_touches + gone["touches"] == before.n_touches
    assert after.conversions + gone["conv"] == before.conversions
    assert after.lost.sum() + gone["journeys"] == before.lost.sum()


def test_adobe_lookback_of_a_visit() -> None:
    """Adobe Analytics, page on attribution models: 50 USD, touches 9, 6, 0 and 0 days before, two in its visit."""
    log = {
        "prospect": [1] * 5,
        "time": [0.0, 3.0, 9.0, 9.0, 9.0],
        "kind": ["touch"] * 4 + ["conversion"],
        "channel": ["paid_search", "social", "email", "display", None],
        "value": [0.0] * 4 + [50.0],
    }
    visit = lookback(from_events(pa.table(log)), days=1 / 48)
    email, display = (visit.channels.index(name) for name in ("email", "display"))
    assert First().credit(visit).value[email] == 50
    assert Linear().credit(visit).value[[email, display]].tolist() == [25, 25]


@pytest.mark.parametrize(
    ("limits", "stays", "reasons"),
    [
        ({"days": 1}, [1, 2, 3], {"touches more than 1 days before the end": 1}),
        ({"days": 23.999 / 24}, [2, 3], {"touches more than 0.999958 days before the end": 2}),
        ({"days": 2}, [0, 1, 2, 3], {}),
        ({"touches": 3}, [1, 2, 3], {"touches before the last 3": 1}),
        ({"touches": 4}, [0, 1, 2, 3], {}),
        (
            {"days": 1, "touches": 2},
            [2, 3],
            {"touches more than 1 days before the end": 1, "touches before the last 2": 1},
        ),
    ],
)
def test_lookback_by_hand(limits: dict[str, Any], stays: list[int], reasons: dict[str, int]) -> None:
    """Touches 48, 24, 18 and 1 hours before the end: one exactly `days` before it is kept."""
    journeys = journeys_of([ROW])
    found = lookback(journeys, **limits)
    assert rows_of(found) == [ROW.with_touches(stays)]
    assert counted(journeys, found) == reasons


@given(rows=ROWS, days=st.none() | HALF_DAYS, touches=st.none() | st.integers(1, 4))
def test_lookback(rows: list[Row], days: float | None, touches: int | None) -> None:
    """The same without arrays; days come first, and touches of what these leave."""
    journeys = journeys_of(rows)
    if days is None and touches is None:
        with pytest.raises(ValueError, match="lookback: no limit; give days, touches or both"):
            lookback(journeys)
        return

    def stays(row: Row) -> list[int]:
        late = [at for at, hour in enumerate(row.hours) if days is None or row.end - hour <= 24 * days]
        return late if touches is None else late[-touches:]

    found = lookback(journeys, days, touches)
    assert rows_of(found) == with_touches(rows, stays)
    everything(journeys, found)
    again = lookback(found, days, touches)
    assert rows_of(again) == rows_of(found)
    assert again.left_out == found.left_out
    if days is not None and touches is not None:
        assert rows_of(lookback(lookback(journeys, days), touches=touches)) == rows_of(found)
    if days is None:
        np.testing.assert_array_equal(lookback(order_alone(journeys), touches=touches).channel, found.channel)


def test_touches_before_days_leave_the_same_under_another_reason() -> None:
    journeys = journeys_of([ROW])
    found, other = lookback(journeys, 1, 2), lookback(lookback(journeys, touches=2), 1)
    assert rows_of(other) == rows_of(found)
    assert counted(journeys, other) == {"touches before the last 2": 2}


@given(rows=ROWS, channels=SOME)
def test_channel_filters(rows: list[Row], channels: set[str]) -> None:
    """The same without arrays; what one filter takes the other leaves, and nothing else."""
    journeys = journeys_of(rows)
    left, taken = without(journeys, channels), only(journeys, channels)
    assert rows_of(left) == with_touches(rows, lambda row: [a for a, c in enumerate(row.path) if c not in channels])
    assert rows_of(taken) == with_touches(rows, lambda row: [a for a, c in enumerate(row.path) if c in channels])
    assert left.n_touches + taken.n_touches == journeys.n_touches
    assert left.channels == taken.channels == journeys.channels
    for found in (left, taken):
        everything(journeys, found)
    assert rows_of(only(journeys, set(NAMES) - channels)) == rows_of(left)
    assert rows_of(without(left, channels)) == rows_of(left)


def test_one_name_is_one_channel_and_not_its_letters() -> None:
    """Nor is it a part of another's: `a` goes, `aa` stays."""
    journeys = from_paths(["a > aa > b", "a"], [1, 2], [0, 3])
    found = without(journeys, "a")
    assert [found.channels[code] for code in found.channel] == ["aa", "b"]
    assert found.left_out == {
        "touches of channels filtered out": 2,
        "conversions without a touch of the channels kept": 2,
        "journeys without a conversion or a touch of the channels kept": 3,
    }
    assert only(journeys, "aa").left_out["touches of channels filtered out"] == 3


@given(rows=ROWS)
def test_direct_is_ignored_unless_it_is_alone(rows: list[Row]) -> None:
    """Then the last touch is the last that is not direct, by a model that is older than the filter."""
    journeys = journeys_of(rows)
    found = ignore_direct(journeys)
    everything(journeys, found)
    assert found.n == journeys.n
    expected = LastNot("direct").credit(journeys)
    np.testing.assert_array_equal(Last().credit(found).conversions, expected.conversions)
    assert all("direct" not in row.path or set(row.path) == {"direct"} for row in rows_of(found))


@pytest.mark.parametrize(
    ("hours", "since", "credited"),
    [(24, "last", True), (25, "last", False), (24, "first", False), (10, "first", True), (11, "first", False)],
)
def test_conversion_window_by_hand(hours: int, since: str, credited: bool) -> None:
    """Touches 14 hours apart, and a window of a day: a conversion exactly that late counts."""
    row = Row(("a", "b"), (0, 14), (-1, -1), 14 + hours, 1, 0, 7)
    found = conversion_window(journeys_of([row]), 1, since=since)
    assert rows_of(found) == [row if credited else replace(row, converted=0, lost=1, value=0)]


@given(rows=ROWS, days=HALF_DAYS, since=st.sampled_from(["first", "last"]))
def test_conversion_window(rows: list[Row], days: float, since: str) -> None:
    """The same without arrays: a journey that converts too late stays, and did not convert."""
    journeys = journeys_of(rows)
    found = conversion_window(journeys, days, since=since)
    expected, late = [], 0.0
    for row in rows:
        counts = row.end - row.hours[0 if since == "first" else -1] <= 24 * days
        late += 0 if counts else row.converted
        expected.append(row if counts else replace(row, converted=0, lost=row.lost + row.converted, value=0))
    assert rows_of(found) == expected
    why = f"conversions more than {days:g} days after the {since} touch"
    assert counted(journeys, found) == ({why: late} if late else {})
    assert rows_of(conversion_window(found, days, since=since)) == expected


def test_milestones_move_to_the_touch_before() -> None:
    """By hand: the lead came of `b`; without `b` it is that of the touch before, and without any it is nobody's."""
    row = Row(("a", "b", "direct"), (0, 1, 2), (1, -1), 3, 1, 0, 1)
    journeys = journeys_of([row])
    assert LEAD_CREATION.credit(without(journeys, "b")).conversions.tolist() == [1, 0, 0, 0]
    assert LEAD_CREATION.credit(lookback(journeys, touches=1)).conversions.tolist() == [0, 0, 0, 0]
    # Negative control: numbers that stay where they were would credit the touch after the milestone.
    stale = replace(without(journeys, "b"), milestones=journeys.milestones)
    assert LEAD_CREATION.credit(stale).conversions.tolist() == [0, 0, 0, 1]


def test_nothing_is_left() -> None:
    """All of it is counted, and models still answer."""
    found = only(journeys_of([ROW, replace(ROW, converted=0, lost=2)]), [])
    assert (found.n, found.n_touches) == (0, 0)
    assert found.left_out["conversions without a touch of the channels kept"] == 1
    assert found.left_out["journeys without a conversion or a touch of the channels kept"] == 2
    assert Linear().credit(found).conversions.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda j: lookback(j, 0), "lookback: days: 0; it must be a number above 0"),
        (lambda j: lookback(j, float("nan")), "lookback: days: nan; it must be a number above 0"),
        (lambda j: lookback(j, touches=0), "lookback: touches: 0; it must be at least 1"),
        (lambda j: lookback(order_alone(j), 30), "lookback: days need the times of touches and ends; these journeys"),
        (lambda j: conversion_window(order_alone(j), 30), "conversion_window: days need the times of touches"),
        (lambda j: conversion_window(j, -1), "conversion_window: days: -1; it must be a number above 0"),
        (lambda j: conversion_window(j, 1, since="any"), "conversion_window: since: 'any'; it must be one of last, f"),
        (lambda j: without(j, ["a", "x", "y"]), "without: no channel 'x', 'y'; known are a, aa, b, direct"),
        (lambda j: only(j, "x"), "only: no channel 'x'; known are"),
        (lambda j: ignore_direct(j, "Direct"), "ignore_direct: no channel 'Direct'; known are"),
    ],
)
def test_what_is_wrong_is_said(wrong: Callable[[Journeys], Journeys], says: str) -> None:
    with pytest.raises(ValueError) as error:
        wrong(journeys_of([ROW]))
    assert str(error.value).startswith(says)
