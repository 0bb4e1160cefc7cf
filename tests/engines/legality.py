"""Whether a trace is a legal story: each prospect's rows, and what the reps did, by the words of model.md.

Nothing of the engines or the rules is used here: only the plan's tables and the rows. A violation is an AssertionError
that names the row.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, takewhile
from typing import Any

from both import Book, Event, Rows, events, in_words

from funnelsim.chance.calendars import ALWAYS
from funnelsim.plan.compile import Compiled
from funnelsim.plan.layout import COUNT, ESCALATE, GOING_ON, LOST, NONE, PULL_BACK, WAY
from funnelsim.plan.trace import (
    ARRIVED,
    BALKED,
    BREACHED,
    ENTERED,
    FINISHED,
    JOINED,
    LEFT,
    RETURNED,
    STARTED,
    STOPPED,
    TOUCHED,
)
from funnelsim.rules.contacts import (
    CHANNEL_BITS,
    HAND_RAISED,
    OPTED_OUT,
    OUTCOME_BITS,
    REFERRED,
    WAS_CLICKED,
    WAS_SEEN,
)

FOREVER = 1 << 60


class Clock:
    """Business time of a plan's calendars, by a walk over their spans."""

    def __init__(self, compiled: Compiled) -> None:
        self.spans: list[list[tuple[int, int]] | None] = []
        for first, count in compiled.plan["calendars"].tolist():
            spans = compiled.plan["spans"][first : first + count] if first != ALWAYS else None
            self.spans.append(None if spans is None else [tuple(span) for span in spans[["open", "close"]].tolist()])

    def _from(self, calendar: int, tick: int) -> Iterator[tuple[int, int]]:
        """What is left of the spans from a tick on; calendar NONE is open always."""
        spans = None if calendar == NONE else self.spans[calendar]
        if spans is None:
            yield tick, FOREVER
            return
        for at in range(max(0, bisect(spans, (tick, FOREVER)) - 1), len(spans)):
            if spans[at][1] > tick:
                yield max(tick, spans[at][0]), spans[at][1]

    def is_open(self, calendar: int, tick: int) -> bool:
        """Whether a calendar is open at a tick."""
        return next(self._from(calendar, tick), (FOREVER, FOREVER))[0] == tick

    def between(self, calendar: int, begin: int, end: int) -> int:
        """Open ticks from one tick to another."""
        spans = takewhile(lambda span: span[0] < end, self._from(calendar, begin))
        return sum(min(closes, end) - opens for opens, closes in spans)

    def after(self, calendar: int, begin: int, ticks: int) -> int:
        """The tick at which so many open ticks have passed; FOREVER if they never do."""
        for opens, closes in self._from(calendar, begin):
            if closes - opens >= ticks:
                return opens + ticks
            ticks -= closes - opens
        return FOREVER


