"""Events become journeys: whole journeys by hand, the same from any order and any frame, and errors in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from attribution.comparison import credit
from attribution.journeys import Journeys, JourneysError, from_events, from_paths
from attribution.models import ALL

LOG = [
    # prospect, day, kind, channel, value
    ("ann", 1.0, "touch", "search", None),
    ("ann", 3.0, "touch", "mail", None),
    ("ann", 3.0, "conversion", None, 100.0),
    ("ann", 5.0, "touch", "ads", None),
    ("ann", 6.0, "conversion", None, 20.0),
    ("bob", 2.0, "touch", "ads", None),
    ("eve", 4.0, "conversion", None, 7.0),
    ("ann", 9.0, "touch", "mail", None),
]


def table(rows: list[tuple[Any, ...]] = LOG) -> pa.Table:
    """A table of events."""
    names = ("prospect", "time", "kind", "channel", "value")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def told(journeys: Journeys) -> list[tuple[str, float, float]]:
    """Path, conversions and value of each journey."""
    names = np.array(journeys.channels)
    paths = [
        " > ".join(names[journeys.channel[a:b]])
        for a, b in zip(journeys.offsets[:-1], journeys.offsets[1:], strict=True)
    ]
    return list(zip(paths, journeys.converted.tolist(), journeys.value.tolist(), strict=True))


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        ("since", [("search > mail", 1, 100), ("ads", 1, 20), ("mail", 0, 0), ("ads", 0, 0)]),
        ("all", [("search > mail", 1, 100), ("search > mail > ads", 1, 20), ("mail", 0, 0), ("ads", 0, 0)]),
        ("first", [("search > mail", 1, 100), ("ads", 0, 0)]),
    ],
)
def test_further_conversions(again: str, expected: list[tuple[str, float, float]]) -> None:
    journeys = from_events(table(), again=again)
    assert told(journeys) == expected
    assert journeys.left_out["conversions without a touch"] == 1
    assert journeys.left_out.get("touches after the first conversion", 0) == (2 if again == "first" else 0)


def test_every_touch_is_in_a_journey_or_left_out() -> None:
    rng = np.random.default_rng(3)
    n = 5000
    rows = pa.table(
        {
            "prospect": rng.integers(0, 700, n),
            "time": rng.integers(0, 50, n),
            "kind": rng.choice(["touch", "conversion"], n, p=[0.9, 0.1]),
            "channel": rng.choice(["a", "b", "c"], n),
        }
    )
    n_touches = (np.asarray(rows["kind"]) == "touch").sum()
    since, first = from_events(rows), from_events(rows, again="first")
    assert since.n_touches == n_touches
    assert first.n_touches + first.left_out["touches after the first conversion"] == n_touches
    assert since.conversions + since.left_out["conversions without a touch"] == n - n_touches


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(len(LOG))
    journeys = from_events(table([LOG[at] for at in shuffled]))
    assert sorted(told(journeys)) == sorted(told(from_events(table())))


def test_pandas_and_a_log_with_a_flag() -> None:
    """A converting row that names a channel is a touch as well; days, timestamps and other names are the same."""
    log = pd.DataFrame(
        {
            "user": ["u", "u", "v"],
            "seen_at": pd.to_datetime(["2026-01-01", "2026-01-03", "2026-01-02"]),
            "source": ["ads", "mail", "ads"],
            "conversion": [False, True, False],
        }
    )
    columns = {"prospect": "user", "time": "seen_at", "channel": "source"}
    assert told(from_events(log, columns=columns)) == [("ads > mail", 1, 1), ("ads", 0, 0)]


def test_what_nobody_saw_is_left_out_and_counted() -> None:
    events = table().append_column("observed", pa.array([True] * 3 + [False] + [True] * 4))
    journeys = from_events(events)
    assert ("ads", 1, 20) not in told(journeys)
    assert journeys.left_out == {"touches that nobody saw": 1, "conversions without a touch": 2}


def test_paths() -> None:
    journeys = from_paths(["a > b > a", "b"], [2, 0], [1, 4], [30.0, 0.0])
    assert journeys.channels == ("a", "b")
    assert told(journeys) == [("a > b > a", 2, 30), ("b", 0, 0)]
    assert journeys.lost.tolist() == [1, 4]


@pytest.mark.parametrize(
    ("rows", "columns", "says"),
    [
        (
            {"prospect": [1], "time": [1.0]},
            {},
            "events: channel: there is no such column; the table has prospect, time",
        ),
        ({"prospect": [1], "time": [1.0], "channel": ["a"]}, {"who": "prospect"}, "events: columns: names who"),
        (
            {"prospect": [1, None], "time": [1.0, None], "channel": ["a", "b"]},
            {},
            "events: prospect: nothing in row 1; every event has one\nevents: time: nothing in row 1",
        ),
        (
            {"prospect": [1, 2], "time": [1.0, 2.0], "channel": ["a", "b"], "kind": ["touch", "tuch"]},
            {},
            "events: kind: 'tuch' in row 1; a kind is one of arrival, touch",
        ),
        (
            {"prospect": [1], "time": ["monday"], "channel": ["a"]},
            {},
            "events: time: is string; make it a timestamp, a date or a number of days",
        ),
        (
            {"prospect": [1, 1], "time": [1.0, 2.0], "channel": ["a", None]},
            {},
            "events: channel: no channel in row 1; name it, or mark the row as a conversion",
        ),
        (
            {"prospect": [1], "time": [1.0], "channel": ["a"], "conversion": [3]},
            {},
            "events: conversion: neither 0 nor 1 in row 0; write a row for each conversion",
        ),
        (
            {"prospect": [1], "time": [1.0], "channel": [None], "kind": ["touch"]},
            {},
            "events: channel: a touch without a channel in row 0; name it",
        ),
    ],
)
def test_what_is_wrong_with_events_is_said(rows: dict[str, Any], columns: dict[str, str], says: str) -> None:
    with pytest.raises(JourneysError) as error:
        from_events(pa.table(rows), columns=columns)
    assert str(error.value).startswith(says)


@pytest.mark.parametrize(
    ("paths", "counts", "says"),
    [
        (["a > > b", "a"], {}, "paths: path: a channel without a name in row 0; write a name on each side"),
        ([None, "a"], {}, "paths: path: no path in row 0; leave the row out"),
        (["a", "b"], {"converted": [1, -1]}, "paths: converted: not a count in row 1; a count is a number from 0 on"),
        (["a", "b"], {"lost": [float("nan"), 1]}, "paths: lost: not a count in row 0"),
        (["a", "b"], {"value": [1.0]}, "paths: value: has 1 numbers for 2 paths; give one a path"),
        (["a"] * 9, {"converted": [-1] * 9}, "paths: converted: not a count in rows 0, 1, 2, 3, 4 and 4 more"),
    ],
)
def test_what_is_wrong_with_paths_is_said(paths: list[Any], counts: dict[str, Any], says: str) -> None:
    with pytest.raises(JourneysError) as error:
        from_paths(paths, **counts)
    assert str(error.value).startswith(says)


def test_what_is_there_twice_counts_twice_and_is_told() -> None:
    """The same touch at the same instant; not another channel, nor a conversion, nor another prospect."""
    twice = [
        ("ann", 1.0, "touch", "search", None),
        ("eve", 1.0, "touch", "mail", None),
        ("bob", 2.0, "touch", "ads", None),
    ]
    journeys = from_events(table([*LOG, *twice]))
    assert journeys.noticed == {"events that are the same as another at the same instant": 2}
    assert ("search > search > mail", 1, 100) in told(journeys)
    assert credit(journeys, [ALL[0]]).attrs["noticed: events that are the same as another at the same instant"] == 2


def test_a_milestone_is_where_it_was_first() -> None:
    """A second lead, after another touch, moves nothing; what comes before any touch is before none."""
    rows = [(1.0, "touch", "a", None), (2.0, "milestone", None, "lead"), (3.0, "touch", "b", None)]
    rows += [(4.0, "milestone", None, "lead"), (0.5, "milestone", None, "mql"), (5.0, "conversion", None, None)]
    time, kind, channel, milestone = zip(*rows, strict=True)
    found = from_events(
        pa.table({"prospect": [1] * 6, "time": time, "kind": kind, "channel": channel, "milestone": milestone})
    )
    assert found.milestones is not None
    assert dict(zip(found.milestone_names, found.milestones[0].tolist(), strict=True)) == {
        "lead": 0, "mql": -1, "sal": -1, "sql": -1, "opportunity": -1,
    }  # fmt: skip
