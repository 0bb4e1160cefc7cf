"""Discovery: questions about what nobody sees, answered more or less rightly, at a cost of time."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from funnelsim.scenario.fields import Answers, Duration, Name, Part, Probability, Text
from funnelsim.scenario.per_segment import Each


class Reliability(Part):
    """How often an answer is right: of those who have the attribute, and of those who lack it."""

    has: Each[Probability] = Field(description="of those who have it, which share seems to")
    lacks: Each[Probability] = Field(description="of those who lack it, which share seems to")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        spelt = isinstance(value, dict) and {"has", "lacks"} & set(value)
        return value if spelt else {"has": value, "lacks": value}


class Unqualified(Part):
    """Where those go who seem to have too little."""

    to: Name = Field(default="", description="the stage it goes to; default the lost one")
    reason: Text = Field(default="unqualified", description="the reason noted")


class Discovery(Part):
    """What a rep asks for before the exits of a stage are open, and how much of it is enough."""

    asks: dict[str, Reliability] = Field(description="by hidden attribute: how often the answer is right")
    each: Duration = Field(default=0.0, description="work of each question")
    at_least: Each[Answers] | None = Field(
        default=None, description="how many attributes a prospect must seem to have; default all that are asked for"
    )
    failed: Unqualified = Field(default=Unqualified(), description="where those go who seem to have fewer")
