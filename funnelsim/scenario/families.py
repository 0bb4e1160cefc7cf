"""The families of distributions as people write them: which parameters, in which unit, and their canonical form.

One table, read by distribution_reader.py and by the JSON Schema. Parameters of kind `quantity` carry the unit
of the distribution (a duration or money); `number` and `count` are bare.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from funnelsim.scenario.distributions import Law
from funnelsim.scenario.refusal import Refusal

Z90 = 1.2815515655446004
LARGEST_SIGMA = 10.0
SHAPES = (0.05, 1000.0)
KINDS = {
    "value": "quantity", "mean": "quantity", "median": "quantity", "p90": "quantity", "sd": "quantity",
    "low": "quantity", "mode": "quantity", "high": "quantity", "scale": "quantity",
    "cv": "number", "shape": "number", "sigma": "number", "k": "count",
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """One way of writing a family: the names of its parameters and how they become a law."""

    names: tuple[str, ...]
    law: Callable[..., Law]


def _positive(**params: float) -> None:
    """Refuse parameters that must be above 0."""
    for name, value in params.items():
        if value <= 0.0:
            raise Refusal(f"{name} is {value:g}", f"{name} must be more than 0", at=(name,))


def _bounded(name: str, value: float, low: float, high: float) -> float:
    """A parameter within its bounds."""
    if not low <= value <= high:
        raise Refusal(f"found {value:g}", f"{name} must be at least {low:g} and at most {high:g}", at=(name,))
    return value


def _exponential(mean: float) -> Law:
    _positive(mean=mean)
    return Law("exponential", {"mean": mean})


def _exponential_median(median: float) -> Law:
    _positive(median=median)
    return Law("exponential", {"mean": median / math.log(2.0)})


def _gamma(mean: float, cv: float) -> Law:
    _positive(mean=mean, cv=cv)
    return Law("gamma", {"mean": mean, "cv": _bounded("cv", cv, 0.01, 20.0)})


def _erlang(mean: float, k: float) -> Law:
    _positive(mean=mean, k=k)
    return Law("gamma", {"mean": mean, "cv": 1.0 / math.sqrt(k)})


def _weibull(scale: float, shape: float) -> Law:
    _positive(scale=scale, shape=shape)
    return Law("weibull", {"scale": scale, "shape": _bounded("shape", shape, *SHAPES)})


def _weibull_mean(mean: float, shape: float) -> Law:
    _positive(mean=mean, shape=shape)
    _bounded("shape", shape, *SHAPES)
    return _weibull(mean / math.gamma(1.0 + 1.0 / shape), shape)


def _weibull_p90(median: float, p90: float) -> Law:
    _spread(median, p90)
    shape = math.log(math.log(10.0) / math.log(2.0)) / math.log(p90 / median)
    if not SHAPES[0] <= shape <= SHAPES[1]:
        raise Refusal(f"p90 is {p90 / median:.6g} times the median", "that is no Weibull shape from 0.05 to 1000")
    return _weibull(median / math.log(2.0) ** (1.0 / shape), shape)


def _lognormal(median: float, sigma: float) -> Law:
    _positive(median=median, sigma=sigma)
    return Law("lognormal", {"median": median, "sigma": _bounded("sigma", sigma, 1e-6, LARGEST_SIGMA)})


def _lognormal_p90(median: float, p90: float) -> Law:
    _spread(median, p90)
    sigma = math.log(p90 / median) / Z90
    if not 1e-6 <= sigma <= LARGEST_SIGMA:
        raise Refusal(f"p90 is {p90 / median:.6g} times the median", "that is not a spread any number here has")
    return _lognormal(median, sigma)


def _lognormal_cv(mean: float, cv: float) -> Law:
    _positive(mean=mean, cv=cv)
    _bounded("cv", cv, 1e-5, 1e6)
    sigma = math.sqrt(math.log1p(cv * cv))
    return _lognormal(mean * math.exp(-sigma * sigma / 2.0), sigma)


def _spread(median: float, p90: float) -> None:
    """Refuse a 90th percentile that is not above the median."""
    _positive(median=median)
    if p90 <= median:
        raise Refusal("p90 is not above the median", "nine in ten lie below p90, five in ten below the median")


def _by_sd(law: Callable[[float, float], Law]) -> Callable[..., Law]:
    """The same family, written with a standard deviation in place of a coefficient of variation."""

    def written(mean: float, sd: float) -> Law:
        _positive(mean=mean, sd=sd)
        try:
            return law(mean, sd / mean)
        except Refusal as refusal:
            raise Refusal(f"sd is {sd / mean:.6g} times the mean", refusal.rule.replace("cv", "sd/mean")) from None

    return written


def _three_points(family: str) -> Callable[..., Law]:
    """A family given by lowest, most frequent and highest value."""

    def written(low: float, mode: float, high: float) -> Law:
        if not low <= mode <= high or low == high:
            raise Refusal("low, mode and high are out of order", "low <= mode <= high and low < high must hold")
        return Law(family, {"low": low, "mode": mode, "high": high})

    return written


def _uniform(low: float, high: float) -> Law:
    if low >= high:
        raise Refusal("low is not below high", "low < high must hold", "a single value is written {constant: ...}")
    return Law("uniform", {"low": low, "high": high})


FAMILIES: dict[str, tuple[Form, ...]] = {
    "constant": (Form(("value",), lambda value: Law("constant", {"value": value})),),
    "exponential": (Form(("mean",), _exponential), Form(("median",), _exponential_median)),
    "gamma": (Form(("mean", "cv"), _gamma), Form(("mean", "sd"), _by_sd(_gamma))),
    "erlang": (Form(("mean", "k"), _erlang),),
    "weibull": (
        Form(("mean", "shape"), _weibull_mean),
        Form(("scale", "shape"), _weibull),
        Form(("median", "p90"), _weibull_p90),
    ),
    "lognormal": (
        Form(("median", "p90"), _lognormal_p90),
        Form(("mean", "cv"), _lognormal_cv),
        Form(("mean", "sd"), _by_sd(_lognormal_cv)),
        Form(("median", "sigma"), _lognormal),
    ),
    "triangular": (Form(("low", "mode", "high"), _three_points("triangular")),),
    "pert": (Form(("low", "mode", "high"), _three_points("pert")),),
    "uniform": (Form(("low", "high"), _uniform),),
}
NAMES = (*FAMILIES, "empirical", "mixture")
