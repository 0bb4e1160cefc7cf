"""The readable engine's prospects, their visits to a team, and the reps who serve them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import simpy

from funnelsim.core.rows import Frame
from funnelsim.plan.layout import NONE

if TYPE_CHECKING:
    from funnelsim.engines.team import Team

JOINING, WAITING, WORKING, PAUSING, GONE = "joining", "waiting", "working", "pausing", "gone"


@dataclass(slots=True)
class Person:
    """A prospect: who it is, what it brought, and where it is."""

    who: int
    segment: int
    value: int
    intent: float
    score: float
    stage: int = NONE
    visit: int = 0
    recycles: int = 0
    visits: dict[int, int] = field(default_factory=dict)
    met: dict[int, int] = field(default_factory=dict)
    entered: int = 0
    spell: int = 0
    contacts: Frame | None = None
    ready: simpy.Event | None = None
    has: int = 0
    deal: Any = None

    def enter(self, stage: int, tick: int) -> None:
        """Be in a stage, for the first or a further time."""
        self.stage, self.visit, self.entered = stage, self.visits.get(stage, 0), tick
        self.visits[stage] = self.visit + 1
        self.spell += 1


@dataclass(slots=True, eq=False)
class Ticket:
    """A prospect's visit to a team: `done` happens with the exit that was forced, or NONE when the work is done."""

    person: Person
    row: int
    node: Any
    visit: Any
    duration_word: int
    patience_word: int
    done: simpy.Event
    state: str = JOINING
    fresh: bool = True
    foremost: bool = False
    keeps_place: bool = False
    waited: int = 0
    since: int = 0
    joined: int = 0
    deadline: int = 0
    responded: int = -1
    attempt: int = 0
    tier: int = 0
    turn: int = 0
    shuns: int = NONE
    rep: Rep | None = None
    team: Team | None = None
    line: list[tuple[int, int, int, Ticket]] | None = None
    key: tuple[int, int, int, Ticket] | None = None
    begun: int = 0
    work: int = 0
    left: int = 0
    reached: bool = False


@dataclass(slots=True, eq=False)
class Rep:
    """One who works: the deals held and the line of those who wait for this rep."""

    number: int
    slots: int
    employed: bool
    hired: int
    nth: int = 0
    holds: list[Ticket] = field(default_factory=list)
    line: list[tuple[int, int, int, Ticket]] = field(default_factory=list)
