"""What the tests of pictures share: journeys through channels of any name, every picture of them, and its words."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from attribution import plots
from attribution.comparison import credit, disagreement
from attribution.journeys import Journeys, from_events, from_paths
from attribution.models import First, Last, Linear, Markov

HOSTILE = [
    "$a_{1}$ costs $5",
    "100% & more_#~^\\",
    "<b>bold</b>",
    "a_very_long_name_of_a_campaign_2026_north",
    "a_very_long_name_of_a_campaign_2026_south",
    "канал поиск",
    "中文频道",
    "中文渠道",
    "العربية",
    "_hidden",
    "two\nlines\tand a tab\x00",
    "^{\\frac{1}{2}}$$ \\$",
]


def drawn(channels: list[str], n: int = 200, seed: int = 1) -> Journeys:
    """Journeys through channels at random, with and without conversion."""
    rng = np.random.default_rng(seed)
    paths = ["|".join(rng.choice(channels, rng.integers(1, 5))) for _ in range(n)]
    converted = (rng.random(n) < 0.4).astype(float)
    return from_paths(paths, converted, 1 - converted, separator="|")


def timed(days: list[float], lost: int = 0) -> Journeys:
    """Journeys of one touch that convert some days later, and some that do not."""
    begin, rows = datetime(2026, 1, 1), []
    for who, later in enumerate(days):
        rows += [(who, begin, "touch", "a"), (who, begin + timedelta(days=later), "conversion", None)]
    rows += [(len(days) + at, begin, "touch", "b") for at in range(lost)]
    who, time, kind, channel = zip(*rows, strict=True)
    return from_events(
        pa.table({"prospect": who, "time": time, "kind": kind, "channel": pa.array(channel, pa.string())})
    )


def words(ax: Axes) -> str:
    """All that stands on a sheet, on one line."""
    return " ".join(" ".join(each.get_text() for each in ax.findobj(Text)).split())


def figure_of(ax: Axes) -> Figure:
    found = ax.get_figure(root=True)
    assert found is not None
    return found


def every_picture(journeys: Journeys) -> dict[str, Axes]:
    """Each picture that journeys suffice for; a figure by its first Axes."""
    credits = credit(journeys, [First(), Last(), Linear(), Markov(1)], interval=90, resamples=20)
    return {
        "bars": plots.credit_bars(credits),
        "ranks": plots.rank_changes(credits),
        "matrix": plots.disagreement_matrix(disagreement(credits)),
        "removal": plots.removal_effects(journeys),
        "graph": plots.markov_graph(journeys),
        "graph of order 2": plots.markov_graph(journeys, 2),
        "picture": plots.picture(credits).axes[0],
        "lengths": plots.path_lengths(journeys),
    }
