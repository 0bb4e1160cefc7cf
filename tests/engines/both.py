"""Both engines on one scenario, and what a difference between their traces looks like."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from funnelsim.engines.run import run_kernel
from funnelsim.engines.story import Story, Tables
from funnelsim.plan.addresses import RANK_BITS
from funnelsim.plan.compile import Compiled
from funnelsim.plan.layout import LEADS, NONE
from funnelsim.plan.trace import NAMES

Rows = NDArray[np.void]


class Event(NamedTuple):
    """A row of a trace, quick to read."""

    tick: int
    code: int
    stage: int
    prospect: int
    detail: int
    visit: int
    rep: int


@cache
def _row_of(columns: tuple[str, ...]) -> Callable[..., Any]:
    return namedtuple("row", columns)  # type: ignore[misc]


class Book:
    """A plan's tables as lists of rows with named columns, quick to read."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled, self.plan = compiled, compiled.plan
        for table in (
            "stages",
            "visits",
            "exits",
            "tiers",
            "teams",
            "reps",
            "sources",
            "calendars",
            "touches",
            "leads",
        ):
            rows = self.plan[table]
            row = namedtuple("row", rows.dtype.names or ())  # type: ignore[misc]
            setattr(self, table, [row(*values) for values in rows.tolist()])
        terms = self.plan["terms"][0]
        self.horizon, self.n_segments, self.n_exits = (int(terms[x]) for x in ("horizon", "n_segments", "n_exits"))
        self.sources_by_identity = {source.identity >> RANK_BITS: at for at, source in enumerate(self.sources)}

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def deal_of(self, prospect: int) -> Any:
        """The open deal that a prospect is, or None."""
        source = self.sources[self.source_of(prospect)]
        if source.kind != LEADS or not source.count:
            return None
        first = self.leads[source.first]
        if first.stage == NONE:
            return None
        return self.leads[source.first + prospect % (1 << RANK_BITS) - first.rank]

    def source_of(self, prospect: int) -> int:
        """The source that a prospect comes from."""
        return self.sources_by_identity[prospect >> RANK_BITS]


def events(rows: Rows) -> list[Event]:
    """The rows of a trace."""
    return [Event(*values) for values in rows.tolist()]


def kernel_traces(compiled: Compiled, seed: int, replications: int = 1, **how: Any) -> tuple[Rows, ...]:
    """The traces of the fast engine."""
    return run_kernel(compiled.plan, seed=seed, replications=replications, trace=True, **how).traces


def told_trace(compiled: Compiled, seed: int, replication: int = 0) -> Rows:
    """The trace of the readable engine."""
    return Story(Tables(compiled.plan), seed, replication).run()


def assert_equal(compiled: Compiled, seed: int, replication: int = 0) -> Rows:
    """The trace on which both engines agree, row for row."""
    fast = kernel_traces(compiled, seed, first=replication)[0]
    told = told_trace(compiled, seed, replication)
    if not np.array_equal(fast, told):
        raise AssertionError(difference(compiled, fast, told))
    return fast


def difference(compiled: Compiled, fast: Rows, told: Rows) -> str:
    """The first rows that differ, with those before them, in words."""
    n = min(len(fast), len(told))
    apart = np.flatnonzero(fast[:n] != told[:n])
    at = int(apart[0]) if apart.size else n
    lines = [f"the engines differ from row {at} on (kernel {len(fast)} rows, story {len(told)})"]
    lines += [f"  both   {in_words(compiled, row)}" for row in events(fast[max(0, at - 8) : at])]
    lines += [f"  kernel {in_words(compiled, row)}" for row in events(fast[at : at + 4])]
    lines += [f"  story  {in_words(compiled, row)}" for row in events(told[at : at + 4])]
    return "\n".join(lines)


def in_words(compiled: Compiled, event: Event) -> str:
    """A row of a trace for people: `t=12 joined p3 at qualify#0 detail=0`."""
    stage = "outside" if event.stage < 0 else f"{compiled.stages[event.stage]}#{event.visit}"
    rep = "" if event.rep < 0 else f" rep={event.rep}"
    who = event.prospect % (1 << RANK_BITS)
    return f"t={event.tick} {NAMES[event.code]} p{who} at {stage}{rep} detail={event.detail}"
