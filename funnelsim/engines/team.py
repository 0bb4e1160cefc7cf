"""The readable engine's team: whom it admits, which rep takes whom, and when work begins, ends or is interrupted."""

from __future__ import annotations

from bisect import insort
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

from funnelsim.chance.calendars import ALWAYS
from funnelsim.engines import asked
from funnelsim.engines.notices import (
    GIVES_UP,
    REP_COMES,
    REP_LEAVES,
    RETRY,
    WALKS_OFF,
    WORK_ENDS,
)
from funnelsim.engines.promises import judge, watch
from funnelsim.engines.tickets import GONE, JOINING, PAUSING, WAITING, WORKING, Rep, Ticket
from funnelsim.plan.layout import (
    LEAST_LOADED,
    NONE,
    POOLED,
    PREEMPTIVE,
    ROUND_ROBIN,
    STICKY,
)
from funnelsim.plan.trace import BALKED, FINISHED, JOINED, STARTED, STOPPED
from funnelsim.rules.service import FOREMOST

if TYPE_CHECKING:
    from funnelsim.engines.story import Story

CHOICES = 100
"""The priority of choices: after every fact of the tick."""


class Team:
    """Reps with lines in front of them."""

    def __init__(self, story: Story, number: int) -> None:
        tables = story.tables
        self.story, self.number, self.row = story, number, tables.teams[number]
        first, n = self.row.first_rep, self.row.n_reps
        self.reps = [
            Rep(first + at, spell.slots, spell.start <= 0 < spell.until, spell.hired)
            for at, spell in enumerate(tables.reps[first : first + n])
        ]
        self.open = tables.calendars[self.row.calendar].first == ALWAYS
        self.line: list[tuple[int, int, int, Ticket]] = []
        self.newcomers: list[tuple[int, int, Ticket]] = []
        self.next_in_turn = 0
        self.has_to_choose = False

    def welcome(self, ticket: Ticket, keeps_place: bool = False) -> None:
        """Note that a prospect comes; it is admitted when the team chooses."""
        ticket.state, ticket.team, ticket.keeps_place = JOINING, self, keeps_place
        self.newcomers.append((ticket.person.who, ticket.turn, ticket))
        self.wake()

    def wake(self) -> None:
        """Something happened to this team: it chooses at the end of the tick."""
        if not self.has_to_choose:
            self.has_to_choose = True
            self.story.at(self.story.now, CHOICES, self.choose)

    def choose(self, _: object) -> None:
        """Admit the newcomers in the order of their identity, then give free reps to the heads of the lines."""
        newcomers, self.newcomers = self.newcomers, []
        newcomers.sort(key=itemgetter(0))
        for _, turn, ticket in newcomers:
            if ticket.state == JOINING and ticket.turn == turn and ticket.team is self:
                self._admit(ticket)
        if self.open:
            self._dispatch()
            if self.row.discipline == PREEMPTIVE:
                self._preempt()
        for _, turn, ticket in newcomers:
            if ticket.state == WAITING and ticket.fresh and ticket.turn == turn:
                ticket.fresh = False
                self._watch(ticket)
        self.has_to_choose = False

    @property
    def n_waiting(self) -> int:
        """How many wait, in all lines."""
        return len(self.line) + sum(len(rep.line) for rep in self.reps)

    def _admit(self, ticket: Ticket) -> None:
        """Let a newcomer into a line, or send it off if the line is full."""
        story, person, now = self.story, ticket.person, self.story.now
        if ticket.fresh:
            if self.row.max_queue != NONE and not self._has_room():
                ticket.state = GONE
                story.log(now, BALKED, person, NONE, self.number)
                story.at(now + 1, WALKS_OFF, lambda _: self._release_prospect(ticket, ticket.visit.balk_exit))
                return
            ticket.joined = now
            if ticket.visit.sla:
                ticket.deadline = asked.due_at(story.plan, self.number, ticket.row, now, ticket.visit.respond_within)
        story.log(now, JOINED, person, NONE, self.number)
        ticket.state = WAITING
        if not ticket.keeps_place:
            ticket.since = now - (ticket.waited if ticket.fresh else 0)
        rank = FOREMOST
        if not ticket.foremost:
            score = story.outreach.score(person)
            rank = asked.rank_in_line(
                story.plan, self.number, ticket.row, score, person.value, ticket.deadline, ticket.since
            )
        ticket.key = (rank, ticket.since, person.who, ticket)
        self._line_up(ticket, self._line_for(ticket))
        ticket.shuns = NONE

    def _has_room(self) -> bool:
        free = sum(rep.slots - len(rep.holds) for rep in self.reps if rep.employed) if self.open else 0
        return bool(asked.has_room(self.story.plan, self.number, self.n_waiting, free))

    def _line_up(self, ticket: Ticket, line: list[tuple[int, int, int, Ticket]]) -> None:
        ticket.line = line
        assert ticket.key is not None
        insort(line, ticket.key)

    def _line_for(self, ticket: Ticket) -> list[tuple[int, int, int, Ticket]]:
        """The line a newcomer joins: a rep's own, or the team's."""
        if self.row.assignment == POOLED:
            return self.line
        rep: Rep | None = None
        able = [rep for rep in self.reps if rep.employed and rep.number != ticket.shuns]
        if self.row.assignment == ROUND_ROBIN:
            rep = self._next_in_turn(able)
        elif self.row.assignment == LEAST_LOADED:
            rep = max(able, key=lambda rep: rep.slots - len(rep.holds) - len(rep.line), default=None)
        elif self.row.assignment == STICKY:
            met = ticket.person.met.get(self.number, NONE)
            rep = next((rep for rep in able if rep.number == met), None)
        return self.line if rep is None else rep.line

    def _next_in_turn(self, able: list[Rep]) -> Rep | None:
        """The next rep employed, after the one whose turn was last."""
        n = len(self.reps)
        for step in range(n):
            rep = self.reps[(self.next_in_turn + step) % n]
            if rep in able:
                self.next_in_turn = (self.next_in_turn + step + 1) % n
                return rep
        return None

    def _dispatch(self) -> None:
        """Each rep in turn takes from the rep's own line and the team's, whoever comes first."""
        pooled = self.row.assignment == POOLED
        for rep in self.reps:
            if pooled and not self.line:
                return
            while rep.employed and len(rep.holds) < rep.slots and (rep.line or self.line):
                first = min(rep.line[0], self.line[0]) if rep.line and self.line else (rep.line or self.line)[0]
                self._start(first[3], rep)

    def _preempt(self) -> None:
        """The head of the line takes the place of the worst being served, as long as its class is strictly better."""
        while self.line:
            served = [ticket.key for rep in self.reps for ticket in rep.holds if ticket.key is not None]
            if not served or self.line[0][0] >= max(served)[0]:
                return
            worst, head = max(served)[3], self.line[0][3]
            rep = worst.rep
            assert rep is not None
            self._interrupt(worst)
            self._start(head, rep)
            worst.state = WAITING
            self.story.log(self.story.now, JOINED, worst.person, NONE, self.number)
            self._line_up(worst, self.line)

    def leave_line(self, ticket: Ticket) -> None:
        assert ticket.line is not None
        assert ticket.key is not None
        ticket.line.remove(ticket.key)
        ticket.line = None

    def _start(self, ticket: Ticket, rep: Rep) -> None:
        """A rep takes a prospect up."""
        story, person, now = self.story, ticket.person, self.story.now
        self.leave_line(ticket)
        if ticket.responded < 0:
            ticket.responded = now
            judge(self.story, ticket, now)
        if ticket.left > 0:
            ticket.work, ticket.left = ticket.left, 0
        else:
            work, ticket.reached = asked.attempt_work(
                story.plan,
                ticket.row,
                story.key,
                person.who,
                ticket.node.place,
                person.visit,
                ticket.attempt,
                ticket.duration_word,
            )
            ticket.work = story.outreach.shortened(person, ticket.row, work)
        ticket.state, ticket.fresh, ticket.rep, ticket.begun = WORKING, False, rep, now
        ticket.turn += 1
        rep.holds.append(ticket)
        person.met[self.number] = rep.number
        story.log(now, STARTED, person, rep.number, ticket.attempt)
        ticks = asked.ticks_of(story.plan, rep.number, rep.hired, now, ticket.work)
        end = asked.end_of(story.plan, self._work_clock(ticket), now, ticks)
        if end < story.tables.terms.horizon:
            turn = ticket.turn
            story.at(end, WORK_ENDS, lambda _: self._finish(ticket, turn))

    def _work_clock(self, ticket: Ticket) -> int:
        """The calendar on which a prospect's work runs; NONE for calendar time."""
        calendar: int = ticket.node.calendar
        if calendar != NONE and ticket.node.team != self.number:
            calendar = self.row.calendar
        return calendar

    def _finish(self, ticket: Ticket, turn: int) -> None:
        """Work ends: the prospect moves on, or another attempt follows."""
        if ticket.turn != turn:
            return
        story, now = self.story, self.story.now
        assert ticket.rep is not None
        story.log(now, FINISHED, ticket.person, ticket.rep.number, ticket.attempt)
        ticket.rep.holds.remove(ticket)
        self.wake()
        if ticket.reached:
            ticket.person.intent += self.row.trust
            self._release_prospect(ticket, NONE)
        elif ticket.attempt + 1 >= ticket.visit.up_to:
            self._release_prospect(ticket, ticket.visit.unreached_exit)
        else:
            gap = asked.gap_after(
                story.plan,
                ticket.row,
                story.key,
                ticket.person.who,
                ticket.node.place,
                ticket.person.visit,
                ticket.attempt,
            )
            ticket.attempt += 1
            ticket.turn += 1
            ticket.state = PAUSING
            story.at(now + gap, RETRY, lambda _: self.welcome(ticket))

    def _release_prospect(self, ticket: Ticket, leaving: int) -> None:
        ticket.state = GONE
        ticket.turn += 1
        self.story.happens(ticket.done, leaving)

    def _interrupt(self, ticket: Ticket) -> None:
        """Stop a prospect's work; what is left of it is kept."""
        now = self.story.now
        assert ticket.rep is not None
        plan, rep, hired = self.story.plan, ticket.rep.number, ticket.rep.hired
        ticks = asked.ticks_of(plan, rep, hired, ticket.begun, ticket.work)
        left = asked.left_of(plan, self._work_clock(ticket), ticket.begun, now, ticks)
        ticket.left = asked.work_of(plan, rep, hired, ticket.begun, left)
        ticket.turn += 1
        self.story.log(now, STOPPED, ticket.person, ticket.rep.number, ticket.left)
        ticket.rep.holds.remove(ticket)
        self.wake()

    def _watch(self, ticket: Ticket) -> None:
        """Note when a newcomer who was not taken up at once gives up, and when its SLA comes due."""
        story, turn = self.story, ticket.turn
        if ticket.visit.patience != NONE:
            patience = story.lasts(ticket.visit.patience, ticket.person, 1, ticket.patience_word)
            if ticket.waited > 0:
                person, law, word = ticket.person, ticket.visit.patience, ticket.patience_word
                patience = asked.residual(
                    story.plan,
                    law,
                    story.key,
                    person.who,
                    ticket.node.place,
                    person.visit,
                    1,
                    word,
                    float(ticket.waited),
                    1,
                )
            story.at(story.now + patience, GIVES_UP, lambda _: _give_up(ticket, turn))
        if ticket.visit.sla:
            watch(story, ticket)

    def send_away(self, ticket: Ticket, leaving: int) -> None:
        """A waiting prospect leaves its line without having been answered."""
        if ticket.state == WAITING:
            self.leave_line(ticket)
        judge(self.story, ticket, self.story.now)
        self._release_prospect(ticket, leaving)

    def rep_comes(self, rep: Rep, _: object) -> None:
        """A rep begins to work here, the first in a place or a successor."""
        rep.employed = True
        if self.story.now > self.story.tables.reps[rep.number].start:
            rep.nth, rep.hired = rep.nth + 1, self.story.now
        self.may_leave(rep, self.story.now)
        self.wake()

    def rep_leaves(self, rep: Rep, _: object) -> None:
        """A rep is gone: work is interrupted, and all of the rep's prospects come back to the team."""
        if not rep.employed:
            return
        rep.employed = False
        story = self.story
        comes = asked.successor_at(story.plan, story.key, rep.number, rep.nth, story.now)
        if comes < story.tables.terms.horizon:
            story.at(comes, REP_COMES, partial(self.rep_comes, rep))
        for ticket in list(rep.holds):
            self._interrupt(ticket)
            self.welcome(ticket, keeps_place=True)
        for key in list(rep.line):
            self.leave_line(key[3])
            self.welcome(key[3], keeps_place=True)
        self.wake()

    def may_leave(self, rep: Rep, hired: int) -> None:
        """Note when a rep leaves by itself."""
        story = self.story
        leaves = asked.leaves_at(story.plan, story.key, rep.number, rep.nth, hired)
        if leaves < story.tables.terms.horizon:
            story.at(leaves, REP_LEAVES, partial(self.rep_leaves, rep))

    def change_hours(self, is_open: bool, _: object) -> None:
        """The calendar opens or closes."""
        self.open = is_open
        self.wake()


def _give_up(ticket: Ticket, turn: int) -> None:
    """Patience ends."""
    if ticket.turn == turn:
        assert ticket.team is not None
        ticket.team.send_away(ticket, ticket.visit.patience_exit)
