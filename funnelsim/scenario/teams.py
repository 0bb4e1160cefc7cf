"""Teams: who works, when, on how many deals at once, and in which order."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, PlainValidator, WithJsonSchema, model_validator
from pydantic_core import CoreSchema

from funnelsim.scenario.fields import (
    Assignment,
    Day,
    Logit,
    Moment,
    Money,
    MonthlyMoney,
    Name,
    Offset,
    Part,
    PositiveDuration,
    Queue,
    Reps,
    Slots,
    Speed,
    Waiting,
)
from funnelsim.scenario.hours import ALWAYS, HOURS_SCHEMA, Hours, weekly_spans
from funnelsim.scenario.refusal import Refusal, show
from funnelsim.scenario.writing import DurationLaw


class Ramp(Part):
    """How a new rep gets up to speed: from a share of it, in a straight line."""

    lasts: PositiveDuration = Field(alias="for", description="time from the first day to full speed")
    begins: Speed = Field(default=0.5, alias="from", description="share of full speed on the first day")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"for": value}


class Attrition(Part):
    """Reps who leave by themselves, each after a time of its own, and successors who come after another."""

    after: DurationLaw = Field(description="how long one stays", examples=[{"exponential": {"mean": "78 w"}}])
    replaced: DurationLaw | None = Field(
        default=None, description="time until a successor comes, who is new; default nobody comes"
    )

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        spelt = isinstance(value, dict) and {"after", "replaced"} & set(value)
        return value if spelt else {"after": value}


class Rep(Part):
    """One who works; after loading each has a name and `slots`, and `count` is 1."""

    name: Name = Field(default="", description="the rep's name")
    start: Moment | None = Field(default=None, alias="from", description="first instant of work; default the start")
    until: Moment | None = Field(default=None, description="instant from which the rep is gone; default never")
    speed: Speed | None = Field(default=None, description="share of normal speed; default the team's")
    skill: Logit | None = Field(default=None, description="added to log-odds that ask for it; default the team's")
    slots: Slots = Field(default=0, alias="deals_at_once", description="deals at once; default the team's")
    count: Reps = Field(default=1, description="how many such reps there are")


def _listed(value: Any) -> Any:
    """Reps as a list, whether written as their number or one by one."""
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, dict):
        raise Refusal(f"found {show(value)}", "reps are a whole number or a list", "write [{name: Ann}, {count: 3}]")
    return [{"count": value}]


class RepsSchema:
    """The annotation that tells editors of both ways to write reps."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 10_000}, handler(schema)]}


def _working(value: Any) -> Hours:
    """Hours without holidays, from their text; those are added when the file is whole."""
    return value if isinstance(value, Hours) else ALWAYS.model_copy(update={"spans": weekly_spans(value)})


class Team(Part):
    """Who works on stages; after loading `reps` are individuals and `hours` hold holidays and offset."""

    reps: Annotated[tuple[Rep, ...], BeforeValidator(_listed), RepsSchema()] = Field(
        description="how many work here, or a list of them", examples=[4]
    )
    deals_at_once: Slots = Field(default=1, description="how many deals one rep holds")
    hours: Annotated[Hours, PlainValidator(_working), WithJsonSchema(HOURS_SCHEMA)] = Field(
        default=ALWAYS, description="working hours; default always"
    )
    calendar: Name | None = Field(default=None, description="a named calendar, instead of hours")
    holidays: tuple[Day, ...] = Field(default=(), description="dates on which nobody works; with hours only")
    utc_offset: Offset = Field(default=0.0, description="local time minus the scenario's time; with hours only")
    queue: Queue = Field(default="fifo", description="who is served first")
    assignment: Assignment = Field(default="pooled", description="which rep gets the next prospect")
    max_queue: Waiting | None = Field(default=None, description="newcomers who find so many waiting go away")
    salary: MonthlyMoney = Field(default=0.0, description="salary of one rep", examples=["5200 / mo"])
    per_case: Money = Field(default=0.0, description="cost of each time somebody is taken up", examples=[1.1])
    speed: Speed = Field(default=1.0, description="share of normal speed", examples=["120%"])
    skill: Logit = Field(default=0.0, description="added to log-odds of exits that ask for skill")
    ramp: Ramp | None = Field(default=None, description="how those with a `from` get up to speed", examples=["12 w"])
    attrition: Attrition | None = Field(
        default=None, description="reps who leave by themselves, and who comes for them"
    )
    trust: Logit = Field(default=0.0, description="what a talk with this team adds to intent; a machine may lower it")