class Journey:
    """One prospect, told row by row: where it is, and in which state."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self.book, self.clock = book, clock
        self.state, self.stage, self.nth = "unborn", NONE, 0
        self.visits: Counter[int] = Counter()
        self.recycles, self.segment, self.door = 0, 0, NONE
        self.team, self.rep, self.since, self.owed, self.attempt = NONE, NONE, 0, 0, 0
        self.tiers: set[int] = set()
        self.tries: Counter[int] = Counter()
        self.came, self.out, self.raised = 0, FOREVER, NONE
        self.deal: Any = None
        # Work is kept at normal speed: what is left of it says nothing of ticks where reps differ in speed.
        self.paced = any(rep.speed != 1 or rep.ramp > 0 for rep in book.reps)

    def tell(self, tick: int, rows: list[Event]) -> None:
        """Everything that happened to it at one tick."""
        by_code: dict[int, list[Event]] = {}
        for row in rows:
            by_code.setdefault(row.code, []).append(row)
        for code in (ARRIVED, FINISHED, STOPPED, RETURNED):
            assert len(by_code.get(code, ())) <= 1, f"twice at {tick}"
        for row in by_code.get(ARRIVED, ()):
            self._arrive(row)
        for row in by_code.get(TOUCHED, ()):
            self._be_touched(tick, row)
        for row in by_code.get(FINISHED, ()):
            self._finish(tick, row)
        for row in by_code.get(STOPPED, ()):
            self._stop(tick, row)
        for row in by_code.get(BREACHED, ()):
            self._breach(row)
        for row in by_code.get(RETURNED, ()):
            self._come_back(row)
        self._walk(tick, by_code.get(LEFT, []), by_code.get(ENTERED, []))
        for row in by_code.get(BALKED, ()):
            self._here(row, "entered")
            self._come_by(tick, row)
            self.state, self.since = "balked", tick
        for row in by_code.get(JOINED, ()):
            self._join(tick, row)
        for row in by_code.get(STARTED, ()):
            self._start(tick, row)
        if self.state == "finished":
            # Work that is done without an exit was an attempt that reached nobody.
            assert self.attempt + 1 < self._visit("up_to")
            self.state = "pausing"
        assert self.state in ("entered", "balked", "waiting", "working", "pausing", "over"), f"{self.state} at {tick}"
        at_once = self._node("team") != NONE and (self._visit("routing") == NONE or self.deal is not None)
        assert not (self.state == "entered" and at_once), f"neither joined nor balked at {tick}"

    def _node(self, column: str) -> int:
        return int(getattr(self.book.stages[self.stage], column))

    def _visit(self, column: str) -> int:
        return int(getattr(self.book.visits[self.stage * self.book.n_segments + self.segment], column))

    def _exit(self, number: int) -> Any:
        return self.book.exits[self.segment * self.book.n_exits + number]

    def _tiers_to(self, deed: int) -> set[int]:
        """Where the tiers of a deed that came due in this visit lead."""
        return {self.book.tiers[tier].to for tier in self.tiers if self.book.tiers[tier].do == deed}

    def _words(self, row: Event) -> str:
        return in_words(self.book.compiled, row)

    def _here(self, row: Event, *states: str) -> None:
        assert (row.stage, row.visit) == (self.stage, self.nth), f"elsewhere: {self._words(row)}"
        assert self.state in states, f"{self.state}: {self._words(row)}"

    def _arrive(self, row: Event) -> None:
        assert self.state == "unborn"
        assert row.stage == NONE, self._words(row)
        self.state, self.segment = "arrived", row.detail % self.book.n_segments
        self.deal = self.book.deal_of(row.prospect)
        if self.deal is None:
            self.door = self.book.sources[self.book.source_of(row.prospect)].enters
        else:
            self.door = self.deal.stage
            assert row.tick == 0, self._words(row)

    def _be_touched(self, tick: int, row: Event) -> None:
        """Channels reach for those who are somewhere, from the tick after they came there."""
        self._here(row, "entered", "balked", "waiting", "working", "pausing")
        assert tick > self.came, self._words(row)
        touch, outcome = row.detail >> OUTCOME_BITS & (1 << CHANNEL_BITS) - 1, row.detail & (1 << OUTCOME_BITS) - 1
        assert self.book.plan["reaches"]["n"][self.stage * len(self.book.touches) + touch], self._words(row)
        tries = row.detail >> OUTCOME_BITS + CHANNEL_BITS
        assert tries > self.tries[touch], self._words(row)
        self.tries[touch] = tries
        assert (outcome == REFERRED) == (self.book.touches[touch].source != NONE), self._words(row)
        assert outcome & WAS_SEEN or not outcome & (WAS_CLICKED | HAND_RAISED | OPTED_OUT), self._words(row)
        # Rows of one tick do not say in which order the channels came.
        assert tick <= self.out or not self.book.touches[touch].heeds, self._words(row)
        self.out = min(self.out, tick) if outcome & OPTED_OUT else self.out
        self.raised = tick if outcome & HAND_RAISED else self.raised

    def _clock(self) -> int:
        """The calendar on which work runs: the stage's, or that of the team it was escalated to; NONE for none."""
        calendar = self._node("calendar")
        if calendar != NONE and self._node("team") not in (NONE, self.team):
            return int(self.book.teams[self.team].calendar)
        return calendar

    def _worked(self, tick: int, row: Event) -> int:
        self._here(row, "working")
        assert row.rep == self.rep
        return self.clock.between(self._clock(), self.since, tick)

    def _finish(self, tick: int, row: Event) -> None:
        if self._node("team") == NONE:
            self._here(row, "entered")
            assert self.clock.between(self._clock(), self.since, tick) >= 1
        else:
            worked = self._worked(tick, row)
            assert worked == self.owed or (self.owed == 0 and worked >= 1) or self.paced, self._words(row)
            assert row.detail == self.attempt
        self.state, self.owed = "finished", 0

    def _stop(self, tick: int, row: Event) -> None:
        worked = self._worked(tick, row)
        assert row.detail >= 1
        assert self.paced or self.owed in (0, worked + row.detail), self._words(row)
        self.state, self.owed = "stopped", row.detail

    def _breach(self, row: Event) -> None:
        """A tier that only counts may be noted for a tick at which the prospect was still unanswered."""
        tier = self.book.tiers[row.detail]
        first = self._visit("first_tier")
        assert first <= row.detail < first + self._visit("n_tiers"), self._words(row)
        assert row.detail not in self.tiers, f"twice: {self._words(row)}"
        self._here(row, "waiting", "moved")
        self.tiers.add(row.detail)
        if tier.do not in (COUNT, PULL_BACK):
            self.state = "moved"

    def _come_back(self, row: Event) -> None:
        self._here(row, "over")
        assert self._node("terminal") == LOST
        self.recycles += 1
        assert row.detail == self.recycles <= self._visit("at_most")
        self.state = "returned"

    def _walk(self, tick: int, lefts: list[Event], entries: list[Event]) -> None:
        """Through exits and stages, each left and entered once."""
        left = {(row.stage, row.visit): row for row in lefts}
        entered = {(row.stage, row.visit): row for row in entries}
        assert len(left) == len(lefts)
        assert len(entered) == len(entries)
        if self.state == "arrived":
            self._enter(tick, entered, self.door)
        elif self.state == "returned":
            self._enter(tick, entered, self._visit("back_to"))
        while (row := left.pop((self.stage, self.nth), None)) is not None:
            self._leave(tick, row)
            self._enter(tick, entered, self._exit(row.detail).to)
        assert not left, f"left where it was not, at {tick}"
        assert not entered, f"in two places at {tick}"

    def _enter(self, tick: int, entered: dict[tuple[int, int], Event], stage: int) -> None:
        self.stage, self.nth = stage, self.visits[stage]
        assert entered.pop((stage, self.nth), None) is not None, f"did not enter {stage}#{self.nth} at {tick}"
        self.visits[stage] += 1
        self.came = tick
        self.state = "entered" if self._node("terminal") == GOING_ON else "over"
        self.since, self.team, self.owed, self.attempt, self.tiers = tick, self._node("team"), 0, 0, set()

    def _leave(self, tick: int, row: Event) -> None:
        leaving = row.detail
        name = self.book.compiled.exits[leaving]
        assert name.stage == self.book.compiled.stages[self.stage], self._words(row)
        way = self._exit(leaving).kind == WAY
        self.deal = None
        if self.state == "finished":
            unreached = self._visit("up_to") > 0 and self.attempt + 1 == self._visit("up_to")
            refused = self._visit("stakeholders") > 0 and leaving == self._visit("refused_exit")
            refused = refused or (self._visit("asks") != 0 and leaving == self._visit("failed_exit"))
            assert not way or refused or (leaving == self._visit("unreached_exit") and unreached), self._words(row)
        elif self.state == "balked":
            assert leaving == self._visit("balk_exit"), self._words(row)
            assert tick == self.since + 1, self._words(row)
        elif self.state in ("waiting", "moved"):
            back = self._tiers_to(PULL_BACK)
            assert leaving in back | ({self._visit("patience_exit")} - {NONE}), self._words(row)
        else:
            assert self.state == "entered", f"{self.state}: {self._words(row)}"
            if leaving == self._visit("leak_exit"):
                assert tick == self.came, self._words(row)
                return
            assert self._node("team") == NONE, self._words(row)
            if leaving in (self._visit("raised_exit"), self._visit("ready_exit")):
                assert self.raised == tick, self._words(row)
                return
            if leaving == self._visit("scored_exit"):
                return
            assert not self._node("takes_time"), self._words(row)
            assert not way, self._words(row)

    def _come_by(self, tick: int, row: Event) -> None:
        """Routed or not, it finds the team at the right tick; an open deal is there at once."""
        at_once = self._visit("routing") == NONE or self.deal is not None
        assert (tick == self.since) == at_once, self._words(row)

    def _join(self, tick: int, row: Event) -> None:
        if self.state == "pausing":
            self.attempt += 1
        self._here(row, "entered", "moved", "stopped", "pausing", "waiting")
        assert row.detail in {self._node("team")} | self._tiers_to(ESCALATE), self._words(row)
        if self.state == "waiting":
            # Only the end of a rep's spell sends one who waits back to the team.
            ends = any(rep.until == tick and rep.team == self.team for rep in self.book.reps)
            assert ends or self.book.teams[self.team].stays != NONE, self._words(row)
        if self.state == "entered":
            self._come_by(tick, row)
        self.state, self.team = "waiting", row.detail

    def _start(self, tick: int, row: Event) -> None:
        self._here(row, "waiting")
        assert self.book.reps[row.rep].team == self.team, self._words(row)
        assert row.detail == self.attempt, self._words(row)
        self.state, self.rep, self.since = "working", row.rep, tick


