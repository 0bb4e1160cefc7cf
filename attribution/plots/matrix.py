"""How much of all credit two models place elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attribution.plots.names import texts
from attribution.plots.sheet import axes, caveat, ink_on, nothing, tidy

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes


def disagreement_matrix(between: xr.DataArray, ax: Axes | None = None) -> Axes:
    """Colours and numbers of `attribution.disagreement`: per cent of all credit that two models place elsewhere; white
    where one of them credits nobody."""
    import matplotlib as mpl

    labels, n = texts(between["model"].values, 30), between.sizes["model"]
    ax = axes(ax, 2.8 + 0.36 * n, 2.4 + 0.36 * n)
    shown = 100 * between.transpose("model", "other").values
    # From light to dark, which the colour-blind see as well (Harrower and Brewer, 2003).
    colours = mpl.colormaps["YlOrBr"]
    known = np.isfinite(shown)
    top = max(1.0, float(np.max(shown[known], initial=0.0)))
    mesh = ax.pcolormesh(
        np.ma.masked_where(~known, shown), cmap=colours, vmin=0.0, vmax=top, edgecolors="white", linewidth=0.8
    )
    for row, column in zip(*np.nonzero(known), strict=True):
        told = f"{shown[row, column]:.0f}"
        ax.text(
            column + 0.5,
            row + 0.5,
            told,
            ha="center",
            va="center",
            size=8,
            color=ink_on(colours(shown[row, column] / top)),
        )
    turned = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if n > 1 else {}
    ax.set_xticks(np.arange(n) + 0.5, labels, **turned)  # type: ignore[arg-type]
    ax.set_yticks(np.arange(n) + 0.5, labels)
    ax.set_ylim(max(n, 1), 0)
    ax.set_xlabel("credit model")
    ax.set_ylabel("credit model")
    if not n:
        nothing(ax, "no model")
    bar = ax.get_figure().colorbar(mesh, ax=ax, pad=0.015, aspect=24)  # type: ignore[union-attr]
    bar.set_label("credit placed elsewhere (% of all)")
    bar.outline.set_visible(False)  # type: ignore[operator]
    tidy(ax, "Disagreement between models", labels)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return caveat(ax, "" if known.all() else "White: a model that credits nobody.")
