"""The readable engine's channels: when each reaches for a prospect, and what comes of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from funnelsim.core.rows import Frame
from funnelsim.engines import asked
from funnelsim.engines.notices import REFERS, TOUCH_DUE
from funnelsim.plan.layout import NONE
from funnelsim.plan.trace import TOUCHED
from funnelsim.rules.contacts import CONTACTS, MARK, MOOD, NOT_SENT, REFERRED

if TYPE_CHECKING:
    from funnelsim.engines.story import Story
    from funnelsim.engines.tickets import Person


class Outreach:
    """What channels do to prospects while these are in a stage; nothing where no channel touches anybody."""

    def __init__(self, story: Story) -> None:
        self.story, self.n = story, story.tables.terms.n_touches

    def meet(self, person: Person) -> None:
        """A newcomer whom no channel has touched yet."""
        if self.n:
            person.contacts = Frame(CONTACTS, {"marks": np.zeros(self.n, MARK), "moods": np.zeros(1, MOOD)})
            asked.forget(self.story.plan, person.contacts.address, 0, self.story.key, person.who)

    def begin(self, person: Person) -> None:
        """The prospect has entered a stage: channels may reach it there."""
        if person.contacts is not None:
            story = self.story
            asked.come_within_reach(story.plan, person.contacts.address, 0, person.stage, story.now)
            self._watch(person, False)
            self._watch(person, True)

    def end(self, person: Person) -> None:
        """The prospect leaves its stage."""
        if person.contacts is not None:
            asked.go_out_of_reach(self.story.plan, person.contacts.address, 0, self.story.now)

    def intent(self, person: Person) -> float:
        """The prospect's intent by now."""
        if person.contacts is None:
            return person.intent
        now: float = asked.intent_at(self.story.plan, person.contacts.address, 0, person.intent, self.story.now)
        return now

    def score(self, person: Person) -> float:
        """The prospect's score by now."""
        if person.contacts is None:
            return person.score
        now: float = asked.score_at(self.story.plan, person.contacts.address, 0, person.score, self.story.now)
        return now

    def shortened(self, person: Person, row: int, work: int) -> int:
        """Ticks of work with a prospect whom touches may have taught."""
        if person.contacts is None:
            return work
        ticks: int = asked.shortened(self.story.plan, person.contacts.address, 0, row, work)
        return ticks

    def ready(self, person: Person, row: int, outcome: int = 0) -> int:
        """The exit of one who is handed over, given what came of a touch; NONE if it is not."""
        contacts = 0 if person.contacts is None else person.contacts.address
        leaving: int = asked.is_ready(
            self.story.plan, contacts, self.story.dials, 0, row, person.score, outcome, self.story.now
        )
        return leaving

    def _watch(self, person: Person, referrals: bool) -> None:
        """Note when a channel reaches for the prospect next, or when it has the next occasion to refer somebody."""
        assert person.contacts is not None
        due = asked.next_touch(self.story.plan, person.contacts.address, 0, self.story.now, referrals)
        if due < self.story.tables.terms.horizon:
            kind, call = (REFERS, self._refer) if referrals else (TOUCH_DUE, self._touch)
            self.story.at(due, kind, partial(call, person, person.spell))

    def _touch(self, person: Person, spell: int, _: object) -> None:
        """Every channel that is due reaches for the prospect, as long as it is in the same stage."""
        if person.spell != spell:
            return
        assert person.contacts is not None
        story, contacts = self.story, person.contacts.address
        while (touch := asked.first_due(story.plan, contacts, 0, story.now, False)) != NONE:
            outcome = self._reach(person, touch)
            if outcome == NOT_SENT:
                continue
            tries = int(person.contacts["marks"]["tries"][touch])
            story.log(story.now, TOUCHED, person, NONE, asked.detail_of(touch, tries, outcome))
            leaving = self.ready(person, person.stage * story.n_segments + person.segment, outcome)
            if leaving != NONE:
                assert person.ready is not None
                story.happens(person.ready, leaving)
                return
        self._watch(person, False)

    def _refer(self, person: Person, spell: int, _: object) -> None:
        """The prospect has the occasion to refer others: each comes in at the same tick, through its channel's door."""
        if person.spell != spell:
            return
        assert person.contacts is not None
        story, contacts = self.story, person.contacts.address
        while (touch := asked.first_due(story.plan, contacts, 0, story.now, True)) != NONE:
            if self._reach(person, touch) == REFERRED:
                tries = int(person.contacts["marks"]["tries"][touch])
                story.log(story.now, TOUCHED, person, NONE, asked.detail_of(touch, tries, REFERRED))
                story.welcome(story.tables.touches[touch].source, person.who, tries)
        self._watch(person, True)

    def _reach(self, person: Person, touch: int) -> int:
        """What comes of it that a channel reaches for a prospect."""
        assert person.contacts is not None
        story = self.story
        outcome: int = asked.reach(
            story.plan,
            person.contacts.address,
            0,
            touch,
            story.key,
            person.who,
            person.segment,
            person.intent,
            person.entered,
            story.now,
        )
        return outcome
