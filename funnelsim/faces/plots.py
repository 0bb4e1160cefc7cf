"""Pictures of a run: funnel, queues over time, broken promises. They take a dataset, return Axes, and compute nothing.

Colours are those of Okabe and Ito (2008), which the colour-blind can tell apart.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, StrMethodFormatter

from funnelsim.faces.terminal import plain
from funnelsim.results.curves import broken_by_hour, funnel_bars, queue_curves, recorded_lists, wins_curves

PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
HEAT: Final = ListedColormap(mpl.colormaps["YlOrBr"](np.linspace(0.06, 0.98, 256)), "heat")
"""From light to dark, which the colour-blind see as well (Harrower and Brewer 2003); none of them is white."""
DASHES: Final = ("-", "--", ":", "-.")
_LEAST: Final = 0.5
"""Where the logarithmic axis begins; a bar of nobody has no length."""
_INK, _FAINT, _PALE = "#222222", "#777777", "#cccccc"


def funnel(ds: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Bars of those who reached each stage, on a logarithmic axis, with counts and conversion in words."""
    ax = _axes(ax)
    bars = funnel_bars(ds)
    n = bars.sizes["stage"]
    means = bars["mean"].values
    colours = [PALETTE[2] if kind == "won" else PALETTE[0] for kind in bars["kind"].values]
    ax.set_xscale("log")
    ax.barh(np.arange(n), means, height=0.62, color=colours)
    ax.set_yticks(np.arange(n), [_short(name) for name in bars["stage"].values])
    ax.set_ylim(n - 0.4, -0.6)
    most = max(10.0, float(np.nanmax(means, initial=1.0)))
    decades = int(np.floor(np.log10(most)))
    # Room for the words behind the longest bar, where there is no scale.
    ax.set_xlim(_LEAST, _LEAST * (most / _LEAST) ** 1.75)
    ax.xaxis.set_major_locator(FixedLocator([10**power for power in range(decades + 1)]))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.spines["bottom"].set_bounds(_LEAST, most)
    for at in range(n):
        _label_bar(ax, at, bars, n)
    ax.set_xlabel("prospects of the period who reached the stage (logarithmic)", loc="left")
    ax.set_title("Funnel", loc="left")
    return _tidy(ax)


def _label_bar(ax: Axes, at: int, bars: xr.Dataset, n: int) -> None:
    """The count behind a bar, and the conversion between it and the next."""
    mean, low, high = (float(bars[name][at]) for name in ("mean", "low", "high"))
    spread = "" if np.isnan(low) or _few(low) == _few(high) else f"  ({_few(low)} to {_few(high)})"
    beside: dict[str, Any] = {"textcoords": "offset points", "va": "center"}
    ax.annotate(f"{_few(mean)}{spread}", (max(mean, _LEAST), at), (6, 0), color=_INK, **beside)
    conversion = float(bars["conversion"][at])
    if at < n - 1 and not np.isnan(conversion):
        ax.annotate(f"↓ {conversion:.3g}%", (_LEAST, at + 0.5), (8, 0), color=_FAINT, size=8, **beside)


