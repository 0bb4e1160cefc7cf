"""Pictures show the numbers of their datasets, each with its interval, and names stay text."""

import warnings

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_rgb

import funnelsim as fs
from funnelsim.plots.names import text, texts
from funnelsim.plots.sheet import PALETTE
from funnelsim.results.flow_map import flow_map

TEXT = """
name: recycling
start: 2026-01-05
horizon: 26 w
warmup: 4 w
channels:
  web: {arrivals: {rate: 40 / d}}
  fair: {arrivals: {rate: 3 / d}, enters: talk}
stages:
  read: {duration: 1 d, exits: {talk: 30%, lost: {rest: true, reason: asleep}}}
  talk:
    team: sdr
    duration: 20 min
    sla: {respond_within: 2 h, clock: calendar}
    exits: {won: 20%, read: 10%, lost: {rest: true}}
  won: {terminal: won}
  lost: {terminal: lost, recycle: {to: read, after: 10 d, share: 40%, at_most: 1}}
teams: {sdr: {reps: 2, hours: mon-fri 9-17, salary: 4000 / mo}}
policies:
  more: {set: {teams.sdr.reps: 3}}
  fewer: {set: {teams.sdr.reps: 1}, cost: 10 / mo}
"""


@pytest.fixture(scope="module")
def run():
    return fs.simulate(fs.loads(TEXT), replications=6, seed=1)


@pytest.fixture(scope="module")
def comparison():
    from funnelsim.studies.compare import compare

    found = compare(fs.loads(TEXT), seed=1, replications=6)
    return found.assign_coords(policy=["baseline", "more", "$odd_ <name>"])


def drawn(ax):
    """All words of a picture, drawn without a warning; warnings are errors."""
    ax.figure.draw_without_rendering()
    return "\n".join(each.get_text() for each in ax.figure.findobj(mpl.text.Text))


def test_what_enters_a_stage_is_what_flows_into_it(run):
    ways = flow_map(run)
    entries = run["entries"].sum("bucket").mean("replication")
    for stage in ("read", "talk", "won"):
        into = float(ways["mean"].values[ways["to"].values == stage].sum())
        assert into == pytest.approx(float(entries.sel(stage=stage)))
    kinds = dict(zip(ways["kind"].values, ways["mean"].values, strict=True))
    assert set(kinds) == {"new", "on", "back", "lost", "again"}
    # Four in ten of the lost come back, once.
    lost = float(entries.sel(stage="lost"))
    assert 0.2 * lost < kinds["again"] < 0.4 * lost


def test_newcomers_are_those_born_in_the_period(run):
    ways = flow_map(run)
    new = float(ways["mean"].values[ways["kind"].values == "new"].sum())
    assert new == pytest.approx(float(run["prospects"].mean()))


def test_flows_have_their_numbers(run):
    words = drawn(fs.plots.flow(run))
    ways = flow_map(run)
    for at in range(ways.sizes["way"]):
        if ways["kind"].values[at] != "on":
            assert f"{float(ways['mean'][at]):,.0f}" in words


def test_work_in_process_is_that_of_the_dataset(run):
    ax = fs.plots.work_in_process(run)
    want = run["work_in_process"].mean("replication").isel(stage=run["stage_kind"].values == "open")
    for at, line in enumerate(ax.lines):
        np.testing.assert_allclose(line.get_ydata()[:-1], want.isel(stage=at))
    assert len(ax.collections) == 2
    assert "prospects" in ax.get_ylabel()


def test_responses_show_quantiles_and_how_far_the_promise_is_kept(run):
    ax = fs.plots.responses(run)
    want = run["response_time_quantile"].sel(stage="talk").mean("replication")
    np.testing.assert_allclose(ax.lines[0].get_xdata(), np.maximum(want, 1 / 120))
    kept, broken = (float(run[name].sel(stage="talk").sum()) for name in ("within_sla", "breaches"))
    words = drawn(ax)
    assert f"{100 * kept / (kept + broken):.1f}%" in words
    assert "within 2 h (calendar time)" in words
    assert ax.lines[1].get_xdata()[0] == 2
    assert "calendar" in ax.get_xlabel()


def test_a_promise_on_business_time_has_no_line_on_a_calendar_axis():
    text_ = TEXT.replace(", clock: calendar", "")
    ds = fs.simulate(fs.loads(text_), replications=2, seed=1)
    assert len(fs.plots.responses(ds).lines) == 1


def test_reps_are_as_busy_as_the_dataset_says(run):
    ax = fs.plots.utilisation(run)
    np.testing.assert_allclose(
        [bar.get_width() for bar in ax.patches], 100 * run["rep_utilisation"].mean("replication")
    )
    assert "%" in drawn(ax)


@pytest.mark.parametrize("policy", ["more", "$odd_ <name>"])
def test_a_forest_has_an_interval_for_each_difference(comparison, policy):
    ax = fs.plots.forest(comparison, policy)
    base = comparison["value"].sel(policy="baseline")
    row = comparison["difference"].sel(policy=policy)
    want = (100 * row / abs(base)).values[base.values != 0]
    points = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1]
    np.testing.assert_allclose(points, want)
    assert "intervals" in ax.get_xlabel()
    words = drawn(ax)
    assert "worse" in words or "better" in words


def test_a_waterfall_ends_at_what_is_left(comparison):
    ax = fs.plots.waterfall(comparison, "more")
    brings, costs, leaves = (
        float(comparison["worth"].sel(policy="more", term=t)) for t in ("brings", "costs", "leaves")
    )
    bars = [bar for bar in ax.patches if bar.get_width() == pytest.approx(0.6)]
    assert [bar.get_height() for bar in bars] == pytest.approx([brings, -costs, leaves])
    assert bars[1].get_y() == pytest.approx(brings)
    assert brings - costs == pytest.approx(leaves)
    assert "/ mo" in ax.get_ylabel()


