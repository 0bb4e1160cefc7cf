"""Assumptions: numbers of a scenario that nobody knows exactly, each with its place and its law; and how two go
together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from funnelsim.scenario.distributions import Law
from funnelsim.scenario.ranges import Amount, scale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

MEDIAN = 0.5


@dataclass(frozen=True)
class Assumption:
    """A number with a range: its dotted path, as it was written, its unit and its law (of shares: as fractions).

    Where the place asks for a `whole` number, draws are rounded, and are at least 1 if the low end is. `file` and
    `line` say where it stands; line is None for what was laid over a file.
    """

    path: str
    text: str
    unit: str
    law: Law
    whole: bool = False
    file: str = field(default="", compare=False)
    line: int | None = field(default=None, compare=False)

    def quantile(self, u: ArrayLike) -> NDArray[np.float64]:
        """Its values at `u` in (0, 1), in its unit; same shape as `u`."""
        import numpy as np

        found = self.law.ppf(u) * scale(self.unit)
        if not self.whole:
            return np.asarray(found)
        return np.maximum(np.rint(found), 1.0 if self.low >= 1.0 else -np.inf)

    @property
    def low(self) -> float:
        """Where its lowest twentieth ends."""
        return _at(self.law, 0.05) * scale(self.unit)

    @property
    def high(self) -> float:
        """Where its highest twentieth begins."""
        return _at(self.law, 0.95) * scale(self.unit)

    @property
    def centre(self) -> float:
        """Its median, which stands for it in a plain run."""
        found = _at(self.law, MEDIAN) * scale(self.unit)
        return float(round(found)) if self.whole else found

    def written(self, value: float) -> str | float | int:
        """A value of it, as a scenario has it."""
        return Amount(value, self.unit).written()


@dataclass(frozen=True)
class Assumptions:
    """All assumptions of a scenario, in the order of its file, and by two of their indices how they are correlated."""

    items: tuple[Assumption, ...] = ()
    correlated: tuple[tuple[int, int, float], ...] = ()


def _at(law: Law, u: float) -> float:
    """A quantile of a law; those of a range without loading anything heavy."""
    from statistics import NormalDist  # here: it takes longer to import than a scenario to read

    z, p = NormalDist().inv_cdf(u), law.params
    match law.family:
        case "normal":
            return p["mean"] + p["sd"] * z
        case "lognormal":
            return p["median"] * math.exp(p["sigma"] * z)
        case "logit_normal":
            return 1.0 / (1.0 + math.exp(-p["sigma"] * z) * (1.0 / p["median"] - 1.0))
        case _:
            return float(law.ppf(u))
