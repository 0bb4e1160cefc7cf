"""The readable engine's reviews: when they are held, and the sources whose rates they turn."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from funnelsim.core.rows import Frame
from funnelsim.engines import asked
from funnelsim.plan.layout import NONE
from funnelsim.rules.reviews import DIALS, GAUGE, SETTING

if TYPE_CHECKING:
    from funnelsim.engines.story import Story

_FIRST = -2
"""The turn of a review: before everything else of its tick."""


class Feedback:
    """The dials of a replication, what is counted for its reviews, and the arrivals that wait for one of them."""

    def __init__(self, story: Story) -> None:
        terms = story.tables.terms
        self.story, self.n = story, terms.n_reviews
        self.frame = Frame(DIALS, {"settings": np.zeros(terms.n_dials, SETTING), "gauges": np.zeros(self.n, GAUGE)})
        self.address = self.frame.address
        self.awaited: dict[int, simpy.Event] = {}
        if self.n:
            asked.set_up(story.plan, self.address)
            self._plan_next(0)

    def see_entry(self, stage: int) -> None:
        """Count an entry of a stage."""
        if self.n:
            asked.see_entry(self.story.plan, self.address, stage)

    def see_exit(self, stage: int, leaving: int) -> None:
        """Count that somebody leaves a stage by an exit."""
        if self.n:
            asked.see_exit(self.story.plan, self.address, stage, leaving)

    def _plan_next(self, tick: int) -> None:
        due = asked.next_review(self.story.plan, tick)
        if due < self.story.tables.terms.horizon:
            self.story.at(due, _FIRST, self._hold)

    def _hold(self, _: object) -> None:
        """Hold the reviews of this tick; whoever was to come at another pace comes at the new one."""
        asked.hold_reviews(self.story.plan, self.address, self.story.now)
        for event in list(self.awaited.values()):
            self.story.happens(event, False)
        self._plan_next(self.story.now)

    def arrivals(self, number: int, source: Any) -> Generator[simpy.Event, bool, None]:
        """A source whose rate reviews turn sends its prospects."""
        story, rank, exposure = self.story, 0, 0.0
        while True:
            word = asked.gap_words(story.key, source.identity, rank // 4)[rank % 4]
            exposure, _, tick = asked.next_of_rate(story.plan, self.address, number, 0, exposure, word)
            while not (yield self._comes(number, tick)):
                tick = asked.due_at_pace(story.plan, self.address, number, exposure, story.now)
            person = story.born(number, source.identity + rank, source.channel, NONE, NONE)
            story.env.process(story.life(person, source.enters))
            rank += 1

    def _comes(self, number: int, tick: int) -> simpy.Event:
        """It happens at a tick, or at the next review with False."""
        event = self.awaited[number] = simpy.Event(self.story.env)
        if tick < self.story.tables.terms.horizon:
            self.story.at(tick, -1, lambda _: None if event.triggered else self.story.happens(event, True))
        return event
