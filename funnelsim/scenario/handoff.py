"""The handoff: when a prospect in a stage is ready for the next, before its time there is over."""

from __future__ import annotations

from pydantic import Field, model_validator

from funnelsim.scenario.fields import Name, Part, Points, Text
from funnelsim.scenario.per_segment import Each
from funnelsim.scenario.refusal import Refusal


class HandRaise(Part):
    """Where those go who ask for a talk."""

    to: Name = Field(description="the stage they go to")
    reason: Text = Field(default="", description="the reason noted")


class Threshold(Part):
    """A score that is enough, and where those go who reach it."""

    at_least: Each[Points] = Field(description="the score that is enough")
    to: Name = Field(description="the stage they go to")
    reason: Text = Field(default="", description="the reason noted")


class Handoff(Part):
    """By score, by a hand-raise, or by both together; looked at on entering the stage and at each touch."""

    score: Threshold | None = Field(default=None, description="by the score alone")
    hand_raise: HandRaise | None = Field(default=None, description="by a hand-raise alone, whatever the score")
    both: Threshold | None = Field(default=None, description="by a hand-raise of one whose score is enough")

    @model_validator(mode="after")
    def _some_rule(self) -> Handoff:
        ways = [key for key in ("score", "hand_raise", "both") if getattr(self, key) is not None]
        if not ways:
            raise Refusal("found none of score, hand_raise and both", "a handoff has a rule")
        if self.both is not None and len(ways) > 1:
            found = f"found {' and '.join(ways)}"
            raise Refusal(found, "`both` needs a hand-raise and a score at once", f"remove both, or {ways[0]}")
        return self
