"""What is varied: a path with the values it takes, written `2..10`, `2..10..2`, `10%..30%` or `5min,1h,1d`.

Two whole numbers without a unit stand for all whole numbers between them; other ranges are continuous, unless a step is
given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.scenario.units import NUMBER, SECONDS

PLACE: Final = "--vary"
EXAMPLE: Final = "write teams.sdr.reps=2..10, 2..10..2, 10%..30% or 5min,1h,1d"
MOST: Final = 100_000
"""Values of one path."""
_END = re.compile(rf"\s*({NUMBER})\s*(.*?)\s*")


@dataclass(frozen=True)
class Varied:
    """The values of a path: some, or all from `low` to `high` in a unit."""

    path: str
    values: tuple[Any, ...] = ()
    low: float = math.nan
    high: float = math.nan
    unit: str = ""

    @property
    def is_continuous(self) -> bool:
        """Whether it takes all values between two ends."""
        return not self.values

    def at(self, share: float) -> Any:
        """The value at a share of the way, from 0 up to 1."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        # To a ten-thousandth of the range, or it could not be read.
        last = 4 - math.floor(math.log10(self.high - self.low))
        return written(round(self.low + share * (self.high - self.low), last), self.unit)

    def levels(self, points: int) -> tuple[Any, ...]:
        """Its values; so many, evenly spaced and with both ends, of a continuous range."""
        return self.values or tuple(self.at(k / (points - 1)) for k in range(points))


def written(x: float, unit: str) -> Any:
    """A number as a scenario takes it: with its unit, a whole one without a point."""
    x = float(f"{x:.12g}")
    if unit:
        return f"{x:.12g}{unit if unit == '%' else ' ' + unit}"
    return int(x) if x == int(x) else x


def varied(given: Mapping[str, Any]) -> list[Varied]:
    """What is varied, of ranges, lists or texts by path; ScenarioError with all problems."""
    found, problems = [], []
    if not given:
        problems.append(Problem(PLACE, None, "", "nothing is varied", "", EXAMPLE))
    for path, values in given.items():
        try:
            found.append(_read(str(path), values))
        except ValueError as error:
            problems.append(Problem(PLACE, None, str(path), str(error), "", EXAMPLE))
    if problems:
        raise ScenarioError(problems)
    return found


def _read(path: str, values: Any) -> Varied:
    if isinstance(values, str):
        return _range(path, values) if ".." in values else _list(path, _split(values))
    if isinstance(values, Iterable) and not isinstance(values, Mapping):
        return _list(path, list(values))
    return _list(path, [values])


def _list(path: str, values: list[Any]) -> Varied:
    if not values or "" in values:
        raise ValueError("there is no value" if values in ([], [""]) else "a value is missing between commas")
    if len({repr(each) for each in values}) < len(values):
        raise ValueError("a value stands there twice")
    return Varied(path, tuple(values))


def _range(path: str, text: str) -> Varied:
    parts = text.split("..")
    ends = [_END.fullmatch(part) for part in parts]
    if len(parts) not in (2, 3) or not all(ends):
        raise ValueError(f"found {text!r}, which is no range")
    numbers = [float(end[1].replace("_", "")) for end in ends if end]
    units = {end[2] for end in ends if end and end[2]}
    if len(units) > 1:
        raise ValueError(f"found {text!r}; both ends are in the same unit")
    unit, (low, high) = next(iter(units), ""), numbers[:2]
    if low >= high:
        raise ValueError(f"found {text!r}, a range that is {'backwards' if low > high else 'empty'}")
    whole = not unit and all(re.fullmatch(r"\s*[-+]?[0-9_]+\s*", part) for part in parts)
    if len(parts) == 2 and not whole:
        return Varied(path, (), low, high, unit)
    step = numbers[2] if len(parts) == 3 else 1.0
    if step <= 0:
        raise ValueError(f"found {text!r}; a step is above 0")
    # A step that divides the range reaches its end, whatever rounding does.
    n = math.floor((high - low) / step + 1e-9) + 1
    if n > MOST:
        raise ValueError(f"found {text!r}, {n:,} values; at most {MOST:,}")
    return Varied(path, tuple(written(low + k * step, unit) for k in range(n)))


def _split(text: str) -> list[str]:
    """A list at its commas, but for those in brackets."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "{[(") - (sign in "}])")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def scale(values: Iterable[Any]) -> tuple[list[Any], str]:
    """Values as numbers with their unit, for axes: durations of several units in hours; texts where they are none."""
    said = [str(value) for value in values]
    ends = [_END.fullmatch(each) for each in said]
    if not all(ends):
        return said, ""
    numbers, units = [float(end[1].replace("_", "")) for end in ends if end], [end[2] for end in ends if end]
    if len(set(units)) == 1:
        return [int(x) if x == int(x) and not units[0] else x for x in numbers], units[0]
    if all(unit in SECONDS for unit in units):
        return [x * SECONDS[unit] / 3600 for x, unit in zip(numbers, units, strict=True)], "h"
    return said, ""
