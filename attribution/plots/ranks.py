"""How channels change places from model to model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from attribution.plots.chosen import choose
from attribution.plots.names import texts
from attribution.plots.sheet import DASHES, INK, MUTED, axes, caveat, ink_on, nothing, tidy

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes


def rank_changes(
    credits: xr.Dataset,
    models: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    channels: Sequence[str] | None = None,
) -> Axes:
    """Lines of the ranks of channels over models, 1 being the largest share, with names at both ends.

    Hollow points are ties. Models and channels are chosen as in `credit_bars`; ranks are among the channels shown.
    """
    from attribution.curves import ranks

    chosen = choose(credits, models, channels)
    found = ranks(chosen.credits)
    names, labels = texts(found["channel"].values), texts(found["model"].values, 20)
    ax = axes(ax, 4.6 + 0.8 * len(labels), 2.4 + 0.34 * len(names))
    for at in range(len(names)):
        _line(ax, found.isel(channel=at), at)
    if labels and names:
        _named(ax, found, names)
    else:
        ax.set_yticks([])
        nothing(ax, "no model credits anything")
    turned = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if len(labels) > 1 else {}
    ax.set_xticks(np.arange(len(labels)), labels, **turned)  # type: ignore[arg-type]
    ax.set_xlim(-0.3, max(len(labels), 1) - 0.7)
    ax.set_ylim(len(names) + 0.6, 0.4)
    ax.set_xlabel("credit model")
    ax.set_ylabel("rank by share (1: largest)")
    tidy(ax, "Ranks of channels", [*names, *labels])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return caveat(ax, *_notes(chosen.credits, found), *chosen.left_out)


def _named(ax: Axes, found: xr.Dataset, names: list[str]) -> None:
    """The names of channels at both ends of their lines."""
    first, last = (np.argsort(found["rank"].values[column]) for column in (0, -1))
    ax.set_yticks(np.arange(1, len(names) + 1), [names[at] for at in first])
    beside = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center", "color": INK}
    for place, at in enumerate(last, 1):
        ax.annotate(names[at], (1, place), (4, 0), annotation_clip=False, **beside)  # type: ignore[arg-type]


def _notes(shown: xr.Dataset, found: xr.Dataset) -> list[str]:
    idle = [str(name) for name in shown["model"].values if name not in found["model"].values]
    return [
        "Hollow points: ties." if found["tied"].values.any() else "",
        f"No credit, so no ranks: {', '.join(texts(idle, 40))}." if idle else "",
    ]


def _line(ax: Axes, line: xr.Dataset, at: int) -> None:
    """The line of a channel, and a point at each model."""
    colour, places = MUTED[at % len(MUTED)], np.arange(line.sizes["model"])
    rank, tied = line["rank"].values, line["tied"].values
    ax.plot(places, rank, color=colour, linestyle=DASHES[at // len(MUTED) % len(DASHES)], linewidth=2.2)
    fills = ["white" if each else colour for each in tied]
    ax.scatter(places, rank, s=110, c=fills, edgecolors=colour, linewidths=1.6, zorder=3)
    for place, value, hollow in zip(places, rank, tied, strict=True):
        ink = INK if hollow else ink_on(colour)
        ax.text(float(place), float(value), str(value), ha="center", va="center_baseline", size=7, color=ink, zorder=4)
