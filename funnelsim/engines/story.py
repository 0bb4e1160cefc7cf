"""The readable engine: SimPy processes that tell what happens to each prospect, and a log of it.

A prospect is one process, `Story.life`; teams are in `staff`. A tick has two phases, facts and choices: SimPy works off
what happens at one instant by priority, so facts carry the priorities of their kind and choices come last.

How much and where to stands in `rules`, the same compiled functions that the kernel calls; here stands only when.
"""

from collections import namedtuple
from collections.abc import Callable, Generator
from functools import partial
from heapq import heappush
from struct import Struct
from typing import Any

import numpy as np
import simpy
from numpy.lib.recfunctions import unstructured_to_structured
from numpy.typing import NDArray

from funnelsim.core.rows import Frame
from funnelsim.engines import asked
from funnelsim.engines.feedback import Feedback
from funnelsim.engines.hopes import Hopes
from funnelsim.engines.notices import COMES_IN, DELAY_ENDS, RETURNS, ROUTED
from funnelsim.engines.outreach import Outreach
from funnelsim.engines.staff import Staff
from funnelsim.engines.tickets import Person, Ticket
from funnelsim.plan.layout import BATCHES, GOING_ON, LEADS, NONE, POISSON, WON
from funnelsim.plan.trace import ARRIVED, ENTERED, FINISHED, LEFT, RETURNED, ROW, in_order

_WORDS = len(ROW.names or ())
_pack = Struct(f"{_WORDS}q").pack


TABLES = (
    "stages", "visits", "exits", "tiers", "teams", "reps", "sources", "batches", "leads", "calendars", "touches",
)  # fmt: skip


class Tables:
    """The plan's tables as rows with named columns, and its address for the rules."""

    def __init__(self, plan: Frame) -> None:
        self.address = plan.address
        for name in TABLES:
            setattr(self, name, _named(plan[name]))
        self.terms = _named(plan["terms"])[0]
        self.spans = plan["spans"]

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def _named(rows: NDArray[np.void]) -> list[Any]:
    row = namedtuple("row", rows.dtype.names or ())  # type: ignore[misc]
    return [row(*values) for values in rows.tolist()]


class _Due(simpy.Event):
    """What comes due at a tick: an event that has succeeded from the start, as SimPy's timeouts have."""

    def __init__(self, env: simpy.Environment, callbacks: list[Callable[[object], None]]) -> None:
        self.env, self.callbacks, self._ok, self._value = env, callbacks, True, None  # type: ignore[assignment]


