"""A chain of channels as a graph: where journeys begin, how they go on, where they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from attribution.plots.names import texts
from attribution.plots.sheet import INK, PALETTE, axes, caveat, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attribution.curves import Graph
    from attribution.journeys.ragged import Journeys

Reals = NDArray[np.float64]

ENDS: Final = (((-2.1, 0.0), "start"), ((2.1, 0.6), "conversion"), ((2.1, -0.6), "lost"))
COLOURS: Final = ("#555555", "#009E73", "#CC79A7")
RADIUS: Final = 11.0
"""Of a node, in points."""
BEND: Final = 0.16
WIDEST: Final = 7.0
"""Width of a certain step, in points."""
APART: Final = 0.17
"""Distance that the numbers of two steps keep, where they can."""


def markov_graph(
    journeys: Journeys,
    order: int = 1,
    ax: Axes | None = None,
    *,
    states: int = 8,
    least: float = 0.05,
    labels: int = 14,
) -> Axes:
    """The chain of journeys of an order: nodes are states, steps are as wide as they are probable.

    Drawn are the `states` most visited, the steps with a probability of at least `least`, and all that come from the
    start or lead to a conversion; the `labels` most probable, and the best three to a conversion, carry their numbers.
    Small print says what is not drawn.
    """
    from attribution.curves import steps_of

    graph = steps_of(journeys, order, states)
    places = _places(graph)
    ax = axes(ax, 10.0, 6.4)
    ax.set_xlim(-2.35, 2.5)
    ax.set_ylim(-1.45, 1.45)
    drawn = [(a, b) for a, b in zip(*np.nonzero(graph.p), strict=True) if graph.p[a, b] >= least or a == 0 or b == 1]
    drawn.sort(key=lambda step: -graph.p[step])
    wins = [step for step in drawn if step[1] == 1][:3]
    for a, b in drawn:
        _arrow(ax, places, a, b, graph.p[a, b])
    taken: list[Reals] = list(places)
    for a, b in dict.fromkeys([*drawn[:labels], *wins]):
        _number(ax, places, a, b, graph.p[a, b], taken)
    names = _names(graph)
    _nodes(ax, places, names)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_xlabel("width and numbers: probability of the next step (%)")
    rest = graph.n_states - len(names)
    hidden = f"Not drawn: {rest:,} states that are visited less." if rest else ""
    tidy(ax, f"Markov chain of order {order}: from channel to channel", names)
    ax.spines[:].set_visible(False)
    return caveat(
        ax,
        f"{hidden} Not drawn: steps between channels, and to the lost, below {100 * least:g}%.".strip(),
        "" if names else "There are no journeys.",
    )


def _names(graph: Graph) -> list[str]:
    """Names of states, a channel in each line."""
    channels = list(dict.fromkeys(channel for state in graph.states for channel in state))
    short = dict(zip(channels, texts(channels, 18), strict=True))
    return [" >\n".join(short[channel] for channel in state) for state in graph.states]


def _places(graph: Graph) -> Reals:
    """Where nodes are, states on an ellipse: where journeys begin at the left, where they convert at the right."""
    n = len(graph.states)
    angles = np.pi + 2 * np.pi * (np.arange(n) + 0.5) / max(n, 1)
    ring = np.stack([1.3 * np.cos(angles), 1.1 * np.sin(angles)], axis=1)
    first = np.argsort(-(graph.p[0, 3:] - graph.p[3:, 1]), kind="stable")
    out = np.empty((n, 2))
    out[first] = ring[np.lexsort((ring[:, 1], np.round(ring[:, 0], 6)))]
    return np.concatenate([[place for place, _ in ENDS], out])


def _arrow(ax: Axes, places: Reals, a: int, b: int, p: float) -> None:
    from matplotlib.patches import FancyArrowPatch

    wide = max(0.6, WIDEST * p)
    colour = COLOURS[b] if b in (1, 2) else COLOURS[0] if a == 0 else PALETTE[0]
    ax.add_patch(
        FancyArrowPatch(
            (places[a, 0], places[a, 1]), (places[b, 0], places[b, 1]), connectionstyle=f"arc3,rad={BEND}",
            arrowstyle=f"-|>,head_length={3 + 0.7 * wide},head_width={1.5 + 0.6 * wide}", mutation_scale=1.0,
            shrinkA=RADIUS, shrinkB=RADIUS + 1, linewidth=wide, color=_pale(colour), capstyle="butt",
            joinstyle="miter", gid=f"step {a} {b}",
        )
    )  # fmt: skip


def _pale(colour: str) -> tuple[float, ...]:
    """A colour with white in it: a thin veil would be darker where head and line of an arrow overlap."""
    from matplotlib.colors import to_rgb

    return tuple(0.6 * each + 0.4 for each in to_rgb(colour))


def _number(ax: Axes, places: Reals, a: int, b: int, p: float, taken: list[Reals]) -> None:
    """The probability on a step, at that part of its way where it is farthest from other numbers and nodes."""
    begin, end = places[a], places[b]
    across = end - begin
    middle = (begin + end) / 2 + BEND * np.array([across[1], -across[0]])
    ways = [
        (1 - t) ** 2 * begin + 2 * t * (1 - t) * middle + t**2 * end for t in (0.5, 0.4, 0.6, 0.32, 0.68, 0.25, 0.75)
    ]
    clear = [min(float(np.hypot(*(way - other))) for other in taken) for way in ways]
    at = next((at for at, far in enumerate(clear) if far >= APART), int(np.argmax(clear)))
    taken.append(ways[at])
    told = f"{100 * p:.0f}" if p >= 0.0995 else f"{100 * p:.2g}"
    white = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    x, y = map(float, ways[at])
    ax.text(x, y, told, ha="center", va="center", size=8, color=INK, zorder=4, bbox=white)


def _nodes(ax: Axes, places: Reals, names: list[str]) -> None:
    """Points, and their names outside of the ring of states."""
    colours = [*COLOURS, *[PALETTE[0]] * len(names)]
    ax.scatter(places[:, 0], places[:, 1], s=(2 * RADIUS) ** 2, c=colours, zorder=3, edgecolors="white", linewidths=1.5)
    inside = {"ha": "center", "textcoords": "offset points", "size": 9.5, "color": INK, "zorder": 5}
    white = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    for place, word in ENDS:
        ax.annotate(word, place, (0, -RADIUS - 4), va="top", bbox=white, **inside)  # type: ignore[arg-type]
    for (x, y), name in zip(places[3:], names, strict=True):
        up = y >= 0
        offset = (0, RADIUS + 4 if up else -RADIUS - 4)
        ax.annotate(name, (x, y), offset, va="bottom" if up else "top", bbox=white, **inside)  # type: ignore[arg-type]
