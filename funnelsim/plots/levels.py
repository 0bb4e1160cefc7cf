"""Prospects in line and at work over time: averages of the time buckets, with 95% bands over replications."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from funnelsim.plots.names import texts
from funnelsim.plots.sheet import DASHES, PALETTE, axes, dated, legend, nothing, tidy
from funnelsim.results.curves import queue_curves, work_curves


def queues(ds: xr.Dataset, ax: Axes | None = None) -> Axes:
    """The number of prospects in line for each stage with a team."""
    curves = queue_curves(ds)
    what = f"prospects in line (average of the {ds.attrs['bucket']})"
    return _steps(curves, ax, what, "Queues over time", "no stage has a team: nobody waits in line")


def work_in_process(ds: xr.Dataset, ax: Axes | None = None) -> Axes:
    """The number of prospects in each stage that they leave again, waiting or at work."""
    what = f"prospects in stage (average of the {ds.attrs['bucket']})"
    return _steps(work_curves(ds), ax, what, "Work in process over time", "every stage is an end")


def _steps(curves: xr.Dataset, ax: Axes | None, what: str, title: str, empty: str) -> Axes:
    """A line of steps for each stage, with its band."""
    ax = axes(ax, 6.0, 3.4)
    edges, names = curves["edges"].values, texts(curves["stage"].values)
    title = f"{title}: {names[0]}" if len(names) == 1 else title
    if not names:
        return nothing(tidy(ax, title), empty)
    for at, name in enumerate(names):
        line = curves.isel(stage=at)
        colour, dashes = PALETTE[at % len(PALETTE)], DASHES[at // len(PALETTE) % len(DASHES)]
        low, high, mean = (np.append(line[key].values, line[key].values[-1]) for key in ("low", "high", "mean"))
        ax.fill_between(edges, np.maximum(low, 0), high, step="post", color=colour, alpha=0.2, linewidth=0)
        ax.step(edges, mean, where="post", color=colour, linestyle=dashes, linewidth=1.8, label=name)
    dated(ax)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.set_ylim(bottom=0, top=1.05 * max(ax.get_ylim()[1], 0.1))
    ax.set_ylabel(what)
    legend(ax, len(names))
    return tidy(ax, title)
