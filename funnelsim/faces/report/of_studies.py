"""What a page says of a forecast, of assumptions at their ends, of a sweep (pictures and their tables), and of a
diagnosis (a table)."""

from __future__ import annotations

import xarray as xr

from funnelsim import plots
from funnelsim.faces.report.drawing import picture
from funnelsim.faces.report.parts import Picture, Section, bounded, number, table

MOST = 6
"""Measures of a forecast or a sweep that have a picture."""


def forecast(ds: xr.Dataset) -> list[Section]:
    """A fan for each measure by month, and one of revenue added up, with the target."""
    measures = [str(name) for name in ds["measure"].values[:MOST]]
    drawn = [_fan(ds, name, total=False) for name in measures]
    if "revenue" in measures and "total_band" in ds:
        drawn.append(_fan(ds, "revenue", total=True))
    return [Section("pictures", "Forecast", pictures=tuple(drawn))]


def _fan(ds: xr.Dataset, name: str, total: bool) -> Picture:
    of = ds.sel(measure=name)
    da = of["total_band" if total else "band"].transpose("month", "quantile")
    rows = [[str(month)[:7], *map(number, row)] for month, row in zip(da["month"].values, da.values, strict=True)]
    title = f"{name} {'added up' if total else 'by month'}"
    head = ["month", *(f"{100 * level:g}%" for level in da["quantile"].values)]
    behind = table(f"{title} ({of['unit'].values}), quantiles", head, rows)
    alt = f"A fan of {title}: the median, and bands around it."
    return picture(lambda: plots.fan(ds, name, total=total), f"{title}, with bands", alt, behind)


def tornado(ds: xr.Dataset) -> list[Section]:
    """How far each assumption moves the measure."""
    rows = []
    for at, name in enumerate(map(str, ds["assumption"].values)):
        ends = (ds.isel(assumption=at).sel(end=end) for end in ("low", "high"))
        cells = [each for end in ends for each in (number(end["at"]), bounded(end, *_OF_DIFFERENCE))]
        rows.append([name, *cells])
    behind = table("Differences from all at their medians", ["assumption", "low", "moves", "high", "moves"], rows)
    of = str(ds.attrs.get("measure_title", ds.attrs.get("measure", "the measure")))
    alt = f"Bars of how far each assumption moves {of}, from its low to its high end."
    drawn = picture(lambda: plots.tornado(ds), f"How far assumptions move {of}", alt, behind)
    return [Section("pictures", "What the answer rests on", pictures=(drawn,))]


_OF_DIFFERENCE = ("difference", "difference_low", "difference_high")


def sweep(ds: xr.Dataset) -> list[Section]:
    """The first measures of a sweep over one or two parameters; of others the table."""
    return [
        Section("pictures", "Sweep", pictures=tuple(_surface(ds, str(name)) for name in ds["measure"].values[:MOST]))
    ]


def _surface(ds: xr.Dataset, measure: str) -> Picture:
    cells = ds.sel(measure=measure)
    dims = [str(dim) for dim in cells["value"].dims]
    flat = cells[["value", "value_low", "value_high"]].stack(place=dims)
    rows = []
    for at in range(flat.sizes["place"]):
        own = flat.isel(place=at)
        where = [_written(cells, dim, own) for dim in dims]
        rows.append([*where, bounded(own, "value", "value_low", "value_high")])
    title = str(cells["title"].values)
    behind = table(title, [*dims, f"{title} ({cells['unit'].values})"], rows)
    alt = f"{title} over {' and '.join(dims)}, with intervals."
    return picture(lambda: plots.surface(ds, measure), f"{title} over {' and '.join(dims)}", alt, behind)


def _written(cells: xr.Dataset, dim: str, own: xr.Dataset) -> str:
    """The value of a parameter as it was written."""
    words = f"{dim}_as_written"
    value = own[dim].item()
    return str(cells[words].sel({dim: value}).values) if words in cells.coords else f"{value:g}"


def diagnosis(ds: xr.Dataset) -> list[Section]:
    """What one unit more of every capacity, conversion and delay is worth, the largest first."""
    rows = []
    for at in (-ds["worth"]).values.argsort():
        row = ds.isel(nudge=int(at))
        ends = (bounded(row, name, f"{name}_low", f"{name}_high") for name in ("revenue", "worth", "elasticity"))
        rows.append(
            [str(row["what"].values), str(row["stage"].values or row["team"].values), str(row["unit"].values), *ends]
        )
    money = str(ds["revenue"].attrs["units"])
    head = ["one more", "of", "unit", f"revenue ({money})", f"left after cost ({money})", "revenue for 1% less (%)"]
    said = "One at a time and on the same people; intervals hold for all of them at once."
    return [
        Section("diagnosis", "What one more of everything is worth", (said,), (table("One unit more", head, rows),))
    ]
