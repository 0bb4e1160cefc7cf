"""Frames of other libraries: whatever a log comes in, it is the same journeys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from attribution import Journeys, JourneysError, from_events, from_paths

from .test_groups import log

TEXTS = ["prospect", "channel", "segment"]


def events() -> pa.Table:
    """A log whose prospects have names, with values, that is in no order."""
    table = log(400)
    names = pa.array([f"user {each}" for each in table["prospect"].to_pylist()])
    value = np.round(np.random.default_rng(1).random(400) * 90, 2)
    return table.set_column(0, "prospect", names).append_column("value", pa.array(value))


def frame() -> pd.DataFrame:
    return events().to_pandas()


def reader(table: pa.Table) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=37))


def rows(journeys: Journeys) -> list[tuple[Any, ...]]:
    """Everything that is known of each journey, by prospect: whose comes first depends on how a column is coded."""
    whose = range(journeys.n) if journeys.prospect is None else journeys.prospect.tolist()
    time = np.zeros(journeys.n_touches, np.int64) if journeys.time is None else journeys.time
    found = []
    for j, prospect in enumerate(whose):
        touches = slice(journeys.offsets[j], journeys.offsets[j + 1])
        path = [journeys.channels[code] for code in journeys.channel[touches]]
        end = None if journeys.end is None else int(journeys.end[j])
        segment = None if journeys.segment is None else journeys.segments[journeys.segment[j]]
        counts = journeys.converted[j], journeys.lost[j], journeys.value[j]
        found.append((prospect, end, path, time[touches].tolist(), *counts, segment))
    return sorted(found)


def same(one: Journeys, other: Journeys) -> None:
    """The same journeys, names and types of arrays."""
    assert rows(one) == rows(other)
    for field in fields(Journeys):
        left, right = getattr(one, field.name), getattr(other, field.name)
        assert left.dtype == right.dtype if isinstance(left, np.ndarray) else left == right, field.name


FRAMES: dict[str, Callable[[], Any]] = {
    "pandas, texts": frame,
    "pandas, objects": lambda: frame().astype(dict.fromkeys(TEXTS, object)),
    "pandas, categories": lambda: frame().astype(dict.fromkeys(TEXTS, "category")),
    "pandas, nullable": lambda: frame().convert_dtypes(),
    "pandas, pyarrow": lambda: frame().convert_dtypes(dtype_backend="pyarrow"),
    "pandas, numpy numbers": lambda: frame().astype({"conversion": "float32", "value": "float64"}),
    "pandas, an index of its own": lambda: frame().set_index(np.arange(400)[::-1]),
    "pandas, nanoseconds": lambda: frame().astype({"time": "datetime64[ns]"}),
    "pyarrow, in chunks": lambda: pa.concat_tables([events().slice(0, 150), events().slice(150)]),
    "pyarrow, dictionaries": lambda: events().set_column(2, "channel", events()["channel"].dictionary_encode()),
    "pyarrow, text views": lambda: events().set_column(2, "channel", events()["channel"].cast(pa.string_view())),
    "pyarrow, a reader": lambda: reader(events()),
    "pyarrow, a batch": lambda: events().combine_chunks().to_batches()[0],
    "columns by name": lambda: events().to_pydict(),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_is_the_same_journeys(name: str) -> None:
    expected = from_events(events())
    assert expected.n > 50
    assert sum(expected.converted) > 20
    same(from_events(FRAMES[name]()), expected)


def polars_frames(pl: Any) -> dict[str, Any]:
    """The log in polars, in the types that it has for it."""
    plain = pl.from_arrow(events())
    return {
        "texts": plain,
        "categories": plain.with_columns(pl.col(*TEXTS).cast(pl.Categorical)),
        "an enumeration": plain.with_columns(pl.col("channel").cast(pl.Enum(["c", "b", "a", "none"]))),
        "truths, and milliseconds": plain.with_columns(
            pl.col("conversion").cast(pl.Boolean), pl.col("time").cast(pl.Datetime("ms"))
        ),
        "in chunks": pl.concat([plain[:150], plain[150:]], rechunk=False),
        "categories in chunks": pl.concat(
            [part.with_columns(pl.col(*TEXTS).cast(pl.Categorical)) for part in (plain[:150], plain[150:])],
            rechunk=False,
        ),
        "Arrow's": plain.to_arrow(),
        "a slice": pl.concat([plain[:9], plain])[9:],
    }


def test_polars_is_the_same_journeys() -> None:
    pl = pytest.importorskip("polars", reason="polars is not installed; it comes with the extra dev")
    expected = from_events(events())
    for name, table in polars_frames(pl).items():
        print(name)
        same(from_events(table), expected)


def test_paths_of_a_column() -> None:
    pl = pytest.importorskip("polars", reason="polars is not installed; it comes with the extra dev")
    expected = from_paths(["a > b", "c"], [3, 1], [0, 2])
    table = pl.DataFrame({"path": ["a > b", "c"], "converted": [3, 1], "lost": [0, 2]})
    for each in (table, table.to_pandas(), table.to_arrow()):
        same(from_paths(each["path"], each["converted"], each["lost"]), expected)


def test_what_was_not_collected_says_so() -> None:
    pl = pytest.importorskip("polars", reason="polars is not installed; it comes with the extra dev")
    lazy = pl.from_arrow(events()).lazy()
    with pytest.raises(JourneysError, match=r"events: found LazyFrame; collect it first: \.collect\(\)"):
        from_events(lazy)
    with pytest.raises(JourneysError, match="paths: path: found LazyFrame; collect it first"):
        from_paths(lazy)
    same(from_events(lazy.collect()), from_events(events()))


def test_what_is_no_table_says_what_it_is() -> None:
    for wrong, says in [([{"prospect": 1}], "found list; give a table"), (3, "found int; give a table")]:
        with pytest.raises(JourneysError, match=f"events: {says}"):
            from_events(wrong)
