"""Tables and documents of sensitivity: assumptions at their ends, shares of the variance, and turning points."""

from typing import Any

import xarray as xr
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from funnelsim.faces.grids import bounded, cell, fits, grid, print_trimmed
from funnelsim.faces.terminal import plain, words
from funnelsim.faces.values import ends
from funnelsim.results.estimates import PERCENT
from funnelsim.studies import tornado, turning


def show_sensitivity(ds: xr.Dataset, console: Console, of: xr.Dataset | None, turns: xr.Dataset | None) -> None:
    """Print a tornado, Sobol indices if there are any, and where another policy would be chosen if one was named."""
    print_trimmed(_tornado(ds, console), console)
    print_trimmed(words(tornado.sentence(ds), "bold"), console)
    if of is not None:
        print_trimmed(_sobol(of, console), console)
    for line in turning.sentences(turns) if turns is not None else []:
        print_trimmed(words(line, "bold"), console)


def _tornado(ds: xr.Dataset, console: Console) -> RenderableType:
    """What the measure is at both ends of each assumption."""
    table, unit = grid(), plain(ds["value"].attrs["units"])
    table.add_column("assumption")
    title = plain(ds.attrs["measure_title"])
    for head in ("from", f"{title}\n({unit})", "to", f"{title}\n({unit})", "unit"):
        table.add_column(head, justify="right")
    narrow = []
    for name in ds["assumption"].values:
        row = ds.sel(assumption=name)
        ends = [
            (_short(float(own["at"])), cell(bounded(own, "value", unit), console))
            for own in (row.sel(end=end) for end in ("low", "high"))
        ]
        of = plain(row["unit"].values)
        table.add_row(plain(name), *ends[0], *ends[1], of)
        narrow.append(f"{plain(name)} ({of})\n  {ends[0][0]}: {ends[0][1]} {unit}; {ends[1][0]}: {ends[1][1]} {unit}")
    return table if fits(table, console) else Text("\n".join(narrow) + "\n")


def _short(number: float) -> str:
    """Four digits of a number, thousands apart."""
    return f"{float(f'{number:.4g}'):,.10g}"


def _sobol(ds: xr.Dataset, console: Console) -> Table:
    table = grid()
    table.add_column("share of the variance (%)")
    for head in ("alone", "with others"):
        table.add_column(head, justify="right")
    for name in ds["assumption"].values:
        row = ds.sel(assumption=name)
        cells = [cell(bounded(row, part, "1").times(PERCENT, "%"), console) for part in ("first", "total")]
        table.add_row(plain(name), *cells)
    return table


def sensitivity_document(ds: xr.Dataset, of: xr.Dataset | None, turns: xr.Dataset | None) -> dict[str, Any]:
    """What `--json` prints; of each number the value and the ends of its interval."""
    out: dict[str, Any] = {name: ds.attrs[name] for name in ("name", "seed", "replications", "level", "measure")}
    swings = {name: _swing(row) for name, row in _by_assumption(ds)}
    said = {"tornado": swings, "sentence": tornado.sentence(ds)}
    out |= {"units": ds["value"].attrs["units"], "base": ends(ds, "base"), **said}
    if of is not None:
        parts = ("first", "total")
        out["sobol"] = {name: {part: ends(row, part) for part in parts} for name, row in _by_assumption(of)}
    if turns is not None:
        out["chosen"], out["turning"] = turns.attrs["chosen"], turning.sentences(turns)
        out["turns"] = {
            name: {"at": ends(row, "turns_at"), "to": str(row["to"].values) or None}
            for name, row in _by_assumption(turns)
        }
    return out


def _by_assumption(ds: xr.Dataset) -> list[tuple[str, xr.Dataset]]:
    return [(str(name), ds.sel(assumption=name)) for name in ds["assumption"].values]


def _swing(row: xr.Dataset) -> dict[str, Any]:
    """An assumption at both ends."""
    out: dict[str, Any] = {"unit": str(row["unit"].values), "centre": float(row["centre"])}
    for end in ("low", "high"):
        own = row.sel(end=end)
        out[end] = {"at": float(own["at"]), "value": ends(own, "value"), "difference": ends(own, "difference")}
    return out
