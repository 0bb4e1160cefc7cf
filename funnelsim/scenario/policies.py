"""Policies: named changes to a scenario, each with what it costs beyond what the scenario counts itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from funnelsim.scenario.fields import Money, MonthlyMoney, Part, Text
from funnelsim.scenario.refusal import Refusal, show


def _changes(value: Any) -> dict[str, Any]:
    """Values by dotted path."""
    if not isinstance(value, Mapping) or not value:
        remedy = "write set: {teams.sdr.reps: 7}"
        raise Refusal(f"found {show(value)}", "a policy changes values, by their path", remedy)
    for path in value:
        if str(path).partition(".")[0] == "policies":
            raise Refusal(f"found {show(path)}", "a policy changes the funnel, not policies", at=(str(path),))
    return {str(path): each for path, each in value.items()}


Changes = Annotated[
    dict[str, Any],
    PlainValidator(_changes),
    WithJsonSchema({"type": "object", "minProperties": 1, "examples": [{"teams.sdr.reps": 7}]}),
]


class Policy(Part):
    """What is done differently: values by their path, as `--set` takes them; and what that costs."""

    says: Text = Field(default="", description="what it is, in words")
    changes: Changes = Field(alias="set", description="values by their path, as teams.sdr.reps: 7")
    cost: MonthlyMoney = Field(default=0.0, description="running cost that the funnel itself does not count")
    once: Money = Field(default=0.0, description="cost of bringing it in, paid once")


class PolicyFile(Part):
    """A file of policies for any scenario."""

    policies: dict[str, Policy] = Field(min_length=1, description="what might be done differently, by name")
