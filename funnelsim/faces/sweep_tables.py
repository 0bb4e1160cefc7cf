"""Tables of a sweep: all measures along one path, one measure over two paths, else the points that are best."""

import math
from typing import Any, Final

import numpy as np
import xarray as xr
from rich.console import Console, RenderableType
from rich.table import Table

from funnelsim.faces.grids import cell, fits, grid, print_trimmed
from funnelsim.faces.terminal import plain, words
from funnelsim.results.estimates import Estimate
from funnelsim.studies.best import at_point, best_sentence, flat, may_be_best, paths
from funnelsim.studies.sweep import AS_WRITTEN

FEW: Final = 5
"""Measures beside the one that points are judged by."""
SHOWN: Final = 20
"""Points in a table of the best."""
STAR: Final = "*"


def show_sweep(ds: xr.Dataset, measure: str, console: Console) -> None:
    """Print a sweep, judged by a measure."""
    varied = paths(ds)
    two = len(varied) == 2 and "point" not in ds.dims
    print_trimmed(words(_head(ds, measure if two else ""), "bold"), console)
    print_trimmed(_crossed(ds, measure, console) if two else _listed(ds, measure, console), console)
    print_trimmed(words(best_sentence(ds, measure), "bold"), console)
    print_trimmed("", console)
    print_trimmed(words(_method(ds), "dim"), console)


def _head(ds: xr.Dataset, measure: str) -> str:
    where = f"{ds.attrs['name']}: {' and '.join(paths(ds))}"
    return f"{where}; {_title(ds, measure)}" if measure else where


def _title(ds: xr.Dataset, measure: str) -> str:
    own = ds.sel(measure=measure)
    return f"{plain(own['title'].values)} ({plain(own['unit'].values)})"


def _method(ds: xr.Dataset) -> str:
    of = ds.attrs
    return (
        f"{of['replications']:,} replications of each point on the same people, {100 * of['level']:g}% intervals: "
        f"{of['method']}. {STAR} may be the best: no other is known to be better, all compared at once (screening of "
        "one stage with paired spreads)."
    )


def _estimate(row: xr.Dataset) -> Estimate:
    value, low, high = (float(row[name]) for name in ("value", "value_low", "value_high"))
    return Estimate(value, low, high, str(row["unit"].values))


def _columns(ds: xr.Dataset, measure: str) -> list[str]:
    """The measure that points are judged by, and the first others."""
    others = [str(name) for name in ds["measure"].values if name != measure]
    return [measure, *others[:FEW]]


def _listed(ds: xr.Dataset, measure: str, console: Console) -> RenderableType:
    """A row a point, all along one path, else the best of them, with as many measures as there is room for."""
    points, varied = flat(ds), paths(ds)
    values = points["value"].sel(measure=measure).values * int(ds["better"].sel(measure=measure))
    order = np.argsort(-values, kind="stable")[:SHOWN] if len(varied) > 1 else np.arange(values.size)
    columns = _columns(ds, measure)
    while True:
        table = _rows(ds, points.isel(point=order), may_be_best(ds, measure)[order], columns, console)
        if len(columns) == 1 or fits(table, console):
            return table
        columns = columns[:-1]


def _rows(ds: xr.Dataset, points: xr.Dataset, stars: Any, columns: list[str], console: Console) -> Table:
    table = grid()
    for path in paths(ds):
        table.add_column(path, justify="right")
    table.add_column("")
    for name in columns:
        table.add_column(_title(ds, name).replace(" (", "\n("), justify="right")
    for at, star in enumerate(stars):
        row = points.isel(point=at)
        cells = [cell(_estimate(row.sel(measure=name)), console) for name in columns]
        table.add_row(*map(plain, at_point(points, at).values()), STAR if star else "", *cells)
    return table


def _crossed(ds: xr.Dataset, measure: str, console: Console) -> RenderableType:
    """One measure, the first path down and the second across."""
    down, across = paths(ds)
    own, stars = ds.sel(measure=measure), may_be_best(ds, measure).reshape(ds.sizes[down], ds.sizes[across])
    table = grid()
    table.add_column(f"{down}\n{across}", justify="right")
    for value in ds[across + AS_WRITTEN].values:
        table.add_column(f"\n{plain(value)}", justify="right")
    for i, value in enumerate(ds[down + AS_WRITTEN].values):
        cells = [
            cell(_estimate(own.isel({down: i, across: j})), console) + (STAR if stars[i, j] else " ")
            for j in range(stars.shape[1])
        ]
        table.add_row(plain(value), *cells)
    return table if fits(table, console) else _listed(ds, measure, console)


def sweep_document(ds: xr.Dataset, measure: str) -> dict[str, Any]:
    """What `--json` prints."""
    points, stars = flat(ds), may_be_best(ds, measure)
    names = [str(name) for name in ds["measure"].values]
    return {
        "varied": paths(ds),
        "judged_by": measure,
        "points": [
            {
                "at": at_point(points, at),
                "may_be_best": bool(stars[at]),
                "measures": {name: _value(points.isel(point=at).sel(measure=name)) for name in names},
            }
            for at in range(points.sizes["point"])
        ],
        "sentence": best_sentence(ds, measure),
        **{key: ds.attrs[key] for key in ("name", "design", "seed", "replications", "level", "method", "currency")},
    }


def _value(row: xr.Dataset) -> dict[str, Any]:
    each = _estimate(row)
    ends = {"value": each.value, "low": each.low, "high": each.high}
    return {**{key: x if math.isfinite(x) else None for key, x in ends.items()}, "unit": each.unit}
