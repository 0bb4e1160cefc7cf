"""The sheet a picture is drawn on: size, colours, title, dates. It knows nothing of what is drawn.

Colours are those of Okabe and Ito (2008), which the colour-blind can tell apart.
"""

from __future__ import annotations

from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.text import Text

from funnelsim.plots.names import families

PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
DASHES: Final = ("-", "--", ":", "-.")
BETTER, WORSE, UNKNOWN = "#0072B2", "#D55E00", "#666666"
"""Colours of verdicts; each picture has a word or a shape for them as well."""
INK, FAINT, PALE = "#222222", "#666666", "#cccccc"
SMALL: Final = 8.0
"""Size of small print, in points."""


def axes(ax: Axes | None, width: float = 6.0, height: float = 4.0) -> Axes:
    """The Axes given, or new ones on a sheet of so many inches that nobody has to close."""
    return ax if ax is not None else Figure(figsize=(width, height), layout="constrained").subplots()


def tidy(ax: Axes, title: str) -> Axes:
    """The Axes with a title and without a box, in fonts that have the letters of all names."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(colors=INK)
    ax.set_title(title, loc="left")
    wanted = families()
    if len(wanted) > 1:
        for each in ax.findobj(Text):
            each.set_fontfamily(wanted)  # type: ignore[attr-defined]
    return ax


def nothing(ax: Axes, why: str) -> Axes:
    """A sentence where there is nothing to draw: an empty scale would show something."""
    ax.text(0.5, 0.5, why, transform=ax.transAxes, ha="center", va="center", color=FAINT, wrap=True)
    ax.set_axis_off()
    return ax


def dated(ax: Axes) -> None:
    """A horizontal axis of dates."""
    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    ax.set_xlabel("date")


def legend(ax: Axes, n: int) -> None:
    """The names of n lines above them, where there is more than one."""
    if n < 2:
        return
    ax.legend(frameon=False, ncols=3 if n > 6 else 2, loc="upper left", fontsize="small" if n > 6 else None)
    ax.set_ylim(top=ax.get_ylim()[1] * min(1.45, 1.12 + 0.07 * -(-n // 2)))


def ink_on(colour: Any) -> str:
    """What can be read on a colour: dark or white."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return INK if 0.3 * red + 0.59 * green + 0.11 * blue > 0.55 else "white"


def few(x: float) -> str:
    """A count in three significant digits, whole from a hundred on."""
    return f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"


def money(x: float) -> str:
    """An amount for an axis: 1.2M, 340k, 17."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(x) >= size:
            return f"{x / size:.3g}{letter}"
    return f"{x:.3g}"
