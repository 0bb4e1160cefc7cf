"""Pictures show what the curves say, from ten thousand prospects to none, and escape what is not meant as a formula."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from replays import REPLAY

import funnelsim as fs
from funnelsim.faces.plots import PALETTE, funnel, picture, queues, save_picture, wins
from funnelsim.results.curves import funnel_bars, queue_curves

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
