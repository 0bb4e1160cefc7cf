"""When promises to respond are broken: a map of weekdays and hours, with counts in its cells."""

from __future__ import annotations

from typing import Final

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from funnelsim.plots.names import text
from funnelsim.plots.sheet import PALE, axes, few, ink_on, tidy
from funnelsim.results.curves import broken_by_hour

HEAT: Final = ListedColormap(mpl.colormaps["YlOrBr"](np.linspace(0.06, 0.98, 256)), "heat")
"""From light to dark, which the colour-blind see as well (Harrower and Brewer 2003); none of them is white."""


def heat(ds: xr.Dataset, stage: str, ax: Axes | None = None) -> Axes:
    """Broken promises of a stage by weekday and hour of coming: their share as colour, how many were judged as number;
    blank where nobody came. The dataset is one with what traces tell."""
    ax = axes(ax, 9.0, 3.4)
    found = broken_by_hour(ds).sel(stage=stage)
    share, judged = 100 * found["share"].values, found["judged"].values
    days, hours = share.shape
    mesh = ax.pcolormesh(share, cmap=HEAT, vmin=0, vmax=100, edgecolors="white", linewidth=0.8)
    for day, hour in zip(*np.nonzero(judged), strict=True):
        ink = ink_on(HEAT(share[day, hour] / 100))
        ax.text(hour + 0.5, day + 0.5, _little(judged[day, hour]), ha="center", va="center", size=7, color=ink)
    ax.set_yticks(np.arange(days) + 0.5, list(found["weekday"].values))
    ax.set_xticks(np.arange(0, hours + 1, 2), [f"{hour}:00" for hour in range(0, hours + 1, 2)])
    ax.invert_yaxis()
    ax.tick_params(length=0)
    came = "hour of the day at which the prospect came to the team"
    ax.set_xlabel(f"{came}; numbers: promises judged, mean of a replication", loc="left")
    ax.set_ylabel("weekday")
    whole, broken = float(found["judged_in_all"]), 100 * float(found["share_in_all"])
    told = f"{broken:.3g}% of {few(whole)} promises broken" if whole else "nobody was judged"
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.015, aspect=14, format="%g%%")
    bar.set_label("promises broken, of those judged")
    bar.outline.set_visible(False)
    tidy(ax, f"{text(stage)}: {found['stage_sla'].item()}; {told}")
    ax.spines[:].set_visible(True)
    ax.spines[:].set_color(PALE)
    return ax


def _little(x: float) -> str:
    """A count that fits into a small cell."""
    if x >= 999.5:
        return f"{x / 1000:.2g}k" if x < 9950 else f"{x / 1000:.0f}k"
    return f"{x:.0f}" if x >= 9.95 else f"{x:.1f}" if x >= 0.05 else "<.1"
