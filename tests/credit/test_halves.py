"""Stability over halves: what chance must make of it, worked out without drawing."""

from __future__ import annotations

from dataclasses import replace
from math import comb, sqrt

import numpy as np
import pyarrow as pa
import pytest

from attribution import from_events, from_paths, stability
from attribution.halves import halves
from attribution.journeys import Journeys
from attribution.models import First, LeaveOneOut, Linear, Markov, ShaoLi, Shapley, ShapleyRate, TimeDecay

from .test_groups import log


def expected(n: int, m: int) -> tuple[float, float]:
    """Mean and standard deviation of the distance, where n and m conversions of two channels fall to halves."""
    distance, weight = [], []
    for a in range(n + 1):
        for b in range(m + 1):
            rest = n + m - a - b
            if a + b and rest:
                distance.append(abs(a / (a + b) - (n - a) / rest))
                weight.append(comb(n, a) * comb(m, b))
    at, of = np.array(distance), np.array(weight, float) / sum(weight)
    mean = float(at @ of)
    return mean, sqrt(float((at - mean) ** 2 @ of))


def people(n: int, m: int) -> Journeys:
    """One journey a prospect, of one touch."""
    who = np.arange(n + m) * 7 + 5
    channel = ["a"] * n + ["b"] * m
    return from_events(
        pa.table({"prospect": who, "time": np.ones(n + m), "channel": channel, "conversion": np.ones(n + m, int)})
    )


@pytest.mark.parametrize("counted", [True, False])
def test_halves_are_as_far_apart_as_coins_make_them(counted: bool) -> None:
    """Every way in which 30 and 20 conversions can fall, by hand; of rows that count, and of prospects."""
    journeys = from_paths(["a", "b"], [30, 20]) if counted else people(30, 20)
    found = stability(journeys, [First(), Shapley()], splits=2000, seed=5)
    mean, spread = expected(30, 20)
    for model in ("first", "shapley"):
        z = (float(found["mean_apart"].sel(model=model)) - mean) / (spread / sqrt(2000))
        print(f"{model}: z = {z:.2f}")
        assert abs(z) < 4
    # Half a conversion more or less on one side would be seen: the test can fail.
    assert abs(expected(15, 10)[0] - mean) > 8 * spread / sqrt(2000)


def test_the_halves_are_the_whole() -> None:
    """Each prospect, with all journeys, is in one half; another split is another half, a split alone the same."""
    journeys = from_events(log())
    assert journeys.prospect is not None
    one, other = halves(journeys, 3, 0)
    for part, rest, whole in zip(one, other, (journeys.converted, journeys.lost, journeys.value), strict=True):
        np.testing.assert_array_equal(part + rest, whole)
    side = {}
    for prospect, is_first in zip(journeys.prospect, one[0] + one[1] > 0, strict=True):
        assert side.setdefault(prospect, is_first) == is_first
    assert 0.4 < np.mean(list(side.values())) < 0.6
    assert (halves(journeys, 3, 0)[0][1] == one[1]).all()
    for seed, split in ((3, 1), (4, 0)):
        same = np.mean(
            (halves(journeys, seed, split)[0][0] + halves(journeys, seed, split)[0][1] > 0) == (one[0] + one[1] > 0)
        )
        assert 0.4 < same < 0.6
    counts = from_paths(["a", "b > a"], [30.5, 2], [7, 0], [61, 8])
    one, other = halves(counts, 0, 0)
    for part, rest, whole in zip(one, other, (counts.converted, counts.lost, counts.value), strict=True):
        np.testing.assert_allclose(part + rest, whole, rtol=1e-12)
        assert (part >= 0).all()
        assert (rest >= 0).all()


def test_the_order_of_rows_changes_nothing() -> None:
    table = log()
    models = [Linear(), Markov(2), TimeDecay(), LeaveOneOut(), ShapleyRate()]
    order = np.random.default_rng(2).permutation(table.num_rows)
    one, other = (
        stability(from_events(each), models, splits=4)["apart"] for each in (table, table.take(pa.array(order)))
    )
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    # By prospect, not by place: split by place, the order would matter.
    by_place = [replace(from_events(each), prospect=None) for each in (table, table.slice(7))]
    assert not np.allclose(*(stability(each, models, splits=4)["apart"] for each in by_place))


def test_the_bootstrap_expects_what_halves_show() -> None:
    """A model that only counts, one that solves chains and one of games: within 25%, four standard errors
    of 80 splits; a variance that is forgotten would be 29% off or more."""
    journeys = from_events(log(30_000))
    found = stability(journeys, [Linear(), Markov(1), Shapley(), TimeDecay()], splits=80, seed=1, resamples=300)
    ratio = found["mean_apart"] / found["expected_apart"]
    print(ratio.to_series())
    assert (abs(ratio - 1) < 0.25).all()
    assert found["expected_apart"].attrs["resamples"] == 300


def test_one_channel_is_never_apart_and_nobody_is_nowhere() -> None:
    found = stability(from_paths(["a"], [40], [60]), [First(), ShaoLi()])
    assert (found["apart"] == 0).all()
    nobody = stability(from_paths(["a > b"], [0], [60]), [First(), ShaoLi()], resamples=20)
    for name in ("apart", "mean_apart", "largest_apart", "expected_apart"):
        assert nobody[name].isnull().all()


def test_a_half_that_does_not_suffice_is_not_known() -> None:
    """Of two prospects, one of whom was lost: in every half somebody is missing."""
    table = pa.table({"prospect": [1, 2], "time": [1.0, 1.0], "channel": ["a", "b"], "conversion": [0, 1]})
    assert stability(from_events(table), [ShaoLi()])["apart"].isnull().all()


def test_models_that_are_not_named_are_all_that_suffice() -> None:
    told: list[int] = []
    found = stability(from_paths(["a > b"], [30]), splits=3, progress=told.append)
    assert "skipped: time_decay" in found.attrs
    assert "markov_1" in found["model"].values
    assert told == [1, 1, 1]
    with pytest.raises(ValueError, match="time_decay: it needs the times of touches"):
        stability(from_paths(["a > b"], [30]), [TimeDecay()])
    with pytest.raises(ValueError, match="splits: 0; it must be at least 1"):
        stability(from_paths(["a > b"]), splits=0)
