"""Games of one's own: values that textbooks give, games of rates and of fitted models, and what cannot be asked."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hazard_worlds import UNTIL, drawn
from hypothesis import given, settings
from hypothesis import strategies as st

import attribution
from attribution.journeys import Journeys, from_paths
from attribution.journeys.ragged import DAY_US
from attribution.models import AdditiveHazard, BaggedLogistic, CausalHazard, Linear, ShapleyGame, ShapleyRate, game_of
from attribution.testing import OfPaths, check_model, laws_for

Names = frozenset[str]
ROWS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5), st.integers(0, 5), st.integers(0, 5)),
    min_size=1,
    max_size=10,
)


def rate(names: Names, journeys: Journeys) -> float:
    """Conversions a journey, of the journeys inside a set."""
    won = lost = 0.0
    for j in range(journeys.n):
        codes = journeys.channel[journeys.offsets[j] : journeys.offsets[j + 1]]
        if {journeys.channels[code] for code in codes} <= names:
            won, lost = won + journeys.converted[j], lost + journeys.lost[j]
    return won / (won + lost) if won + lost else 0.0


def values(worth: Callable[[Names], float], channels: str) -> dict[str, float]:
    """Shapley values by channel."""
    journeys = from_paths([" > ".join(channels)], [1], [1])
    return dict(zip(journeys.channels, ShapleyGame(worth).credit(journeys).details["shapley"], strict=True))


def test_a_pair_of_gloves() -> None:
    """One left glove, two right ones; a pair is worth 1: 4/6, 1/6, 1/6 (Shapley and Shubik, 1969)."""
    found = values(lambda names: min(len(names & {"l"}), len(names & {"r", "s"})), "lrs")
    assert found == pytest.approx({"l": 4 / 6, "r": 1 / 6, "s": 1 / 6}, rel=1e-15)


def test_a_runway() -> None:
    """The longest plane says what it costs; who needs a stretch shares it alike (Littlechild and Owen, 1973)."""
    costs = {"a": 8, "b": 11, "c": 13, "d": 18}
    found = values(lambda names: max((costs[name] for name in names), default=0), "abcd")
    assert found == pytest.approx({"a": 2, "b": 3, "c": 4, "d": 9}, rel=1e-15)


def test_unanimity_and_what_nobody_brings() -> None:
    """All of a set or nothing: each of it alike. What the empty set is worth is nobody's."""
    found = values(lambda names: 5.0 + 12.0 * ({"a", "c", "d"} <= names), "abcd")
    assert found == pytest.approx({"a": 4, "b": 0, "c": 4, "d": 4}, abs=1e-14)
    about = ShapleyGame(lambda names: 5 + len(names)).credit(from_paths(["a > b"], [3], [1]))
    assert (about.details["empty"], about.details["grand"]) == (5, 7)
    np.testing.assert_allclose(about.conversions, [1.5, 1.5], rtol=1e-15)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_the_game_of_rates_is_that_of_rates(rows: Any) -> None:
    paths, won, lost = zip(*[*rows, (list("abcd"), 1, 1)], strict=True)
    journeys = from_paths([" > ".join(path) for path in paths], won, lost, 7.0 * np.array(won))
    found, ours = (model.credit(journeys) for model in (ShapleyGame(rate, True), ShapleyRate()))
    for name in ("shapley", "grand"):
        np.testing.assert_allclose(found.details[name], ours.details[name], rtol=1e-12, atol=1e-14)
    if abs(ours.details["shapley"].sum()) > 1e-6:
        np.testing.assert_allclose(found.conversions, ours.conversions, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(found.value, ours.value, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("credits", ["conversions", "value"])
def test_laws(credits: str) -> None:
    """Told of journeys, a game keeps what holds of games of rates; a fixed one the laws of every model."""
    told = OfPaths(ShapleyGame(rate, True), credits)
    report = check_model(told, laws_for("names", "rates", *told.families), seed=1, cases=12)
    assert report.passed, str(report)
    fixed = OfPaths(ShapleyGame(lambda names: len(names) ** 2 + ("mail" in names)), credits)
    report = check_model(fixed, [law for law in laws_for(*fixed.families) if law.name != "nobody"], cases=12)
    assert report.passed, str(report)


def test_a_game_that_says_no_channel_is_worth_something_is_credited_so() -> None:
    """Negative control: a function that counts a channel nobody met credits it; the law of nobody sees that."""
    assert not check_model(OfPaths(ShapleyGame(len)), ["nobody"]).passed


def test_beyond_twenty_channels_orders_are_drawn() -> None:
    names = [f"c{at:02d}" for at in range(24)]
    weights, asked = dict(zip(names, range(1, 25), strict=True)), []

    def worth(of: Names) -> float:
        asked.append(of)
        return sum(weights[name] for name in of)

    journeys = from_paths([" > ".join(names)], [600], [1])
    found = ShapleyGame(worth, permutations=20).credit(journeys)
    np.testing.assert_allclose(found.conversions, np.arange(1, 25) * 2.0, rtol=1e-12)
    np.testing.assert_allclose(found.details["standard_error"], 0, atol=1e-6)
    assert len(asked) == len(set(asked)) <= 20 * 23 + 2
    # Four channels that matter only together: 3 each, up to the errors that are said.
    pairs = ShapleyGame(lambda of: float(len(of & set(names[:4])) == 4) * 12, permutations=4000, seed=1).credit(
        journeys
    )
    z = (pairs.details["shapley"][:4] - 3) / pairs.details["standard_error"][:4]
    print("z", z.round(2))
    assert np.abs(z).max() < 4
    assert 0 < pairs.details["standard_error"][:4].max() < 0.15


def test_intervals_and_segments_ask_again_where_journeys_are_told() -> None:
    journeys = from_paths(["a", "b", "a > b"], [30, 10, 25], [70, 90, 75])
    models = [ShapleyGame(len, called="alike"), ShapleyGame(rate, True, called="rates"), ShapleyRate()]
    found = attribution.credit(journeys, models, interval=90, resamples=16)
    interval = found["share_interval"]
    np.testing.assert_allclose(interval.sel(model="alike"), 0.5, rtol=1e-12)
    np.testing.assert_allclose(interval.sel(model="rates"), interval.sel(model="shapley_rate"), rtol=1e-9)
    assert float(np.ptp(interval.sel(model="rates", channel="a").values)) > 0.05


# Games of fitted models


def without(journeys: Journeys, names: Names) -> list[list[int]]:
    """The touches of each journey whose channels are in a set."""
    ends = zip(journeys.offsets[:-1], journeys.offsets[1:], strict=True)
    return [[at for at in range(a, b) if journeys.channels[journeys.channel[at]] in names] for a, b in ends]


SETS = [frozenset(names) for size in range(4) for names in combinations("abc", size)]


@pytest.mark.parametrize("counts", [False, True])
def test_the_game_of_a_regression(counts: bool) -> None:
    """Logits added up touch by touch; at the maximum all channels together foresee the conversions."""
    rng = np.random.default_rng(3)
    paths = [" > ".join(rng.choice(list("abc"), rng.integers(1, 5))) for _ in range(80)]
    journeys = from_paths(paths, rng.integers(0, 9, 80), rng.integers(0, 20, 80))
    model = BaggedLogistic(bags=0, counts=counts, ridge=1e-12)
    about, game = model.credit(journeys).details, game_of(model, journeys)
    for names in SETS:
        total = 0.0
        for j, touches in enumerate(without(journeys, names)):
            codes = [int(journeys.channel[at]) for at in touches]
            logit = about["intercept"] + sum(about["coefficients"][code] for code in (codes if counts else set(codes)))
            total += (journeys.converted[j] + journeys.lost[j]) / (1 + np.exp(-logit))
        assert game(names) == pytest.approx(total, rel=1e-12)
    assert game(frozenset("abc")) == pytest.approx(journeys.conversions, rel=1e-8)


@pytest.fixture(scope="module")
def world() -> Journeys:
    return drawn(1500, [0.5, 0.3, 0.2], [1.0, 0.2, 0.5], seed=3, base=0.01, factor=2.0)


@pytest.mark.parametrize("model", [AdditiveHazard(UNTIL), CausalHazard(UNTIL), CausalHazard(UNTIL, pairs=True)])
@pytest.mark.parametrize("expected", [False, True])
def test_the_game_of_a_hazard(world: Journeys, model: Any, expected: bool) -> None:
    """Rates added up touch by touch, from the formula."""
    assert world.time is not None
    assert world.end is not None
    credit = model.credit(world)
    about, game = credit.details, game_of(model, world, credit, expected=expected)
    factor = about.get("factor", np.ones((3, 3)))
    for names in SETS:
        total = 0.0
        for j, touches in enumerate(without(world, names)):
            end = world.end[j] if expected and world.converted[j] else UNTIL
            hazard, met = about.get("baseline", 0.0) * (end - world.time[world.offsets[j]]) / DAY_US, set()
            for at in touches:
                code = int(world.channel[at])
                gone = 1 - np.exp(-about["omega"][code] * (end - world.time[at]) / DAY_US)
                hazard += about["beta"][code] * np.prod([factor[other, code] for other in met - {code}]) * gone
                met.add(code)
            total += hazard if expected else 1 - np.exp(-hazard)
        assert game(names) == pytest.approx(total, rel=1e-10)


@pytest.mark.parametrize("model", [AdditiveHazard(UNTIL), CausalHazard(UNTIL)])
def test_where_rates_add_up_the_value_is_what_is_expected(world: Journeys, model: Any) -> None:
    """The game of expected conversions is a sum over channels: each gets what the fit expects of it, its credit."""
    credit = model.credit(world)
    about = ShapleyGame(game_of(model, world, credit, expected=True)).credit(world).details
    np.testing.assert_allclose(about["shapley"], credit.conversions, rtol=2e-3)
    if "expected" in credit.details:
        np.testing.assert_allclose(about["shapley"], credit.details["expected"], rtol=1e-9)
    # Chances do not add up: of what the baseline and others would have brought, nothing is brought again.
    chances = ShapleyGame(game_of(model, world, credit)).credit(world).details
    assert chances["shapley"].sum() == pytest.approx(chances["grand"] - chances["empty"], rel=1e-12)
    assert (chances["shapley"] < about["shapley"]).all()


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda paths: game_of(Linear(), paths), "game_of: linear foresees no conversions; known are bagged_logistic"),
        (lambda paths: game_of(BaggedLogistic(), paths), "of 100 bags is no one fit; say bags=0, one of everything"),
        (lambda paths: game_of(BaggedLogistic(bags=0), paths, expected=True), "bagged_logistic knows no time at risk"),
        (lambda paths: game_of(BaggedLogistic(bags=0), paths)(frozenset("ax")), "game_of: no channel x; known are a"),
        (lambda paths: ShapleyGame(lambda names: np.nan).credit(paths), "worth of no channel is nan; it must"),
        (lambda paths: ShapleyGame(lambda names: "b" in names and "much").credit(paths), "worth of b is 'much'"),
        (lambda paths: ShapleyGame(3), "shapley_game: worth is 3; give a function of a frozenset of channels"),  # type: ignore[arg-type]
        (lambda paths: attribution.explain("shapley_game"), "ShapleyGame has no defaults"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(ask: Callable[[Journeys], Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ask(from_paths(["a > b", "a"], [2, 1], [1, 2]))


def test_a_game_is_explained() -> None:
    told = " ".join(str(attribution.explain(ShapleyGame(rate, True, 50, 3))).split())
    assert "v(S) = rate(S, journeys)" in told
    assert "50 orders are drawn with seed 3" in told
