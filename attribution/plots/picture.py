"""The picture of the command line: bars of credit, and beside them how channels change places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attribution.plots.bars import credit_bars, height
from attribution.plots.chosen import choose
from attribution.plots.ranks import rank_changes

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

MOST_COLUMNS = 10
"""Models beyond which ranks have no room beside the bars."""


def picture(credits: xr.Dataset, models: Sequence[str] | None = None) -> Figure:
    """Bars of credit, and ranks beside them where there are two to ten models and at least two channels."""
    from matplotlib.figure import Figure

    shown = choose(credits, models).credits
    n_models, n_channels = shown.sizes["model"], shown.sizes["channel"]
    beside = 2 <= n_models <= MOST_COLUMNS and n_channels >= 2
    high = max(height(n_models, n_channels), 2.6 + 0.3 * n_channels if beside else 0.0)
    figure = Figure(figsize=(15.0 if beside else 8.5, high), layout="constrained")
    ratios = [1.2, 1.0] if beside else [1.0]
    columns = figure.subplots(1, len(ratios), squeeze=False, width_ratios=ratios)[0]
    credit_bars(credits, models, columns[0])
    if beside:
        rank_changes(credits, models, columns[1])
    return figure
