"""Sweeps: which points there are, that each is the run it would be alone, and which may be the best."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import funnelsim as fs
from funnelsim.core.problems import ScenarioError
from funnelsim.results.files import open_result, save_result
from funnelsim.scenario.model import Scenario
from funnelsim.studies.best import best, best_sentence, paths
from funnelsim.studies.designs import designed, size
from funnelsim.studies.paired import Sample
from funnelsim.studies.points import check_size, duration
from funnelsim.studies.screening import contenders
from funnelsim.studies.varied import scale, varied

SMALL = """\
name: small
start: 2026-01-05
horizon: 6 w
channels: {leads: {arrivals: {rate: 20 / d}}}
stages:
  call:
    team: sdr
    duration: {exponential: {mean: 1 h}}
    sla: {respond_within: 2 h}
    exits: {won: 30%, lost: {rest: true}}
  won: {terminal: won}
  lost: {terminal: lost}
segments: {all: {share: 1, deal_value: 100}}
teams: {sdr: {reps: 4, salary: 3000 / mo}}
"""


@pytest.fixture(scope="module")
def small() -> Scenario:
    return fs.loads(SMALL)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2..5", (2, 3, 4, 5)),
        ("2..10..4", (2, 6, 10)),
        ("10%..30%..5%", ("10%", "15%", "20%", "25%", "30%")),
        ("0.1..0.3..0.1", (0.1, 0.2, 0.3)),
        ("5min,1h,1d", ("5min", "1h", "1d")),
        ("{fixed: {value: 1, unit: 2}}, [3, 4]", ("{fixed: {value: 1, unit: 2}}", "[3, 4]")),
        (range(2, 4), (2, 3)),
        ([1, "2 h"], (1, "2 h")),
        ("7", ("7",)),
    ],
)
def test_ranges_and_lists_are_their_values(text: Any, values: tuple[Any, ...]) -> None:
    (found,) = varied({"a.b": text})
    assert found.values == values


@pytest.mark.parametrize(
    ("text", "levels"),
    [("10%..30%", ("10%", "20%", "30%")), ("1 h..2 h", ("1 h", "1.5 h", "2 h")), ("1..4 d", ("1 d", "2.5 d", "4 d")),
     ("1.0..2", (1, 1.5, 2))],
)  # fmt: skip
def test_continuous_ranges_have_as_many_values_as_asked(text: str, levels: tuple[Any, ...]) -> None:
    (found,) = varied({"a.b": text})
    assert found.is_continuous
    assert found.levels(3) == levels


@pytest.mark.parametrize(
    ("text", "said"),
    [("10..2", "backwards"), ("2..2", "empty"), ("", "no value"), ("1,,2", "missing between commas"),
     ("1,2,1", "twice"), ("1 h..2 d", "same unit"), ("a..b", "no range"), ("1..2..3..4", "no range"),
     ("1..9..0", "above 0"), ("1..9..-1", "above 0"), ("0..1e9..1e-3", "at most 100,000"), ([], "no value")],
)  # fmt: skip
def test_what_is_no_range_is_refused(text: Any, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        varied({"a.b": text})


def test_all_that_is_wrong_is_said_at_once_and_an_empty_sweep_is_refused() -> None:
    with pytest.raises(ScenarioError) as caught:
        varied({"a": "9..1", "b": "x..y", "c": "1..2"})
    assert [problem.key for problem in caught.value.problems] == ["a", "b"]
    with pytest.raises(ScenarioError, match="nothing is varied"):
        varied({})


def test_axes_have_numbers_where_values_have_one_unit_and_hours_where_they_have_several() -> None:
    assert scale(["5min", "1h", "1d"]) == ([5 / 60, 1.0, 24.0], "h")
    assert scale(["10%", "20%"]) == ([10.0, 20.0], "%")
    assert scale([2, 3]) == ([2, 3], "")
    assert scale(["fifo", "lifo"]) == (["fifo", "lifo"], "")


def test_a_grid_has_all_combinations_and_the_last_path_is_fastest() -> None:
    parts = varied({"a": "1..2", "b": "x,y,z"})
    points = designed(parts, "grid", None, 1)
    assert [tuple(point.values()) for point in points] == [(1, "x"), (1, "y"), (1, "z"), (2, "x"), (2, "y"), (2, "z")]
    assert size(parts) == 6


def test_a_latin_hypercube_has_each_value_equally_often() -> None:
    """Sixteen points: each of four values four times, each sixteenth of a continuous range once."""
    points = designed(varied({"a": "1..4", "b": "0%..16%"}), "lhs", 16, 3)
    assert np.bincount([point["a"] for point in points]).tolist() == [0, 4, 4, 4, 4]
    assert sorted(int(float(point["b"].rstrip("%"))) for point in points) == list(range(16))


def test_a_sobol_sequence_has_one_point_in_each_box() -> None:
    """Sixteen points of a (0, 4, 2)-net: one in each of the boxes 4 by 4."""
    points = designed(varied({"a": "0%..100%", "b": "0%..100%"}), "sobol", 16, 3)
    boxes = {tuple(int(float(value.rstrip("%")) // 25) for value in point.values()) for point in points}
    assert len(boxes) == 16


@pytest.mark.parametrize(
    ("design", "points", "said"),
    [("gird", None, "Did you mean grid"), ("sobol", 50, "write --points 32 or 64"), ("lhs", 1, "at least 2")],
)
def test_designs_that_cannot_be_are_refused(design: str, points: int | None, said: str) -> None:
    with pytest.raises(ScenarioError, match=f"(?i){said}"):
        designed(varied({"a": "1..4"}), design, points, 1)


def test_each_point_is_the_run_that_it_would_be_alone(small: Scenario, tmp_path: Path) -> None:
    ds = fs.sweep(small, {"teams.sdr.reps": range(2, 4), "stages.call.exits.won": "20%,40%"}, seed=5, replications=6)
    assert ds.attrs["kind"] == "sweep"
    assert ds["value"].dims == ("teams.sdr.reps", "stages.call.exits.won", "measure")
    assert ds["stages.call.exits.won"].attrs["units"] == "%"
    alone = fs.simulate(
        fs.loads(SMALL, {"teams.sdr.reps": 3, "stages.call.exits.won": "40%"}), replications=6, seed=5, expected=True
    )
    cell = ds.sel({"teams.sdr.reps": 3, "stages.call.exits.won": 40.0, "measure": "wins"})
    assert cell["top"].values.tolist() == alone["expected_wins"].values.tolist()
    assert float(cell["value"]) == pytest.approx(float(alone["expected_wins"].mean()))
    assert float(cell["value_low"]) == pytest.approx(float(fs.interval(alone["expected_wins"])["low"]))
    save_result(ds, tmp_path / "s.nc")
    again = open_result(tmp_path / "s.nc")
    assert paths(again) == ["teams.sdr.reps", "stages.call.exits.won"]
    assert best_sentence(again) == best_sentence(ds)


def test_other_designs_have_points(small: Scenario) -> None:
    ds = fs.sweep(small, {"stages.call.exits.won": "20%..40%"}, seed=5, replications=3, design="sobol", points=4)
    assert ds["value"].dims == ("point", "measure")
    assert ds["stages.call.exits.won"].dims == ("point",)
    assert 20 <= float(ds["stages.call.exits.won"].min()) < float(ds["stages.call.exits.won"].max()) <= 40


def test_the_best_is_found_and_what_may_be_as_good_is_named(small: Scenario) -> None:
    """More reps win more up to some five, and each costs: 3,000 a month; of conversions the largest is best."""
    ds = fs.sweep(small, {"stages.call.exits.won": "20%,21%,40%"}, seed=5, replications=20)
    found = best(ds, "wins")
    assert found.at == {"stages.call.exits.won": "40%"}
    assert found.rivals == [found.at]
    assert "No other of the 3 points may be as good" in best_sentence(ds, "wins")
    # Costs are the same at all points.
    assert len(best(ds, "cost").rivals) == 3
    with pytest.raises(ScenarioError, match="Did you mean profit"):
        best(ds, "profits")
    with pytest.raises(ScenarioError, match="no such measure"):
        best(ds, "utilisation.sdr")


def test_what_a_scenario_refuses_is_said_with_its_point(small: Scenario) -> None:
    with pytest.raises(ScenarioError) as caught:
        fs.sweep(small, {"teams.sdr.reps": "0..1", "stages.call.sla.respond_withn": "1 h,2 h"}, seed=1)
    said = str(caught.value)
    assert (
        "at teams.sdr.reps=0, stages.call.sla.respond_withn=1 h and 1 more point: teams.sdr.reps: there are no" in said
    )
    assert "and 3 more points: stages.call.sla.respond_withn" in said
    assert "Did you mean respond_within?" in said


def test_a_grid_that_is_too_large_says_how_long_it_would_take(small: Scenario) -> None:
    with pytest.raises(ScenarioError, match=r"10,201 points of 50 replications, about [\d.,]+ \w+ on this machine"):
        fs.sweep(small, {"teams.sdr.reps": "1..101", "stages.call.exits.won": "10%..90%"}, seed=1, points=101)
    with pytest.raises(ScenarioError, match="5,000 points"):
        fs.sweep(small, {"stages.call.exits.won": "10%..90%"}, seed=1, points=5000, design="lhs")
    check_size(small, 2000, 10**6, 1, None)


def test_durations_are_said_as_people_say_them() -> None:
    assert [duration(x) for x in (0.2, 5, 60, 20_000)] == ["12 minutes", "5.0 hours", "2.5 days", "2.3 years"]


REPEATED = 2000


def test_the_best_is_among_the_contenders_as_often_as_the_level_says() -> None:
    """Six normal alternatives on common random numbers, five of them exactly as good as each other and one best by
    nothing at all: the hardest case. Bonferroni may only hold it more often."""
    rng, hits, sizes = np.random.default_rng(1), 0, []
    means = np.array([0.0, 0, 0, 0, 0, -3.0])
    for _ in range(REPEATED):
        rows = means[:, None] + rng.normal(size=(1, 15)) * 3 + rng.normal(size=(6, 15))
        stays = contenders([Sample(row) for row in rows], 1, 0.95)
        hits += bool(stays[0])
        sizes.append(int(stays.sum()))
        assert not stays[5]
    z = (hits / REPEATED - 0.95) / math.sqrt(0.05 * 0.95 / REPEATED)
    print(f"the best stayed in {hits / REPEATED:.1%}, z {z:+.1f}; {np.mean(sizes):.2f} stayed of 6")
    assert z > -4


def test_without_a_share_of_the_level_the_best_is_lost_too_often() -> None:
    """Negative control: each comparison at 95% by itself."""
    rng, hits = np.random.default_rng(1), 0
    for _ in range(REPEATED):
        rows = rng.normal(size=(6, 15))
        samples = [Sample(row) for row in rows]
        hits += all(bool(contenders([samples[0], other], 1, 0.95)[0]) for other in samples[1:])
    assert (hits / REPEATED - 0.95) / math.sqrt(0.05 * 0.95 / REPEATED) < -4
