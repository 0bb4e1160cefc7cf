"""Tables that are none of journeys: each is refused in words that name the column, the rows and the way out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from attribution.comparison import credit
from attribution.journeys import JourneysError, from_events, from_paths

RIGHT = {"prospect": [1, 2], "time": [1.0, 2.0], "channel": ["a", "b"], "conversion": [0, 1]}
NAN, INF = float("nan"), float("inf")


def named(**changes: Any) -> pa.Table:
    """The table that is right, with other columns."""
    return pa.table({**RIGHT, **changes})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"channel": pa.nulls(2)}, "channel: no channel in row 0; name it, or mark the row as a conversion"),
        ({"channel": ["", "b"]}, "channel: a channel without a name in row 0; name it"),
        ({"channel": [["a"], ["b"]]}, "channel: is list<item: string>; make it a text"),
        ({"channel": [0.5, 1.5]}, "channel: is double; make it a text"),
        ({"prospect": [{"x": 1}, {"x": 2}]}, "prospect: is struct<x: int64>; make it a text"),
        ({"prospect": [None, 2]}, "prospect: nothing in row 0; every event has one"),
        ({"conversion": ["yes", "no"]}, "conversion: is string; make it true and false, or 1 and 0"),
        ({"conversion": [0.5, 1]}, "conversion: neither 0 nor 1 in row 0; write a row for each conversion"),
        ({"conversion": [NAN, 1]}, "conversion: neither 0 nor 1 in row 0; write a row for each conversion"),
        ({"conversion": [1, -1]}, "conversion: neither 0 nor 1 in row 1; write a row for each conversion"),
        ({"conversion": [300, 256]}, "conversion: neither 0 nor 1 in rows 0, 1; write a row for each conversion"),
        ({"value": ["x", "y"]}, "value: is string; make it a number"),
        ({"value": [1.0, NAN]}, "value: not a number in row 1; write 0 where nothing was paid"),
        ({"value": [INF, 1.0]}, "value: not a number in row 0; write 0 where nothing was paid"),
        ({"time": [None, 1.0]}, "time: nothing in row 0; every event has one"),
        ({"time": [NAN, 1.0]}, "time: not a number of days in row 0; write one below 100,000,000"),
        ({"time": [1.0, -INF]}, "time: not a number of days in row 1; write one below 100,000,000"),
        ({"time": [1e300, 1.0]}, "time: not a number of days in row 0; write one below 100,000,000"),
        ({"time": [True, False]}, "time: is bool; make it a timestamp, a date or a number of days"),
        ({"time": [dt.time(1), dt.time(2)]}, "time: is time64[us]; make it a timestamp, a date or a number of days"),
        ({"time": ["2026-01-01", "2026-01-02T00:00+02"]}, "time: is string; make it a timestamp, a date"),
        ({"kind": [None, "touch"]}, "kind: nothing in row 0; say what the row is"),
        ({"kind": [1, 2]}, "kind: '1' in row 0; a kind is one of arrival, touch, milestone, conversion, loss, sales"),
        ({"observed": ["x", "y"]}, "observed: is string; make it true and false, or 1 and 0"),
        ({"observed": [0, 2]}, "observed: neither 0 nor 1 in row 1; write 1 where it was seen"),
        ({"replication": ["a", "b"]}, "replication: is string; make it a whole number"),
        ({"segment": [[1], [2]]}, "segment: is list<item: int64>; make it a text"),
        ({"milestone": [[1], [2]]}, "milestone: is list<item: int64>; make it a text"),
    ],
)
def test_events(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(JourneysError) as error:
        from_events(named(**changes))
    assert str(error.value).startswith(f"events: {says}")


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(JourneysError) as error:
        from_events(named(value=["x", "y"], conversion=["no", "yes"], replication=[0.5, 1.5]))
    assert [line.split(":")[1] for line in str(error.value).splitlines()] == [" value", " replication", " conversion"]


@pytest.mark.parametrize("table", [5, None, "touches.csv", [1, 2]])
def test_what_is_no_table(table: Any) -> None:
    with pytest.raises(JourneysError, match=r"events: found \w+; give a table"):
        from_events(table)


@pytest.mark.parametrize(
    ("paths", "more", "says"),
    [
        ([1, 2], {}, "paths: path: not texts"),
        ("a > b", {}, "paths: path: found one text; give a list of them, one a path"),
        (["a"], {"converted": ["x"]}, "paths: converted: not numbers"),
        (["a"], {"lost": [None]}, "paths: lost: not a count in row 0"),
        (["a"], {"value": [INF]}, "paths: value: not a number in row 0; write 0 where nothing was paid"),
    ],
)
def test_paths(paths: Any, more: dict[str, Any], says: str) -> None:
    with pytest.raises(JourneysError) as error:
        from_paths(paths, **more)
    assert str(error.value).startswith(says)


@pytest.mark.parametrize(
    "changes",
    [
        {"prospect": [1.5, 2.5]},
        {"prospect": [True, False]},
        {"prospect": pa.array(["u", "v"]).dictionary_encode()},
        {"channel": [1, 2]},
        {"channel": pa.array(["a", "b"]).dictionary_encode()},
        {"conversion": [False, True]},
        {"conversion": [None, 1]},
        {"segment": [None, "s"]},
        {"observed": [None, 1]},
        {"time": pa.array([dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 2)], pa.timestamp("ms", tz="Europe/Vienna"))},
        {"time": [dt.date(2026, 1, 1), dt.date(2026, 1, 2)]},
        {"value": pa.array([1, None])},
    ],
)
def test_what_can_be_read_is_read(changes: dict[str, Any]) -> None:
    journeys = from_events(named(**changes))
    assert (journeys.n, journeys.conversions, dict(journeys.left_out)) == (2, 1.0, {})
    assert credit(journeys)["conversions"].sel(model="last").values.tolist() == [0.0, 1.0]


def test_nothing_is_no_journeys() -> None:
    schema = pa.schema({"prospect": pa.int64(), "time": pa.float64(), "channel": pa.string()})
    nothing = schema.empty_table()
    assert from_events(nothing).n == 0
    assert credit(from_events(nothing))["conversions"].sizes["channel"] == 0
    assert from_paths([]).n == 0


def test_a_milestone_of_another_name_is_left_out_and_counted() -> None:
    table = pa.table(
        {
            "prospect": [1, 1, 1],
            "time": [1.0, 2.0, 3.0],
            "channel": ["a", None, None],
            "kind": ["touch", "milestone", "milestone"],
            "milestone": [None, "demo", "lead"],
        }
    )
    assert from_events(table).left_out == {"milestones of another name": 1}


def test_where_nobody_was_seen_there_are_no_journeys() -> None:
    journeys = from_events(named(conversion=[0, 0], observed=[False, False], segment=["x", "y"]))
    assert (journeys.n, dict(journeys.left_out)) == (0, {"touches that nobody saw": 2})
