"""Flows through the funnel as bands as wide as what flows: onwards to the right, losses down, returns from below."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from funnelsim.plots.names import texts
from funnelsim.plots.sheet import INK, PALETTE, SMALL, WORSE, axes, few, nothing, tidy
from funnelsim.results.flow_map import flow_map

WIDE: Final = 0.16
"""Of a stage, where 1 is the way to the next."""
FLOOR: Final = -0.42
"""Where losses end; the widest stage is 1 high."""
ONWARDS, RETURNS = PALETTE[0], PALETTE[2]


def flow(ds: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Bands between stages, those lost below, those who come back in green; each with its number."""
    ways = flow_map(ds)
    n = ways.sizes["stage"]
    ax = axes(ax, max(6.0, 1.15 * n), 4.0)
    most = float(np.nanmax(ways["through"].values, initial=0.0))
    if most == 0:
        return nothing(tidy(ax, "Flows"), "nobody entered a stage in the period")
    stages = {name: at for at, name in enumerate(ways["stage"].values.tolist())}
    sizes = ways["through"].values / most
    _stages(ax, ways, sizes)
    used = {"in": np.zeros(n), "out": np.zeros(n)}
    rows = sorted(range(ways.sizes["way"]), key=lambda at: _rank(ways, at, stages))
    for at in rows:
        way = ways.isel(way=at)
        kind, of, to, mean = way["kind"].item(), way["of"].item(), way["to"].item(), float(way["mean"])
        if kind in ("on", "back"):
            _between(ax, stages[of], stages[to], mean, most, used, kind)
        elif kind == "lost":
            _lost(ax, stages[of], mean, most, used)
        else:
            _came(ax, stages[to], mean, most, used, kind)
    ax.set_xlim(-0.75, n - 0.45)
    ax.set_ylim(FLOOR - 0.2, 1.25)
    ax.set_axis_off()
    return tidy(ax, "Flows: prospects in the period, mean of a replication")


def _rank(ways: xr.Dataset, at: int, stages: dict[str, int]) -> tuple[int, int, int]:
    """Ways onwards leave above, losses below; newcomers arrive below those who come from a stage."""
    way = ways.isel(way=at)
    last = ("on", "back", "new", "again", "lost").index(way["kind"].item())
    return stages.get(way["of"].item(), len(stages)), last, stages.get(way["to"].item(), len(stages))


def _stages(ax: Axes, ways: xr.Dataset, sizes: Any) -> None:
    """A block for each stage, as high as many entered, with its name and their number above."""
    for at, name in enumerate(texts(ways["stage"].values, 13)):
        ax.add_patch(Rectangle((at - WIDE / 2, 1 - sizes[at]), WIDE, max(sizes[at], 0.004), color=INK))
        ax.text(at, 1.125, name, ha="center", va="bottom", color=INK, size=SMALL)
        ax.text(at, 1.05, few(float(ways["through"][at])), ha="center", va="bottom", color=INK, weight="bold")


def _between(ax: Axes, of: int, to: int, mean: float, most: float, used: dict[str, Any], kind: str) -> None:
    """A band from one stage to another; one that leads back goes above."""
    size, start, end = mean / most, 1 - used["out"][of], 1 - used["in"][to]
    used["out"][of] += size
    used["in"][to] += size
    if kind == "back":
        _arc(ax, (of, start), (to, end), f"{few(mean)} back")
        return
    _band(ax, (of + WIDE / 2, start), (to - WIDE / 2, end), size, ONWARDS)


def _lost(ax: Axes, of: int, mean: float, most: float, used: dict[str, Any]) -> None:
    """A band that falls from a stage to the floor, with how many were lost."""
    size = mean / most
    top = 1 - used["out"][of]
    used["out"][of] += size
    x, width = of + WIDE / 2, min(0.5, size * 0.5)
    vertices = [(x, top), (x + 0.18 + width, top), (x + 0.18 + width, top - 0.3), (x + 0.18 + width, FLOOR),
                (x + 0.18, FLOOR), (x + 0.18, top - size - 0.05), (x + 0.1, top - size), (x, top - size)]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
    ax.add_patch(PathPatch(Path(vertices, codes), facecolor=WORSE, alpha=0.45, linewidth=0.8, edgecolor=WORSE))
    ax.text(x + 0.18 + width / 2, FLOOR - 0.03, f"{few(mean)}\nlost", ha="center", va="top", color=INK, size=SMALL)


def _came(ax: Axes, to: int, mean: float, most: float, used: dict[str, Any], kind: str) -> None:
    """A short band from the left into a stage: those who are new, and those who come back."""
    size = mean / most
    top = 1 - used["in"][to]
    used["in"][to] += size
    colour, word = (ONWARDS, "new") if kind == "new" else (RETURNS, "back")
    _band(ax, (to - 0.32, top), (to - WIDE / 2, top), size, colour)
    # Left of the first stage there is room; elsewhere the band of the stage before is in the way.
    x, y, side = (to - 0.34, top - size / 2, "center") if to == 0 else (to - 0.02, top - size - 0.02, "top")
    ax.text(x, y, f"{few(mean)} {word}", ha="right", va=side, color=INK, size=SMALL)


def _band(ax: Axes, start: tuple[float, float], end: tuple[float, float], size: float, colour: str) -> None:
    (x, high), (far, other) = start, end
    half = (x + far) / 2
    vertices = [(x, high), (half, high), (half, other), (far, other),
                (far, other - size), (half, other - size), (half, high - size), (x, high - size)]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3]
    ax.add_patch(PathPatch(Path(vertices, codes), facecolor=colour, alpha=0.45, linewidth=0.8, edgecolor=colour))


def _arc(ax: Axes, start: tuple[float, float], end: tuple[float, float], said: str) -> None:
    """A way back, as a dashed arc below the blocks."""
    low = min(start[1], end[1]) - 0.25
    path = Path([start, (start[0], low), (end[0], low), end], [Path.MOVETO, *[Path.CURVE4] * 3])
    ax.add_patch(PathPatch(path, fill=False, edgecolor=RETURNS, linewidth=1.6, linestyle="--"))
    ax.text((start[0] + end[0]) / 2, low + 0.03, said, ha="center", va="top", color=INK, size=SMALL)
