"""What the money of a funnel is judged by: what is left of a sale, how long it lasts, and what tools cost."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from funnelsim.scenario.fields import MonthlyMoney, Owner, Part, PositiveDuration, Probability


class Tool(Part):
    """Something that is paid by the month, whoever comes: what it costs, and who pays."""

    cost: MonthlyMoney = Field(description="running cost", examples=["3000 / mo"])
    owner: Owner = Field(default="marketing", description="who pays for it: marketing, sales or success")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"cost": value}


class MoneyTerms(Part):
    """Margin, term and tools: what lifetime value, payback and the ledger ask for."""

    margin: Probability = Field(default=1.0, description="share of revenue that is left when the customer was served")
    term: PositiveDuration | None = Field(
        default=None, description="time for which a deal's value pays; without it there is no payback"
    )
    tools: dict[str, Tool] = Field(default_factory=dict, description="what is paid by the month, by name")
