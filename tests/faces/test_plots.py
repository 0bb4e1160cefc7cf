"""Pictures show what the curves say, from ten thousand prospects to none, and escape what is not meant as a formula."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from replays import REPLAY

import funnelsim as fs
from funnelsim.plots import funnel, heat, heat_picture, picture, queues, save_picture, wins
from funnelsim.plots.heat import HEAT
from funnelsim.plots.sheet import PALETTE
from funnelsim.results.curves import broken_by_hour, funnel_bars, queue_curves

LEADS = """when,source,amount,status,closed
2026-01-05 10:00,ads,100,yes,2026-02-03
2026-02-10 10:00,mail,300,yes,2026-02-20
2026-02-11 10:00,mail,300,yes,2026-03-01
"""
TEXT = """
name: costs $5 or $6_x
start: 2026-01-05
horizon: 3 w
bucket: week
channels: {{c: {{arrivals: {{rate: {rate} / d}}}}}}
stages:
  a name that is much too long for a bar:
    team: sdr
    duration: 1 h
    exits: {{won: 1%, lost: {{rest: true}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
teams: {{sdr: {{reps: 1}}}}
"""


def made(rate, replications=3):
    return fs.simulate(fs.loads(TEXT.format(rate=rate)), replications=replications, seed=1)


def test_bars_are_as_long_as_the_counts():
    ds = made(100)
    ax = funnel(ds)
    assert isinstance(ax, Axes)
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], funnel_bars(ds)["mean"])
    words = [text.get_text() for text in ax.texts]
    assert any("%" in word for word in words)
    assert any(" to " in word for word in words)


def test_queues_are_drawn_on_the_axes_given_with_their_bands():
    ds = made(30)
    ax = Figure().subplots()
    assert queues(ds, ax) is ax
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_ydata()[:-1], queue_curves(ds)["mean"][:, 0])
    assert line.get_color() == PALETTE[0]
    assert len(ax.collections) == 1
    assert "prospects" in ax.get_ylabel()


@pytest.mark.parametrize("rate", [0.01, 30, 5000])
@pytest.mark.parametrize("replications", [1, 2])
def test_any_funnel_can_be_drawn(rate, replications, tmp_path):
    save_picture(made(rate, replications), tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("suffix", "mark"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_name_of_the_file_says_the_format(suffix, mark, tmp_path):
    save_picture(made(30), tmp_path / f"p.{suffix}")
    assert (tmp_path / f"p.{suffix}").read_bytes().startswith(mark)


def test_a_funnel_without_teams_says_that_nobody_waits():
    ds = fs.simulate(fs.load("mginf", {"horizon": "120 d"}), replications=2, seed=1)
    assert "nobody waits" in queues(ds).texts[0].get_text()
    assert picture(ds).axes


def test_recorded_wins_stand_below_simulated_ones(tmp_path):
    (tmp_path / "leads.csv").write_text(LEADS)
    ds = fs.simulate(
        fs.loads(REPLAY.replace("+ 2 w", "+ 4 w").format(file=tmp_path / "leads.csv")), replications=3, seed=1
    )
    ax = wins(ds, "leads")
    assert [bar.get_height() for bar in ax.patches][1:] == [2, 1]
    assert np.isnan(ax.patches[0].get_height())
    assert len(picture(ds).axes) == 3
    assert len(picture(made(30)).axes) == 2


def promising(rate, replications=3):
    text = TEXT.format(rate=rate).replace("duration: 1 h", "duration: 20 min\n    sla: {respond_within: 1 h}")
    text = text.replace("{reps: 1}", "{reps: 1, hours: mon-fri 9-17}")
    return fs.simulate(fs.loads(text), replications=replications, seed=1, traced=True)


def test_broken_promises_are_coloured_and_counted_where_somebody_came():
    ds = promising(3)
    (name,) = (str(stage) for stage in broken_by_hour(ds)["stage"].values)
    found = broken_by_hour(ds).sel(stage=name)
    came = found["judged"].values > 0
    assert 0 < came.sum() < came.size
    ax = Figure().subplots()
    assert heat(ds, name, ax) is ax
    (mesh,) = ax.collections
    shown = np.ma.filled(mesh.get_array().reshape(came.shape), np.nan)
    np.testing.assert_allclose(shown, 100 * found["share"])
    assert np.isnan(shown[~came]).all()
    places = {(int(text.get_position()[1]), int(text.get_position()[0])) for text in ax.texts}
    assert places == set(zip(*np.nonzero(came), strict=True))
    assert ax.get_yticklabels()[0].get_text() == "Mon"
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert "response within 1 h (business time)" in ax.get_title(loc="left")
    assert "promises broken" in ax.get_title(loc="left")
    assert "hour" in ax.get_xlabel()


def test_colours_of_broken_promises_only_get_darker_and_are_never_white():
    light = HEAT(np.linspace(0, 1, 101))[:, :3] @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(light) < 0.002).all()
    assert light[0] - light[-1] > 0.7
    assert light[0] < 0.99


@pytest.mark.parametrize("rate", [0.001, 300])
def test_any_promises_can_be_drawn(rate, tmp_path):
    ds = promising(rate, 1)
    save_picture(ds, tmp_path / "p.png", heat_picture)
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    told = heat_picture(ds).axes[0].get_title(loc="left")
    assert ("nobody was judged" in told) == (rate < 1)


def test_each_stage_with_a_promise_has_a_picture_of_its_own():
    text = TEXT.format(rate=20).replace("duration: 1 h", "duration: 1 h\n    sla: {respond_within: 1 h}")
    more = "  again: {team: sdr, duration: 1 h, sla: {respond_within: 2 h}, exits: {lost: 100%}}\n  won: {terminal"
    text = text.replace("exits: {won: 1%,", "exits: {again: 50%, won: 1%,").replace("  won: {terminal", more)
    ds = fs.simulate(fs.loads(text), replications=1, seed=1, traced=True)
    titles = [ax.get_title(loc="left") for ax in heat_picture(ds).axes]
    assert ["within 1 h" in title or "within 2 h" in title for title in titles].count(True) == 2
