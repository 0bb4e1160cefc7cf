"""Journeys from files: Parquet or CSV, a table of events or of paths with counts."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa

from attribution.journeys.events import from_events
from attribution.journeys.paths import from_paths
from attribution.journeys.problems import JourneysError
from attribution.journeys.ragged import Journeys

PATH_COLUMNS: Final = ("path", "converted", "lost", "value")
SUFFIXES: Final = (".parquet", ".csv", ".csv.gz", ".tsv")


def open_journeys(
    file: str | Path, *, columns: Mapping[str, str] | None = None, again: str = "since", sales: bool = False
) -> Journeys:
    """The journeys in a Parquet or CSV file: rows with a `path` are paths with counts, others events.

    `columns` maps our names to the file's; see `from_paths` and `from_events`. Raises JourneysError with everything
    that is wrong, OSError where the file cannot be read.
    """
    table, mapped = _table(Path(file)), dict(columns or {})
    if "path" in mapped or "path" in table.column_names:
        return _from_paths(table, mapped)
    return from_events(table, columns=mapped, again=again, sales=sales)


def _from_paths(table: pa.Table, columns: dict[str, str]) -> Journeys:
    found = {name: columns.get(name, name) for name in PATH_COLUMNS}
    missing = [own for name, own in found.items() if name in columns and own not in table.column_names]
    if missing:
        has = ", ".join(table.column_names)
        raise JourneysError(f"paths: {', '.join(missing)}: there is no such column; the table has {has}")
    given = {name: table[own] for name, own in found.items() if own in table.column_names}
    try:
        counts = {name: given[name].cast(pa.float64()) for name in PATH_COLUMNS[1:] if name in given}
    except pa.ArrowInvalid as error:
        raise JourneysError(f"paths: a count is not a number: {error}") from None
    filled = {name: column.fill_null(float("nan")).to_numpy() for name, column in counts.items()}
    return from_paths(given["path"], **filled)


def _table(file: Path) -> pa.Table:
    name = file.name.lower()
    if not name.endswith(SUFFIXES):
        raise JourneysError(f"{file}: found another kind of file; it must be one of {', '.join(SUFFIXES)}")
    if not file.exists():
        raise FileNotFoundError(2, "there is no such file", str(file))
    try:
        if name.endswith(".parquet"):
            import pyarrow.parquet as pq

            return pq.read_table(file)
        from pyarrow import csv

        delimiter = max(",;\t", key=_first_line(file).count)
        return csv.read_csv(file, parse_options=csv.ParseOptions(delimiter=delimiter))
    except (pa.ArrowInvalid, UnicodeDecodeError, EOFError) as error:
        raise JourneysError(f"{file}: it cannot be read: {str(error).splitlines()[0]}") from None


def _first_line(file: Path) -> str:
    opened = gzip.open if file.suffix.lower() == ".gz" else open
    with opened(file, "rt", encoding="utf-8-sig") as lines:  # type: ignore[operator]
        return str(lines.readline())
