"""Channels: where prospects come from, when, and what that costs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema, field_validator, model_validator

from funnelsim.scenario.fields import (
    BatchSize,
    Duration,
    Flag,
    Growth,
    Logit,
    Moment,
    Money,
    MonthlyMoney,
    Multiplier,
    Name,
    Part,
    PositiveDuration,
    Probability,
    Rate,
    Spread,
    Text,
    Visits,
)
from funnelsim.scenario.refusal import Refusal, show
from funnelsim.scenario.touches import Referrals, Touches


def _is_path(value: Any) -> Path:
    """A path of a file, not resolved yet."""
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise Refusal(f"found {show(value)}", "it must be the name of a CSV file", "write leads.csv")
    return Path(value)


FilePath = Annotated[Path, PlainValidator(_is_path), WithJsonSchema({"type": "string", "examples": ["leads.csv"]})]


class Pulse(Part):
    """A campaign: the rate is `times` as high from `start` on, for `duration` seconds."""

    start: Moment = Field(alias="from", description="when the campaign begins")
    duration: PositiveDuration = Field(alias="for", description="how long it lasts")
    times: Multiplier = Field(description="what the rate is multiplied with meanwhile")


class Batches(Part):
    """Prospects that come `size` at once, every so often from `first` on (None: the start), or at given instants."""

    size: BatchSize = Field(description="how many come at once")
    every: PositiveDuration | None = Field(default=None, description="time from batch to batch")
    first: Moment | None = Field(default=None, description="the first batch; default the start")
    at: tuple[Moment, ...] | None = Field(default=None, description="instants, instead of `every`", min_length=1)

    @model_validator(mode="after")
    def _one_way(self) -> Batches:
        if (self.every is None) == (self.at is None):
            found = "found neither every nor at" if self.at is None else "found every and at"
            raise Refusal(found, "batches come either `every` so often or `at` given instants", "keep one of them")
        if self.at is not None and self.first is not None:
            raise Refusal("found first and at", "`first` goes with `every`", "put it into the list of `at`")
        return self


class ReplayColumns(Part):
    """Names of the columns of a lead list; only the time is needed."""

    time: Name = Field(description="column with the instant each lead came")
    channel: Name | None = Field(default=None, description="column with the lead's channel")
    segment: Name | None = Field(default=None, description="column with the lead's segment")
    value: Name | None = Field(default=None, description="column with the deal value")


class Outcome(Part):
    """What became of the leads of a list, to print beside what was simulated."""

    column: Name = Field(description="column with the outcome")
    won: Text = Field(default="won", description="what stands in it for a win")
    at: Name | None = Field(default=None, description="column with the instant of the outcome")


class Replay(Part):
    """A lead list to replay: one row, one prospect, at its own time."""

    file: FilePath = Field(description="CSV file, plain or gzipped; relative to the scenario file")
    columns: ReplayColumns = Field(description="which column holds what")
    blank_channel: Name = Field(default="unknown", description="the channel of rows whose cell is empty")
    spread: Duration = Field(default=0.0, description="date-only stamps are spread evenly over this span from midnight")
    outcome: Outcome | None = Field(default=None, description="what became of the leads")


class Arrivals(Part):
    """When prospects come: exactly one of a rate (with its shape in time), batches, or a replayed list."""

    rate: Rate | None = Field(default=None, description="prospects per unit of time", examples=["22 / d"])
    weekly: tuple[Multiplier, ...] | None = Field(
        default=None, description="7 multipliers from Monday, or 168 from Monday 00:00 by hour"
    )
    season: tuple[Multiplier, ...] | None = Field(default=None, description="12 multipliers, January to December")
    trend: Growth = Field(default=0.0, description="compound growth of the rate", examples=["20% / y"])
    pulses: tuple[Pulse, ...] = Field(default=(), description="campaigns")
    batches: Batches | None = Field(default=None, description="many prospects at once")
    replay: Replay | None = Field(default=None, description="a lead list to replay")

    @field_validator("weekly")
    @classmethod
    def _a_week(cls, value: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if value is not None and len(value) not in (7, 168):
            raise Refusal(f"found {len(value)} multipliers", "a week has 7 (by day) or 168 (by hour)")
        return value

    @field_validator("season")
    @classmethod
    def _a_year(cls, value: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if value is not None and len(value) != 12:
            raise Refusal(f"found {len(value)} multipliers", "a year has 12, January to December")
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Arrivals:
        kinds = [kind for kind in ("rate", "batches", "replay") if getattr(self, kind) is not None]
        if len(kinds) != 1:
            found = f"found {' and '.join(kinds)}" if kinds else "found none of rate, batches and replay"
            raise Refusal(
                found, "arrivals are exactly one of rate, batches and replay", "make two channels of two kinds"
            )
        shapes = [key for key in ("weekly", "season", "trend", "pulses") if getattr(self, key)]
        if self.rate is None and shapes:
            rule = f"they shape a rate, and this channel has {kinds[0]}"
            raise Refusal(f"found {', '.join(shapes)}", rule, "remove them")
        return self


class IntentLaw(Part):
    """Initial intent of a channel's prospects: normal, in logit units; `sd` 0 is a single number."""

    mean: Logit = 0.0
    sd: Spread = 0.0

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"normal"} and isinstance(value["normal"], dict):
            return value["normal"]
        if isinstance(value, dict):
            rule = "intent is a number or {normal: {mean: ..., sd: ...}}"
            raise Refusal(f"found {show(value)}", rule, "write {normal: {mean: 0.2, sd: 0.8}}")
        return {"mean": value}


