"""A chance that may depend on the prospect: a probability, or log-odds with coefficients."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import Field, ValidationInfo, model_validator

from funnelsim.core.problems import nearest
from funnelsim.scenario.fields import Logit, Part, Probability
from funnelsim.scenario.per_segment import DEFAULT, Each, everyone
from funnelsim.scenario.refusal import Refusal, surroundings

KEYS = ("p", "logit", "intent", "fit", "touches")


def spelt_out(value: Any, info: ValidationInfo, keys: Collection[str]) -> Any:
    """What holds one of the keys, or a misspelt one, as it is; a bare share, for everyone or by segment, as `p`."""
    if not isinstance(value, dict):
        return {"p": value}
    segments = surroundings(info.context).segments
    spelt = any(key in keys for key in value)
    by_segment = segments is None or any(key in segments or key == DEFAULT for key in value)
    by_segment = by_segment or not any(nearest(key, keys) for key in value)
    return value if spelt or not by_segment else {"p": value}


class Chance(Part):
    """A probability, or log-odds at intent 0, fit 0 and no earlier touch, with what each of these adds."""

    p: Each[Probability] | None = Field(default=None, description="a probability", examples=["30%"])
    logit: Each[Logit] | None = Field(default=None, description="log-odds at intent 0, fit 0 and no earlier touch")
    intent: Each[Logit] = Field(default=everyone(0.0), description="coefficient of intent")
    fit: Each[Logit] = Field(default=everyone(0.0), description="coefficient of fit")
    touches: Each[Logit] = Field(default=everyone(0.0), description="coefficient of the touches seen so far")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any, info: ValidationInfo) -> Any:
        return spelt_out(value, info, KEYS)

    @model_validator(mode="after")
    def _one_form(self) -> Chance:
        if (self.p is None) == (self.logit is None):
            found = "found neither p nor logit" if self.p is None else "found p and logit"
            raise Refusal(found, "a chance is a probability or a logit", "write 30% or {logit: -1, intent: 0.5}")
        added = [key for key in ("intent", "fit", "touches") if key in self.model_fields_set]
        if self.logit is None and added:
            rule = "coefficients act on log-odds, and this chance has none"
            raise Refusal(f"found {added[0]} without logit", rule, "write logit in place of the probability")
        return self


def always(share: float) -> Chance:
    """The same chance for everybody."""
    return Chance.model_construct(p=everyone(share))
