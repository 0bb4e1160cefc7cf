"""Records: the milestones of journeys as each side's own system has them: some missing, some twice, some late.

Whether a record is missing, is there twice, and how late it and its double come are the four words at one address:
they hang on seed, replication, prospect, system and milestone alone, and no engine draws there.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attribution.journeys import MILESTONES
from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.engines import asked
from funnelsim.plan.compile import Compiled
from funnelsim.results.run import COUNT, Variable, variable
from funnelsim.results.tablefile import NAME, named
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.records import CLOSE, SIDES, System

RECORDED: Final = (*MILESTONES, CLOSE)
SCHEMA: Final = pa.schema(
    [
        ("replication", pa.int32()),
        ("system", NAME),
        ("prospect", pa.uint64()),
        ("milestone", NAME),
        ("happened", pa.timestamp("us")),
        ("recorded", pa.timestamp("us")),
    ]
)
"""Columns of records: when the milestone was reached, and when the system had it; a double is a row of its own."""
NAMES: Final = ("happened", "reported", "unified")
_NO_PLACE: Final = 0
_LATEST: Final = 1e15


class Reached(NamedTuple):
    """Milestones as they happened, one entry each: who, which, at which tick, and the prospect's segment."""

    who: NDArray[np.uint64]
    which: NDArray[np.int64]
    tick: NDArray[np.int64]
    segment: NDArray[np.int64]

    def only(self, kept: NDArray[Any]) -> "Reached":
        """Some of them."""
        return Reached(*(column[kept] for column in self))


def reached_in(journeys: pa.Table, compiled: Compiled) -> Reached:
    """The milestones in the journeys of one replication, each at its first time; a first deal is the close."""
    who = journeys["prospect"].to_numpy()
    which = _codes(journeys["milestone"], MILESTONES)
    sold = np.flatnonzero(_codes(journeys["kind"], ("conversion",)) == 0)
    # Journeys are in order of prospect and time: the first row of each is its first time.
    sold = sold[np.unique(who[sold], return_index=True)[1]]
    met = np.flatnonzero(which >= 0)
    rows = np.concatenate([met, sold])
    start = np.datetime64(compiled.timeline.start, "us")
    tick = (journeys["time"].to_numpy()[rows] - start) // np.timedelta64(compiled.timeline.tick, "s")
    segment = _codes(journeys["segment"], compiled.segments)[rows]
    return Reached(who[rows], np.concatenate([which[met], np.full(sold.size, RECORDED.index(CLOSE))]), tick, segment)


def _codes(column: pa.ChunkedArray, names: tuple[str, ...]) -> NDArray[np.int64]:
    """The number of each name of a column, -1 of others."""
    found = pc.index_in(column.cast(pa.string()), value_set=pa.array(names, pa.string()))
    return np.asarray(pc.fill_null(found, -1).to_numpy(), np.int64)


def drawn(key: int, side: str, reached: Reached) -> NDArray[np.float64]:
    """Numbers in (0, 1) for each milestone in a side's system, shape (n, 4): missing, doubled, late, double late."""
    nths = SIDES.index(side) * len(RECORDED) + reached.which
    addresses = zip(reached.who.tolist(), nths.tolist(), strict=True)
    words = [asked.visit_words(key, who, _NO_PLACE, nth) for who, nth in addresses]
    return (np.array(words, np.float64).reshape(-1, 4) + 0.5) / 2.0**32


class Ledger(NamedTuple):
    """A system's records, one entry each: which of those who reached a milestone, and the tick at which it had it."""

    of: NDArray[np.int64]
    recorded: NDArray[np.int64]


def ledger_of(side: str, system: System, reached: Reached, compiled: Compiled, key: int) -> Ledger:
    """What a side's system has by the horizon of the milestones that it records."""
    concerned = np.isin(reached.which, [RECORDED.index(each) for each in system.milestones])
    at = np.flatnonzero(concerned)
    missing, double, late, later = drawn(key, side, reached.only(at)).T
    there = missing >= system.missing
    twice = there & (double < system.doubled)
    of = np.concatenate([at[there], at[twice]])
    words = np.concatenate([late[there], later[twice]])
    recorded = reached.tick[of] + _lateness(system, reached.segment[of], words, compiled)
    by_horizon = recorded < compiled.timeline.horizon
    return Ledger(of[by_horizon], recorded[by_horizon])


