"""Journeys from path strings with counts: `search > mail > search`, how many converted, how many did not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attribution.journeys.problems import Findings, JourneysError
from attribution.journeys.ragged import Journeys, Reals

PIECE: Final = 1 << 18
"""Names that are coded at a time."""


def from_paths(
    paths: Sequence[str] | Any,
    converted: Any = None,
    lost: Any = None,
    value: Any = None,
    *,
    separator: str = ">",
) -> Journeys:
    """The journeys of path strings, one row a path: names of channels in order, with `separator` between them.

    `converted` and `lost` count the journeys of each path that ended with a conversion and without (default: one
    conversion each, nobody lost), `value` is what the conversions of each path were worth in all (default: their
    number). Spaces around names do not count. Raises JourneysError with the rows that cannot be read.
    """
    if not separator:
        raise ValueError("from_paths: an empty separator; write what stands between the names of a path")
    texts, findings = _texts(paths), Findings("paths")
    n = len(texts)
    ones, zeros = np.ones(n), np.zeros(n)
    counts = {
        "converted": ones if converted is None else _numbers(converted, "converted", n, findings),
        "lost": zeros if lost is None else _numbers(lost, "lost", n, findings),
    }
    counts["value"] = counts["converted"] if value is None else _numbers(value, "value", n, findings)
    lists = pc.split_pattern(texts, separator)
    names = pc.utf8_trim_whitespace(pc.list_flatten(lists))
    sizes = np.asarray(pc.fill_null(pc.list_value_length(lists), 0), np.int64)
    row = np.repeat(np.arange(n), sizes)
    empty = np.asarray(pc.equal(pc.utf8_length(names), 0))
    findings.rows("path", "a channel without a name", "write a name on each side of the separator", row[empty])
    findings.rows("path", "no path", "leave the row out", np.flatnonzero(np.asarray(texts.is_null())))
    for name in ("converted", "lost"):
        wrong = np.flatnonzero(~(counts[name] >= 0) | ~np.isfinite(counts[name]))
        findings.rows(name, "not a count", "a count is a number from 0 on", wrong)
    findings.rows(
        "value", "not a number", "write 0 where nothing was paid", np.flatnonzero(~np.isfinite(counts["value"]))
    )
    findings.raise_if_any()
    channels, codes = encoded(names)
    return Journeys(
        channels,
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        codes.astype(np.int32),
        counts["converted"],
        counts["lost"],
        counts["value"],
    )


def encoded(names: pa.Array) -> tuple[tuple[str, ...], NDArray[Any]]:
    """The different names in alphabetical order, and the code of each, in two bytes if they suffice, else in four."""
    if isinstance(names, pa.ChunkedArray):
        names = names.combine_chunks()
    words: dict[str, int] = {}
    codes = np.empty(len(names), np.uint16)
    # Piece by piece: what Arrow makes of one is small, and gone before the next.
    for begin in range(0, len(names), PIECE):
        part = names.slice(begin, PIECE)
        part = part if pa.types.is_dictionary(part.type) else part.dictionary_encode()
        numbers = np.asarray(part.indices)
        # Of words that a dictionary has, those that occur.
        found = np.unique(numbers) if pa.types.is_dictionary(names.type) else np.arange(len(part.dictionary))
        place = np.zeros(len(part.dictionary), np.int32)
        place[found] = [
            words.setdefault(word, len(words)) for word in part.dictionary.take(pa.array(found)).to_pylist()
        ]
        if len(words) > 1 << 16 and codes.dtype != np.int32:
            codes = codes.astype(np.int32)
        codes[begin : begin + PIECE] = place[numbers]
    order = sorted(words)
    rank = np.empty(len(words), codes.dtype)
    rank[[words[word] for word in order]] = np.arange(len(words))
    for begin in range(0, len(names), PIECE):
        codes[begin : begin + PIECE] = rank[codes[begin : begin + PIECE]]
    return tuple(order), codes


def _texts(paths: Any) -> pa.Array:
    if isinstance(paths, str):
        raise JourneysError("paths: path: found one text; give a list of them, one a path")
    try:
        found = (
            paths if isinstance(paths, pa.Array | pa.ChunkedArray) else pa.array(paths, pa.string(), from_pandas=True)
        )
    except (TypeError, pa.ArrowInvalid) as error:
        if hasattr(paths, "collect"):
            name = type(paths).__name__
            raise JourneysError(f"paths: path: found {name}; collect it first, and name its column") from None
        raise JourneysError(f"paths: path: not texts ({str(error).splitlines()[0]}); write search > mail") from None
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return found.cast(pa.string())


def _numbers(given: Any, name: str, n: int, findings: Findings) -> Reals:
    try:
        found = np.asarray(given, np.float64)
    except (TypeError, ValueError) as error:
        findings.add(name, f"not numbers ({error})", "give a number a path")
        return np.zeros(n)
    if found.shape != (n,):
        findings.add(name, f"has {found.size} numbers for {n} paths", "give one a path")
        return np.zeros(n)
    return found
