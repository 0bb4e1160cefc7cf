"""Tables of a search: candidates, what they are judged by, their fate and what was spent; values that were tried."""

import math
from typing import Any, Final

import numpy as np
import xarray as xr
from rich.console import Console
from rich.text import Text

from funnelsim.faces.grids import cell, fits, grid, print_trimmed
from funnelsim.faces.numbers import count
from funnelsim.faces.terminal import plain, words
from funnelsim.results.estimates import Estimate
from funnelsim.studies.search_words import promise, search_sentence
from funnelsim.studies.seek import seek_sentence
from funnelsim.studies.selection import CHOSEN

SHOWN: Final = 20
"""Candidates in a table: those on which most was spent."""


def show_search(ds: xr.Dataset, console: Console) -> None:
    """Print what was chosen from what."""
    table = grid()
    table.add_column("candidate")
    for name in ds["measure"].values:
        own = ds.sel(measure=name)
        table.add_column(f"{plain(own['title'].values)}\n({plain(own['unit'].values)})", justify="right")
    table.add_column("replications", justify="right")
    table.add_column("")
    narrow = []
    for at in _order(ds)[:SHOWN]:
        row = ds.isel(candidate=at)
        cells = [cell(_estimate(row.sel(measure=name)), console) for name in ds["measure"].values]
        fate = str(row["fate"].values) + (", close behind" if bool(row["rival"]) else "")
        style = "bold" if fate == CHOSEN else ""
        table.add_row(plain(row["candidate"].values), *cells, count(int(row["spent"])), fate, style=style)
        heads = zip(ds["title"].values, ds["unit"].values, cells, strict=True)
        told = [f"{plain(title)} ({plain(unit)}): {each}" for title, unit, each in heads]
        narrow.append(
            "\n  ".join(
                [f"{plain(row['candidate'].values)}: {fate}", *told, f"{count(int(row['spent']))} replications"]
            )
        )
    print_trimmed(words(plain(ds.attrs["name"]), "bold"), console)
    print_trimmed(table if fits(table, console) else Text("\n".join(narrow) + "\n"), console)
    if ds.sizes["candidate"] > SHOWN:
        print_trimmed(words(f"and {ds.sizes['candidate'] - SHOWN} more, which were out sooner\n", "dim"), console)
    print_trimmed(words(search_sentence(ds), "bold"), console)
    print_trimmed("", console)
    print_trimmed(words(promise(ds), "dim" if ds.attrs["is_sure"] else "red"), console)


def _order(ds: xr.Dataset) -> list[int]:
    """The chosen one first, then by what was spent."""
    is_chosen = ds["fate"].values == CHOSEN
    return [int(at) for at in np.lexsort((-ds["spent"].values, ~is_chosen))]


def _estimate(row: xr.Dataset, unit: str | None = None) -> Estimate:
    value, low, high = (float(row[name]) for name in ("value", "value_low", "value_high"))
    return Estimate(value, low, high, unit or str(row["unit"].values))


def search_document(ds: xr.Dataset) -> dict[str, Any]:
    """What `--json` prints of a search."""
    kept = ("name", "chosen", "wanted", "limits", "delta", "tolerances", "level", "replications", "method", "seed")
    return {
        **{name: ds.attrs[name] for name in kept},
        "is_sure": bool(ds.attrs["is_sure"]),
        "candidates": [_candidate(ds.isel(candidate=at)) for at in range(ds.sizes["candidate"])],
        "sentence": search_sentence(ds),
        "guarantee": promise(ds),
    }


def _candidate(row: xr.Dataset) -> dict[str, Any]:
    return {
        "candidate": str(row["candidate"].values),
        "fate": str(row["fate"].values),
        "close_behind": bool(row["rival"]),
        "replications": int(row["spent"]),
        "measures": {str(name): _value(_estimate(row.sel(measure=name))) for name in row["measure"].values},
    }


def _value(each: Estimate) -> dict[str, Any]:
    ends = {"value": each.value, "low": each.low, "high": each.high}
    return {**{key: x if math.isfinite(x) else None for key, x in ends.items()}, "unit": each.unit}


def show_seek(ds: xr.Dataset, console: Console) -> None:
    """Print the values that were tried, and the one that meets the goal."""
    unit = str(ds["value"].attrs["units"])
    table = grid()
    table.add_column(plain(ds.attrs["path"]), justify="right")
    table.add_column(f"{plain(ds.attrs['measure_title'])}\n({plain(unit)})", justify="right")
    for at in range(ds.sizes["tried"]):
        row = ds.isel(tried=at)
        table.add_row(plain(row["tried_as_written"].values), cell(_estimate(row, unit), console))
    print_trimmed(words(plain(ds.attrs["name"]), "bold"), console)
    print_trimmed(table, console)
    print_trimmed(words(seek_sentence(ds), "bold"), console)
    print_trimmed("", console)
    of = ds.attrs
    said = f"{of['replications']:,} replications of each value on the same people. The interval holds {of['method']}."
    print_trimmed(words(said, "dim"), console)


def seek_document(ds: xr.Dataset) -> dict[str, Any]:
    """What `--json` prints of a goal seek."""
    unit = str(ds["value"].attrs["units"])
    tried = [
        {"at": str(ds["tried_as_written"].values[at]), **_value(_estimate(ds.isel(tried=at), unit))}
        for at in range(ds.sizes["tried"])
    ]
    of = ds.attrs
    answer = {name: of[name] or None for name in ("answer", "answer_low", "answer_high")}
    kept = {name: of[name] for name in ("name", "path", "goal", "level", "replications", "method", "seed")}
    return {**kept, **answer, "tried": tried, "sentence": seek_sentence(ds)}
