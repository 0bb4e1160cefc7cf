"""The scenario: everything a person writes about a funnel, read and frozen.

Durations are seconds, rates per second, probabilities and growth fractions of 1. What stands in the file under other
names (`from`, `for`, `table`, `deals_at_once` of a rep) is an alias. Nothing here knows of files or lines.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PlainValidator, PrivateAttr, WithJsonSchema, model_validator

from funnelsim.scenario import moments, units
from funnelsim.scenario.agreement import Agreement
from funnelsim.scenario.assumptions import Assumption, Assumptions
from funnelsim.scenario.chances import Chance
from funnelsim.scenario.channels import (
    Arrivals,
    Batches,
    Channel,
    ChannelCost,
    IntentLaw,
    Outcome,
    Pulse,
    Replay,
    ReplayColumns,
)
from funnelsim.scenario.correlations import Correlation
from funnelsim.scenario.fields import (
    DURATION_SCHEMA,
    MOMENT_SCHEMA,
    Bucket,
    Confidence,
    Duration,
    Logit,
    Name,
    Part,
    PositiveDuration,
    Probability,
    Text,
    Year,
)
from funnelsim.scenario.hours import Hours
from funnelsim.scenario.money import MoneyTerms
from funnelsim.scenario.origin import Origin
from funnelsim.scenario.pipeline import Pipeline
from funnelsim.scenario.policies import Policy
from funnelsim.scenario.records import Records
from funnelsim.scenario.refusal import Refusal, show
from funnelsim.scenario.response import Hyperbolic, Response
from funnelsim.scenario.reviews import Review
from funnelsim.scenario.stages import Attempts, Exit, Patience, Recycle, Sla, Stage, Tier, Way
from funnelsim.scenario.teams import Rep, Team
from funnelsim.scenario.touches import Referrals, Touches
from funnelsim.scenario.writing import MoneyLaw

FIRST_LEAD = "first lead"
CURRENCY = re.compile("[A-Z]{3}")
_MONTHS = re.compile(r"\s*([0-9]+)\s*(mo|y)\s*")
_AFTER_LAST = re.compile(r"\s*last lead\s*(?:\+\s*(.+))?", re.DOTALL)


def _start(value: Any) -> datetime | None:
    """The start of a scenario; None for the words `first lead`."""
    if value is None:
        raise Refusal("found nothing", "a scenario starts at a date", "write 2026-01-05, or first lead")
    return None if value == FIRST_LEAD else moments.moment(value)


class Horizon(Part):
    """How long a scenario runs: `seconds`, calendar `months`, or `after_last` seconds after the last replayed lead."""

    seconds: float | None = None
    months: int | None = None
    after_last: float | None = None

    def end(self, start: datetime) -> datetime | None:
        """The end, counted from the start; None while it hangs on a lead list or leaves the calendar."""
        if self.seconds is not None:
            return start + timedelta(seconds=self.seconds)
        if self.months is None:
            return None
        month = start.month - 1 + self.months
        year, month = start.year + month // 12, month % 12 + 1
        day = min(
            start.day,
            [
                31,
                29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28,
                31,
                30,
                31,
                30,
                31,
                31,
                30,
                31,
                30,
                31,
            ][month - 1],
        )
        return start.replace(year=year, month=month, day=day)


def horizon_of(value: Any) -> Horizon:
    """The horizon a text spells."""
    if isinstance(value, Horizon):
        return value
    if isinstance(value, str) and (match := _MONTHS.fullmatch(value)):
        months = int(match[1][:9]) * (12 if match[2] == "y" else 1)
        if not 1 <= months <= 1200:
            raise Refusal(f"found {show(value)}", "a horizon is longer than nothing and at most 100 years")
        return Horizon(months=months)
    if isinstance(value, str) and (match := _AFTER_LAST.fullmatch(value)):
        return Horizon(after_last=units.duration(match[1]) if match[1] else 0.0)
    return Horizon(seconds=units.duration(value, open_low=True))


def _tick(value: Any) -> int:
    """Whole seconds that divide a day."""
    seconds = units.duration(value, open_low=True)
    if seconds != int(seconds) or 86_400 % int(seconds):
        raise Refusal(
            f"found {show(value)}",
            "a tick is a whole number of seconds that divides a day",
            "write 1 s, 1 min, 15 min or 1 h",
        )
    return int(seconds)


def _not_written(value: Any) -> None:
    """Refuse a key that only loading fills in."""
    raise Refusal("unknown key", "", "lead lists are named in channels, under arrivals.replay.file")


def _currency(value: Any) -> str:
    """Three capital letters."""
    if not isinstance(value, str) or not CURRENCY.fullmatch(value):
        raise Refusal(f"found {show(value)}", "a currency is three capital letters", "write USD or EUR")
    return value


class ScoreWeights(Part):
    """What the observed score is made of: intent, fit and noise, each with its weight, and points of touches.

    Where `auc` is given, loading fills in the noise that leads to it.
    """

    intent: Logit = Field(default=0.0, description="weight of intent")
    fit: Logit = Field(default=0.0, description="weight of fit")
    noise: Logit = Field(default=0.0, description="weight of standard normal noise")
    auc: Probability | None = Field(
        default=None,
        description="instead of noise: the chance that of two newcomers the one with more intent scores higher",
    )
    half_life: PositiveDuration | None = Field(
        default=None, description="time in which points of touches halve; default they stay"
    )

    @model_validator(mode="after")
    def _one_noise(self) -> ScoreWeights:
        if self.auc is None:
            return self
        if "noise" in self.model_fields_set:
            raise Refusal("found auc and noise", "the noise is worked out from the auc", "keep one of them")
        if self.intent == self.fit == 0.0:
            rule = "a score that tells intent has a weight of intent or of fit"
            raise Refusal("found auc without weights", rule, "write score: {intent: 1, auc: 80%}")
        return self


class Source(Part):
    """Where a number comes from."""

    source: Text = Field(description="who says so")
    year: Year | None = Field(default=None, description="when")
    confidence: Confidence = Field(description="H, M, L or assumed")


class Segment(Part):
    """A kind of prospect: its share, its deals, its fit and its intent in logit units."""

    share: Probability = Field(description="share of all prospects")
    deal_value: MoneyLaw | None = Field(default=None, description="value of a deal")
    fit: Logit = Field(default=0.0, description="how well it fits, in logit units")
    intent: Logit = Field(default=0.0, description="added to the channel's intent, in logit units")


Covered = Annotated[tuple[Name, ...], Field(min_length=1)]
"""The stages that a word of a view covers."""
EVERYBODY = {"all": Segment(share=1.0)}
START_SCHEMA = {"anyOf": [{"const": FIRST_LEAD}, MOMENT_SCHEMA]}
HORIZON_SCHEMA = {
    "anyOf": [
        DURATION_SCHEMA,
        {"type": "string", "pattern": r"^\s*[0-9]+\s*(mo|y)\s*$"},
        {"type": "string", "pattern": r"^\s*last lead(\s*\+.+)?$"},
    ],
    "examples": ["52 w", "12 mo", "last lead + 13 w"],
}


class Scenario(Part):
    """A funnel and its surroundings."""

    name: Text = Field(description="what it is called")
    description: Text = Field(default="", description="what it is about")
    start: Annotated[datetime | None, PlainValidator(_start), WithJsonSchema(START_SCHEMA)] = Field(
        description="first instant, or `first lead` of a replay"
    )
    horizon: Annotated[Horizon, PlainValidator(horizon_of), WithJsonSchema(HORIZON_SCHEMA)] = Field(
        description="how long it runs"
    )
    warmup: Duration = Field(default=0.0, description="time at the beginning that results leave out")
    tick: Annotated[int, PlainValidator(_tick), WithJsonSchema(DURATION_SCHEMA)] = Field(
        default=1, description="the grain of time; divides a day"
    )
    bucket: Bucket = Field(default="month", description="time buckets of results")
    currency: Annotated[str, PlainValidator(_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})] = (
        Field(default="USD", description="currency of all money")
    )
    calendars: dict[str, Hours] = Field(default_factory=dict, description="named working calendars")
    score: ScoreWeights = Field(default=ScoreWeights(), description="what the observed score is made of")
    sources: dict[str, Source] = Field(default_factory=dict, description="where numbers come from, by their path")
    segments: dict[str, Segment] = Field(default_factory=lambda: dict(EVERYBODY), description="kinds of prospects")
    hidden: dict[str, Chance] = Field(
        default_factory=dict, description="what prospects have or lack and nobody sees, each with its chance"
    )
    channels: dict[str, Channel] = Field(description="where prospects come from")
    stages: dict[str, Stage] = Field(description="the graph, in order")
    teams: dict[str, Team] = Field(default_factory=dict, description="who works on stages")
    reviews: dict[str, Review] = Field(default_factory=dict, description="rules of feedback")
    pipeline: Pipeline | None = Field(default=None, description="deals that are open at the start")
    views: dict[str, dict[str, Covered]] = Field(
        default_factory=dict, description="vocabularies: by name its words in order, each with the stages it covers"
    )
    money: MoneyTerms | None = Field(default=None, description="margin, term of a deal, and tools")
    agreement: Agreement | None = Field(default=None, description="what marketing and sales promise each other")
    records: Records | None = Field(
        default=None, description="what marketing, sales and success write down of milestones, each in its own system"
    )
    policies: dict[str, Policy] = Field(default_factory=dict, description="what might be done differently, by name")
    correlations: tuple[Correlation, ...] = Field(default=(), description="assumptions that go together, two by two")
    file: Annotated[Path | None, PlainValidator(_not_written)] = Field(default=None, exclude=True)
    _origin: Origin = PrivateAttr(default_factory=Origin)
    _assumptions: Assumptions = PrivateAttr(default_factory=Assumptions)

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The numbers that were given as ranges; in their places stand their medians."""
        return self._assumptions.items


__all__ = [
    "Agreement", "Arrivals", "Attempts", "Batches", "Chance", "Channel", "ChannelCost", "Exit", "Horizon", "Hours",
    "Hyperbolic", "IntentLaw", "MoneyTerms", "Name", "Outcome", "Patience", "Policy", "Pulse", "Recycle", "Referrals",
    "Rep", "Replay", "ReplayColumns", "Response", "Scenario", "ScoreWeights", "Segment", "Sla", "Source", "Stage",
    "Team", "Tier", "Touches", "Way",
]  # fmt: skip
