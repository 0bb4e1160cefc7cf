"""How busy each rep was: bars with 95% intervals, in the colour of the team."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from funnelsim.plots.names import texts
from funnelsim.plots.sheet import INK, PALETTE, SMALL, axes, nothing, tidy
from funnelsim.results.curves import rep_bars

MOST = 40
"""Bars; of more reps than that the busiest are shown, and the others counted."""


def utilisation(ds: xr.Dataset, ax: Axes | None = None) -> Axes:
    """The busy share of each rep's open hours."""
    bars = rep_bars(ds)
    n = bars.sizes["rep"]
    shown = bars.isel(rep=np.sort(np.argsort(-bars["mean"].values, kind="stable")[:MOST]))
    ax = axes(ax, 6.0, max(1.6, 0.9 + 0.24 * shown.sizes["rep"]))
    if not n:
        return nothing(tidy(ax, "Utilisation by rep"), "nobody works in this funnel")
    teams = list(dict.fromkeys(shown["team"].values))
    for at in range(shown.sizes["rep"]):
        rep = shown.isel(rep=at)
        mean, low, high = (float(rep[name]) for name in ("mean", "low", "high"))
        ax.barh(at, mean, height=0.7, color=PALETTE[teams.index(rep["team"].item()) % len(PALETTE)])
        if not np.isnan(low):
            ax.plot([low, high], [at, at], color=INK, linewidth=1.4, marker="|", markersize=5)
        if not np.isnan(mean):
            ax.annotate(f"{mean:.0f}%", (np.fmax(high, mean), at), (6, 0), textcoords="offset points", va="center",
                        color=INK, size=SMALL)  # fmt: skip
    ax.set_yticks(np.arange(shown.sizes["rep"]), texts(shown["rep"].values))
    ax.set_ylim(shown.sizes["rep"] - 0.4, -0.6)
    ax.set_xlim(0, 112)
    ax.set_xticks(range(0, 101, 20), [f"{share}%" for share in range(0, 101, 20)])
    ax.axvline(100, color=INK, linewidth=0.8, linestyle=":")
    ax.set_xlabel("busy share of open hours, with 95% intervals" + (f"; the busiest {MOST} of {n}" if n > MOST else ""))
    return tidy(ax, "Utilisation by rep")
