"""What a chain of channels would lose without one of them, in the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attribution.plots.chosen import MOST_CHANNELS
from attribution.plots.names import texts
from attribution.plots.sheet import INK, PALETTE, axes, caveat, listed, nothing, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attribution.journeys.ragged import Journeys


def removal_effects(journeys: Journeys, order: int = 1, ax: Axes | None = None) -> Axes:
    """Bars of the part of a chain's conversions that pass through each channel, with numbers, the largest first."""
    from attribution.models.removal import removal_effects as effects_of

    effects = effects_of(journeys, order=order)["removal_effect"]
    largest = np.argsort(-effects.values, kind="stable")
    shown = 100 * effects.values[largest[:MOST_CHANNELS]]
    names = texts(effects["of"].values[largest[:MOST_CHANNELS]])
    ax = axes(ax, 8.0, 1.7 + 0.34 * len(names))
    places = np.arange(len(names))
    ax.barh(places, shown, height=0.62, color=PALETTE[0])
    for place, value in zip(places, shown, strict=True):
        ax.annotate(f"{value:.3g}%", (value, place), (5, 0), textcoords="offset points", va="center", color=INK, size=9)
    ax.set_yticks(places, names)
    ax.set_ylim(max(len(names), 1) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    # Room for the number behind a bar of 100%.
    ax.set_xlim(0, 1.12 * max(1.0, float(np.max(shown, initial=0.0))))
    ax.set_xlabel("removal effect (% of the chain's conversions)")
    ax.set_ylabel("channel")
    if not shown.any():
        nothing(ax, "the chain leads to no conversion")
    rest = [str(name) for name in effects["of"].values[largest[MOST_CHANNELS:]]]
    tidy(ax, f"Removal effects in the Markov chain of order {order}", names)
    what = "A removal effect is the part of conversions that pass through the channel; they overlap."
    return caveat(ax, what, listed(rest, "the smaller channels"))
