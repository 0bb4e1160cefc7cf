"""A forecast by month as a fan: the median, and bands that hold 50, 80 and 95 of a hundred futures."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from funnelsim.plots.names import text
from funnelsim.plots.sheet import INK, PALETTE, axes, dated, money, nothing, tidy


def fan(ds: xr.Dataset, measure: str = "revenue", ax: Axes | None = None, *, total: bool = False) -> Axes:
    """`band` by `measure`, `month` (its first day) and `quantile` (0.5 and pairs around it, as 0.1 and 0.9), `unit` by
    measure; with `total`, `total_band`, the sum until the end of each month, and the attribute `target` as a line."""
    of = ds.sel(measure=measure)
    da = of["total_band" if total else "band"].transpose("month", "quantile").sortby("quantile")
    ax = axes(ax, 6.0, 3.6)
    title = f"{text(measure, 40)} {'added up' if total else 'by month'}"
    if not da.sizes["month"]:
        return nothing(tidy(ax, title), "no month is forecast")
    months, levels = da["month"].values, da["quantile"].values
    pairs = [(low, 1 - low) for low in levels[levels < 0.499] if np.isclose(levels, 1 - low).any()]
    for at, (low, high) in enumerate(pairs):
        under, over = (da.sel(quantile=level, method="nearest").values for level in (low, high))
        label = f"{100 * (high - low):.0f} of 100"
        ax.fill_between(months, under, over, color=PALETTE[0], alpha=0.16 + 0.12 * at, linewidth=0, label=label)
    ax.plot(months, da.sel(quantile=0.5, method="nearest").values, color=INK, marker="o", markersize=3, label="median")
    if total and measure == "revenue" and "target" in ds.attrs:
        aim = float(ds.attrs["target"])
        ax.axhline(aim, color=PALETTE[5], linestyle="--", linewidth=1.4, label=f"target {money(aim)}")
    dated(ax)
    ax.set_xlabel("month")
    ax.set_ylim(bottom=min(0.0, float(da.min())))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: money(x)))
    ax.set_ylabel(text(of["unit"].item()) + ("" if total else " a month"))
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.18), ncols=5, fontsize="small")
    return tidy(ax, title)