def check_journeys(compiled: Compiled, rows: Rows) -> None:
    """Every prospect's rows are a legal story: one place at a time, one state after the other."""
    book, clock = Book(compiled), Clock(compiled)
    own = sorted(events(rows), key=lambda row: row.prospect)
    for _, life in groupby(own, key=lambda row: row.prospect):
        journey = Journey(book, clock)
        for tick, together in groupby(life, key=lambda row: row.tick):
            journey.tell(tick, list(together))


def check_desks(compiled: Compiled, rows: Rows) -> None:
    """No rep holds more than the slots, works outside the spell, or takes anybody up while the team is closed."""
    book, clock = Book(compiled), Clock(compiled)
    holds = [0] * len(book.reps)
    for row in events(rows[rows["rep"] >= 0]):
        rep = book.reps[row.rep]
        assert rep.start <= row.tick <= rep.until, in_words(compiled, row)
        holds[row.rep] += 1 if row.code == STARTED else -1
        assert 0 <= holds[row.rep] <= rep.slots, in_words(compiled, row)
        if row.code == STARTED:
            assert row.tick < rep.until, in_words(compiled, row)
            assert clock.is_open(book.teams[rep.team].calendar, row.tick), in_words(compiled, row)
    for rep, held in zip(book.reps, holds, strict=True):
        assert rep.until >= book.horizon or not held, "a rep who is gone still holds a deal"
