"""The readable engine's expected wins: each decision and each other move, by its chances, in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelsim.core.rows import Frame
from funnelsim.engines import asked
from funnelsim.engines.tickets import Person
from funnelsim.plan.features import EXPECTED, TRAITS
from funnelsim.plan.layout import NONE
from funnelsim.plan.trace import VALUED, WEIGHED
from funnelsim.rules.expectation import HOPES, hope_table

if TYPE_CHECKING:
    from funnelsim.engines.story import Story


class Hopes:
    """What a replication expects of its moves; silent where nobody asked for it."""

    def __init__(self, story: Story) -> None:
        terms = story.tables.terms
        self.story, self.on, self.valued = story, bool(terms.uses & EXPECTED), bool(terms.uses & TRAITS)
        self.frame = Frame(HOPES, {"hopes": hope_table(terms.n_stages * terms.n_segments)})
        self.address = self.frame.address
        if self.on:
            asked.open_hopes(story.plan, self.address)

    def decided(self, person: Person, leaving: int, response: int, skill: float) -> None:
        """The exit of a person's stage was chosen."""
        if not self.on or not self.story.tables.visits[person.stage * self.story.n_segments + person.segment].weighs:
            return
        story, who, segment = self.story, person.who, person.segment
        intent = story.outreach.intent(person)
        told = (response, intent, skill, person.visit, person.value, person.has)
        self._log(
            person,
            asked.weigh_decision(story.plan, self.address, person.stage, leaving, segment, story.key, who, *told),
        )

    def came(self, person: Person) -> None:
        """A person has come to its stage by no decision."""
        if self.on:
            asking = (self.story.plan, self.address, person.stage, person.segment, person.value)
            self._log(person, asked.weigh_arrival(*asking))

    def _log(self, person: Person, weighed: tuple[int, int]) -> None:
        wins, money = weighed
        if wins:
            self.story.log(self.story.now, WEIGHED, person, NONE, wins)
        if money and self.valued:
            self.story.log(self.story.now, VALUED, person, NONE, money)
