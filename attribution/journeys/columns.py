"""The columns of a table of events: found by name, in one piece, and of a type that says what it should."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attribution.journeys.problems import Findings, JourneysError

NAMES: Final = (
    "prospect", "time", "kind", "channel", "value", "milestone", "segment", "observed", "replication", "conversion",
)  # fmt: skip
NEEDED: Final = ("prospect", "time", "channel")
Columns = dict[str, pa.Array]


def columns_of(table: Any, mapped: Mapping[str, str], findings: Findings) -> tuple[Columns, dict[str, str]]:
    """The columns of a table by our names, and what the table calls them; what is wrong with them goes to findings.

    Raises JourneysError where there is no table or a column is missing.
    """
    try:
        arrow = table if isinstance(table, pa.Table) else pa.table(table)
    except (TypeError, ValueError, pa.ArrowInvalid) as error:
        said = str(error).splitlines()[0]
        way_out = "collect it first: .collect()" if hasattr(table, "collect") else f"give a table ({said})"
        raise JourneysError(f"{findings.table}: found {type(table).__name__}; {way_out}") from None
    unknown = sorted(set(mapped) - set(NAMES))
    if unknown:
        findings.add("columns", f"names {', '.join(unknown)}", f"it maps {', '.join(NAMES)}")
    found = {name: mapped.get(name, name) for name in NAMES}
    has = ", ".join(arrow.column_names[:12])
    for name, own in found.items():
        if own not in arrow.column_names and (name in NEEDED or name in mapped):
            way_out = f"the table has {has}; map it with columns={{{name!r}: ...}}"
            findings.add(own, "there is no such column", way_out)
    findings.raise_if_any()
    columns = {name: _plain(arrow[own]) for name, own in found.items() if own in arrow.column_names}
    for name, column in columns.items():
        columns[name] = _TYPES[name](column, found[name], findings)
    findings.raise_if_any()
    return columns, found


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    whole = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], column.type)
    return whole


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def _text(column: pa.Array, name: str, findings: Findings) -> pa.Array:
    """Texts, coded or not; whole numbers and truths are read as the texts that they print."""
    kind = column.type
    coded = pa.types.is_dictionary(kind)
    inner = kind.value_type if coded else kind
    if coded and _is_text(inner):
        return column
    if _is_text(inner) or pa.types.is_integer(inner) or pa.types.is_boolean(inner) or "view" in str(inner):
        # Arrow cannot cast codes of text views, which are polars' categories: their words alone are cast.
        if coded:
            return pa.DictionaryArray.from_arrays(column.indices, column.dictionary.cast(pa.string()))
        return column.cast(pa.string())
    findings.add(name, f"is {kind}", "make it a text")
    return column


def _identity(column: pa.Array, name: str, findings: Findings) -> pa.Array:
    """Whole numbers, or texts; other numbers are read as the texts that they print."""
    if pa.types.is_integer(column.type):
        return column
    if pa.types.is_floating(column.type):
        return column.cast(pa.string())
    return _text(column, name, findings)


def _number(column: pa.Array, name: str, findings: Findings) -> pa.Array:
    """Numbers, nothing being 0."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)):
        findings.add(name, f"is {column.type}", "make it a number")
        return column
    numbers = column.cast(pa.float64()).fill_null(0.0)
    findings.rows(name, "not a number", "write 0 where nothing was paid", np.flatnonzero(~np.isfinite(numbers)))
    return numbers


def _flag(column: pa.Array, name: str, findings: Findings) -> pa.Array:
    """Truths, or 0 and 1; nulls stay."""
    if pa.types.is_boolean(column.type):
        return column
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        findings.add(name, f"is {column.type}", "make it true and false, or 1 and 0")
        return column
    numbers = np.asarray(column.cast(pa.float64()).fill_null(0.0))
    wrong = np.flatnonzero((numbers != 0.0) & (numbers != 1.0))
    way_out = "write a row for each conversion" if name != "observed" else "write 1 where it was seen"
    findings.rows(name, "neither 0 nor 1", way_out, wrong)
    return pc.if_else(column.is_null(), None, pa.array(numbers == 1.0))


def _whole(column: pa.Array, name: str, findings: Findings) -> pa.Array:
    if not pa.types.is_integer(column.type):
        findings.add(name, f"is {column.type}", "make it a whole number")
    return column


def _kind(column: pa.Array, name: str, findings: Findings) -> pa.Array:
    findings.rows(name, "nothing", "say what the row is", np.flatnonzero(np.asarray(column.is_null())))
    return _text(column, name, findings)


def _any(column: pa.Array, name: str, findings: Findings) -> pa.Array:
    return column


_TYPES: Final[dict[str, Callable[[pa.Array, str, Findings], pa.Array]]] = {
    "prospect": _identity,
    "time": _any,
    "kind": _kind,
    "channel": _text,
    "value": _number,
    "milestone": _text,
    "segment": _text,
    "observed": _flag,
    "replication": _whole,
    "conversion": _flag,
}