class ChannelCost(Part):
    """What a channel costs: `fixed` money per month, and money per lead, per visit, per touch and per click."""

    fixed: MonthlyMoney = Field(default=0.0, description="running cost", examples=["4000 / mo"])
    per_lead: Money = Field(default=0.0, description="cost of each lead", examples=[92])
    per_visit: Money = Field(default=0.0, description="cost of each visit", examples=[1.8])
    visits_per_lead: Visits = Field(default=0.0, description="visits it takes to get one lead")
    per_touch: Money = Field(default=0.0, description="cost of each touch sent", examples=[0.02])
    per_click: Money = Field(default=0.0, description="cost of each click", examples=[1.5])


NOBODY = Arrivals.model_construct()
"""The arrivals of a channel that brings nobody."""


class Channel(Part):
    """What brings prospects, touches those who are there, or both; after loading `enters` names a stage."""

    arrivals: Arrivals = Field(default=NOBODY, description="when prospects come")
    referrals: Referrals | None = Field(default=None, description="when customers bring others through it")
    touches: Touches | None = Field(default=None, description="when it reaches those who are there, and what that does")
    on: Flag = Field(default=True, description="false: switched off, and everything else stays as it is")
    enters: Name = Field(default="", description="the stage they enter; default the first of the file")
    segments: dict[str, Probability] | None = Field(default=None, description="this channel's mix of segments")
    intent: IntentLaw = Field(default=IntentLaw.model_construct(), description="initial intent, in logit units")
    cost: ChannelCost = Field(default=ChannelCost(), description="what it costs")

    @property
    def brings(self) -> bool:
        """Whether prospects come through it."""
        return self.referrals is not None or any(
            getattr(self.arrivals, kind) is not None for kind in ("rate", "batches", "replay")
        )

    @model_validator(mode="after")
    def _does_something(self) -> Channel:
        given = self.model_fields_set
        if self.referrals is not None and "arrivals" in given:
            raise Refusal("found arrivals and referrals", "customers refer through a channel of their own", "make two")
        if not self.brings and self.touches is None:
            rule = "a channel brings prospects (`arrivals`), touches them (`touches`), or both"
            raise Refusal("found neither arrivals nor touches", rule, "write arrivals: {rate: 5 / d}")
        idle: list[str] = [key for key in ("enters", "segments", "intent") if key in given and not self.brings]
        idle += [f"cost.{key}" for key in _costs_of_leads(self) if not self.brings]
        idle += [f"cost.{key}" for key in _costs_of_touches(self) if self.touches is None]
        if idle:
            who = "touches" if idle[0] in ("cost.per_touch", "cost.per_click") else "arrivals"
            raise Refusal(f"found {idle[0]} without {who}", f"only a channel with {who} has it", "remove it")
        return self


def _costs_of_leads(channel: Channel) -> list[str]:
    return [key for key in ("per_lead", "per_visit", "visits_per_lead") if getattr(channel.cost, key)]


def _costs_of_touches(channel: Channel) -> list[str]:
    return [key for key in ("per_touch", "per_click") if getattr(channel.cost, key)]
