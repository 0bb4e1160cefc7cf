"""Quantile functions and distribution functions of laws, vectorised; scipy is loaded only when one is asked for.

These serve plots, studies and tests as an independent answer; the engines have their own compiled sampler.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from funnelsim.scenario.pert import PERT_WEIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from funnelsim.scenario.distributions import Law

    Floats = NDArray[np.float64]


def ppf(law: Law, u: Floats) -> Floats:
    """The quantiles of a law at `u`."""
    return np.asarray(_ppf(law, u), dtype=np.float64)


def _ppf(law: Law, u: Floats) -> Any:
    """The formulas of `ppf`."""
    from scipy import special

    p = law.params
    match law.family:
        case "constant":
            return np.full(u.shape, p["value"])
        case "exponential":
            return -p["mean"] * np.log1p(-u)
        case "gamma":
            shape = p["cv"] ** -2.0
            return special.gammaincinv(shape, u) * (p["mean"] / shape)
        case "weibull":
            return p["scale"] * (-np.log1p(-u)) ** (1.0 / p["shape"])
        case "lognormal":
            return p["median"] * np.exp(p["sigma"] * special.ndtri(u))
        case "uniform":
            return p["low"] + (p["high"] - p["low"]) * u
        case "triangular":
            return _triangular_ppf(p["low"], p["mode"], p["high"], u)
        case "pert":
            a, b = _pert_shapes(law)
            return p["low"] + (p["high"] - p["low"]) * special.betaincinv(a, b, u)
        case "normal":
            return p["mean"] + p["sd"] * special.ndtri(u)
        case "logit_normal":
            return special.expit(special.logit(p["median"]) + p["sigma"] * special.ndtri(u))
        case "beta":
            return special.betaincinv(p["a"], p["b"], u)
        case "empirical":
            values = np.asarray(law.values)
            return values[np.minimum((u * len(values)).astype(np.int64), len(values) - 1)]
        case _:
            return _mixture_ppf(law, u)


def cdf(law: Law, x: Floats) -> Floats:
    """The probability of at most `x`."""
    return np.asarray(_cdf(law, x), dtype=np.float64)


def _cdf(law: Law, x: Floats) -> Any:
    """The formulas of `cdf`."""
    from scipy import special

    p, positive = law.params, np.maximum(x, 0.0)
    match law.family:
        case "constant":
            return (x >= p["value"]).astype(float)
        case "exponential":
            return -np.expm1(-positive / p["mean"])
        case "gamma":
            shape = p["cv"] ** -2.0
            return special.gammainc(shape, positive * shape / p["mean"])
        case "weibull":
            return -np.expm1(-((positive / p["scale"]) ** p["shape"]))
        case "lognormal":
            with np.errstate(divide="ignore"):
                return special.ndtr((np.log(positive) - math.log(p["median"])) / p["sigma"])
        case "uniform":
            return np.clip((x - p["low"]) / (p["high"] - p["low"]), 0.0, 1.0)
        case "triangular":
            return _triangular_cdf(p["low"], p["mode"], p["high"], x)
        case "pert":
            a, b = _pert_shapes(law)
            return special.betainc(a, b, np.clip((x - p["low"]) / (p["high"] - p["low"]), 0.0, 1.0))
        case "normal":
            return special.ndtr((x - p["mean"]) / p["sd"])
        case "logit_normal":
            with np.errstate(divide="ignore"):
                return special.ndtr((special.logit(np.clip(x, 0.0, 1.0)) - special.logit(p["median"])) / p["sigma"])
        case "beta":
            return special.betainc(p["a"], p["b"], np.clip(x, 0.0, 1.0))
        case "empirical":
            return np.searchsorted(np.asarray(law.values), x, side="right") / len(law.values or ())
        case _:
            return sum((w * cdf(part, x) for w, part in law.parts), np.zeros_like(x))


def _pert_shapes(law: Law) -> tuple[float, float]:
    """The two shapes of the beta distribution behind a PERT law (Vose 2008, weight 4)."""
    low, mode, high = (law.params[name] for name in ("low", "mode", "high"))
    return 1.0 + PERT_WEIGHT * (mode - low) / (high - low), 1.0 + PERT_WEIGHT * (high - mode) / (high - low)


def _triangular_ppf(low: float, mode: float, high: float, u: Floats) -> Floats:
    """Quantiles of the triangular distribution."""
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1.0 - u) * (high - low) * (high - mode))
    return np.where(u * (high - low) < mode - low, rising, falling)


def _triangular_cdf(low: float, mode: float, high: float, x: Floats) -> Floats:
    """Distribution function of the triangular distribution."""
    inside = np.clip(x, low, high)
    rising = (inside - low) ** 2 / ((high - low) * max(mode - low, 1e-300))
    falling = 1.0 - (high - inside) ** 2 / ((high - low) * max(high - mode, 1e-300))
    return np.where(inside < mode, rising, falling)


def _mixture_ppf(law: Law, u: Floats) -> Floats:
    """Quantiles of a mixture by bisection of its distribution function, to the last bit."""
    quantiles = [ppf(part, u) for weight, part in law.parts if weight > 0.0]
    low, high = np.min(quantiles, axis=0), np.max(quantiles, axis=0)
    while True:
        middle = low + (high - low) / 2.0
        if not np.any((middle > low) & (middle < high)):
            break
        below = cdf(law, middle) < u
        low, high = np.asarray(np.where(below, middle, low)), np.asarray(np.where(below, high, middle))
    return np.asarray(np.where(cdf(law, low) >= u, low, high))
