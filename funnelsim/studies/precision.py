"""How precise an answer must be: the half-width of its interval, as a share of its value or in its own unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from funnelsim.scenario.refusal import Refusal
from funnelsim.scenario.units import number

FLOOR, CEILING = 10, 10_000
"""Replications at least and at most."""
MOST: Final = 0.3
"""A half-width above 30% of a value would be reached by the luck of the mean."""
AS_WRITTEN: Final = "write 2% for a share of the value, or 0.5 in its own unit"


@dataclass(frozen=True)
class Precision:
    """The half-width that is asked for, and between how many replications it is sought; ValueError for what cannot
    be."""

    half_width: float
    relative: bool = False
    floor: int = FLOOR
    ceiling: int = CEILING

    def __post_init__(self) -> None:
        if not 0.0 < self.half_width < float("inf"):
            raise ValueError(f"precision: found {self.half_width:g}; a half-width is above 0; {AS_WRITTEN}")
        if self.relative and self.half_width > MOST:
            found = f"precision: found {self.half_width:.0%}; relative to the value it is at most {MOST:.0%}"
            raise ValueError(f"{found}: for less, write it in the unit of the measure, as 0.5")
        if self.floor < 3:
            raise ValueError(f"floor: found {self.floor}; the first stage has at least 3 replications")
        if self.ceiling < self.floor:
            raise ValueError(f"ceiling: found {self.ceiling}; it must be at least the floor, {self.floor}")

    def __str__(self) -> str:
        return f"{100 * self.half_width:g}%" if self.relative else f"{self.half_width:g}"

    def goal(self, value: float) -> float:
        """The half-width that is narrow enough for a value."""
        return self.half_width * abs(value) if self.relative else self.half_width


def precision_of(text: str | Precision, floor: int = FLOOR, ceiling: int = CEILING) -> Precision:
    """The precision that a text such as `2%` or `0.5` asks for; ValueError for what says none."""
    if isinstance(text, Precision):
        return text
    share = text.strip().endswith("%")
    try:
        found = number(text.strip().removesuffix("%"))
    except Refusal:
        raise ValueError(f"precision: found {text!r}; it is a number; {AS_WRITTEN}") from None
    return Precision(found / 100 if share else found, share, floor, ceiling)
