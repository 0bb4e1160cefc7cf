"""How much of what a measure may be is owed to each assumption: Sobol indices, first and total.

An index of the first order is the share of the variance that goes if the assumption were known; the total one is the
share that stays if all others were (Saltelli et al. 2010; SciPy's estimators and bootstrap). The function is the mean
of a measure over the same replications for every point: luck is the same everywhere and is in no index.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.results.simulate import simulate
from funnelsim.scenario.loading import with_values
from funnelsim.scenario.model import Scenario
from funnelsim.studies.tornado import KEPT, Progress, assumed, measure_of, sample

KIND: Final = "sobol"
Reals = NDArray[np.float64]


def sobol(
    scenario: Scenario,
    *,
    measure: str = "profit",
    seed: int,
    points: int = 64,
    replications: int = 10,
    level: float = 0.95,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Sobol indices of a measure, by `assumption`: `first` and `total`, with intervals; the largest total first.

    `points` is a power of two; the scenario is run `points` times two more than it has assumptions. Raises
    ScenarioError where nothing is assumed with a range or assumptions are correlated, ValueError for another number of
    points.
    """
    items = assumed(scenario)
    if scenario._assumptions.correlated:
        rule = "the variance can be split only among assumptions that are independent"
        remedy = "leave correlations out, or look at the tornado"
        raise ScenarioError(
            [Problem(scenario._origin.name, None, "correlations", "assumptions are correlated", rule, remedy)]
        )
    about: dict[str, Any] = {}

    def worth(levels: Reals) -> Reals:
        out = np.empty(levels.shape[1])
        for at, column in enumerate(levels.T):
            values = {each.path: float(each.quantile(u)) for each, u in zip(items, column, strict=True)}
            ds = simulate(
                with_values(scenario, values), replications=replications, seed=seed, threads=threads, expected=True
            )
            of = measure_of(ds, measure)
            about.update({name: ds.attrs[name] for name in KEPT}, units=of.unit, measure_title=of.title)
            out[at] = sample(of).value
            if progress is not None:
                progress(1)
        return out

    found = indices(worth, [each.path for each in items], points=points, seed=seed, level=level)
    about |= {"kind": KIND, "title": f"funnelsim: {about['name']}, Sobol indices", "measure": measure}
    return found.assign_attrs({**about, **found.attrs})


def runs(scenario: Scenario, points: int) -> int:
    """How many runs the indices of a scenario take."""
    return points * (len(scenario.assumptions) + 2)


def indices(
    worth: Callable[[Reals], Reals], names: Sequence[str], *, points: int, seed: int, level: float = 0.95
) -> xr.Dataset:
    """Sobol indices of a function of levels in (0, 1), by input and point: `first` and `total` with intervals."""
    from scipy import stats

    if points < 2 or points & (points - 1):
        near = 1 << max(1, round(np.log2(max(points, 2))))
        raise ValueError(f"points: found {points}; Sobol's sequence is even for powers of two: {near}")
    inner = 1e-9

    def function(x: Reals) -> Reals:
        return np.asarray(worth(np.clip(x, inner, 1 - inner)), np.float64)

    rng = np.random.default_rng(seed)
    law = stats.uniform()
    found = stats.sobol_indices(func=function, n=points, dists=[law] * len(names), rng=rng)
    with warnings.catch_warnings():
        # An input that moves nothing has an index without luck: its interval is the index.
        warnings.simplefilter("ignore")
        ends = found.bootstrap(confidence_level=level, n_resamples=999)
    parts = {
        "first": (found.first_order, ends.first_order), "total": (found.total_order, ends.total_order),
    }  # fmt: skip
    variables: dict[str, Any] = {}
    for name, (values, bounds) in parts.items():
        low, high = (np.where(np.isfinite(end), end, values) for end in bounds.confidence_interval)
        for suffix, numbers in (("", values), ("_low", low), ("_high", high)):
            variables[name + suffix] = ("assumption", np.asarray(numbers), {"units": "1"})
    ds = xr.Dataset(variables, {"assumption": list(names)}, {"points": points, "level": level, "seed": seed})
    return ds.isel(assumption=np.argsort(-ds["total"].values, kind="stable"))


def sentences(ds: xr.Dataset) -> list[str]:
    """Of each assumption whose total index is known to be above 0, its shares of the variance."""
    some = ds.isel(assumption=(ds["total_low"] > 0).values)
    if not some.sizes["assumption"]:
        return ["Of no assumption is it known that it moves the measure at all; take more points."]
    return [
        f"{name}: {_percent(some.sel(assumption=name), 'first')} of the variance would go if it were known; "
        f"{_percent(some.sel(assumption=name), 'total')} would stay if all others were."
        for name in map(str, some["assumption"].values)
    ]


def _percent(row: xr.Dataset, name: str) -> str:
    """`39% (20 to 58%)`, within 0 and 100: what lies beyond is the luck of the estimate."""
    value, low, high = (float(np.clip(row[f"{name}{end}"], 0, 1)) for end in ("", "_low", "_high"))
    return f"{100 * value:.0f}% ({100 * low:.0f} to {100 * high:.0f}%)"