def queues(ds: xr.Dataset, ax: Axes | None = None) -> Axes:
    """The number of prospects in line for each stage with a team: averages of the time buckets, with 95% bands."""
    ax = _axes(ax)
    curves = queue_curves(ds)
    edges, names = curves["edges"].values, curves["stage"].values
    for at, name in enumerate(names):
        line = curves.isel(stage=at)
        colour, dashes = PALETTE[at % len(PALETTE)], DASHES[at // len(PALETTE) % len(DASHES)]
        low, high, mean = (np.append(line[key].values, line[key].values[-1]) for key in ("low", "high", "mean"))
        ax.fill_between(edges, np.maximum(low, 0), high, step="post", color=colour, alpha=0.2, linewidth=0)
        ax.step(edges, mean, where="post", color=colour, linestyle=dashes, linewidth=1.8, label=_short(name))
    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("date")
    ax.set_ylabel(f"prospects in line (average of the {ds.attrs['bucket']})")
    ax.set_title("Queues over time" if names.size != 1 else f"Queue over time: {_short(names[0])}", loc="left")
    if names.size == 0:
        ax.text(
            0.5, 0.5, "no stage has a team: nobody waits in line", transform=ax.transAxes, ha="center", color=_FAINT
        )
        # Axes of nothing would show a day of 1970.
        ax.set_axis_off()
    elif names.size > 1:
        crowded = names.size > 6
        ax.legend(frameon=False, ncols=3 if crowded else 2, loc="upper left", fontsize="small" if crowded else None)
        ax.set_ylim(top=ax.get_ylim()[1] * min(1.3, 1.1 + 0.05 * -(-names.size // 2)))
    return _tidy(ax)


def wins(ds: xr.Dataset, name: str, ax: Axes | None = None) -> Axes:
    """Simulated wins of a replayed list by time bucket, with 95% intervals, over bars of the recorded ones."""
    ax = _axes(ax)
    curves = wins_curves(ds, name)
    places = np.arange(curves.sizes["bucket"])
    ax.bar(places, curves["recorded"], width=0.7, color=PALETTE[4], label="recorded in the list")
    spread = np.stack([curves["mean"] - curves["low"], curves["high"] - curves["mean"]])
    ax.errorbar(
        places,
        curves["mean"],
        None if np.isnan(spread).any() else spread,
        fmt="o",
        color=_INK,
        capsize=3,
        label="simulated",
    )
    ax.set_xticks(places, [str(label) for label in curves["bucket"].values], rotation=30 if places.size > 12 else 0)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("wins (deals)")
    ax.set_title(f"Wins by {ds.attrs['bucket']}: {_short(name)}", loc="left")
    ax.legend(frameon=False, loc="upper left")
    return _tidy(ax)


def heat(ds: xr.Dataset, stage: str, ax: Axes | None = None) -> Axes:
    """Broken promises of a stage by weekday and hour of coming: their share as colour, how many were judged as number;
    blank where nobody came. The dataset is one with what traces tell."""
    ax = _axes(ax)
    found = broken_by_hour(ds).sel(stage=stage)
    share, judged = 100 * found["share"].values, found["judged"].values
    days, hours = share.shape
    mesh = ax.pcolormesh(share, cmap=HEAT, vmin=0, vmax=100, edgecolors="white", linewidth=0.8)
    for day, hour in zip(*np.nonzero(judged), strict=True):
        red, green, blue, _ = HEAT(share[day, hour] / 100)
        ink = _INK if 0.3 * red + 0.59 * green + 0.11 * blue > 0.55 else "white"
        ax.text(hour + 0.5, day + 0.5, _little(judged[day, hour]), ha="center", va="center", size=7, color=ink)
    ax.set_yticks(np.arange(days) + 0.5, list(found["weekday"].values))
    ax.set_xticks(np.arange(0, hours + 1, 2), [f"{hour}:00" for hour in range(0, hours + 1, 2)])
    ax.invert_yaxis()
    ax.tick_params(length=0)
    came = "hour of the day at which the prospect came to the team"
    ax.set_xlabel(f"{came}; numbers: promises judged, mean of a replication", loc="left")
    ax.set_ylabel("weekday")
    whole, broken = float(found["judged_in_all"]), 100 * float(found["share_in_all"])
    told = f"{broken:.3g}% of {_few(whole)} promises broken" if whole else "nobody was judged"
    ax.set_title(f"{_short(stage)}: {found['stage_sla'].item()}; {told}", loc="left")
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.015, aspect=14, format="%g%%")
    bar.set_label("promises broken, of those judged")
    bar.outline.set_visible(False)
    ax.spines[:].set_color(_PALE)
    ax.tick_params(colors=_INK)
    return ax


def heat_picture(ds: xr.Dataset) -> Figure:
    """Broken promises of every stage with an SLA, one below the other, titled with the scenario."""
    stages = broken_by_hour(ds)["stage"].values
    with mpl.rc_context({"font.size": 9.5, "axes.titlesize": 11, "svg.hashsalt": "funnelsim"}):
        figure = Figure(figsize=(11, 1.0 + 3.4 * len(stages)), layout="constrained")
        FigureCanvasAgg(figure)
        for stage, ax in zip(stages, figure.subplots(len(stages), squeeze=False)[:, 0], strict=True):
            heat(ds, str(stage), ax)
        _headed(figure, ds, what=": when promises to respond are broken")
    return figure


def picture(ds: xr.Dataset) -> Figure:
    """Funnel and queues in one figure, wins beside recorded ones below, titled with the scenario."""
    n = int((ds["stage_kind"].values != "lost").sum())
    recorded = recorded_lists(ds)
    rows: list[Any] = [["funnel", "queues"], *([f"wins of {name}"] * 2 for name in recorded)]
    with mpl.rc_context({"font.size": 9.5, "axes.titlesize": 11, "svg.hashsalt": "funnelsim"}):
        figure = Figure(figsize=(11, max(4.4, 1.6 + 0.55 * n) + 3.2 * len(recorded)), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplot_mosaic(rows, width_ratios=[1.1, 1])
        funnel(ds, axes["funnel"])
        queues(ds, axes["queues"])
        for name in recorded:
            wins(ds, name, axes[f"wins of {name}"])
        _headed(figure, ds, note=", with 95% intervals")
    return figure


def _headed(figure: Figure, ds: xr.Dataset, what: str = "", note: str = "") -> None:
    """Title a figure with the scenario and what it shows of it, then period, replications and a note."""
    a = ds.attrs
    period = f"{str(a['measured_from'])[:10]} to {str(a['measured_until'])[:10]}"
    title = f"{plain(a['name'])[:90]}{what}\n{period}, replications: {a['replications']}{note}"
    figure.suptitle(title.replace("$", r"\$"), x=0.01, ha="left", fontsize=11)


def save_picture(ds: xr.Dataset, path: Path, draw: Callable[[xr.Dataset], Figure] = picture) -> None:
    """Draw into a png, svg or pdf file."""
    from funnelsim.results.files import whole

    with whole(path) as part, mpl.rc_context({"svg.hashsalt": "funnelsim"}):
        draw(ds).savefig(part, dpi=150, facecolor="white")


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    return Figure(layout="constrained").subplots()


def _tidy(ax: Axes) -> Axes:
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(colors=_INK)
    return ax


def _short(name: object) -> str:
    """A name that fits beside a bar; dollars are no formula."""
    text = plain(name)
    return (text if len(text) <= 24 else f"{text[:23]}…").replace("$", r"\$")


def _few(x: float) -> str:
    """A count in three significant digits from ten on, whole from a thousand on."""
    return f"{x:,.0f}" if x >= 100 else f"{x:.3g}"


def _little(x: float) -> str:
    """A count that fits into a small cell."""
    if x >= 999.5:
        return f"{x / 1000:.2g}k" if x < 9950 else f"{x / 1000:.0f}k"
    return f"{x:.0f}" if x >= 9.95 else f"{x:.1f}" if x >= 0.05 else "<.1"
