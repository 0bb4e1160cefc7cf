"""Pictures show what the dataset says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from attribution import curves, plots
from attribution.comparison import credit, disagreement
from attribution.journeys import MILESTONES, from_paths
from attribution.models import LEAD_CREATION, First, Last, Linear, Markov, Shapley
from attribution.plots.graph import WIDEST

from .pictures import drawn, timed, words

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


def test_a_model_that_credits_nobody_is_white_in_the_matrix() -> None:
    """Without a touch before a lead the model of lead creation credits nobody: it agrees with none, nor with itself."""
    reached = np.full((200, len(MILESTONES)), -1, np.int32)
    journeys = replace(drawn(list("ab")), milestones=reached, milestone_names=MILESTONES)
    between = disagreement(credit(journeys, [First(), LEAD_CREATION, Last()]))
    ax = plots.disagreement_matrix(between)
    cells = {each.get_position() for each in ax.texts if not each.get_gid()}
    assert cells == {(0.5, 0.5), (2.5, 0.5), (0.5, 2.5), (2.5, 2.5)}
    assert "nan" not in words(ax)
    assert "White: a model that credits nobody." in words(ax).replace("\n", " ")
    # The darkest colour is that of the largest number that is known.
    assert ax.collections[0].get_clim() == (0.0, pytest.approx(max(1.0, 100 * float(between.max()))))
