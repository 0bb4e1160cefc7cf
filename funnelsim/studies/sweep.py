"""A scenario at many points: what is varied takes its values, all points on the same people, one dataset.

In a grid each path is a dimension, whose coordinate holds the values; other designs have a dimension `point`. The
interval of each value is its own: differences between points are judged by `best`, all at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr

from funnelsim.results.simulate import simulate
from funnelsim.scenario.model import Scenario
from funnelsim.studies.compare import KEPT
from funnelsim.studies.designs import LEVELS, Point, designed, size
from funnelsim.studies.growing import Progress
from funnelsim.studies.measures import Measure, measures
from funnelsim.studies.paired import Sample, bounded
from funnelsim.studies.points import check_size, in_force
from funnelsim.studies.varied import Varied, scale, varied

KIND: Final = "sweep"
AS_WRITTEN: Final = "_as_written"
"""What the names of coordinates end in that hold values as the scenario takes them."""


def sweep(
    scenario: Scenario,
    vary: Mapping[str, Any],
    *,
    seed: int,
    design: str = "grid",
    points: int | None = None,
    replications: int = 50,
    level: float = 0.95,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Every measure at every point, with its interval: `value`, `value_low`, `value_high`, and `top` and `bottom` by
    replication.

    `vary` has by path a range or list, or a text such as `2..10`. `points` is how many points a Latin hypercube
    (`lhs`) or Sobol sequence has, and in a grid how many values continuous ranges have. Raises ScenarioError with all
    problems of all points.
    """
    parts = varied(vary)
    if design == "grid":
        check_size(scenario, size(parts, points), replications, seed, threads)
    else:
        check_size(scenario, points or 0, replications, seed, threads)
    chosen = designed(parts, design, points, seed)
    runs: list[dict[str, Measure]] = []
    said: dict[str, Any] = {}
    for each in in_force(scenario, chosen):
        ds = simulate(
            each.scenario, replications=replications, seed=seed, threads=threads, progress=progress, expected=True
        )
        runs.append(measures(ds))
        # The file is as the points have it, but for what is varied.
        said = said or {name: ds.attrs[name] for name in KEPT}
    said |= {"kind": KIND, "title": f"funnelsim: {said['name']}, sweep", "level": level, "design": design}
    said["method"] = "Student's t and jackknife over replications, each point by itself"
    return _dataset(parts, chosen, runs, level, design, points).assign_attrs(said)


def _dataset(
    parts: Sequence[Varied],
    chosen: Sequence[Point],
    runs: Sequence[Mapping[str, Measure]],
    level: float,
    design: str,
    points: int | None,
) -> xr.Dataset:
    keys = [name for name in runs[0] if all(name in each for each in runs)]
    shape, dims, coordinates = _axes(parts, chosen, design, points)
    base = [runs[0][key] for key in keys]
    bounds = [[bounded(_sample(each[key]), level) for key in keys] for each in runs]
    variables: dict[str, Any] = {}
    for field, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
        numbers = np.array([[getattr(bound, field) for bound in row] for row in bounds])
        variables["value" + suffix] = (
            (*dims, "measure"),
            numbers.reshape(*shape, len(keys)),
            {"units": "as the measure"},
        )
    for field in ("top", "bottom"):
        rows = np.array([[_numbers(each[key], field) for key in keys] for each in runs])
        variables[field] = (
            (*dims, "measure", "replication"),
            rows.reshape(*shape, len(keys), -1),
            {"units": "as the measure"},
        )
    coordinates |= {
        "measure": keys,
        "title": ("measure", [each.title for each in base]),
        "unit": ("measure", [each.unit for each in base]),
        "better": ("measure", [each.better for each in base]),
        "is_ratio": ("measure", [each.is_ratio for each in base]),
        "replication": np.arange(base[0].top.size),
    }
    return xr.Dataset(variables, coordinates)


def _axes(
    parts: Sequence[Varied], chosen: Sequence[Point], design: str, points: int | None
) -> tuple[tuple[int, ...], tuple[str, ...], dict[str, Any]]:
    """Shape, names and coordinates of the dimensions that points have."""
    coordinates: dict[str, Any] = {}
    for each in parts:
        values = each.levels(points or LEVELS) if design == "grid" else [point[each.path] for point in chosen]
        dim = each.path if design == "grid" else "point"
        numbers, unit = scale(values)
        coordinates[each.path] = (dim, numbers, {"units": unit, "long_name": each.path})
        coordinates[each.path + AS_WRITTEN] = (dim, [str(value) for value in values])
    if design == "grid":
        shape = tuple(len(each.levels(points or LEVELS)) for each in parts)
        return shape, tuple(each.path for each in parts), coordinates
    coordinates["point"] = np.arange(len(chosen))
    return (len(chosen),), ("point",), coordinates


def _sample(measure: Measure) -> Sample:
    return Sample(measure.top, measure.bottom)


def _numbers(measure: Measure, field: str) -> Any:
    found = getattr(measure, field)
    return np.ones(measure.top.size) if found is None else found
