"""The funnel as bars on a logarithmic axis: what is left of ten thousand can be read beside them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from funnelsim.plots.names import texts
from funnelsim.plots.sheet import FAINT, INK, PALETTE, SMALL, axes, few, tidy
from funnelsim.results.curves import funnel_bars

_LEAST: Final = 0.5
"""Where the logarithmic axis begins; a bar of nobody has no length."""


def funnel(ds: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Bars of those who reached each stage, on a logarithmic axis, with counts and conversion in words."""
    bars = funnel_bars(ds)
    n = bars.sizes["stage"]
    ax = axes(ax, 6.0, max(2.4, 1.1 + 0.5 * n))
    means = bars["mean"].values
    colours = [PALETTE[2] if kind == "won" else PALETTE[0] for kind in bars["kind"].values]
    ax.set_xscale("log")
    ax.barh(np.arange(n), means, height=0.62, color=colours)
    ax.set_yticks(np.arange(n), texts(bars["stage"].values))
    ax.set_ylim(n - 0.4, -0.6)
    most = max(10.0, float(np.nanmax(means, initial=1.0)))
    decades = int(np.floor(np.log10(most)))
    # Room for the words behind the longest bar, where there is no scale.
    ax.set_xlim(_LEAST, _LEAST * (most / _LEAST) ** 1.75)
    ax.xaxis.set_major_locator(FixedLocator([10**power for power in range(decades + 1)]))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.spines["bottom"].set_bounds(_LEAST, most)
    for at in range(n):
        _label(ax, at, bars, n)
    ax.set_xlabel("prospects of the period who reached the stage (logarithmic)", loc="left")
    return tidy(ax, "Funnel")


def _label(ax: Axes, at: int, bars: xr.Dataset, n: int) -> None:
    """The count behind a bar, and the conversion between it and the next."""
    mean, low, high = (float(bars[name][at]) for name in ("mean", "low", "high"))
    spread = "" if np.isnan(low) or few(low) == few(high) else f"  ({few(low)} to {few(high)})"
    beside: dict[str, Any] = {"textcoords": "offset points", "va": "center"}
    ax.annotate(f"{few(mean)}{spread}", (max(mean, _LEAST), at), (6, 0), color=INK, **beside)
    conversion = float(bars["conversion"][at])
    if at < n - 1 and not np.isnan(conversion):
        ax.annotate(f"↓ {conversion:.3g}%", (_LEAST, at + 0.5), (8, 0), color=FAINT, size=SMALL, **beside)
