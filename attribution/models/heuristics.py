"""Credit models that are rules of position, time or milestones; one kernel, `position.share_out`, applies them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from attribution.journeys.kept import NO_MILESTONES, NO_TIME
from attribution.journeys.ragged import DAY_US, Journeys, Reals
from attribution.models import position as rule
from attribution.models.credit import LANES, Credit, CreditModel, Recount, Recounts
from attribution.models.places import Places


@dataclass(frozen=True)
class Rule(CreditModel):
    """A credit model that is a rule of the kernel."""

    code: ClassVar[int]
    kin: ClassVar[str] = "rule"

    def numbers(self, journeys: Journeys) -> tuple[float, ...]:
        """The numbers of the rule, in the order in which the kernel reads them."""
        return ()

    def credit(self, journeys: Journeys, *, by_touch: bool = False) -> Credit:
        """The credit of each channel; with `by_touch`, of each touch too."""
        shares: Reals = np.zeros(journeys.n_touches if by_touch else 0)
        (found,) = _shared_out([self], journeys, shares)
        return replace(found, by_touch=shares) if by_touch else found

    @staticmethod
    def together(models: Sequence[Rule], journeys: Journeys) -> list[Credit]:
        """The credit by each of several rules, in one pass."""
        return _shared_out(models, journeys, np.zeros(0))

    def recount(self, journeys: Journeys) -> Recount:
        """Credits for other counts: each touch's share of its journey does not depend on counts."""
        recounts = self.recounts([self], journeys)

        def counted(converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals]:
            conversions, worth = recounts(converted, lost, value)[:, :, 0]
            return conversions, worth

        return counted

    @classmethod
    def recounts(cls, models: Sequence[Rule], journeys: Journeys) -> Recounts:
        """Credits by rules for other counts, in one pass; rules of time in one more each, for no two ages are alike."""
        converts = (journeys.converted > 0) | (journeys.value != 0)
        some, counted_ones = journeys.take(converts), np.flatnonzero(converts)
        timed = [at for at, model in enumerate(models) if "time" in model.needs]
        others = [at for at in range(len(models)) if at not in timed]
        places = [([at], Places.by_channel(some, counted_ones, models[at].shares_of(some))) for at in timed]
        if others:
            places.append((others, Places.alike(some, counted_ones, [models[at].shares_of(some) for at in others])))

        def counted(converted: Reals, lost: Reals, value: Reals) -> Reals:
            out = np.empty((2, LANES, len(models), len(journeys.channels)))
            for at, own in places:
                out[:, :, at] = own.recount(converted, value)
            return out

        return counted

    def shares_of(self, journeys: Journeys) -> Reals:
        """Each touch's share of one conversion of its journey."""
        once = replace(journeys, converted=np.ones(journeys.n), value=np.zeros(journeys.n))
        return np.asarray(self.credit(once, by_touch=True).by_touch)


def _shared_out(rules: Sequence[Rule], journeys: Journeys, by_touch: Reals) -> list[Credit]:
    """What each rule credits; `by_touch` is filled in unless it is empty, where there is one rule."""
    for each in rules:
        each.check(journeys)
    numbers = [each.numbers(journeys) for each in rules]
    table = np.zeros((len(rules), max(map(len, numbers), default=0) + 1))
    for row, given in zip(table, numbers, strict=True):
        row[: len(given)] = given
    out = np.zeros((len(rules), len(journeys.channels), 2))
    rule.share_out(
        journeys.offsets,
        journeys.channel,
        NO_TIME if journeys.time is None else journeys.time,
        NO_MILESTONES if journeys.milestones is None else journeys.milestones,
        np.array([each.code for each in rules]),
        table,
        journeys.converted,
        journeys.value,
        out,
        by_touch,
    )
    return [Credit(*np.ascontiguousarray(found.T)) for found in out]


@dataclass(frozen=True)
class First(Rule):
    """All credit to the first touch."""

    name: ClassVar[str] = "first"
    reads: ClassVar[str] = "paths"
    code: ClassVar[int] = rule.FIRST


@dataclass(frozen=True)
class Last(Rule):
    """All credit to the last touch."""

    name: ClassVar[str] = "last"
    reads: ClassVar[str] = "paths"
    code: ClassVar[int] = rule.LAST


@dataclass(frozen=True)
class LastNot(Rule):
    """All credit to the last touch of another channel than one; to that one where there is no other."""

    name: ClassVar[str] = "last_not"
    reads: ClassVar[str] = "paths"
    code: ClassVar[int] = rule.LAST_NOT
    channel: str = "direct"

    @property
    def label(self) -> str:
        """Its name in tables."""
        return f"last_not_{self.channel}"

    def numbers(self, journeys: Journeys) -> tuple[float, ...]:
        """The code of the channel."""
        if self.channel not in journeys.channels:
            raise ValueError(f"{self.label}: no channel {self.channel!r}; known are {', '.join(journeys.channels)}")
        return (float(journeys.channels.index(self.channel)),)


