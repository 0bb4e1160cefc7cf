"""Lead lists: the rows of a CSV export, plain or gzipped, as arrays in the order of their times.

Times are converted to UTC where the file says an offset, and cut to whole seconds. Spreading date-only stamps over the
day is left to the plan.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from funnelsim.core.problems import did_you_mean
from funnelsim.scenario.cells import amount, instant
from funnelsim.scenario.lead_file import LeadsError, Trouble, rows, text
from funnelsim.scenario.refusal import Refusal, cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from funnelsim.scenario.channels import Replay

MOST_ROWS = 10_000_000
MOST_TROUBLES = 5


@dataclass(frozen=True, eq=False)
class Leads:
    """A lead list, one entry per row, sorted by time (ties in the order of the file).

    `times` and `won_at` are datetime64[s] (NaT: not won, or not known when); `channels` index `channel_names` (-1: not
    mapped), `segments` index the segments asked for (-1: blank or not mapped); `values` are NaN where blank or not
    mapped; `rows` number the rows of the file from 1, the header not counted.
    """

    times: NDArray[np.datetime64]
    date_only: NDArray[np.bool_]
    channel_names: tuple[str, ...]
    channels: NDArray[np.int64]
    segments: NDArray[np.int64]
    values: NDArray[np.float64]
    won: NDArray[np.bool_]
    won_at: NDArray[np.datetime64]
    rows: NDArray[np.int64]

    @property
    def first(self) -> datetime:
        """The first lead's instant."""
        return self.times[0].item()  # type: ignore[no-any-return]

    @property
    def last(self) -> datetime:
        """The last lead's instant."""
        return self.times[-1].item()  # type: ignore[no-any-return]


@dataclass
class _Columns:
    """The columns of a lead list while it is read; what the plan needs of every row."""

    times: list[datetime] = field(default_factory=list)
    date_only: list[bool] = field(default_factory=list)
    channels: list[int] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    won: list[bool] = field(default_factory=list)
    won_at: list[datetime | None] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


def read_leads(replay: Replay, *, segments: Sequence[str] = ()) -> Leads:
    """The leads of a replay, its segments numbered as in `segments`; raises `LeadsError`."""
    reader = csv.reader(io.StringIO(text(replay.file), newline=""), strict=True)
    troubles: list[Trouble] = []
    parser = None
    try:
        header = [cell.strip() for cell in next(reader, [])]
        parser = _Parser(replay, header, segments)
        for row, line, cells in rows(reader):
            if row > MOST_ROWS:
                raise LeadsError([Trouble("there are too many rows", f"at most {MOST_ROWS}", keys=("file",))])
            troubles += parser.read(row, line, cells)
    except csv.Error as error:
        troubles.append(Trouble(f"not CSV: {error}", line=reader.line_num))
    if len(troubles) > MOST_TROUBLES:
        n = len(troubles) - MOST_TROUBLES
        more = f"and {n} more cell{'s' if n > 1 else ''} like these"
        troubles = [*troubles[:MOST_TROUBLES], Trouble(more, line=troubles[MOST_TROUBLES].line)]
    if troubles:
        raise LeadsError(troubles)
    if parser is None or not parser.columns.times:
        raise LeadsError(
            [Trouble(f"{replay.file.name} has no rows", "a lead list has one lead at least", keys=("file",))]
        )
    return _sorted(parser)


