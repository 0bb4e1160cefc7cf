"""Bars of credit: channels below one another, the bars of models side by side in each, intervals on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from attribution.plots.chosen import choose
from attribution.plots.names import text, texts
from attribution.plots.sheet import INK, axes, caveat, nothing, style, tidy

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

AXES: Final = {
    "share": "share of the conversions credited (%)",
    "conversions": "conversions credited",
    "value": "value credited (currency)",
}
BAR: Final = 0.11
"""Inches that a bar is thick."""
LINE: Final = 14.0
"""Points that a line of the legend is high."""
GROUP: Final = 0.84
"""Part of a channel's room that its bars fill."""


def credit_bars(
    credits: xr.Dataset,
    models: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    channels: Sequence[str] | None = None,
    of: str = "share",
) -> Axes:
    """Bars of what models credit to channels, with the intervals that the dataset of `attribution.credit` has.

    `of` is share, conversions or value. Of more than six models six of different kinds are shown, of more than twelve
    channels the largest, unless `models` and `channels` name them; small print says which are not.
    """
    if of not in AXES:
        raise ValueError(f"of is {of!r}; it must be one of {', '.join(AXES)}")
    chosen = choose(credits, models, channels)
    shown = chosen.credits
    names, labels = texts(shown["channel"].values), texts(shown["model"].values, 40)
    ax = axes(ax, 8.5, height(len(labels), len(names)))
    scale = 100.0 if of == "share" else 1.0
    handles = [_bars(ax, shown.isel(model=at), of, scale, at, len(labels)) for at in range(len(labels))]
    ax.axvline(0.0, color=INK, linewidth=0.8)
    ax.set_yticks(np.arange(len(names)), names)
    ax.set_ylim(max(len(names), 1) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.03)
    ax.set_xlabel(AXES[of])
    ax.set_ylabel("channel")
    if not shown[of].values.any():
        ax.set_xlim(0, 1)
        nothing(ax, "no conversion is credited to these channels")
    above = _legend(ax, handles, labels)
    tidy(ax, _title(shown), [*names, *labels], above)
    return caveat(ax, _about_intervals(shown, of), *chosen.left_out)


def height(n_models: int, n_channels: int) -> float:
    """Inches that so many bars need."""
    return 1.5 + n_channels * max(0.3, n_models * BAR / GROUP) + 0.22 * -(-n_models // 4)


def _bars(ax: Axes, row: xr.Dataset, of: str, scale: float, at: int, n_models: int) -> Any:
    """The bars of one model; an interval is a line of its own, for it need not hold what it is about."""
    thick = GROUP / n_models
    places = np.arange(row.sizes["channel"]) - GROUP / 2 + thick * (at + 0.5)
    drawn = ax.barh(places, scale * row[of].values, height=0.9 * thick, **style(at))
    if f"{of}_interval" in row:
        ends = scale * row[f"{of}_interval"].transpose("bound", "channel").sel(bound=["low", "high"]).values
        ax.hlines(places, ends[0], ends[1], color=INK, linewidth=1.1, zorder=3)
        for end in ends:
            ax.vlines(end, places - 0.25 * thick, places + 0.25 * thick, color=INK, linewidth=1.1, zorder=3)
    return drawn


def _legend(ax: Axes, handles: list[Any], labels: list[str]) -> float:
    """Models above the bars, where no bar can be; their height in points."""
    if not handles:
        return 0.0
    # A label that begins with an underscore is taken for none: the words come after.
    columns = 4 if max(map(len, labels)) <= 20 else 2
    drawn = ax.legend(
        handles, [str(at) for at in range(len(labels))], loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns,
        frameon=False, borderaxespad=0.2, handlelength=1.2, columnspacing=1.4, fontsize=8.5, labelspacing=0.3,
    )  # fmt: skip
    for each, label in zip(drawn.get_texts(), labels, strict=True):
        each.set_text(label)
    return LINE * -(-len(labels) // columns)


def _about_intervals(shown: xr.Dataset, of: str) -> str:
    if f"{of}_interval" not in shown:
        return ""
    about = shown[f"{of}_interval"].attrs
    return (
        f"Lines: {about.get('level', 0):g}% intervals of {about.get('resamples', 0)} draws: {about.get('covers', '')}."
    )


def _title(shown: xr.Dataset) -> str:
    by = f"by {text(shown['model'].values[0], 40)}" if shown.sizes["model"] == 1 else "by model"
    told = shown.attrs
    of = f" ({told['conversions']:,.0f} of {told['journeys']:,.0f} journeys)" if "journeys" in told else ""
    return f"Credit for conversions {by}{of}"
