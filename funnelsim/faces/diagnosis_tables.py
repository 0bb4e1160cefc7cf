"""Tables and documents of a diagnosis: what one unit more of everything is worth, and what is held up."""

from typing import Any, Final

import xarray as xr
from rich.console import Console, RenderableType
from rich.text import Text

from funnelsim.faces.grids import bounded, cell, fits, grid, print_trimmed
from funnelsim.faces.terminal import plain, words
from funnelsim.faces.values import ends, known
from funnelsim.studies.diagnosis import sentence

NUMBERS: Final = ("revenue", "worth", "elasticity")


def show_diagnosis(ds: xr.Dataset, console: Console) -> None:
    """Print what each nudge brings, and what is held up."""
    print_trimmed(_table(ds, console), console)
    print_trimmed(words(sentence(ds), "bold"), console)


def _table(ds: xr.Dataset, console: Console) -> RenderableType:
    """What each nudge brings, the largest first."""
    table, unit = grid(), plain(ds["revenue"].attrs["units"])
    for title in ("one more", "of", "unit"):
        table.add_column(title)
    for title in (f"revenue\n({unit})", f"left after cost\n({unit})", "revenue for 1% less\n(%)"):
        table.add_column(title, justify="right")
    narrow = []
    for at in (-ds["worth"]).values.argsort():
        row = ds.isel(nudge=int(at))
        place, what = plain(row["stage"].values or row["team"].values), plain(row["what"].values)
        cells = [cell(bounded(row, name, str(row[name].attrs["units"])), console) for name in NUMBERS]
        table.add_row(what, place, plain(row["unit"].values), *cells)
        narrow.append(f"{place}: {what}\n  revenue {cells[0]}, left {cells[1]} {unit}")
    return table if fits(table, console) else Text("\n".join(narrow) + "\n")


def diagnosis_document(ds: xr.Dataset) -> dict[str, Any]:
    """What `--json` prints; of each number the value and the ends of its interval."""
    rows = []
    for at in range(ds.sizes["nudge"]):
        row = ds.isel(nudge=at)
        said = {key: str(row[key].values) for key in ("kind", "stage", "team", "what", "unit")}
        rows.append({**said, **{name: ends(row, name) for name in NUMBERS}, "gain": known(row["gain"])})
    kept = {key: ds.attrs[key] for key in ("name", "seed", "replications", "level", "currency", "held_up")}
    units = {name: ds[name].attrs["units"] for name in NUMBERS}
    return {**kept, "units": units, "nudges": rows, "sentence": sentence(ds)}
