"""Whether teams choose lawfully: nobody waits beside a free rep, and the first by key is taken up first.

The keys are worked out anew from the rows and the plan, by the words of model.md; only the score is read by its rule.
What is said here of order holds for pooled teams; who waits for one rep need not be taken by another.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from both import Book, Event, Rows, events
from called import attributes, replication_key
from legality import Clock
from spells import spells_of

from funnelsim.plan.compile import Compiled
from funnelsim.plan.layout import (
    DEADLINE,
    ESCALATE,
    LIFO,
    NONE,
    POOLED,
    PREEMPTIVE,
    PRIORITY,
    REASSIGN,
    REPRIORITISE,
    SCORE,
    VALUE,
)
from funnelsim.plan.trace import ARRIVED, BREACHED, ENTERED, FINISHED, JOINED, LEFT, STARTED, STOPPED, TOUCHED
from funnelsim.rules.contacts import WAS_SEEN, touch_of

Key = tuple[float, int, int]


@dataclass
class Visitor:
    """What a prospect brought, and its present visit to a team."""

    who: int
    segment: int
    value: int = 0
    place: tuple[int, int] = (NONE, 0)
    team: int = NONE
    joined: int = 0
    since: int = 0
    keeps_place: bool = False
    foremost: bool = False
    points: float = 0.0
    since_touched: int = 0
    extra: float = 0.0


class Hall:
    """All teams of a replication: who waits, who is served, who works."""

    def __init__(self, compiled: Compiled, seed: int, replication: int = 0) -> None:
        self.plan, self.book, self.clock = compiled.plan, Book(compiled), Clock(compiled)
        self.key = replication_key(np.uint64(seed), replication)
        self.visitors: dict[int, Visitor] = {}
        self.served: dict[int, int] = {}  # prospect: rep
        self.busy = [0] * len(self.book.reps)
        self.waiting: dict[int, Visitor] = {}
        self.spells = [spells_of(self.book, self.key, rep) for rep in range(len(self.book.reps))]

    def happen(self, row: Event) -> None:
        """One row of the trace, in the canonical order."""
        code, who = row.code, row.prospect
        if code == ARRIVED:
            self.visitors[who] = Visitor(who, row.detail % self.book.n_segments)
            return
        visitor = self.visitors[who]
        if code == ENTERED:
            visitor.value = row.detail
        elif code == TOUCHED:
            if row.detail & WAS_SEEN:
                visitor.points = self._points(visitor, row.tick) + self.book.touches[touch_of(row.detail)].points
                visitor.since_touched = row.tick
        elif code in (FINISHED, STOPPED) and row.rep >= 0:
            self.busy[row.rep] -= 1
            del self.served[who]
            visitor.keeps_place = code == STOPPED
        elif code == BREACHED:
            deed = self.book.tiers[row.detail].do
            visitor.foremost |= deed == REPRIORITISE
            visitor.keeps_place |= deed in (REPRIORITISE, REASSIGN, ESCALATE)
        elif code == LEFT:
            self.waiting.pop(who, None)
        elif code == JOINED:
            self._join(visitor, row)
        elif code == STARTED:
            visitor.keeps_place = False
            del self.waiting[who]
            self.busy[row.rep] += 1
            self.served[who] = row.rep

    def _join(self, visitor: Visitor, row: Event) -> None:
        tick, place = row.tick, (row.stage, row.visit)
        waited = 0
        if place != visitor.place:
            visitor.place, visitor.joined, visitor.foremost = place, tick, False
            visitor.keeps_place = False
            deal = self.book.deal_of(visitor.who)
            if deal is not None and (tick, row.stage, row.visit) == (0, deal.stage, 0):
                waited = deal.age
        if not (visitor.keeps_place or visitor.who in self.waiting):
            visitor.since = tick - waited
        visitor.team, visitor.keeps_place = row.detail, False
        visitor.extra = self._points(visitor, tick)
        self.waiting[visitor.who] = visitor

    def key_of(self, visitor: Visitor) -> Key:
        """Where a visitor stands in its team's line; smaller is served earlier."""
        return (-np.inf if visitor.foremost else self._rank(visitor), visitor.since, visitor.who)

    def _rank(self, visitor: Visitor) -> float:
        discipline = self.book.teams[visitor.team].discipline
        visit = self.book.visits[visitor.place[0] * self.book.n_segments + visitor.segment]
        if discipline == LIFO:
            return -visitor.since
        if discipline == VALUE:
            return -visitor.value
        if discipline in (PRIORITY, PREEMPTIVE):
            return int(visit.priority)
        if discipline == SCORE:
            return -self._score(visitor)
        return self._deadline(visitor, visit) if discipline == DEADLINE else 0

    def _score(self, visitor: Visitor) -> float:
        known = np.uint64(self.key), np.uint64(visitor.who), visitor.segment, visitor.value
        brought = attributes(self.plan.address, self.book.source_of(visitor.who), *known)[3]
        return float(np.floor((brought + visitor.extra) * 2**20))

    def _points(self, visitor: Visitor, tick: int) -> float:
        """Points of touches that are left at a tick."""
        half_life = float(self.plan["terms"][0]["score_half_life"])
        faded = 2.0 ** (-(tick - visitor.since_touched) / half_life) if half_life > 0 else 1.0
        return visitor.points * faded

    def _deadline(self, visitor: Visitor, visit: Any) -> int:
        """The tick at which the promised time has run since the visitor joined."""
        home = self.book.stages[visitor.place[0]].team
        calendar = self.book.teams[home].calendar if visit.sla_business else NONE
        return self.clock.after(calendar, visitor.joined, visit.respond_within)

    def judge(self, tick: int, begun: list[int]) -> None:
        """At the end of a tick, with the prospects that were taken up in it."""
        lines: dict[int, list[Visitor]] = {}
        for visitor in self.waiting.values():
            lines.setdefault(visitor.team, []).append(visitor)
        for number, line in lines.items():
            team = self.book.teams[number]
            if not self.clock.is_open(team.calendar, tick):
                continue
            reps = range(team.first_rep, team.first_rep + team.n_reps)
            there = [rep for rep in reps if any(begin <= tick < end for begin, end in self.spells[rep])]
            if team.assignment != POOLED:
                assert not there or any(self.busy[rep] for rep in there), f"all are idle and some wait at {tick}"
                continue
            free = [rep for rep in there if self.busy[rep] < self.book.reps[rep].slots]
            assert not free, f"{len(line)} wait beside free reps {free} at {tick}"
            first = min(map(self.key_of, line))
            taken = [self.key_of(self.visitors[who]) for who in begun if self.visitors[who].team == number]
            assert all(key < first for key in taken), f"not the first by key at {tick}: {first}, {max(taken)}"
            if team.discipline == PREEMPTIVE:
                held = [self.key_of(self.visitors[who]) for who, rep in self.served.items() if rep in reps]
                assert all(key[0] <= first[0] for key in held), f"a lower class is served at {tick}"


def check_lines(compiled: Compiled, rows: Rows, seed: int, replication: int = 0) -> None:
    """At the end of every tick all teams have chosen lawfully."""
    hall = Hall(compiled, seed, replication)
    parts = {tick: list(part) for tick, part in groupby(events(rows), key=lambda row: row.tick)}
    edges = {*compiled.plan["spans"]["open"].tolist(), *(begin for own in hall.spells for begin, _ in own)}
    for tick in sorted({*parts, *(edge for edge in edges if edge < hall.book.horizon)}):
        part = parts.get(tick, [])
        for row in part:
            hall.happen(row)
        hall.judge(tick, [row.prospect for row in part if row.code == STARTED])
