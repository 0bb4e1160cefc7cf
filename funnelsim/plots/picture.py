"""Figures of several pictures, and files of them: what `run --plot` and `run --heat` draw."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from funnelsim.plots.funnel import funnel
from funnelsim.plots.heat import heat
from funnelsim.plots.levels import queues
from funnelsim.plots.names import families, text
from funnelsim.plots.replayed import wins
from funnelsim.results.curves import broken_by_hour, recorded_lists

Drawn = Axes
"""What plots return."""


def heat_picture(ds: xr.Dataset) -> Figure:
    """Broken promises of every stage with an SLA, one below the other, titled with the scenario."""
    stages = broken_by_hour(ds)["stage"].values
    with mpl.rc_context({"font.size": 9.5, "axes.titlesize": 11, "svg.hashsalt": "funnelsim"}):
        figure = Figure(figsize=(11, 1.0 + 3.4 * len(stages)), layout="constrained")
        FigureCanvasAgg(figure)
        for stage, ax in zip(stages, figure.subplots(len(stages), squeeze=False)[:, 0], strict=True):
            heat(ds, str(stage), ax)
        _headed(figure, ds, what=": when promises to respond are broken")
    return figure


def picture(ds: xr.Dataset) -> Figure:
    """Funnel and queues in one figure, wins beside recorded ones below, titled with the scenario."""
    n = int((ds["stage_kind"].values != "lost").sum())
    recorded = recorded_lists(ds)
    rows: list[Any] = [["funnel", "queues"], *([f"wins of {name}"] * 2 for name in recorded)]
    with mpl.rc_context({"font.size": 9.5, "axes.titlesize": 11, "svg.hashsalt": "funnelsim"}):
        figure = Figure(figsize=(11, max(4.4, 1.6 + 0.55 * n) + 3.2 * len(recorded)), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplot_mosaic(rows, width_ratios=[1.1, 1])
        funnel(ds, axes["funnel"])
        queues(ds, axes["queues"])
        for name in recorded:
            wins(ds, name, axes[f"wins of {name}"])
        _headed(figure, ds, note=", with 95% intervals")
    return figure


def _headed(figure: Figure, ds: xr.Dataset, what: str = "", note: str = "") -> None:
    """Title a figure with the scenario and what it shows of it, then period, replications and a note."""
    a = ds.attrs
    period = f"{str(a['measured_from'])[:10]} to {str(a['measured_until'])[:10]}"
    title = f"{text(a['name'], 90)}{what}\n{period}, replications: {a['replications']}{note}"
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontfamily=families())


def svg(draw: Callable[[], Drawn]) -> bytes:
    """What a function draws as SVG, the same bytes for the same dataset; letters are paths, so no font is asked for."""
    look: dict[Any, Any] = {
        "font.size": 9.5, "axes.titlesize": 10.5, "svg.hashsalt": "funnelsim", "svg.fonttype": "path",
    }  # fmt: skip
    buffer = io.BytesIO()
    with mpl.rc_context(look):
        figure: Any = draw().figure
        figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None})
    return buffer.getvalue()


def save_picture(ds: xr.Dataset, path: Path, draw: Callable[[xr.Dataset], Figure] = picture) -> None:
    """Draw into a png, svg or pdf file."""
    from funnelsim.results.files import whole

    with whole(path) as part, mpl.rc_context({"svg.hashsalt": "funnelsim"}):
        draw(ds).savefig(part, dpi=150, facecolor="white")