def test_a_fan_has_a_band_for_each_pair_of_quantiles():
    quantiles = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
    months = np.array(["2026-01-01", "2026-02-01"], "datetime64[ns]")
    values = ("measure", "month", "quantile"), np.arange(14.0).reshape(1, 2, 7)
    coords = {"month": months, "quantile": quantiles, "measure": ["revenue"], "unit": ("measure", ["USD"])}
    ds = xr.Dataset({"band": values, "total_band": values}, coords, {"target": 5.0})
    assert "target" not in drawn(fs.plots.fan(ds))
    ax = fs.plots.fan(ds, total=True)
    assert len(ax.collections) == 3
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [3, 10])
    words = drawn(ax)
    assert all(each in words for each in ("95 of 100", "80 of 100", "50 of 100", "target 5", "USD"))


def test_a_tornado_has_both_ends_with_their_intervals():
    ends = np.array([[-3.0, 4.0], [1.0, -1.0]])
    both = ("assumption", "end")
    columns = {"difference": (both, ends, {"units": "USD"}), "difference_low": (both, ends - 1),
               "difference_high": (both, ends + 1), "at": (both, [[0.1, 0.3], [2, 5]])}  # fmt: skip
    ds = xr.Dataset(columns, {"assumption": ["$a$", "b"], "end": ["low", "high"]}, {"measure_title": "wins"})
    ax = fs.plots.tornado(ds)
    assert [bar.get_width() for bar in ax.patches] == [-3, 4, 1, -1]
    assert "0.1" in drawn(ax)


def test_labels_of_a_tornado_stand_on_either_side_where_an_assumption_moves_nothing():
    both = ("assumption", "end")
    still = {name: (both, np.zeros((1, 2))) for name in ("difference", "difference_low", "difference_high")}
    ds = xr.Dataset(still | {"at": (both, [[80, 200]])}, {"assumption": ["a"], "end": ["low", "high"]})
    sides = {label.get_text(): label.get_ha() for label in fs.plots.tornado(ds).texts}
    assert sides == {"80": "right", "200": "left"}


def test_at_once_has_no_neighbour_on_the_axis_of_responses(run):
    ticks = [label.get_text() for label in fs.plots.responses(run).get_xticklabels()]
    assert ("at once" in ticks) != ("1 min" in ticks)


def test_a_surface_is_cells_for_two_parameters_and_a_line_for_one():
    dims = ("a.reps", "b.time", "measure")
    value = np.arange(6.0).reshape(2, 3, 1)
    columns = {name: (dims, value + shift) for name, shift in (("value", 0), ("value_low", -1), ("value_high", 1))}
    coords = {"a.reps": [1, 2], "b.time": [1.0, 2.0, 3.0], "b.time_as_written": ("b.time", ["5 min", "1 h", "1 d"]),
              "measure": ["wins"], "title": ("measure", ["wins"]), "unit": ("measure", ["deals"])}  # fmt: skip
    ds = xr.Dataset(columns, coords)
    ax = fs.plots.surface(ds, "wins")
    np.testing.assert_allclose(ax.collections[0].get_array().ravel(), value.ravel())
    assert "± 1" in drawn(ax)
    assert "5 min" in drawn(ax)
    line = fs.plots.surface(ds.isel({"a.reps": 1}), "wins")
    np.testing.assert_allclose(line.lines[0].get_ydata(), [3, 4, 5])


NAMES = ["$a_b$ $x^2$", "$", "_hidden", "<script>", "stage " * 60, "‮abc⁦", "中文", "", " ", "a\nb", "\\frac{1}{2}", "{"]


def test_names_stay_text(run):
    """With a formula that is none a picture would not be drawn at all, and a missing letter warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in NAMES:
            ds = run.assign_coords(stage=[name, f"{name}2", "won", "lost"], rep=[name, "b"])
            for draw in (fs.plots.funnel, fs.plots.queues, fs.plots.utilisation, fs.plots.work_in_process):
                drawn(draw(ds))
    assert "_hidden" in drawn(fs.plots.work_in_process(run.assign_coords(stage=["_hidden", "b", "won", "lost"])))


def test_names_are_short_different_and_never_empty():
    assert text("") == "''"
    assert len(text("x" * 300)) == 24
    assert len(set(texts(["x" * 300, "x" * 301, "y"]))) == 3
    assert "‮" not in text("‮abc")
    assert text("$5") == r"\$5"


def test_the_colour_blind_can_tell_the_first_colours_apart():
    """Simulated deuteranopia and protanopia (Viénot, Brettel and Mollon 1999), distances in linear light."""
    to_lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    blind = {
        "deutan": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
        "protan": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
    }
    linear = np.array([to_rgb(colour) for colour in PALETTE]) ** 2.2

    def nearest(colours):
        apart = np.linalg.norm(colours[:, None] - colours[None], axis=2)
        return apart[np.triu_indices(len(colours), 1)].min()

    for matrix in blind.values():
        seen = linear @ (np.linalg.inv(to_lms) @ matrix @ to_lms).T
        assert nearest(seen) > 0.1
    # Negative control: pure red and the green that a deutan takes for it.
    pair = np.array([[1.0, 0, 0], [0.0, 0.2, 0.0]])
    seen = pair @ (np.linalg.inv(to_lms) @ blind["deutan"] @ to_lms).T
    assert nearest(seen) < nearest(pair)
