"""Records: what each side of the house writes down in a system of its own, with what it misses, doubles and delays."""

from __future__ import annotations

from pydantic import Field, model_validator

from funnelsim.scenario.distributions import constant
from funnelsim.scenario.fields import Part, Probability, Recorded
from funnelsim.scenario.refusal import Refusal
from funnelsim.scenario.writing import DurationLaw

SIDES = ("marketing", "sales", "success")
CLOSE = "close"


class System(Part):
    """A system of one side, and how it differs from what happened; after loading `milestones` says what it records."""

    missing: Probability = Field(default=0.0, description="share of the milestones that are never written down")
    doubled: Probability = Field(default=0.0, description="share of the records that are there twice")
    late: DurationLaw = Field(default=constant(0.0), description="time from what happens to its record")
    milestones: tuple[Recorded, ...] = Field(
        default=(), description="what it records; default: the milestones of stages its side owns or hands over to"
    )

    @model_validator(mode="after")
    def _each_once(self) -> System:
        twice = [each for each in self.milestones if self.milestones.count(each) > 1]
        if twice:
            raise Refusal(f"found {twice[0]} twice", "a system names a milestone once", "remove one")
        return self


class Records(Part):
    """The systems of marketing, sales and success."""

    marketing: System | None = Field(default=None, description="the system of marketing")
    sales: System | None = Field(default=None, description="the system of sales")
    success: System | None = Field(default=None, description="the system of customer success")

    @property
    def systems(self) -> dict[str, System]:
        """The systems that are there, by side."""
        return {side: found for side in SIDES if (found := getattr(self, side)) is not None}

    @model_validator(mode="after")
    def _some_system(self) -> Records:
        if not self.systems:
            raise Refusal("found none of marketing, sales and success", "records are kept by one of them at least")
        return self
