"""The sheet a picture is drawn on: size, colours, title, small print. It knows nothing of what is drawn.

Colours are those of Okabe and Ito (2008) and of Tol (2021, muted), which the colour-blind can tell apart.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attribution.plots.names import families, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#555555")
MUTED: Final = ("#332288", "#CC6677", "#44AA99", "#882255", "#117733", "#DDCC77", "#AA4499", "#88CCEE", "#999933")
"""For channels where models stand beside them in the other colours."""
HATCHES: Final = ("", "////", "....", "xxxx")
DASHES: Final = ("-", "--", ":", "-.")
INK, FAINT, PALE = "#222222", "#666666", "#cccccc"
NOTE: Final = "small print"
SMALL: Final = 7.5
"""Size of small print, in points."""


def axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The Axes given, or new ones on a sheet of so many inches that nobody has to close."""
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").subplots()


def tidy(ax: Axes, title: str, names: Sequence[str] = (), above: float = 0.0) -> Axes:
    """The Axes with a title and without a box, in fonts that have the letters of all names.

    `above` is the room for a legend between title and Axes, in points.
    """
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(colors=INK)
    ax.set_title(title, loc="left", pad=6.0 + above)
    wanted = families(names)
    if len(wanted) > len(families([])):
        from matplotlib.text import Text

        for each in ax.findobj(Text):
            each.set_fontfamily(wanted)  # type: ignore[attr-defined]
    return ax


def caveat(ax: Axes, *notes: str) -> Axes:
    """Small print below the label of the horizontal axis: notes, then that credit is not incremental effect."""
    from attribution.comparison import CAVEAT

    return small_print(ax, *notes, CAVEAT)


def small_print(ax: Axes, *notes: str) -> Axes:
    """Notes in small print below the label of the horizontal axis, one below the other, no wider than the Axes.

    They come last: how wide the Axes are depends on all that stands beside them.
    """
    above: Any = ax.xaxis.label
    for note in notes:
        if note:
            # Each hangs on what is above it, whose place is known only when it is drawn.
            above = ax.annotate(
                note, (0, 0), (0, -4 if above is ax.xaxis.label else 0), xycoords=("axes fraction", above),
                textcoords="offset points", ha="left", va="top", size=SMALL, color=FAINT, annotation_clip=False,
                gid=NOTE, fontfamily=families([note]), in_layout=False,
            )  # fmt: skip
    figure: Any = ax.get_figure(root=True)
    found = [(each, child) for each in figure.get_axes() for child in each.texts if child.get_gid() == NOTE]
    for _, child in found:
        child.set_in_layout(False)
    figure.draw_without_rendering()
    for each, child in found:
        _wrap(child, each.get_window_extent().width)
        child.set_in_layout(True)
    return ax


def _wrap(note: Any, width: float) -> None:
    """Break a note into lines of so many pixels."""
    whole = " ".join(note.get_text().split())
    note.set_text(whole)
    # Letters are a little wider or narrower at other resolutions.
    letters = int(0.92 * len(whole) * width / max(note.get_window_extent().width, 1.0))
    note.set_text("\n".join(textwrap.wrap(whole, max(30, letters), break_long_words=False)))


def nothing(ax: Axes, why: str) -> None:
    """A sentence where there is nothing to draw."""
    ax.text(0.5, 0.5, why, transform=ax.transAxes, ha="center", va="center", color=FAINT)


def listed(names: Sequence[Any], what: str) -> str:
    """A sentence that names what is not shown, the first thirty by name; empty if nothing is."""
    if not names:
        return ""
    told = ", ".join(text(name, 40) for name in names[:30])
    rest = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return f"Not shown: {what} {told}{rest}."


def ink_on(colour: Any) -> str:
    """What can be read on a colour: dark or white."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(colour)
    return INK if 0.3 * red + 0.59 * green + 0.11 * blue > 0.55 else "white"


def style(at: int) -> dict[str, Any]:
    """Colour and hatching of the bars of one of many."""
    hatch = HATCHES[at // len(PALETTE) % len(HATCHES)]
    return {"color": PALETTE[at % len(PALETTE)], "hatch": hatch, "edgecolor": "white", "linewidth": 0}
