"""Traces as tables: one row an event with names instead of numbers."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from funnelsim.plan.compile import Compiled
from funnelsim.plan.trace import BALKED, BREACHED, JOINED, LEFT, NAMES
from funnelsim.results.labels import exit_labels, tier_labels
from funnelsim.results.people import people_of
from funnelsim.results.tablefile import NAME, named

SCHEMA = pa.schema(
    [
        ("replication", pa.int32()),
        ("tick", pa.int64()),
        ("time", pa.timestamp("us")),
        ("event", NAME),
        ("prospect", pa.uint64()),
        ("channel", NAME),
        ("segment", NAME),
        ("stage", NAME),
        ("visit", pa.int32()),
        ("team", NAME),
        ("rep", NAME),
        ("exit", NAME),
        ("tier", NAME),
        ("detail", pa.int64()),
    ]
)
"""Columns of a trace; names that do not apply are null. `detail` is the number behind the event: see `plan.trace`."""


def trace_table(compiled: Compiled, replication: int, rows: NDArray[np.void]) -> pa.Table:
    """One replication's trace."""
    code, detail = rows["code"], rows["detail"]
    people = people_of(compiled, rows)
    who = people.number(rows["prospect"])
    start = np.datetime64(compiled.timeline.start, "us")
    team = np.where(np.isin(code, (JOINED, BALKED)), detail, -1)
    by_rep = rows["rep"] >= 0
    team[by_rep] = compiled.plan["reps"]["team"][rows["rep"][by_rep]]
    columns = {
        "replication": pa.array(np.full(rows.size, replication, np.int32)),
        "tick": pa.array(rows["tick"].copy()),
        "time": pa.array(start + rows["tick"] * np.timedelta64(compiled.timeline.tick, "s")),
        "event": named(code, NAMES),
        "prospect": pa.array(rows["prospect"].copy()),
        "channel": named(people.channel[who], compiled.channels),
        "segment": named(people.segment[who], compiled.segments),
        "stage": named(rows["stage"], compiled.stages),
        "visit": pa.array(rows["visit"].copy()),
        "team": named(team, compiled.teams),
        "rep": named(rows["rep"], compiled.reps),
        "exit": named(np.where(code == LEFT, detail, -1), exit_labels(compiled)),
        "tier": named(np.where(code == BREACHED, detail, -1), tier_labels(compiled)),
        "detail": pa.array(detail.copy()),
    }
    return pa.table(columns, schema=SCHEMA)
