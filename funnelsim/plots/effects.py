"""What a policy does, measure by measure, and what it is worth a month; drawn from a comparison."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from funnelsim.plots.names import text, texts
from funnelsim.plots.sheet import BETTER, FAINT, INK, SMALL, UNKNOWN, WORSE, axes, money, nothing, tidy
from funnelsim.studies.effects import effects
from funnelsim.studies.sentences import digits, worth

LOOKS: Final = {1: (BETTER, "^", "better"), -1: (WORSE, "v", "worse"), 0: (UNKNOWN, "o", "")}
"""Colour, shape and word of a verdict."""


def forest(ds: xr.Dataset, policy: str, ax: Axes | None = None) -> Axes:
    """Paired differences from the baseline in percent of it, with their intervals; beside them what they are."""
    found = effects(ds, policy)
    known = found.isel(measure=np.isfinite(found["mean"].values))
    n = known.sizes["measure"]
    ax = axes(ax, 6.0, max(2.0, 1.0 + 0.22 * n))
    title = f"{text(policy, 40)}: difference from the baseline"
    if not n:
        return nothing(tidy(ax, title), "the baseline has none of what is measured")
    for at in range(n):
        _row(ax, known.isel(measure=at), at)
    ax.axvline(0, color=INK, linewidth=0.9)
    ax.set_yticks(range(n), texts(known["title"].values, 28))
    ax.set_ylim(n - 0.4, -0.6)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:+g}%" if x else "0"))
    level = 100 * float(ds.attrs["level"])
    ax.set_xlabel(
        f"percent of the baseline, {level:g}% intervals\n▲ better   ▼ worse   ● neither, or not known", loc="left"
    )
    return tidy(ax, title)


def _row(ax: Axes, row: xr.Dataset, at: int) -> None:
    """A difference with its interval, and behind the axes in its own unit."""
    colour, shape, word = LOOKS[int(row["verdict"])]
    mean, low, high = (float(row[name]) for name in ("mean", "low", "high"))
    if not np.isnan(low):
        ax.plot([low, high], [at, at], color=colour, linewidth=2.2, solid_capstyle="butt")
    ax.plot(mean, at, color=colour, marker=shape, markersize=5.5, linestyle="none")
    value, width = float(row["difference"]), float(row["difference_high"] - row["difference_low"])
    said = f"{'+' if value > 0 else ''}{digits(value, width)} {text(row['unit'].item(), 10)}  {word}"
    ax.annotate(said, (1, at), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
                color=INK, size=SMALL, annotation_clip=False)  # fmt: skip


def waterfall(ds: xr.Dataset, policy: str, ax: Axes | None = None) -> Axes:
    """What a policy brings, less what it costs: what it leaves a month, each with its interval."""
    found = worth(ds, policy)
    ax = axes(ax, 4.4, 2.7)
    (brings, *_), (costs, *_), (leaves, *_) = found.brings, found.costs, found.leaves
    bars = (
        ("brings", 0.0, brings, found.brings, BETTER if brings >= 0 else WORSE),
        ("costs" if costs >= 0 else "saves", brings, -costs, (-costs, -found.costs[2], -found.costs[1]), WORSE),
        ("leaves", 0.0, leaves, found.leaves, INK),
    )
    for at, (_, base, height, ends, colour) in enumerate(bars):
        _bar(ax, at, base, height, ends, colour)
    for at, level in enumerate((brings, leaves)):
        ax.plot([at - 0.3, at + 1.3], [level, level], color=FAINT, linewidth=0.8, linestyle=":")
    ax.axhline(0, color=INK, linewidth=0.9)
    ax.set_xticks(range(3), [bar[0] for bar in bars])
    ax.margins(y=0.18)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: money(x)))
    ax.set_ylabel(text(found.unit))
    return tidy(ax, f"{text(policy, 30)}: worth a month")


def _bar(ax: Axes, at: int, base: float, height: float, ends: Any, colour: str) -> None:
    """A bar from where the one before ended, with the interval of its own height at its end."""
    ax.bar(at, height, bottom=base, width=0.6, color=colour, alpha=0.75)
    _, low, high = ends
    if not np.isnan(low):
        ax.plot([at, at], [base + low, base + high], color="black", linewidth=1.6, marker="_", markersize=9)
    width = high - low
    # Beyond the bar and its interval, on the side to which it grows.
    far = base + (max(height, high) if height >= 0 else min(height, low)) if width == width else base + height
    up = 5 if height >= 0 else -5
    ax.annotate(digits(height, width), (at, far), (0, up), textcoords="offset points", ha="center", color=INK,
                va="bottom" if up > 0 else "top", size=SMALL + 1)  # fmt: skip
