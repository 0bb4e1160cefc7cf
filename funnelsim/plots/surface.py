"""A measure over what was swept: a line with its interval for one parameter, coloured cells with numbers for two."""

from __future__ import annotations

from typing import Final

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from funnelsim.plots.names import text, texts
from funnelsim.plots.sheet import PALETTE, axes, ink_on, money, nothing, tidy

MAP: Final = mpl.colormaps["cividis"]
"""Made for the colour-blind (Nunez et al. 2018)."""
AS_WRITTEN: Final = "_as_written"


def surface(ds: xr.Dataset, measure: str, ax: Axes | None = None) -> Axes:
    """`value`, `value_low` and `value_high` by `measure` and one or two parameters, which may have a coordinate
    `NAME_as_written` with their values in words; `title` and `unit` by measure."""
    cells = ds.sel(measure=measure)
    dims = [str(dim) for dim in cells["value"].dims]
    ax = axes(ax, 6.0, 3.8)
    title = text(cells["title"].item(), 50)
    if len(dims) not in (1, 2) or dims == ["point"]:
        return nothing(tidy(ax, title), "a surface has one or two parameters on a grid")
    return _line(cells, dims[0], ax, title) if len(dims) == 1 else _cells(cells, dims, ax, title)


def _words(cells: xr.Dataset, dim: str) -> list[str]:
    """The values of a parameter as they were written."""
    name = dim + AS_WRITTEN
    return texts(cells[name].values if name in cells.coords else [f"{x:g}" for x in cells[dim].values], 10)


def _line(cells: xr.Dataset, dim: str, ax: Axes, title: str) -> Axes:
    places = np.arange(cells.sizes[dim])
    low, high, value = (cells[name].values for name in ("value_low", "value_high", "value"))
    ax.fill_between(places, low, high, color=PALETTE[0], alpha=0.2, linewidth=0)
    ax.plot(places, value, color=PALETTE[0], marker="o")
    ax.set_xticks(places, _words(cells, dim))
    ax.set_xlabel(text(dim, 50))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: money(x)))
    ax.set_ylabel(text(cells["unit"].item()))
    return tidy(ax, f"{title}, with intervals")


def _cells(cells: xr.Dataset, dims: list[str], ax: Axes, title: str) -> Axes:
    down, across = dims
    value, low, high = (cells[name].transpose(*dims).values for name in ("value", "value_low", "value_high"))
    least, reach = np.nanmin(value), max(np.nanmax(value) - np.nanmin(value), 1e-300)
    mesh = ax.pcolormesh(value, cmap=MAP, edgecolors="white", linewidth=0.8)
    for (row, column), each in np.ndenumerate(value):
        if np.isnan(each):
            continue
        ink, half = ink_on(MAP((each - least) / reach)), (high - low)[row, column] / 2
        said = money(each) + ("" if np.isnan(half) else f"\n± {money(half)}")
        ax.text(column + 0.5, row + 0.5, said, ha="center", va="center", size=7.5, color=ink)
    ax.set_xticks(np.arange(value.shape[1]) + 0.5, _words(cells, across))
    ax.set_yticks(np.arange(value.shape[0]) + 0.5, _words(cells, down))
    ax.set_xlabel(text(across, 50))
    ax.set_ylabel(text(down, 40))
    ax.tick_params(length=0)
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.02, format=FuncFormatter(lambda x, _: money(x)))
    bar.set_label(text(cells["unit"].item()))
    return tidy(ax, f"{title}, with half-widths of intervals")