class _Parser:
    """Reads the rows of one lead list into columns."""

    def __init__(self, replay: Replay, header: list[str], segments: Sequence[str]) -> None:
        self.replay, self.n_cells = replay, len(header)
        self.columns = _Columns()
        self.segment_codes = {name: code for code, name in enumerate(segments)}
        self.channel_codes: dict[str, int] = {}
        outcome = replay.outcome
        wanted = {
            ("columns", "time"): replay.columns.time,
            ("columns", "channel"): replay.columns.channel,
            ("columns", "segment"): replay.columns.segment,
            ("columns", "value"): replay.columns.value,
            ("outcome", "column"): outcome.column if outcome else None,
            ("outcome", "at"): outcome.at if outcome else None,
        }
        self.names = {keys[-1]: name for keys, name in wanted.items() if name is not None}
        troubles = [
            trouble
            for keys, name in wanted.items()
            if name is not None and (trouble := _column_trouble(name, header, keys, replay.file)) is not None
        ]
        if troubles:
            raise LeadsError(troubles)
        self.places = {key: header.index(name) for key, name in self.names.items()}

    def cell(self, cells: list[str], key: str) -> str:
        """The cell of a mapped column, empty where the column is not mapped."""
        return cells[self.places[key]].strip() if key in self.places else ""

    def read(self, row: int, line: int, cells: list[str]) -> list[Trouble]:
        """Append one row; what is wrong with it comes back instead."""
        if len(cells) != self.n_cells:
            found = f"row {row} has {len(cells)} cells, the header has {self.n_cells}"
            return [Trouble(found, "every row has as many cells as the header", line=line)]
        troubles: list[Trouble] = []
        time, date_only = self.attempt(troubles, row, line, "time", lambda cell: instant(cell), cells) or (None, False)
        value = self.attempt(troubles, row, line, "value", amount, cells) if "value" in self.places else float("nan")
        segment = self.attempt(troubles, row, line, "segment", self.segment, cells) if "segment" in self.places else -1
        won = "column" in self.places and self.cell(cells, "column") == (
            self.replay.outcome.won if self.replay.outcome else ""
        )
        won_at = None
        if won and "at" in self.places and self.cell(cells, "at"):
            won_at, _ = self.attempt(troubles, row, line, "at", lambda cell: instant(cell), cells) or (None, False)
        if troubles or time is None or value is None or segment is None:
            return troubles
        into = self.columns
        into.times.append(time)
        into.date_only.append(date_only)
        into.channels.append(self.channel(self.cell(cells, "channel")) if "channel" in self.places else -1)
        into.segments.append(segment)
        into.values.append(value)
        into.won.append(won)
        into.won_at.append(won_at)
        into.rows.append(row)
        return []

    def attempt(self, troubles: list[Trouble], row: int, line: int, key: str, read: Any, cells: list[str]) -> Any:
        """What a cell says, or None with its trouble noted."""
        try:
            return read(self.cell(cells, key))
        except Refusal as refusal:
            troubles.append(
                Trouble(f"row {row}: {refusal.found}", refusal.rule, refusal.remedy, line=line, column=self.names[key])
            )
            return None

    def segment(self, cell: str) -> int:
        """The code of a segment; -1 for an empty cell."""
        if not cell:
            return -1
        if cell not in self.segment_codes:
            raise Refusal(
                f"unknown segment {cut(cell, 40)}",
                "the scenario does not define it",
                did_you_mean(cell, self.segment_codes),
            )
        return self.segment_codes[cell]

    def channel(self, cell: str) -> int:
        """The code of a channel label, new ones numbered as they come."""
        return self.channel_codes.setdefault(cell or self.replay.blank_channel, len(self.channel_codes))


def _column_trouble(name: str, header: list[str], keys: tuple[str, ...], file: Path) -> Trouble | None:
    """Why a column cannot be found by its name."""
    n = header.count(name)
    if n == 1:
        return None
    if n > 1:
        return Trouble(f"{file.name} has {n} columns called {name}", "a column is found by its name", keys=keys)
    remedy = did_you_mean(name, header)
    if len(header) == 1 and ";" in header[0]:
        remedy = "separate its columns by commas, not by semicolons"
    if not any(header):
        return Trouble(f"{file.name} is empty", "its first row names the columns", keys=("file",))
    return Trouble(f"{file.name} has no column {cut(name, 40)}", "", remedy, keys)


def _sorted(parser: _Parser) -> Leads:
    """The columns as arrays, in order of time; equal times stay in the order of the file."""
    columns = parser.columns
    times = np.array(columns.times, dtype="datetime64[s]")
    order = np.argsort(times, kind="stable")
    return Leads(
        times=times[order],
        date_only=np.array(columns.date_only, dtype=bool)[order],
        channel_names=tuple(parser.channel_codes),
        channels=np.array(columns.channels, dtype=np.int64)[order],
        segments=np.array(columns.segments, dtype=np.int64)[order],
        values=np.array(columns.values, dtype=float)[order],
        won=np.array(columns.won, dtype=bool)[order],
        won_at=np.array(columns.won_at, dtype="datetime64[s]")[order],
        rows=np.array(columns.rows, dtype=np.int64)[order],
    )
