"""The one table in which a simulator, or a warehouse, and the models of attribution meet.

One row an event of a prospect: it was touched, reached a milestone, bought or was lost. `COLUMNS` is its schema,
written down here and nowhere else. What stands under `truth` only a simulator can know: no model may read it, and
`read` leaves it out unless it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from attribution.journeys.problems import JourneysError

NAME: Final = pa.dictionary(pa.int32(), pa.string())

KINDS: Final = ("arrival", "touch", "sales", "milestone", "conversion", "loss")
"""arrival: the touch that brought it; touch: a channel's; sales: a rep took it up; then what it came to."""
OUTCOMES: Final = ("sent", "seen", "clicked")
"""What came of a touch: each holds the one before."""
MILESTONES: Final = ("lead", "mql", "sal", "sql", "opportunity")
"""In the order in which a prospect passes them; the first touch is its arrival, the close its conversion."""


@dataclass(frozen=True)
class Column:
    """A column: its type, what it says, and whether it is truth that only a simulator knows."""

    name: str
    type: pa.DataType
    says: str
    truth: bool = False


COLUMNS: Final = (
    Column("replication", pa.int32(), "number of the replication; 0 where there is only one history"),
    Column("prospect", pa.uint64(), "who; the same number in every policy"),
    Column("time", pa.timestamp("us"), "when, without a zone"),
    Column("kind", NAME, f"one of {', '.join(KINDS)}"),
    Column("channel", NAME, "the channel of an arrival or a touch, the team of a sales touch; else null"),
    Column("outcome", NAME, f"of a touch: one of {', '.join(OUTCOMES)}; else null"),
    Column("stage", NAME, "the stage it is in, or enters"),
    Column("segment", NAME, "its segment"),
    Column("milestone", NAME, f"one of {', '.join(MILESTONES)}, at its first time; else null"),
    Column("observed", pa.bool_(), "whether the log of touches has it"),
    Column("known", pa.bool_(), "whether the prospect had said who it is by then"),
    Column("cost", pa.float64(), "what it cost, in the currency of the table"),
    Column("value", pa.float64(), "value of a conversion; else null"),
    Column(
        "intent",
        pa.float64(),
        "log-odds that it brought, and that touches and talks had added, after this one",
        truth=True,
    ),
    Column("lift", pa.float64(), "what this touch added to intent", truth=True),
)
SCHEMA: Final = pa.schema([pa.field(column.name, column.type) for column in COLUMNS])
TRUTH: Final = tuple(column.name for column in COLUMNS if column.truth)


def read(path: str | Path, *, truth: bool = False) -> pa.Table:
    """The journeys in a Parquet file, one row an event, by prospect and time; with `truth`, what only a simulator
    knows as well.

    Raises JourneysError with every column that is missing or of another type.
    """
    wanted = [column for column in COLUMNS if truth or not column.truth]
    found = pq.read_schema(path)
    wrong = [problem for column in wanted if (problem := _problem(column, found))]
    if wrong:
        raise JourneysError(f"{path}: " + "; ".join(wrong))
    return pq.read_table(path, columns=[column.name for column in wanted])


def _problem(column: Column, schema: pa.Schema) -> str:
    """What is wrong with a column of a file; empty if nothing is."""
    at = schema.get_field_index(column.name)
    if at < 0:
        return f"column {column.name} is missing ({column.says})"
    if schema.field(at).type != column.type:
        return f"column {column.name} is {schema.field(at).type}; it must be {column.type}"
    return ""


def as_observed(journeys: pa.Table, *, stitched: bool = True) -> pa.Table:
    """What an analyst sees: the touches that the log knows of and that were seen; unless `stitched`, without those from
    before the prospect said who it is."""
    import pyarrow.compute as pc

    is_touch = pc.is_in(journeys["kind"].cast(pa.string()), pa.array(["arrival", "touch"]))
    seen = pc.fill_null(pc.not_equal(journeys["outcome"].cast(pa.string()), "sent"), True)
    logged = pc.and_(journeys["observed"], seen)
    if not stitched:
        logged = pc.and_(logged, journeys["known"])
    return journeys.filter(pc.or_(pc.invert(is_touch), logged))