def _lateness(system: System, segments: NDArray[Any], words: NDArray[Any], compiled: Compiled) -> NDArray[np.int64]:
    """Ticks from each milestone to its record: the nearest whole number."""
    seconds = np.zeros(words.size)
    for number, name in enumerate(compiled.segments):
        own = segments == number
        seconds[own] = system.late.of(name).ppf(words[own])
    return np.floor(np.minimum(seconds / compiled.timeline.tick, _LATEST) + 0.5).astype(np.int64)


class Records:
    """The systems of a scenario: their records, and what they add up to, one replication after the other."""

    def __init__(self, scenario: Scenario, compiled: Compiled, seed: int) -> None:
        if scenario.records is None:
            file = "the scenario" if scenario.file is None else scenario.file.name
            remedy = "write records: {sales: {missing: 5%}}"
            raise ScenarioError([Problem(file, None, "records", "found none", "nobody writes anything down", remedy)])
        self.systems = scenario.records.systems
        self.compiled, self.seed = compiled, seed
        self.true: list[NDArray[np.int64]] = []
        self.unified: list[NDArray[np.int64]] = []
        self.reported: list[NDArray[np.float64]] = []

    def add(self, replication: int, journeys: pa.Table) -> pa.Table:
        """Take in one replication: the records of all systems, by system, in the order in which it had them."""
        reached = reached_in(journeys, self.compiled)
        key = asked.replication_key(np.uint64(self.seed), replication)
        ledgers = [ledger_of(side, system, reached, self.compiled, key) for side, system in self.systems.items()]
        self._count(reached, ledgers)
        system = np.repeat(np.arange(len(ledgers)), [each.of.size for each in ledgers])
        of, recorded = (np.concatenate(columns) for columns in zip(*ledgers, strict=True))
        order = np.lexsort([reached.which[of], reached.who[of], recorded, system])
        of, recorded, system = of[order], recorded[order], system[order]
        columns = {
            "replication": pa.array(np.full(of.size, replication, np.int32)),
            "system": named(system, tuple(self.systems)),
            "prospect": pa.array(reached.who[of]),
            "milestone": named(reached.which[of], RECORDED),
            "happened": pa.array(self._times(reached.tick[of])),
            "recorded": pa.array(self._times(recorded)),
        }
        return pa.table(columns, schema=SCHEMA)

    def _times(self, ticks: NDArray[np.int64]) -> NDArray[np.datetime64]:
        timeline = self.compiled.timeline
        return np.asarray(np.datetime64(timeline.start, "us") + ticks * np.timedelta64(timeline.tick, "s"))

    def _count(self, reached: Reached, ledgers: list[Ledger]) -> None:
        """Count what happened after the warm-up, and what became of it."""
        inside = reached.tick >= self.compiled.timeline.warmup
        n = len(RECORDED)
        self.true.append(np.bincount(reached.which[inside], minlength=n))
        reported = np.full((len(ledgers), n), np.nan)
        for row, system, ledger in zip(reported, self.systems.values(), ledgers, strict=True):
            own = [RECORDED.index(each) for each in system.milestones]
            row[own] = np.bincount(reached.which[ledger.of[inside[ledger.of]]], minlength=n)[own]
        self.reported.append(reported)
        known = np.unique(np.concatenate([ledger.of for ledger in ledgers]))
        self.unified.append(np.bincount(reached.which[known[inside[known]]], minlength=n))

    def variables(self) -> dict[str, Variable]:
        """Milestones of the period as they were, as each system reports them, and as all systems together know them."""
        each = "replication record"
        return {
            "happened": variable(each, np.stack(self.true), COUNT, "prospects who reached the milestone"),
            "reported": variable(
                "replication system record", np.stack(self.reported), COUNT, "records of it in the system"
            ),
            "unified": variable(each, np.stack(self.unified), COUNT, "prospects of whom some system has it"),
        }

    def coordinates(self) -> dict[str, Variable]:
        """The names of systems and milestones."""
        return {
            "system": (("system",), np.array(list(self.systems)), {"long_name": "whose system"}),
            "record": (("record",), np.array(RECORDED), {"long_name": "milestone that is recorded"}),
        }
