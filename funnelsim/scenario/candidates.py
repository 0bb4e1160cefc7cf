"""What may be a range: everything in a document that is written like one, and what can be asked of it before anybody
knows what its place takes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from funnelsim.scenario.assumptions import MEDIAN, Assumption
from funnelsim.scenario.document import Path, dotted
from funnelsim.scenario.ranges import Amount, Range, Uncertain, ends, is_uncertain, scale, uncertain
from funnelsim.scenario.refusal import Refusal

FIXED: Final = frozenset(
    {"name", "description", "start", "horizon", "warmup", "tick", "bucket", "currency", "views", "sources", "policies",
     "correlations"}
)  # fmt: skip
"""Blocks that are not about the funnel, or about how it is looked at; policies are read when they are in force."""
WORDS: Final = "(a range)"
FAR: Final = (0.001, 0.999)
"""Draws of a law that a place must take."""


@dataclass
class Candidate:
    """What may be a range: its path, what stands there, and what it was found to be."""

    path: Path
    value: Any
    range: Range | None = None
    law: Uncertain | None = None
    assumption: Assumption | None = None

    @property
    def key(self) -> str:
        """Its path as problems have it."""
        return dotted(self.path)

    @property
    def unit(self) -> str:
        """The unit in which it was written."""
        known = self.range or self.law
        return known.unit if known is not None else ""


def candidates(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Everything that is written like a range, where numbers may stand."""
    if len(path) == 1 and path[0] in FIXED:
        return
    if is_uncertain(node) or ends(node) is not None:
        yield path, node
        return
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, each in items:
        yield from candidates(each, (*path, step))


def said(value: Any) -> str:
    """A range, or a law, as it is written: `triangular: low 20%, mode 25%, high 30%`."""
    if isinstance(value, str):
        return value
    ((family, params),) = next(iter(value.values())).items()
    return f"{family}: " + ", ".join(f"{name} {each}" for name, each in params.items())


def in_its_unit(each: Candidate, number: float) -> Any:
    """A number in the unit of a range."""
    return Amount(number, each.unit).written()


def middle(each: Candidate) -> Any:
    """Something between the ends that the place should take; words where that is not known."""
    sides = ends(each.value)
    if sides is not None:
        return Amount(inside(each), sides[1].unit or sides[0].unit).written()
    try:
        each.law = each.law or uncertain(each.value)
    except Refusal:
        return WORDS
    return in_its_unit(each, inside(each))


def one(each: Candidate) -> Any:
    """1 in the unit of a range."""
    sides = ends(each.value)
    return Amount(1.0, (sides[1].unit or sides[0].unit) if sides else "").written()


def inside(each: Candidate) -> float:
    """A number inside a range: a whole one where there is one."""
    sides = ends(each.value)
    if sides is not None:
        low, high = sorted(side.number for side in sides)
        return float(math.floor(high)) if math.floor(high) >= low else (low + high) / 2.0
    assert each.law is not None
    return float(each.law.law.ppf(MEDIAN)) * scale(each.law.unit)


def could_be_share(each: Candidate) -> bool:
    """Whether a range could be one of shares."""
    of = each.range
    return of is not None and of.unit in ("", "%") and 0.0 <= of.low and of.high <= scale(of.unit)


def could_be_whole(each: Candidate) -> bool:
    if each.range is None:
        return not each.unit
    return not each.unit and each.range.low == int(each.range.low) and each.range.high == int(each.range.high)


def ends_of(each: Candidate) -> tuple[float, float]:
    """The ends of a range, or draws of a law that are far out."""
    if each.range is not None:
        return each.range.low, each.range.high
    assert each.assumption is not None
    low, high = each.assumption.quantile(FAR)
    return float(low), float(high)
