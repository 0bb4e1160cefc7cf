"""Response times against what was promised: the quantiles that a dataset has, and the share within the promise.

A dataset holds six quantiles, not every response: between them the lines are straight on the logarithmic axis, and
beyond the last nothing is drawn.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from funnelsim.plots.names import text
from funnelsim.plots.sheet import DASHES, INK, PALETTE, axes, few, nothing, tidy
from funnelsim.results.curves import response_curves

TICKS = {
    1 / 60: "1 min",
    1 / 12: "5 min",
    1: "1 h",
    4: "4 h",
    24: "1 d",
    72: "3 d",
    168: "1 w",
    720: "30 d",
}
LEAST = 1 / 120
"""Hours; who is answered at once has no place on a logarithmic axis and is drawn here."""


def responses(ds: xr.Dataset, ax: Axes | None = None) -> Axes:
    """The share answered by each time, for each stage with a team, with 95% intervals of the quantiles."""
    curves = response_curves(ds)
    ax = axes(ax, 6.0, 3.6)
    if not curves.sizes["stage"]:
        return nothing(tidy(ax, "Response times"), "no rep responded to anybody")
    shares = 100 * curves["quantile"].values
    for at in range(curves.sizes["stage"]):
        stage = curves.isel(stage=at)
        colour, dashes = PALETTE[at % len(PALETTE)], DASHES[at // len(PALETTE) % len(DASHES)]
        low, high, mean = (np.maximum(stage[name].values, LEAST) for name in ("low", "high", "mean"))
        ax.plot(
            mean, shares, color=colour, linestyle=dashes, marker="o", markersize=4, clip_on=False, label=_label(stage)
        )
        ax.fill_betweenx(shares, low, high, color=colour, alpha=0.2, linewidth=0)
        if not np.isnan(stage["promised"]):
            ax.axvline(float(stage["promised"]), color=colour, linewidth=1.2, linestyle=":")
    ax.set_xscale("log")
    shown = curves["mean"].values[np.isfinite(curves["mean"].values)]
    least, most = max(LEAST, 0.6 * shown.min(initial=1)), max(1.0, 1.6 * shown.max(initial=1))
    ticks = {hours: word for hours, word in TICKS.items() if least <= hours <= most}
    if least == LEAST:
        # No room for a minute beside it.
        ticks = {LEAST: "at once", **{hours: word for hours, word in ticks.items() if hours > 0.02}}
    ax.set_xlim(least, most)
    ax.xaxis.set_major_locator(FixedLocator(list(ticks)))
    ax.set_xticks(list(ticks), list(ticks.values()))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_ylim(0, 100)
    ax.set_yticks(range(0, 101, 25), [f"{share}%" for share in range(0, 101, 25)])
    ax.set_ylabel("answered by then")
    ax.set_xlabel("calendar time from joining the line to the first response (logarithmic)")
    ax.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.2), fontsize=8, labelcolor=INK)
    return tidy(ax, "Response times" + (" (dotted: promised)" if curves["promised"].notnull().any() else ""))


def _label(stage: xr.Dataset) -> str:
    """A stage with its promise and how far it is kept."""
    name, judged = text(stage["stage"].item()), float(stage["judged"])
    if not stage["promise"].item() or judged == 0:
        return name
    share, low, high = (float(stage[f"within{end}"]) for end in ("", "_low", "_high"))
    spread = "" if np.isnan(low) else f" ({low:.1f} to {high:.1f})"
    return f"{name}: {share:.1f}%{spread} {stage['promise'].item()}, of {few(judged)} judged"
