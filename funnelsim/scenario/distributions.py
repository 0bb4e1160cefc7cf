"""Laws: distributions in their canonical parameters, and what can be asked of them.

A `Law` is what remains after the ways people write a distribution were read (families.py): seconds or money, one
canonical set of parameters per family. Sampling inside the engines is not done here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from funnelsim.scenario.per_segment import PerSegment
from funnelsim.scenario.pert import PERT_WEIGHT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Law:
    """One distribution.

    Parameters by family: constant {value}, exponential {mean}, gamma {mean, cv}, weibull {scale, shape},
    lognormal {median, sigma}, triangular and pert {low, mode, high}, uniform {low, high}; empirical has `values`
    (sorted) and mixture `parts` (weight, law), whose weights add up to 1. Of assumptions alone (assumptions.py):
    normal {mean, sd}, logit_normal {median, sigma} (sigma of the logit; its mean has no formula), beta {a, b}.
    """

    family: str
    params: Mapping[str, float] = field(default_factory=dict)
    values: tuple[float, ...] | None = None
    parts: tuple[tuple[float, Law], ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether the law always gives the same value."""
        if self.family == "mixture":
            live = [law for weight, law in self.parts if weight > 0]
            return all(law.is_constant and law.mean() == live[0].mean() for law in live)
        if self.values is not None:
            return self.values[0] == self.values[-1]
        return self.family == "constant"

    def mean(self) -> float:
        """The expectation, in the unit of the law."""
        p = self.params
        if self.family == "mixture":
            return sum(weight * law.mean() for weight, law in self.parts)
        if self.values is not None:
            return math.fsum(self.values) / len(self.values)
        if self.family == "constant":
            return p["value"]
        if self.family == "weibull":
            return p["scale"] * math.gamma(1.0 + 1.0 / p["shape"])
        if self.family == "lognormal":
            return p["median"] * math.exp(p["sigma"] ** 2 / 2.0)
        if self.family == "triangular":
            return (p["low"] + p["mode"] + p["high"]) / 3.0
        if self.family == "pert":
            return (p["low"] + PERT_WEIGHT * p["mode"] + p["high"]) / (PERT_WEIGHT + 2.0)
        if self.family == "uniform":
            return (p["low"] + p["high"]) / 2.0
        if self.family == "beta":
            return p["a"] / (p["a"] + p["b"])
        return p["mean"]

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Quantiles at `u` in (0, 1), same shape as `u`."""
        import numpy as np

        from funnelsim.scenario import quantiles

        return quantiles.ppf(self, np.asarray(u, dtype=float))


@dataclass(frozen=True)
class Distribution:
    """A law for every segment."""

    laws: PerSegment[Law]

    def of(self, segment: str) -> Law:
        """The law that holds for one segment."""
        return self.laws.of(segment)

    def values(self) -> tuple[Law, ...]:
        """Every law that some segment may have."""
        return self.laws.values()


def constant(value: float) -> Distribution:
    """The distribution that always gives `value`, for every segment."""
    return Distribution(PerSegment(Law("constant", {"value": value})))
