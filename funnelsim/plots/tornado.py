"""How far each assumption moves a measure: bars from its low to its high end, the widest on top."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from funnelsim.plots.names import text, texts
from funnelsim.plots.sheet import INK, PALETTE, SMALL, axes, few, money, nothing, tidy

MOST = 15
"""Bars; of more assumptions those that move most are shown."""


def tornado(ds: xr.Dataset, ax: Axes | None = None) -> Axes:
    """`difference`, `difference_low`, `difference_high` by `assumption` and `end` (low, high), the assumption that
    moves most first; `at` is what was assumed there, `unit` its unit."""
    n = min(MOST, ds.sizes["assumption"])
    ax = axes(ax, 6.0, max(1.8, 1.1 + 0.36 * n))
    title = f"What moves {text(ds.attrs.get('measure_title', ds.attrs.get('measure', 'the measure')), 40)}"
    if not n:
        return nothing(tidy(ax, title), "nothing is assumed with a range")
    for row in range(n):
        ends = [ds.isel(assumption=row).sel(end=end) for end in ("low", "high")]
        first = int(ends[0]["difference"] > ends[1]["difference"])
        for at, colour in enumerate((PALETTE[1], PALETTE[0])):
            _end(ax, ends[at], row, colour, is_left=at == first)
    ax.axvline(0, color=INK, linewidth=0.9)
    units = ds["unit"].values if "unit" in ds.coords else [""] * n
    names = texts(ds["assumption"].values[:n], 34)
    ax.set_yticks(range(n), [f"{name}{f' ({text(unit, 8)})' if unit else ''}" for name, unit in zip(names, units)])  # noqa: B905
    ax.set_ylim(n - 0.4, -0.6)
    ax.margins(x=0.16)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{'+' if x > 0 else ''}{money(x)}"))
    unit = text(ds["difference"].attrs.get("units", ""))
    less = f"; {ds.sizes['assumption'] - n} more move less" if ds.sizes["assumption"] > n else ""
    ax.set_xlabel(f"{unit} more than at the medians{less}\norange: low end, blue: high end, with intervals")
    return tidy(ax, title)


def _end(ax: Axes, cell: xr.Dataset, row: int, colour: str, is_left: bool) -> None:
    """The bar of one end, its interval, and what was assumed there: on the left of the end that gives less."""
    value, low, high = (float(cell[f"difference{end}"]) for end in ("", "_low", "_high"))
    ax.barh(row, value, height=0.62, color=colour)
    if not np.isnan(low):
        ax.plot([low, high], [row, row], color="black", linewidth=1.4, marker="|", markersize=5)
    # From zero on outwards, so that the labels of two short bars do not meet.
    far = (np.fmin(np.fmin(low, value), 0), -4, "right") if is_left else (np.fmax(np.fmax(high, value), 0), 4, "left")
    ax.annotate(few(float(cell["at"])), (far[0], row), (far[1], 0), textcoords="offset points", va="center",
                ha=far[2], color=INK, size=SMALL)  # fmt: skip
