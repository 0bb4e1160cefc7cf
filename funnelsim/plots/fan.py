"""A forecast by month as a fan: the median, and bands that hold 50, 80 and 95 of a hundred futures."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from funnelsim.plots.names import text
from funnelsim.plots.sheet import INK, PALETTE, axes, dated, money, nothing, tidy


def fan(ds: xr.Dataset, name: str = "revenue", ax: Axes | None = None, target: float | None = None) -> Axes:
    """A variable by `month` (the month's first day) and `quantile` (0.5 and pairs around it, as 0.1 and 0.9)."""
    da = ds[name].transpose("month", "quantile").sortby("quantile")
    ax = axes(ax, 6.0, 3.6)
    title = text(da.attrs.get("long_name", name), 60)
    if not da.sizes["month"]:
        return nothing(tidy(ax, title), "no month is forecast")
    months, levels = da["month"].values, da["quantile"].values
    pairs = [(low, 1 - low) for low in levels[levels < 0.499] if np.isclose(levels, 1 - low).any()]
    for at, (low, high) in enumerate(pairs):
        under, over = (da.sel(quantile=level, method="nearest").values for level in (low, high))
        label = f"{100 * (high - low):.0f} of 100"
        ax.fill_between(months, under, over, color=PALETTE[0], alpha=0.16 + 0.12 * at, linewidth=0, label=label)
    ax.plot(months, da.sel(quantile=0.5, method="nearest").values, color=INK, marker="o", markersize=3, label="median")
    if target is not None:
        ax.axhline(target, color=PALETTE[5], linestyle="--", linewidth=1.4, label=f"target {money(target)}")
    dated(ax)
    ax.set_ylim(bottom=min(0.0, float(da.min())))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: money(x)))
    ax.set_ylabel(f"{text(da.attrs.get('units', ''))} a month" if da.attrs.get("units") else "a month")
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.18), ncols=5, fontsize="small")
    return tidy(ax, title)
