"""Traces in Parquet: one row an event with names instead of numbers, in row groups of one replication each."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from funnelsim.plan.compile import Compiled
from funnelsim.plan.trace import ARRIVED, BALKED, BREACHED, JOINED, LEFT, NAMES
from funnelsim.results.labels import exit_labels, tier_labels

_NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("replication", pa.int32()),
        ("tick", pa.int64()),
        ("time", pa.timestamp("us")),
        ("event", _NAME),
        ("prospect", pa.uint64()),
        ("channel", _NAME),
        ("segment", _NAME),
        ("stage", _NAME),
        ("visit", pa.int32()),
        ("team", _NAME),
        ("rep", _NAME),
        ("exit", _NAME),
        ("tier", _NAME),
        ("detail", pa.int64()),
    ]
)
"""Columns of a trace; names that do not apply are null. `detail` is the number behind the event: see `plan.trace`."""


class TraceFile:
    """A Parquet file that takes one replication's trace after the other."""

    def __init__(self, path: Path, compiled: Compiled) -> None:
        self.compiled, self.exits, self.tiers = compiled, exit_labels(compiled), tier_labels(compiled)
        self.writer = pq.ParquetWriter(path, SCHEMA, compression="zstd")

    def __enter__(self) -> "TraceFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.writer.close()

    def write(self, replication: int, rows: NDArray[np.void]) -> None:
        """Append one replication."""
        self.writer.write_table(
            pa.table(self._columns(replication, rows), schema=SCHEMA), row_group_size=max(1, rows.size)
        )

    def _columns(self, replication: int, rows: NDArray[np.void]) -> dict[str, pa.Array]:
        compiled, code, detail = self.compiled, rows["code"], rows["detail"]
        cell = _cell_of(rows)
        start = np.datetime64(compiled.timeline.start, "us")
        time = start + rows["tick"] * np.timedelta64(compiled.timeline.tick, "s")
        rep_team = compiled.plan["reps"]["team"]
        team = np.where(np.isin(code, (JOINED, BALKED)), detail, -1)
        by_rep = rows["rep"] >= 0
        team[by_rep] = rep_team[rows["rep"][by_rep]]
        n_segments = len(compiled.segments)
        return {
            "replication": pa.array(np.full(rows.size, replication, np.int32)),
            "tick": pa.array(rows["tick"].copy()),
            "time": pa.array(time),
            "event": _named(code, NAMES),
            "prospect": pa.array(rows["prospect"].copy()),
            "channel": _named(cell // n_segments, compiled.channels),
            "segment": _named(cell % n_segments, compiled.segments),
            "stage": _named(rows["stage"], compiled.stages),
            "visit": pa.array(rows["visit"].copy()),
            "team": _named(team, compiled.teams),
            "rep": _named(rows["rep"], compiled.reps),
            "exit": _named(np.where(code == LEFT, detail, -1), self.exits),
            "tier": _named(np.where(code == BREACHED, detail, -1), self.tiers),
            "detail": pa.array(detail.copy()),
        }


def _cell_of(rows: NDArray[np.void]) -> NDArray[Any]:
    """The cell of each row's prospect, from the row of its arrival."""
    born = rows[rows["code"] == ARRIVED]
    born = born[np.argsort(born["prospect"])]
    return np.asarray(born["detail"][np.searchsorted(born["prospect"], rows["prospect"])])


def _named(codes: NDArray[Any], names: Sequence[str]) -> pa.Array:
    """Names by code, null for those below 0."""
    known = codes >= 0
    return pa.DictionaryArray.from_arrays(
        pa.array(np.where(known, codes, 0).astype(np.int32), mask=~known), pa.array(list(names), pa.string())
    )
