"""A trace read back: visits, stretches in line and at work, and who was born, freed or is still cooling off.

Everything here is taken from the rows of a trace and the plan, by sorting and searching, and never step by step: what
it says of a run owes nothing to the way in which an engine counts. One thing is in no row: whether one who was lost
late would come back after the horizon; for that the rule is asked.
"""

from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from funnelsim.chance.calendars import ALWAYS
from funnelsim.core.jit import kernel
from funnelsim.core.rows import Frame
from funnelsim.core.ticks import NEVER
from funnelsim.plan.addresses import sources_of
from funnelsim.plan.deals import deals_of
from funnelsim.plan.layout import GOING_ON, LOST, NONE
from funnelsim.plan.trace import ARRIVED, BALKED, ENTERED, FINISHED, JOINED, LEFT, RETURNED, STARTED, STOPPED
from funnelsim.rules.births import attributes
from funnelsim.rules.discovery import attributes_of
from funnelsim.rules.service import cool_off

Ints = NDArray[np.int64]
_ALL: Final = slice(None)


class Stretches(NamedTuple):
    """Intervals of visits: first tick, tick of the end (NEVER while open), its code, and the rep of the beginning."""

    visit: Ints
    begin: Ints
    end: Ints
    end_code: Ints
    rep: Ints


class Journal:
    """One replication's trace: `rows` by visit, `visit_of` each row, and one entry a visit and a prospect."""

    def __init__(self, plan: Frame, trace: NDArray[np.void], key: int) -> None:
        self.plan, self.key = plan, key
        self.terms = plan["terms"][0]
        self.horizon, self.warmup = int(self.terms["horizon"]), int(self.terms["warmup"])
        self.n_segments = int(self.terms["n_segments"])
        born = trace[trace["code"] == ARRIVED]
        born = born[np.argsort(born["prospect"])]
        self.who, self.born, self.cell = born["prospect"], born["tick"], born["detail"]
        self.trace = trace
        told = trace[trace["code"] != ARRIVED]
        # A trace is in order of time already, and this sort keeps what is equal in its order.
        stay = (told["stage"].astype(np.int64) << 32) | told["visit"]
        self.rows = told[np.lexsort([stay, told["prospect"]])]
        self._read_visits()

    def _read_visits(self) -> None:
        """One entry a visit, by prospect, stage and number."""
        rows = self.rows
        fresh = np.ones(rows.size, bool)
        if rows.size:
            before, after = rows[:-1], rows[1:]
            fresh[1:] = (
                (before["prospect"] != after["prospect"])
                | (before["stage"] != after["stage"])
                | (before["visit"] != after["visit"])
            )
        self.visit_of = np.cumsum(fresh) - 1
        self.n_visits = int(fresh.sum())
        heads = rows[fresh]
        self.person = np.searchsorted(self.who, heads["prospect"])
        self.stage, self.nth = heads["stage"].astype(np.int64), heads["visit"].astype(np.int64)
        self.row = self.stage * self.n_segments + self.cell[self.person] % self.n_segments
        self.entered, self.left = self.first(ENTERED), self.first(LEFT)
        self.exit, self.value = self.detail(LEFT), self.detail(ENTERED)
        self.joined, self.started = self.first(JOINED), self.first(STARTED)
        self.balked, self.returned = self.first(BALKED), self.first(RETURNED)
        self.terminal = self.plan["stages"]["terminal"][self.stage]

    def first(self, code: int) -> Ints:
        """The tick of each visit's first row of a code; NEVER without one."""
        out = np.full(self.n_visits, NEVER, np.int64)
        at = np.flatnonzero(self.rows["code"] == code)[::-1]
        out[self.visit_of[at]] = self.rows["tick"][at]
        return out

    def detail(self, code: int) -> Ints:
        """The detail of each visit's row of a code; NONE without one."""
        out = np.full(self.n_visits, NONE, np.int64)
        at = self.rows["code"] == code
        out[self.visit_of[at]] = self.rows["detail"][at]
        return out

    def stretches(self, begins: int, *ends: int) -> Stretches:
        """From each row of a code to the next row of the visit that has one of the codes, its own among them."""
        rows, codes = self.rows, self.rows["code"]
        at = np.flatnonzero(np.isin(codes, (begins, *ends)) & ((codes != FINISHED) | (rows["rep"] != NONE)))
        ticks, kinds, visits = rows["tick"][at], codes[at], self.visit_of[at]
        open_end = np.ones(at.size, bool)
        open_end[:-1] = visits[1:] != visits[:-1]
        end = np.where(open_end, NEVER, np.roll(ticks, -1))
        end_code = np.where(open_end, NONE, np.roll(kinds, -1))
        kept = kinds == begins
        return Stretches(visits[kept], ticks[kept], end[kept], end_code[kept], rows["rep"][at][kept].astype(np.int64))

    @cached_property
    def in_line(self) -> Stretches:
        """Times in line: until work starts, the prospect leaves, or it joins anew."""
        return self.stretches(JOINED, STARTED, LEFT)

    @cached_property
    def at_work(self) -> Stretches:
        """Times with a rep: until the attempt is finished or the work is stopped."""
        return self.stretches(STARTED, FINISHED, STOPPED)

    @cached_property
    def retries(self) -> int:
        """How many attempts were made after one that reached nobody."""
        finished = self.stretches(FINISHED, JOINED, STARTED)
        return int((finished.end_code == JOINED).sum())

    @cached_property
    def cooling(self) -> NDArray[np.bool_]:
        """The visits to lost stages whose prospect is cooling off at the horizon."""
        visits, stages = self.plan["visits"], self.plan["stages"]
        recycles = np.zeros(self.who.size, np.int64)
        np.add.at(recycles, self.person[self.returned < NEVER], 1)
        out: NDArray[np.bool_] = (
            (self.terminal == LOST) & (self.returned == NEVER) & (visits["back_to"][self.row] != NONE)
        )
        asked = np.flatnonzero(out)
        out[asked] = _comes_back(
            self.plan.address,
            self.key,
            self.row[asked],
            self.who[self.person[asked]],
            stages["place"][self.stage[asked]],
            self.nth[asked],
            recycles[self.person[asked]],
        )
        return out

    @cached_property
    def freed(self) -> Ints:
        """The tick at which each prospect was done with for good; NEVER while it is not."""
        out = np.full(self.who.size, NEVER, np.int64)
        done = (self.terminal != GOING_ON) & (self.returned == NEVER) & ~self.cooling
        out[self.person[done]] = self.entered[done]
        return out

    @cached_property
    def source(self) -> Ints:
        """The source of each prospect."""
        return sources_of(self.plan["sources"]["identity"], self.who)

    @cached_property
    def deal(self) -> Ints:
        """The row of the open deal whose stay, begun before the start, each visit goes on with; NONE of the others."""
        row = deals_of(self.plan, self.who)[self.person]
        stage = self.plan["leads"]["stage"]
        return np.where((row != NONE) & (self.nth == 0) & (stage[row] == self.stage), row, NONE) if stage.size else row

    def hidden_of(self, person: int) -> int:
        """The hidden attributes of a prospect, as bits."""
        who, segment = int(self.who[person]), int(self.cell[person]) % self.n_segments
        return int(_hidden_of(self.plan.address, int(self.source[person]), self.key, who, segment))

    @cached_property
    def most_at_once(self) -> int:
        """The largest number of prospects in flight; within a tick newcomers come first, source by source."""
        # Those who were referred at a tick come after its other newcomers, and stay until all are there.
        source = self.source
        child = np.isin(source, self.plan["touches"]["source"])
        order = np.lexsort([self.who, source, child, self.born])
        born, freed = self.born[order], self.freed[order]
        gone_before = np.searchsorted(np.sort(self.freed), born, "left")
        passing = np.concatenate([[0], np.cumsum((freed == born) & ~child[order])])
        passed_now = passing[:-1] - passing[np.searchsorted(born, born, "left")]
        here = np.arange(1, born.size + 1) - gone_before - passed_now
        return int(here.max(initial=0))