@dataclass(frozen=True)
class Linear(Rule):
    """The same credit to every touch."""

    name: ClassVar[str] = "linear"
    reads: ClassVar[str] = "paths"
    code: ClassVar[int] = rule.LINEAR


@dataclass(frozen=True)
class LinearDistinct(Rule):
    """The same credit to every channel of a journey, however often it touched: exactly the simplified Shapley value."""

    name: ClassVar[str] = "linear_distinct"
    reads: ClassVar[str] = "sets"
    code: ClassVar[int] = rule.DISTINCT


@dataclass(frozen=True)
class Participation(Rule):
    """A whole conversion to every channel of a journey: credits add up to more than there is."""

    name: ClassVar[str] = "participation"
    reads: ClassVar[str] = "sets"
    code: ClassVar[int] = rule.PARTICIPATION


@dataclass(frozen=True)
class Position(Rule):
    """Fixed shares to the first and the last touch, the rest to those between.

    Of two touches each gets the share of its end, made to add up to 1, or (`halves`) half of the rest as well.
    """

    name: ClassVar[str] = "position"
    reads: ClassVar[str] = "paths"
    code: ClassVar[int] = rule.POSITION
    first: float = 0.4
    last: float = 0.4
    halves: bool = False

    def __post_init__(self) -> None:
        if not (self.first >= 0 and self.last >= 0 and 0 < self.first + self.last <= 1 + 1e-12):
            raise ValueError(
                f"position: {self.first:g} and {self.last:g}; shares are from 0 on and add up to at most 1"
            )

    @property
    def label(self) -> str:
        """Its name in tables."""
        first, last = round(100 * self.first, 6), round(100 * self.last, 6)
        return f"position_{first:g}_{100 - first - last:g}_{last:g}"

    def numbers(self, journeys: Journeys) -> tuple[float, ...]:
        """First, middle, last, and whether two touches share the middle."""
        return (self.first, max(0.0, 1.0 - self.first - self.last), self.last, float(self.halves))


@dataclass(frozen=True)
class TimeDecay(Rule):
    """Credit that halves with every half-life before the conversion; in days."""

    name: ClassVar[str] = "time_decay"
    needs: ClassVar[tuple[str, ...]] = ("time",)
    reads: ClassVar[str] = "conversions"
    code: ClassVar[int] = rule.DECAY
    half_life: float = 7.0

    def __post_init__(self) -> None:
        if not self.half_life > 0:
            raise ValueError(f"time_decay: a half-life of {self.half_life:g} days; it must be more than 0")

    def numbers(self, journeys: Journeys) -> tuple[float, ...]:
        """The half-life in microseconds."""
        return (self.half_life * DAY_US,)


@dataclass(frozen=True)
class Milestone(Rule):
    """Fixed shares to the first touch, to the touches before milestones, and to the last touch before the close.

    `shares` are by `first`, the names of milestones, and `close`; the rest goes to the other touches, up to that of the
    milestone `middle_until` (default: to the close). What falls on a milestone that a journey lacks, or on a middle
    without touches, is shared in proportion by what it has; a journey that has nothing of all that credits nobody.
    """

    name: ClassVar[str] = "milestone"
    needs: ClassVar[tuple[str, ...]] = ("milestones",)
    reads: ClassVar[str] = "conversions"
    code: ClassVar[int] = rule.MILESTONES
    shares: tuple[tuple[str, float], ...] = (("first", 0.3), ("lead", 0.3), ("opportunity", 0.3))
    middle_until: str = ""
    called: str = "milestone"

    @property
    def label(self) -> str:
        """Its name in tables."""
        return self.called

    def numbers(self, journeys: Journeys) -> tuple[float, ...]:
        """The middle and its end, then the shares by place."""
        places = ("first", *journeys.milestone_names, "close")
        given = dict(self.shares)
        unknown = sorted(set(given) - set(places)) + [self.middle_until] * (
            self.middle_until not in ("", *journeys.milestone_names)
        )
        if unknown:
            raise ValueError(f"{self.label}: no milestone {', '.join(unknown)}; known are {', '.join(places)}")
        stops = journeys.milestone_names.index(self.middle_until) if self.middle_until else -1
        return (max(0.0, 1.0 - sum(given.values())), float(stops), *(given.get(place, 0.0) for place in places))


J_SHAPED = Position(first=0.2, last=0.6)
INVERSE_J = Position(first=0.6, last=0.2)
LEAD_CREATION = Milestone((("lead", 1.0),), "", "lead_creation")
U_MARKETO = Milestone((("first", 0.5), ("lead", 0.5)), "", "u_marketo")
U_HUBSPOT = Milestone((("first", 0.4), ("lead", 0.4)), "lead", "u_hubspot")
W_SHAPED = Milestone((("first", 0.3), ("lead", 0.3), ("opportunity", 0.3)), "opportunity", "w_shaped")
FULL_PATH = Milestone((("first", 0.225), ("lead", 0.225), ("opportunity", 0.225), ("close", 0.225)), "", "full_path")