class Story:
    """One replication: an environment, its teams, and the rows of its trace."""

    def __init__(self, tables: Tables, seed: int, replication: int) -> None:
        self.plan, self.tables = tables.address, tables
        self.key = asked.replication_key(np.uint64(seed), replication)
        self.env = simpy.Environment()
        self.queue, self.numbers = self.env._queue, self.env._eid
        # Bytes, not a tuple a row: nothing for the garbage collector to look through.
        self.rows = bytearray()
        self.staff, self.outreach, self.feedback = Staff(self), Outreach(self), Feedback(self)
        self.dials = self.feedback.address
        self.hopes = Hopes(self)
        self.n_segments = tables.terms.n_segments
        self.hands_over = [
            max(visit.scored_exit, visit.raised_exit, visit.ready_exit) != NONE for visit in tables.visits
        ]

    def run(self) -> NDArray[np.void]:
        """The trace, in the canonical order."""
        for number, source in enumerate(self.tables.sources):
            paced = source.dial != NONE
            self.env.process(self.feedback.arrivals(number, source) if paced else self.arrivals(number, source))
        self.env.run(until=self.tables.terms.horizon)
        self.staff.close(self)
        numbers = np.frombuffer(self.rows, np.int64).reshape(-1, _WORDS)
        return in_order(unstructured_to_structured(numbers, ROW, casting="unsafe"))

    @property
    def now(self) -> int:
        """The present tick."""
        return self.env._now  # type: ignore[return-value]

    def log(self, tick: int, code: int, person: Person, rep: int, detail: int) -> None:
        """Write a row of the trace."""
        self.rows += _pack(tick, code, person.stage, person.who, detail, person.visit, rep)

    def at(self, tick: int, kind: int, *calls: Callable[[object], None]) -> simpy.Event:
        """The event of a tick, in the turn of a kind; what is called then is given the event."""
        event = _Due(self.env, list(calls))
        # As SimPy's `schedule` does, but at a tick, not after a delay.
        heappush(self.queue, (tick, kind + 2, next(self.numbers), event))  # type: ignore[misc]
        return event

    @staticmethod
    def happens(event: simpy.Event, value: object) -> None:
        """An event happens at once: as SimPy's `succeed`, but without a turn of its own within the tick."""
        event._ok, event._value = True, value
        callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
        for call in callbacks:
            call(event)

    def arrivals(self, number: int, source: Any) -> Generator[simpy.Event, Any, None]:
        """A source sends its prospects, each at its own tick."""
        for tick, rank, channel, segment, value, deal in self._due(number, source):
            if tick >= self.tables.terms.horizon:
                return
            yield self.at(tick, -1)
            person = self.born(number, source.identity + rank, channel, segment, value)
            person.deal = deal
            self.env.process(self.life(person, source.enters if deal is None else deal.stage))

    def born(self, number: int, who: int, channel: int, segment: int, value: int) -> Person:
        """A newcomer of a source, through a channel."""
        person = Person(who, *asked.attributes(self.plan, number, self.key, who, segment, value))
        if self.tables.terms.n_hidden:
            person.has = asked.attributes_of(self.plan, self.key, who, person.segment, person.intent)
        self.outreach.meet(person)
        self.log(self.now, ARRIVED, person, NONE, channel * self.n_segments + person.segment)
        return person

    def welcome(self, number: int, parent: int, nth: int) -> None:
        """Whom a customer refers comes in, after all who come at this tick are there."""
        source = self.tables.sources[number]
        who = asked.referred_by(source.identity, parent, nth)
        person = self.born(number, int(who), source.channel, NONE, NONE)
        self.at(self.now, COMES_IN, partial(self._come_in, person, source.enters))

    def _come_in(self, person: Person, stage: int, _: object) -> None:
        self.env.process(self.life(person, stage))

    def _due(self, number: int, source: Any) -> Generator[tuple[int, int, int, int, int, Any], None, None]:
        """Tick, rank, channel, segment and value of a source's prospects, in order; the lead, if it is an open deal."""
        if source.kind == LEADS:
            for lead in self.tables.leads[source.first : source.first + source.count]:
                deal = None if lead.stage == NONE else lead
                yield lead.tick, lead.rank, lead.channel, lead.segment, lead.value, deal
        elif source.kind == BATCHES:
            for batch in self.tables.batches[source.first : source.first + source.count]:
                for rank in range(batch.begin, batch.upto):
                    yield batch.tick, rank, source.channel, NONE, NONE, None
        elif source.kind == POISSON:
            rank, exposure, piece = 0, 0.0, 0
            while True:
                if rank % 4 == 0:
                    gaps = asked.gap_words(self.key, source.identity, rank // 4)
                word = gaps[rank % 4]
                exposure, piece, tick = asked.next_of_rate(self.plan, self.dials, number, piece, exposure, word)
                yield tick, rank, source.channel, NONE, NONE, None
                rank += 1

    def life(self, person: Person, stage: int) -> Generator[simpy.Event, Any, None]:
        """A prospect goes from stage to stage until it is won, or lost for good."""
        tables, decided = self.tables, False
        while True:
            now = self.now
            person.enter(stage, now)
            self.log(now, ENTERED, person, NONE, person.value)
            if not decided:
                self.hopes.came(person)
            self.feedback.see_entry(stage)
            node, row = tables.stages[stage], stage * self.n_segments + person.segment
            if node.terminal != GOING_ON:
                if node.terminal == WON:
                    return
                away = asked.cool_off(self.plan, row, self.key, person.who, node.place, person.visit, person.recycles)
                if away < 0:
                    return
                yield self.at(now + away, RETURNS)
                person.recycles += 1
                self.log(self.now, RETURNED, person, NONE, person.recycles)
                stage, decided = tables.visits[row].back_to, False
                continue

            drawn = asked.visit_words(self.key, person.who, node.place, person.visit)
            leaving, response, skill = self.outreach.ready(person, row) if self.hands_over[row] else NONE, -1, 0.0
            if leaving == NONE:
                self.outreach.begin(person)
                if node.team != NONE:
                    leaving, response, skill = yield from self.served(person, row, node, drawn)
                elif node.takes_time:
                    leaving = yield from self.delayed(person, row, node, drawn[0])
                self.outreach.end(person)
            decided = leaving == NONE
            if decided:
                leaving = asked.choose_exit(
                    self.plan,
                    stage,
                    person.segment,
                    self.key,
                    person.who,
                    drawn[2],
                    response,
                    self.outreach.intent(person),
                    skill,
                    person.visit,
                    person.value,
                    person.has,
                )
                self.hopes.decided(person, leaving, response, skill)
                if tables.visits[row].discount > 0:
                    person.value = asked.discounted(self.plan, row, person.value)
            person.deal = None
            self.feedback.see_exit(stage, leaving)
            self.log(self.now, LEFT, person, NONE, leaving)
            stage = tables.exits[person.segment * tables.terms.n_exits + leaving].to

    def delayed(self, person: Person, row: int, node: Any, word: int) -> Generator[simpy.Event, Any, int]:
        """A prospect takes its own time; the exit if it is handed over before that is over."""
        delay = asked.visit_lasts(self.plan, row, self.key, person.who, node.place, person.visit, word)
        if person.deal is not None and person.deal.age > 0:
            delay = self.remains(person, row, node, word, person.deal.age)
        prepared = asked.end_of(self.plan, node.calendar, self.now, delay)
        decided = asked.decided_at(self.plan, person.stage, prepared)
        if not self.hands_over[row]:
            yield self.at(decided, DELAY_ENDS)
        else:
            person.ready = ready = simpy.Event(self.env)
            self.at(decided, DELAY_ENDS, lambda _: None if ready.triggered else self.happens(ready, NONE))
            leaving: int = yield ready
            if leaving != NONE:
                return leaving
        self.log(self.now, FINISHED, person, NONE, 0)
        return NONE

    def served(
        self, person: Person, row: int, node: Any, drawn: tuple[int, ...]
    ) -> Generator[simpy.Event, Any, tuple[int, int, float]]:
        """A prospect is routed to its team, waits, and is worked; the exit if one was forced, the response time, and
        the skill of the rep."""
        entered = self.now
        visit = self.tables.visits[row]
        ticket = Ticket(person, row, node, visit, drawn[0], drawn[1], simpy.Event(self.env))
        if person.deal is not None:
            ticket.waited = person.deal.age
            if person.deal.worked > 0:
                ticket.reached, ticket.left = True, self.remains(person, row, node, drawn[0], person.deal.worked)
        elif visit.leak_exit != NONE and asked.leaks(
            self.plan, self.dials, row, self.key, person.who, node.place, person.visit
        ):
            return visit.leak_exit, -1, 0.0
        elif visit.routing != NONE:
            yield self.at(entered + self.lasts(visit.routing, person, 3, drawn[3]), ROUTED)
        self.staff.teams[node.team].welcome(ticket)
        leaving = yield ticket.done
        response = -1 if ticket.responded < 0 else ticket.responded - entered
        return leaving, response, 0.0 if ticket.rep is None else self.tables.reps[ticket.rep.number].skill

    def remains(self, person: Person, row: int, node: Any, word: int, age: int) -> int:
        """Ticks that are left of the present visit of one whose deal was open at the start."""
        ticks: int = asked.visit_remains(self.plan, row, self.key, person.who, node.place, person.visit, word, age)
        return ticks

    def lasts(self, law: int, person: Person, lane: int, word: int) -> int:
        """Ticks drawn from a law of the present visit."""
        place = self.tables.stages[person.stage].place
        ticks: int = asked.lasts(self.plan, law, self.key, person.who, place, person.visit, 0, lane, word)
        return ticks
