"""Pictures show what the dataset says, carry the caveat, and stay readable whatever channels are called."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from matplotlib import cbook, rc_context
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text

from attribution import curves, plots
from attribution.comparison import CAVEAT, credit, disagreement
from attribution.journeys import Journeys, from_events, from_paths
from attribution.models import ALL, First, Last, Linear, Markov, ShaoLi, Shapley
from attribution.plots import names
from attribution.plots.graph import WIDEST

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


# Bars


def test_bars_are_as_long_as_the_credit_and_named() -> None:
    credits = credit(drawn(list("abc")), [First(), Linear(), Shapley()])
    for of, scale in (("share", 100), ("conversions", 1), ("value", 1)):
        ax = Figure().subplots()
        assert plots.credit_bars(credits, ax=ax, of=of) is ax
        order = [label.get_text() for label in ax.get_yticklabels()]
        assert sorted(order) == list("abc")
        for model, bars in zip(credits["model"].values, ax.containers, strict=True):
            expected = scale * credits[of].sel(model=model, channel=order)
            np.testing.assert_allclose([bar.get_width() for bar in bars], expected, rtol=1e-15)
        legend = ax.get_legend()
        assert legend is not None
        assert [each.get_text() for each in legend.get_texts()] == ["first", "linear", "shapley"]
    assert "(currency)" in ax.get_xlabel()


def test_intervals_end_where_the_dataset_says() -> None:
    credits = credit(drawn(list("abc")), [First(), Markov(1)], interval=80, resamples=20)
    # An interval need not hold what it is about: bars with error lines of a negative length would be refused.
    credits["share_interval"].loc[{"model": "first"}] += 0.5
    ax = plots.credit_bars(credits)
    order = [label.get_text() for label in ax.get_yticklabels()]
    lines = [each for each in ax.collections if isinstance(each, LineCollection)]
    for at, model in enumerate(["first", "markov_1"]):
        between, low, high = (np.array(each.get_segments()) for each in lines[3 * at : 3 * at + 3])
        ends = 100 * credits["share_interval"].sel(model=model, channel=order)
        np.testing.assert_allclose(between[:, :, 0], ends.transpose("channel", "bound"), rtol=1e-15)
        for cap, bound in ((low, "low"), (high, "high")):
            np.testing.assert_allclose(cap[:, :, 0].T, [ends.sel(bound=bound)] * 2, rtol=1e-15)
        centres = [bar.get_y() + bar.get_height() / 2 for bar in ax.containers[at]]
        np.testing.assert_allclose(between[:, 0, 1], centres)
    assert "80% intervals of 20 draws" in words(ax)
    assert "intervals" not in words(plots.credit_bars(credits.drop_vars("share_interval")))


def test_many_models_and_channels_are_cut_and_named() -> None:
    journeys = drawn([f"channel {at}" for at in range(15)], 400)
    credits = credit(journeys)
    assert credits.sizes["model"] > 12
    ax = plots.credit_bars(credits)
    assert len(ax.containers) == 6
    shown = [label.get_text() for label in ax.get_yticklabels()]
    assert len(shown) == 12
    legend = ax.get_legend()
    assert legend is not None
    models = [each.get_text() for each in legend.get_texts()]
    for left_out in {*credits["model"].values, *credits["channel"].values} - {*models, *shown}:
        assert f"{left_out}" in words(ax).partition("Not shown")[2]
    smallest = abs(credits["share"]).sel(model=models, channel=shown).sum("model").min()
    others = [name for name in credits["channel"].values if name not in shown]
    assert abs(credits["share"]).sel(model=models, channel=others).sum("model").max() <= smallest
    everything = plots.credit_bars(credits, list(credits["model"].values), channels=list(credits["channel"].values))
    assert len(everything.containers) == credits.sizes["model"]
    assert "Not shown" not in words(everything)


def test_what_is_not_there_is_refused() -> None:
    credits = credit(drawn(list("ab")), [First()])
    with pytest.raises(ValueError, match="models: there is no model 'last'; the dataset has first"):
        plots.credit_bars(credits, ["last"])
    with pytest.raises(ValueError, match="channels: there is no channel 'c'; the dataset has a, b"):
        plots.rank_changes(credits, channels=["c"])
    with pytest.raises(ValueError, match="of is 'worth'; it must be one of share, conversions, value"):
        plots.credit_bars(credits, of="worth")


# Ranks


def ranked() -> Any:
    """First: a 5, b 3, c 2. Last: b 5, a and c tied. By hand."""
    return credit(from_paths(["a > b", "b > a", "c > c", "a > c"], [5, 2.5, 2, 0.5]), [First(), Last()])


def test_ranks_by_hand() -> None:
    found = curves.ranks(ranked())
    # First: 5.5, 2.5, 2. Last: 2.5, 5, 2.5; by the mean, a is before c.
    assert found["rank"].values.tolist() == [[1, 2, 3], [2, 1, 3]]
    assert found["tied"].values.tolist() == [[False] * 3, [True, False, True]]


def test_lines_are_at_the_ranks_and_named_at_both_ends() -> None:
    ax = plots.rank_changes(ranked())
    found = curves.ranks(ranked()).sel(channel=["a", "b", "c"])
    np.testing.assert_array_equal([line.get_ydata() for line in ax.lines], found["rank"].values.T)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    right = {each.xy[1]: each.get_text() for each in ax.texts if getattr(each, "xy", (0,))[0] == 1}  # type: ignore[attr-defined]
    assert right == {1: "b", 2: "a", 3: "c"}
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert "Hollow points: ties" in words(ax)


def test_a_model_that_credits_nothing_ranks_nobody() -> None:
    credits = ranked()
    for name in ("share", "conversions"):
        credits[name].loc[{"model": "last"}] = 0.0
    ax = plots.rank_changes(credits)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["first"]
    assert "No credit, so no ranks: last." in words(ax)


# Journeys


def test_touches_of_journeys_by_hand() -> None:
    journeys = from_paths(["a", "a > b", "a > b > a"], [1, 3, 0], [6, 0, 2])
    ax = plots.path_lengths(journeys)
    assert [[bar.get_height() for bar in bars] for bars in ax.containers] == [[25, 75, 0], [75, 0, 25]]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "3"]
    assert "converted (4)" in words(ax)
    assert "not converted (8)" in words(ax)


def test_the_last_bar_holds_all_that_is_longer() -> None:
    journeys = from_paths([" > ".join("a" * n) for n in (1, 60, 90, 500)], [1] * 4)
    ax = plots.path_lengths(journeys)
    heights = [bar.get_height() for bar in ax.containers[0]]
    assert len(heights) == 40
    assert (heights[0], heights[-1], sum(heights)) == (25, 75, 100)
    assert "40 and more" in ax.get_xlabel()


def test_time_to_conversion_by_hand() -> None:
    journeys = timed([1, 2, 2, 4, 4, 4, 4, 4, 9, 30], lost=5)
    ax = plots.time_to_conversion(journeys)
    curve = ax.lines[0]
    assert np.asarray(curve.get_xdata()).tolist() == [0, 1, 2, 4, 9, 30]
    np.testing.assert_allclose(curve.get_ydata(), [0, 10, 30, 80, 90, 100], rtol=1e-15)
    assert "50% within 4 days" in words(ax)
    assert "90% within 9 days" in words(ax)
    assert "10 conversions" in words(ax)
    assert "(days)" in ax.get_xlabel()


def test_short_times_are_in_hours() -> None:
    ax = plots.time_to_conversion(timed([0.25, 0.5, 1]))
    assert np.asarray(ax.lines[0].get_xdata()).tolist() == [0, 6, 12, 24]
    assert "(hours)" in ax.get_xlabel()


def test_time_needs_times() -> None:
    with pytest.raises(ValueError, match="these journeys know only their order"):
        plots.time_to_conversion(from_paths(["a"]))


# Chains


def counted(paths: list[list[str]], order: int) -> dict[tuple[Any, Any], float]:
    """Probabilities of steps, counted in dictionaries."""
    steps: Counter[tuple[Any, Any]] = Counter()
    for path, end in ((each[:-1], each[-1]) for each in paths):
        windows = [tuple(path[:order])] + [tuple(path[at - order + 1 : at + 1]) for at in range(order, len(path))]
        kept = [each for at, each in enumerate(windows) if at == 0 or each != windows[at - 1]]
        steps.update(zip(["start", *kept], [*kept, end], strict=True))
    leaves: Counter[Any] = Counter()
    for (origin, _), n in steps.items():
        leaves[origin] += n
    return {step: n / leaves[step[0]] for step, n in steps.items()}


@pytest.mark.parametrize("order", [1, 2, 3])
def test_steps_are_those_counted_by_hand(order: int) -> None:
    rng = np.random.default_rng(order)
    paths = [[*rng.choice(list("abc"), rng.integers(1, 6)), str(rng.choice(["conversion", "lost"]))] for _ in range(80)]
    texts, won = [" > ".join(path[:-1]) for path in paths], np.array([path[-1] == "conversion" for path in paths])
    steps = curves.steps_of(from_paths(texts, won.astype(float), (~won).astype(float)), order, most=100)
    nodes = ["start", "conversion", "lost", *steps.states]
    expected = counted(paths, order)
    found = {(nodes[a], nodes[b]): steps.p[a, b] for a, b in zip(*np.nonzero(steps.p > 1e-15), strict=True)}
    assert found.keys() == expected.keys()
    assert all(found[step] == pytest.approx(p, rel=1e-12) for step, p in expected.items())
    assert steps.n_states == len(steps.states)
    # What comes in goes out: visits are those that the counts give.
    visits = np.array([sum(steps.p[0, at] for at in [3 + s]) for s in range(len(steps.states))])
    np.testing.assert_allclose(steps.visits, visits + steps.visits @ steps.p[3:, 3:], atol=1e-5)
    assert (np.diff(steps.visits) <= 1e-12).all()


def test_arrows_are_as_wide_as_steps_are_probable() -> None:
    """Three journeys of which one converts: Bryl (2016)."""
    ax = plots.markov_graph(from_paths(["C1 > C2 > C3", "C1", "C2 > C3"], [1, 0, 0], [0, 1, 1]))
    wide = sorted(each.get_linewidth() / WIDEST for each in ax.patches if isinstance(each, FancyArrowPatch))
    # By hand: start to C1 2/3, to C2 1/3; C1 to C2 and to the lost 1/2; C2 to C3 1; C3 to conversion and lost 1/2.
    np.testing.assert_allclose(wide, [1 / 3, 1 / 2, 1 / 2, 1 / 2, 1 / 2, 2 / 3, 1], rtol=1e-12)
    texts = Counter(each.get_text() for each in ax.texts)
    assert texts["50"] == 4
    assert {"67", "33", "100", "start", "conversion", "lost", "C1", "C2", "C3"} <= set(texts)


def test_a_graph_says_what_it_does_not_draw() -> None:
    ax = plots.markov_graph(drawn(list("abcdefgh")), states=3, least=0.2)
    assert "Not drawn: 5 states" in words(ax)
    assert "below 20%" in words(ax)
    for each in ax.patches:
        assert isinstance(each, FancyArrowPatch)
        _, a, b = each.get_gid().split()  # type: ignore[union-attr]
        assert each.get_linewidth() >= 0.2 * WIDEST or a == "0" or b == "1"


def test_removal_effects_of_bryl_2016() -> None:
    ax = plots.removal_effects(from_paths(["C1 > C2 > C3", "C1", "C2 > C3"], [1, 0, 0], [0, 1, 1]))
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [100, 100, 50], rtol=1e-14)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["C2", "C3", "C1"]
    assert {"50%", "100%"} <= {each.get_text() for each in ax.texts}


def test_the_matrix_holds_the_numbers() -> None:
    between = disagreement(ranked())
    ax = plots.disagreement_matrix(between)
    (mesh,) = ax.collections
    np.testing.assert_allclose(np.asarray(mesh.get_array()).reshape(2, 2), 100 * between)
    cells = {each.get_position(): each.get_text() for each in ax.texts if not each.get_gid()}
    # By hand: (5.5, 2.5, 2) and (2.5, 5, 2.5) of 10 differ by 6; half of it is 30%.
    assert cells == {(0.5, 0.5): "0", (1.5, 0.5): "30", (0.5, 1.5): "30", (1.5, 1.5): "0"}


# All of them


def test_every_chart_of_credit_says_that_credit_is_not_effect() -> None:
    found = every_picture(drawn(list("abcd")))
    assert {name for name, ax in found.items() if CAVEAT not in words(ax)} == {"lengths"}
    picture = figure_of(found["picture"])
    assert [CAVEAT in words(ax) for ax in picture.axes] == [True, True]


@pytest.mark.parametrize("channels", [HOSTILE, ["a"], [chr(0x10FFFF) * 40, "\ud7ff" * 40, "W" * 40]])
def test_nothing_leaves_the_sheet_or_lies_on_the_picture(channels: list[str]) -> None:
    for name, ax in every_picture(drawn(channels)).items():
        figure = figure_of(ax)
        # Another resolution than that at which lines were broken: letters are of other widths.
        figure.set_dpi(80)
        figure.draw_without_rendering()
        sheet, box = figure.bbox.padded(2), ax.get_window_extent()
        below = [ax.xaxis.label, *(each for each in ax.texts if each.get_gid() == "small print")]
        heights = [box.y0, *(end for each in below for end in each.get_window_extent().intervaly[::-1])]
        assert (np.diff(heights) < 1).all(), name
        # Lines of thirty letters are not broken, however narrow the Axes.
        notes = [each for each in below[1:] if max(map(len, each.get_text().splitlines())) > 30]
        assert all(each.get_window_extent().x1 <= box.x1 + 1 for each in notes), name
        for label in ax.get_yticklabels():
            assert label.get_window_extent().x1 <= box.x0, (name, label.get_text())
        # Ticks beyond the ends of an axis are there, but not drawn.
        low, high = sorted(ax.get_xlim())
        ticks = [each for each in ax.get_xticklabels() if low <= each.get_position()[0] <= high]
        for each in (*ax.texts, *ticks, *ax.get_yticklabels(), ax.xaxis.label, ax.title):
            extent = each.get_window_extent()
            inside = sheet.containsx(extent.x0) and sheet.containsx(extent.x1) and sheet.containsy(extent.y0)
            assert inside or not each.get_text(), (name, each.get_text())


def test_names_stay_text(tmp_path: Any) -> None:
    assert cbook.is_math_text(HOSTILE[0] + "$")
    for name, ax in every_picture(drawn(HOSTILE)).items():
        texts = [each.get_text() for each in ax.findobj(Text)]
        assert not any(cbook.is_math_text(each) for each in texts), name
        if name == "picture":
            for suffix in ("png", "svg", "pdf"):
                figure_of(ax).savefig(tmp_path / f"p.{suffix}")


def test_short_names_are_all_different() -> None:
    shown = names.texts(HOSTILE)
    assert len(set(shown)) == len(HOSTILE)
    assert shown[0] == r"\$a_{1}\$ costs \$5"
    assert shown[1:3] == HOSTILE[1:3]
    assert shown[3].endswith("2026_north")
    assert shown[4].endswith("2026_south")
    assert names.text(" ") == "' '"
    assert shown[10] == "two lines and a tab\\x00"
    assert all(len(each.replace("\\$", "$")) <= names.MOST for each in shown)
    alike = names.texts(["x" * 20 + middle + "y" * 20 for middle in "abc"])
    assert len(set(alike)) == 3


def test_letters_that_no_font_has_are_written_as_numbers() -> None:
    assert names.text("\U0001faf6 \x00") == "\\U0001faf6 \\x00"
    assert names.text("канал") == "канал"


def test_letters_of_another_font_are_looked_for() -> None:
    """STIX has no Arabic, a font that comes with Matplotlib has."""
    with rc_context({"font.family": ["STIXGeneral"]}):
        assert names.text("العربية") == "العربية"
        assert len(names.families(["العربية"])) == 2
        assert names.families(["plain"]) == ["STIXGeneral"]
        ax = plots.credit_bars(credit(drawn(["العربية", "b"]), [First()]))
        figure_of(ax).draw_without_rendering()


@pytest.mark.parametrize(
    "journeys",
    [
        from_paths(["a"]),
        from_paths(["a > a", "a"], [0, 0], [3, 4]),
        from_paths(["a > b", "c"], [0, 0], [3, 4]),
        from_paths([]),
    ],
)
def test_little_can_be_drawn_too(journeys: Journeys) -> None:
    for ax in every_picture(journeys).values():
        figure_of(ax).draw_without_rendering()
    assert "no conversion" in words(plots.credit_bars(credit(journeys, ALL[:2]))) or journeys.conversions


def test_times_of_no_conversion_are_said_to_be_none() -> None:
    ax = plots.time_to_conversion(timed([], lost=3))
    assert "no conversions" in words(ax)
    at_once = plots.time_to_conversion(timed([0.0, 0.0]))
    assert "50% within 0 hours" in words(at_once)
    for each in (ax, at_once):
        figure_of(each).draw_without_rendering()


def test_one_model_is_named_in_the_title_and_stands_alone() -> None:
    picture = plots.picture(credit(drawn(list("ab")), [ShaoLi()]))
    (ax,) = picture.axes
    assert "by shao_li" in ax.get_title(loc="left")


def test_no_figure_is_left_open() -> None:
    every_picture(drawn(list("ab")))
    assert plt.get_fignums() == []


def test_importing_pictures_loads_no_drawing() -> None:
    loaded = "{'matplotlib', 'numba', 'xarray', 'pandas', 'funnelsim'} & {*sys.modules}"
    code = f"import attribution.plots, sys; print(*{loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