@kernel
def _comes_back(plan, key, rows, whos, places, nths, recycles):
    """Whether each of those who were lost cools off, to come back."""
    out = np.zeros(rows.size, np.bool_)
    for at in range(rows.size):
        out[at] = cool_off(plan, rows[at], key, whos[at], places[at], nths[at], recycles[at]) >= 0
    return out


class Clock:
    """A calendar's business clock for whole arrays of ticks; calendar NONE is calendar time."""

    def __init__(self, plan: Frame, calendar: int) -> None:
        row = None if calendar == NONE else plan["calendars"][calendar]
        self.always = row is None or row["first"] == ALWAYS
        if row is not None and not self.always:
            self.spans = plan["spans"][row["first"] : row["first"] + row["count"]]

    def read(self, ticks: Ints) -> Ints:
        """Open ticks before each tick."""
        if self.always:
            return ticks
        at = np.searchsorted(self.spans["open"], ticks, "right") - 1
        span = self.spans[np.maximum(at, 0)]
        return np.where(at < 0, 0, span["before"] + np.minimum(ticks, span["close"]) - span["open"])

    def reach(self, readings: Ints) -> Ints:
        """The first tick at which the clock shows each reading, of 1 or more; NEVER if it does not come to it."""
        if self.always:
            return readings
        at = np.searchsorted(self.spans["before"], readings, "left") - 1
        span = self.spans[np.maximum(at, 0)]
        ticks = span["open"] + readings - span["before"]
        return np.where((at < 0) | (ticks > span["close"]), NEVER, ticks)


@kernel
def _hidden_of(plan, source, key, who, segment):
    """The hidden attributes that a newcomer of a source has."""
    _, _, intent, _ = attributes(plan, source, np.uint64(key), np.uint64(who), segment, np.int64(0))
    return attributes_of(plan, np.uint64(key), np.uint64(who), segment, intent)
