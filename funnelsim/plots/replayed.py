"""Wins of a replayed list beside those that it records."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from funnelsim.plots.names import text
from funnelsim.plots.sheet import INK, PALETTE, axes, tidy
from funnelsim.results.curves import wins_curves


def wins(ds: xr.Dataset, name: str, ax: Axes | None = None) -> Axes:
    """Simulated wins of a replayed list by time bucket, with 95% intervals, over bars of the recorded ones."""
    ax = axes(ax, 6.0, 3.2)
    curves = wins_curves(ds, name)
    places = np.arange(curves.sizes["bucket"])
    ax.bar(places, curves["recorded"], width=0.7, color=PALETTE[4], label="recorded in the list")
    spread = np.stack([curves["mean"] - curves["low"], curves["high"] - curves["mean"]])
    ax.errorbar(
        places,
        curves["mean"],
        None if np.isnan(spread).any() else spread,
        fmt="o",
        color=INK,
        capsize=3,
        label="simulated",
    )
    ax.set_xticks(places, [str(label) for label in curves["bucket"].values], rotation=45 if places.size > 6 else 0)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("wins (deals)")
    ax.legend(frameon=False, loc="upper left")
    return tidy(ax, f"Wins by {ds.attrs['bucket']}: {text(name)}")
