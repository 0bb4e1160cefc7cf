"""Journeys as such: how many touches they have, and how long they take to convert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from attribution.plots.sheet import FAINT, INK, PALETTE, axes, nothing, small_print, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attribution.journeys.ragged import Journeys

LONGEST: Final = 40
"""Bars of a histogram; what is longer stands in the last."""
TAIL: Final = 0.01
"""Part of journeys that need no bars, or no room, of their own."""


def path_lengths(journeys: Journeys, ax: Axes | None = None) -> Axes:
    """Bars of how many journeys have so many touches, in per cent of those that converted and of those that did not."""
    from attribution.curves import most_of
    from attribution.curves import path_lengths as lengths_of

    found = lengths_of(journeys)
    groups = [("converted", "converted", PALETTE[2]), ("lost", "not converted", PALETTE[4])]
    last = min(LONGEST, max(2, *(most_of(found[name].values, 1 - TAIL) for name, _, _ in groups)))
    ax = axes(ax, 8.0, 4.2)
    places = np.arange(last + 1)
    for at, (name, words, colour) in enumerate(groups):
        counts, total = found[name].values, float(found[name].sum())
        bars = np.zeros(last + 1)
        bars[: counts.size] = counts[: last + 1]
        bars[last] += counts[last + 1 :].sum()
        shown = 100 * bars / max(total, 1e-300)
        label = f"{words} ({total:,.0f})"
        ax.bar(places[1:] - 0.2 + 0.4 * at, shown[1:], width=0.4, color=colour, label=label)
    longer = found.sizes["touches"] - 1 > last
    every = -(-last // 20)
    ticks = [at for at in range(1, last) if (at - 1) % every == 0 and (at + every <= last or every == 1)]
    ax.set_xticks([*ticks, last], [*map(str, ticks), f"{last}+" if longer else str(last)])
    ax.set_xlim(0.4, last + 0.6)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("touches of the journey" + (f" (last bar: {last} and more)" if longer else ""))
    ax.set_ylabel("journeys (% of their kind)")
    if journeys.n:
        ax.legend(frameon=False, loc="upper right")
    else:
        nothing(ax, "no journeys")
    return tidy(ax, "Touches of journeys")


def time_to_conversion(journeys: Journeys, ax: Axes | None = None) -> Axes:
    """The curve of the conversions that were there some time after the first touch, with the times of half and 90%.

    Raises ValueError where journeys know only the order of touches.
    """
    from attribution.curves import conversion_times

    found = conversion_times(journeys)
    ax = axes(ax, 8.0, 4.2)
    days, by_then = found["days"].values, 100 * found["by_then"].values
    ax.set_ylim(0, 104)
    ax.set_ylabel("conversions by then (% of all)")
    title = "From the first touch to the conversion"
    if not days.size:
        ax.set_xlabel("time from the first touch to the conversion (days)")
        nothing(ax, "no conversions")
        return tidy(ax, title)
    shown_to = float(days[np.searchsorted(by_then, 100 * (1 - TAIL))])
    unit, per_day = ("days", 1.0) if shown_to >= 2 else ("hours", 24.0)
    ax.step(per_day * np.append(0.0, days), np.append(0.0, by_then), where="post", color=PALETTE[0], linewidth=1.8)
    ax.set_xlim(0, 1.05 * per_day * shown_to if shown_to > 0 else 1.0)
    for part in (50, 90):
        _mark(ax, per_day * float(days[np.searchsorted(by_then, part - 1e-9)]), part, unit)
    ax.set_xlabel(f"time from the first touch to the conversion ({unit})")
    late = 100 - float(by_then[days <= shown_to][-1])
    longest = f"{per_day * days[-1]:,.3g} {unit}"
    tidy(ax, f"{title} ({found.attrs['conversions']:,.0f} conversions)")
    return small_print(
        ax,
        f"Later: {late:.1g}%, up to {longest}." if late > 1e-9 else "",
        "Journeys without a conversion are not in it.",
    )


def _mark(ax: Axes, at: float, part: int, unit: str) -> None:
    """A point on the curve, and when it is reached."""
    ax.plot([at, at], [0, part], color=FAINT, linewidth=0.8, linestyle=":")
    ax.plot([at], [part], marker="o", color=PALETTE[0], markersize=6)
    words = f"{part}% within {at:,.3g} {unit}"
    left = at > 0.6 * ax.get_xlim()[1]
    beside = {"ha": "right", "va": "bottom"} if left else {"ha": "left", "va": "top"}
    ax.annotate(words, (at, part), (-8, 3) if left else (8, -4), textcoords="offset points", color=INK, **beside)  # type: ignore[arg-type]
