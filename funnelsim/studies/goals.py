"""What an answer must keep to, as people write it: `wins>=200`, `sla.qualify>=90%`, `cost<=3M`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.scenario.units import NUMBER
from funnelsim.studies.measures import Measure

EXAMPLE: Final = "write wins>=200, sla.qualify>=90% or cost<=3M"
TIMES: Final = {"": 1.0, "%": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9}
_GOAL = re.compile(rf"\s*(\S+?)\s*([<>]=?|=)\s*({NUMBER})\s*([%kKMB]?)\s*")


@dataclass(frozen=True)
class Goal:
    """A measure that is to be at least (`sense` 1) or at most (-1) a number in its unit."""

    measure: str
    sense: int
    bound: float
    percent: bool = False

    def __str__(self) -> str:
        return f"{self.measure} {'>=' if self.sense > 0 else '<='} {self.bound:,.12g}{'%' if self.percent else ''}"


def goal_of(text: str, place: str = "--meet") -> Goal:
    """The goal that a text says; ScenarioError for what says none."""
    found = _GOAL.fullmatch(text)
    if found is None or found[2] == "=":
        rule = "a goal is a measure, >= or <=, and a number"
        raise ScenarioError([Problem(place, None, "", f"found {text!r}", rule, EXAMPLE)])
    bound = float(found[3].replace("_", "")) * TIMES[found[4]]
    return Goal(found[1], 1 if found[2][0] == ">" else -1, bound, found[4] == "%")


def check_unit(goal: Goal, measure: Measure, place: str = "--meet") -> None:
    """Refuse per cent of what is not in per cent, and shares of 1 of what is; ScenarioError."""
    found = f"{goal} but {goal.measure} is in {measure.unit}"
    if goal.percent and measure.unit != "%":
        raise ScenarioError([Problem(place, None, "", found, "", EXAMPLE)])
    if not goal.percent and measure.unit == "%" and 0 < abs(goal.bound) <= 1:
        remedy = f"write {goal.measure}{'>=' if goal.sense > 0 else '<='}{100 * goal.bound:g}%"
        raise ScenarioError([Problem(place, None, "", found, "", remedy)])
