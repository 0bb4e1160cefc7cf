"""The agreement between marketing and sales: what each side promises the other."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from funnelsim.scenario.fields import Part, Probability, Rate
from funnelsim.scenario.refusal import Refusal


class MarketingPromise(Part):
    """So many MQLs in a time, and the share of them that sales accepts."""

    mqls: Rate = Field(description="MQLs handed over, in a time", examples=["120 / mo"])
    accepted: Probability | None = Field(default=None, description="share that sales accepts; default not promised")

    @field_validator("mqls")
    @classmethod
    def _some(cls, rate: float) -> float:
        if rate == 0.0:
            raise Refusal("found 0", "a promise is more than nothing", "write 120 / mo, or leave marketing out")
        return rate


class SalesPromise(Part):
    """The share of those who are judged that is contacted within the SLA."""

    contacted: Probability = Field(description="share that gets its first response within the SLA")


class Agreement(Part):
    """What marketing and sales promise each other, month by month."""

    marketing: MarketingPromise | None = Field(default=None, description="what marketing promises")
    sales: SalesPromise | None = Field(default=None, description="what sales promises")

    @model_validator(mode="after")
    def _some_side(self) -> Agreement:
        if self.marketing is None and self.sales is None:
            remedy = "write marketing: {mqls: 120 / mo, accepted: 60%} or sales: {contacted: 95%}"
            raise Refusal("found neither marketing nor sales", "an agreement has at least one side", remedy)
        return self

    @property
    def sides(self) -> tuple[str, ...]:
        """Who promises something."""
        both = (("marketing", self.marketing), ("sales", self.sales))
        return tuple(side for side, promise in both if promise is not None)
