"""The open pipeline: deals that are under way at the start, each in a stage, for some time."""

from __future__ import annotations

from pydantic import Field, model_validator

from funnelsim.scenario.channels import FilePath, IntentLaw
from funnelsim.scenario.fields import BatchSize, Duration, Money, Name, Part, Text
from funnelsim.scenario.refusal import Refusal


class Deal(Part):
    """A deal, or several alike: where it stands, for how long, and what it is worth."""

    stage: Name = Field(description="the stage in which it is")
    age: Duration = Field(default=0.0, description="how long it has been there, on the clock of the stage")
    worked: Duration = Field(default=0.0, description="how much of the team's work is done")
    value: Money | None = Field(default=None, description="its value; default drawn from that of its segment")
    segment: Name | None = Field(default=None, description="its segment; default drawn")
    count: BatchSize = Field(default=1, description="how many deals like this")


class DealColumns(Part):
    """The columns of a file of deals."""

    stage: Text = Field(description="column of the stage")
    age: Text | None = Field(default=None, description="column of the time in the stage, such as 12 d")
    since: Text | None = Field(default=None, description="column of the date of entering it, in place of its age")
    worked: Text | None = Field(default=None, description="column of the work done, such as 30 min")
    value: Text | None = Field(default=None, description="column of the value")
    segment: Text | None = Field(default=None, description="column of the segment")

    @model_validator(mode="after")
    def _one_age(self) -> DealColumns:
        if self.age is not None and self.since is not None:
            raise Refusal("found age and since", "the age of a deal is given once", "remove one of them")
        return self


class Pipeline(Part):
    """Deals that are open at the start: written here, or in a file."""

    deals: tuple[Deal, ...] = Field(default=(), description="the deals")
    file: FilePath | None = Field(default=None, description="a CSV file of deals", examples=["deals.csv"])
    columns: DealColumns | None = Field(default=None, description="the columns of the file")
    intent: IntentLaw = Field(default=IntentLaw.model_construct(), description="their intent, in logit units")

    @model_validator(mode="after")
    def _one_form(self) -> Pipeline:
        if bool(self.deals) == (self.file is not None):
            found = "found deals and file" if self.deals else "found neither deals nor file"
            raise Refusal(found, "deals are written here or in a file", "write deals: [{stage: demo, age: 12 d}]")
        if (self.file is None) != (self.columns is None):
            found = "found columns without a file" if self.file is None else "found a file without columns"
            raise Refusal(found, "columns say how to read a file", "write columns: {stage: Stage, age: Age}")
        return self
