"""Touches: how a channel reaches prospects while they are in a stage, and what that does to them."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from funnelsim.core.ticks import DAY
from funnelsim.scenario.chances import Chance, always
from funnelsim.scenario.fields import (
    Duration,
    Factor,
    Flag,
    Lessons,
    Logit,
    Name,
    Part,
    Points,
    PositiveDuration,
    Probability,
    Rate,
)
from funnelsim.scenario.per_segment import Each, everyone
from funnelsim.scenario.refusal import Refusal
from funnelsim.scenario.units import say

MOST_A_DAY = 100.0


class Referrals(Part):
    """When customers bring others: how often one has the occasion, where, and whether it does."""

    rate: Rate = Field(description="occasions of each customer", examples=["1 / y"])
    during: tuple[Name, ...] = Field(description="the stages in which they refer others", min_length=1)
    chance: Chance = Field(default=always(1.0), description="chance that one refers somebody, given the occasion")

    @field_validator("rate")
    @classmethod
    def _not_too_often(cls, value: float) -> float:
        if value * DAY > MOST_A_DAY:
            found = f"found {value * DAY:.4g} a day for each customer"
            raise Refusal(found, f"a customer refers others at most {MOST_A_DAY:g} times a day", "lower the rate")
        return value


class Touches(Part):
    """When a channel reaches for a prospect, whether it is seen, and what each touch that is seen does."""

    rate: Rate | None = Field(default=None, description="how often it reaches for a prospect", examples=["2 / w"])
    drip: tuple[Duration, ...] | None = Field(
        default=None, description="times since entering the stage, instead of a rate", min_length=1
    )
    during: tuple[Name, ...] | None = Field(
        default=None, description="the stages in which it reaches prospects; default all that take time", min_length=1
    )
    seen: Chance = Field(default=always(1.0), description="chance that a prospect sees what is sent")
    lift: Each[Logit] = Field(default=everyone(0.0), description="what the first touch adds to intent, in logit units")
    repeat: Factor = Field(default=1.0, description="effect of each further touch, as a share of the one before")
    half_life: PositiveDuration | None = Field(
        default=None, description="time in which what it added to intent halves; default it stays"
    )
    synergy: dict[str, Factor] = Field(
        default_factory=dict, description="by channel: what is added to the effect if that one was seen before"
    )
    points: Points = Field(default=0.0, description="what each touch adds to the score")
    teaches: Lessons = Field(default=0.0, description="lessons that a touch gives: see `taught` of a stage")
    click: Chance = Field(default=always(0.0), description="chance that one who sees it clicks")
    hand_raise: Chance = Field(default=always(0.0), description="chance that one who sees it asks for a talk")
    opt_out: Chance = Field(default=always(0.0), description="chance that one who sees it wants no more")
    heeds_opt_out: Flag = Field(default=True, description="whether it leaves those alone who want no more")
    observed: Probability = Field(default=1.0, description="share of touches that the log knows of")

    @field_validator("drip")
    @classmethod
    def _in_order(cls, value: tuple[float, ...] | None) -> tuple[float, ...] | None:
        for before, after in zip(value or (), (value or ())[1:], strict=False):
            if after <= before:
                raise Refusal(f"{say(after)} comes after {say(before)}", "the times of a drip ascend")
        return value

    @model_validator(mode="after")
    def _one_clock(self) -> Touches:
        if (self.rate is None) == (self.drip is None):
            found = "found neither rate nor drip" if self.rate is None else "found rate and drip"
            raise Refusal(found, "touches come at a `rate` or as a `drip`", "write {rate: 2 / w} or {drip: [0 d, 7 d]}")
        if self.rate is not None and self.rate * DAY > MOST_A_DAY:
            found = f"found {self.rate * DAY:.4g} a day for each prospect"
            raise Refusal(found, f"a channel reaches a prospect at most {MOST_A_DAY:g} times a day", "lower the rate")
        return self
