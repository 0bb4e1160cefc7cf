"""Draws of a scenario's assumptions, spread evenly over what is held possible, and the funnel of a draw.

A Latin hypercube (McKay, Beckman and Conover 1979) puts one draw into every n-th of each assumption's law. Correlated
assumptions are drawn through a Gaussian copula: normal scores with the correlations that were said, each put through
the quantile function of its own law; the first of a correlated group keeps its even spread exactly.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.scenario import loading
from funnelsim.scenario.assumptions import Assumptions
from funnelsim.scenario.model import Scenario

Reals = NDArray[np.float64]
STREAM: Final = 0xA55
"""Keeps these draws apart from those of other studies with the same seed."""


def draw_assumptions(scenario: Scenario, n: int, *, seed: int) -> xr.Dataset:
    """`value` of each assumption by `draw` and `assumption` (its dotted path), in its own `unit`.

    Depends on the scenario's assumptions, n and seed alone.
    """
    if n < 1:
        raise ValueError(f"draws: found {n}; there must be at least 1")
    items = scenario.assumptions
    u = _levels(scenario._assumptions, n, seed)
    values = np.empty(u.shape)
    for at, each in enumerate(items):
        values[:, at] = each.quantile(u[:, at])
    return xr.Dataset(
        {"value": (("draw", "assumption"), values, {"units": "as the assumption", "long_name": "assumed value"})},
        {
            "draw": np.arange(n),
            "assumption": np.array([each.path for each in items], dtype=np.str_),
            "unit": ("assumption", np.array([each.unit for each in items], dtype=np.str_)),
            "written": ("assumption", np.array([each.text for each in items], dtype=np.str_)),
        },
    )


def _levels(assumptions: Assumptions, n: int, seed: int) -> Reals:
    """Where in its law each assumption is drawn, by draw and assumption: numbers in (0, 1)."""
    count = len(assumptions.items)
    if not count:
        return np.empty((n, 0))
    from scipy.special import ndtr, ndtri
    from scipy.stats import qmc

    u: Reals = qmc.LatinHypercube(count, rng=np.random.default_rng([STREAM, seed])).random(n)
    # A level of 0 or 1 would be a value without end.
    u = np.clip(u, np.finfo(float).eps, 1.0 - np.finfo(float).eps)
    if not assumptions.correlated:
        return u
    matrix = np.eye(count)
    for one, other, r in assumptions.correlated:
        matrix[one, other] = matrix[other, one] = r
    return np.asarray(ndtr(ndtri(u) @ np.linalg.cholesky(matrix).T))


def with_values(scenario: Scenario, draws: xr.Dataset, draw: int) -> Scenario:
    """The scenario of one draw; raises ScenarioError that names the draw where its values cannot be together."""
    values = draws["value"].values[draw]
    of = dict(zip(draws["assumption"].values.tolist(), values.tolist(), strict=True))
    try:
        return loading.with_values(scenario, of)
    except ScenarioError as error:
        raise ScenarioError([_placed(problem, scenario, draw) for problem in error.problems]) from None


def _placed(problem: Problem, scenario: Scenario, draw: int) -> Problem:
    """A problem of a draw, which comes from ranges that do not fit together."""
    name = scenario._origin.name
    remedy = problem.remedy or "make the ranges narrower, or let one exit take the rest"
    return Problem(name, None, problem.key, f"in draw {draw} of the ranges: {problem.found}", problem.rule, remedy)
