"""Which points of what is varied are run: a full grid, a Latin hypercube, or a Sobol sequence.

Latin hypercube: McKay, Beckman and Conover (1979). Sobol (1967), scrambled by Owen (1998). Both by scipy.stats.qmc.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any, Final, Literal

from funnelsim.core.problems import Problem, ScenarioError, did_you_mean
from funnelsim.studies.varied import Varied

Design = Literal["grid", "lhs", "sobol"]
Point = dict[str, Any]
LEVELS: Final = 5
"""Values of a continuous range in a grid, where nobody says."""
POINTS: Final = 64
"""Points of the other designs, where nobody says."""


def size(parts: Sequence[Varied], points: int | None = None) -> int:
    """How many points the full grid has."""
    return math.prod(len(each.values) or points or LEVELS for each in parts)


def designed(parts: Sequence[Varied], design: str, points: int | None, seed: int) -> list[Point]:
    """The points, each with its value by path; ScenarioError for a design that cannot be.

    `points` is how many there are, in a grid how many values a continuous range has. Of the last path values change
    fastest.
    """
    problem = _wrong(parts, design, points)
    if problem is not None:
        raise ScenarioError([problem])
    if design == "grid":
        levels = [each.levels(points or LEVELS) for each in parts]
        return [dict(zip((each.path for each in parts), values, strict=True)) for values in product(*levels)]
    from scipy.stats import qmc

    n = points or POINTS
    if design == "lhs":
        shares = qmc.LatinHypercube(len(parts), seed=seed).random(n)
    else:
        shares = qmc.Sobol(len(parts), seed=seed).random_base2(n.bit_length() - 1)
    return [{each.path: each.at(float(u)) for each, u in zip(parts, row, strict=True)} for row in shares]


def _wrong(parts: Sequence[Varied], design: str, points: int | None) -> Problem | None:
    """What is wrong with a design."""
    known = ("grid", "lhs", "sobol")
    if design not in known:
        return Problem("--design", None, design, "there is no such design", "", did_you_mean(design, known))
    if points is not None and points < 2:
        return Problem("--points", None, str(points), "there must be at least 2")
    n = points or POINTS
    if design == "sobol" and n & (n - 1):
        low = 1 << (n.bit_length() - 1)
        rule = "a Sobol sequence is even at powers of two"
        return Problem("--points", None, str(n), "not a power of two", rule, f"write --points {low} or {2 * low}")
    return None
