"""Reviews: every so often something is looked at, and a threshold, a leak or a rate is moved towards a target."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from funnelsim.scenario.fields import Level, Name, Part, PositiveDuration
from funnelsim.scenario.refusal import Refusal, show


class LooksAt(Part):
    """What a review counts since the one before: entries of a stage, or the share that leaves it by an exit."""

    entries: Name | None = Field(default=None, description="the stage whose entries are counted")
    exit: Name | None = Field(default=None, description="the exit whose share is looked at")
    of: Name | None = Field(default=None, description="the stage that has this exit")

    @model_validator(mode="after")
    def _one_form(self) -> LooksAt:
        share = self.exit is not None and self.of is not None
        if share == (self.entries is not None) or (self.entries is not None and self.model_fields_set > {"entries"}):
            rule = "a review looks at the entries of a stage, or at the share of an exit"
            raise Refusal(f"found {', '.join(sorted(self.model_fields_set)) or 'nothing'}", rule,
                          "write {entries: call} or {exit: accepted, of: call}")  # fmt: skip
        return self


class Moves(Part):
    """What a review moves: one threshold, leak or rate."""

    threshold: Name | None = Field(default=None, description="the stage whose score of the handoff is moved")
    leak: Name | None = Field(default=None, description="the stage whose share of leaks is moved")
    rate: Name | None = Field(default=None, description="the channel whose rate is multiplied, from 1 on")

    @property
    def dials(self) -> dict[str, str]:
        """The stage or channel of each kind that is named."""
        named = {"threshold": self.threshold, "leak": self.leak, "rate": self.rate}
        return {kind: name for kind, name in named.items() if name is not None}

    @property
    def dial(self) -> tuple[str, str]:
        """What is moved, and of which stage or channel."""
        ((kind, name),) = self.dials.items()
        return kind, name

    @model_validator(mode="after")
    def _one_dial(self) -> Moves:
        if len(self.dials) != 1:
            rule = "a review moves exactly one of threshold, leak and rate"
            way = "make two reviews of two" if self.dials else "write {leak: call}"
            raise Refusal(f"found {' and '.join(self.dials) or 'nothing'}", rule, way)
        return self


class Review(Part):
    """A rule of feedback: how often, what is looked at, the target, and by how much what is moved."""

    every: PositiveDuration = Field(description="time from one review to the next, the first after as long")
    looks_at: LooksAt = Field(description="what is counted since the review before")
    target: Level = Field(description="a number of entries, or a share", examples=[120, "60%"])
    moves: Moves = Field(description="what is moved")
    below: Level = Field(default=0.0, description="what is added if less than the target was found")
    above: Level = Field(default=0.0, description="what is added if more than the target was found")
    between: tuple[Level, Level] = Field(description="how far it can be moved")

    @field_validator("between", mode="before")
    @classmethod
    def _a_pair(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise Refusal(f"found {show(value)}", "it is the lowest and the highest value", "write [4, 20]")
        return value

    @model_validator(mode="after")
    def _can_move(self) -> Review:
        if self.below == 0.0 and self.above == 0.0:
            raise Refusal("found neither below nor above", "a review moves something", "write below: -1")
        if self.between[0] >= self.between[1]:
            raise Refusal(f"found from {self.between[0]:g} to {self.between[1]:g}", "the lowest comes first")
        return self
