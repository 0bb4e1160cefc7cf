"""Every model against exact values on PathData: 10,000 paths of 12 channels, 19,785 conversions, 68,602 without.

The exact values come from a reference written from the definitions: sums row by row, linear solves, no Monte Carlo.
Removal effects are 1 minus something there, so they are rounded to some units of 1e-16 whatever their size, and a
channel whose effect is small is known less well than the others.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from attribution.comparison import credit
from attribution.journeys import Journeys, Transform, collapse, first_occurrence, identity
from attribution.journeys.ragged import DAY_US
from attribution.models import (
    ALL,
    CreditModel,
    First,
    Last,
    LeaveOneOut,
    Linear,
    LinearDistinct,
    Markov,
    Position,
    ShaoLi,
    Shapley,
    ShapleyGame,
    ShapleyRate,
    TimeDecay,
    choose_order,
    removal_effects,
    transitions,
)
from attribution.models.sets import set_table
from attribution.models.shapley import shapley_of
from attribution.tables import open_journeys

from .shared import shared

EXACT = 1e-12
"""Relative, of each channel."""
ROUNDING = 2e-15
"""How far off a removal effect of the reference may be by its own subtraction and solving of up to 934 equations."""

RULES: dict[str, tuple[CreditModel, Transform]] = {
    "first": (First(), identity),
    "last": (Last(), identity),
    "linear_touch": (Linear(), identity),
    "linear_unique": (LinearDistinct(), identity),
    "linear_collapsed": (Linear(), collapse),
    "position_40_20_40_two_half": (Position(halves=True), identity),
    "position_40_20_40_collapsed": (Position(), collapse),
    "shapley_zhao_simplified": (Shapley(), identity),
    "shapley_full_game_v_cumulative_conversions": (Shapley(), identity),
}
VALUES = {
    f"{name}_value": RULES[name] for name in ("first", "last", "linear_touch", "shapley_zhao_simplified")
}  # fmt: skip
ORDERS = (1, 2, 3)
OTHERS = {
    "time_decay_step168h_24h_steps": "half-lives that pass in whole steps",
    "rank_decay_unique_left": "credit that halves with each rank",
    "rank_decay_unique_right": "credit that halves with each rank",
    "shapley_mam_size4_alpha": "paths cut to four channels",
    "shapley_mam_size4_last": "paths cut to four channels",
    "shapley_mam_no_limit": "what a package makes of the game",
}
"""Rules of packages that are no model of ours."""


@pytest.fixture(scope="module")
def journeys() -> Journeys:
    columns = {"converted": "total_conversions", "value": "total_conversion_value", "lost": "total_null"}
    return open_journeys(shared("pathdata.csv.gz"), columns=columns)


@pytest.fixture(scope="module")
def exact() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared("pathdata_oracles.json").read_text())["results"]["reference_exact"]
    return found


def daily(journeys: Journeys) -> Journeys:
    """The same paths, with a day between touches and the end at the last one."""
    sizes = np.diff(journeys.offsets)
    time = (np.arange(journeys.n_touches) - np.repeat(journeys.offsets[:-1], sizes)) * DAY_US
    return replace(journeys, time=time, end=time[journeys.offsets[1:] - 1])


def compare(name: str, journeys: Journeys, found: Any, by_channel: dict[str, float], effects: Any = None) -> None:
    """Each channel to 1e-12 of itself; more where the reference has it from a small removal effect."""
    expected = np.array([by_channel[channel] for channel in journeys.channels])
    tolerance = np.full(expected.size, EXACT)
    if effects is not None:
        tolerance += ROUNDING / np.array([effects[channel] for channel in journeys.channels])
    off = np.abs(found - expected) / np.abs(expected)
    print(f"{name}: at most {off.max():.1e} off, {(off / tolerance).max():.2f} of what is allowed")
    assert (off <= tolerance).all(), dict(zip(journeys.channels, off / tolerance, strict=True))


@pytest.mark.parametrize("name", RULES)
def test_conversions(journeys: Journeys, exact: dict[str, Any], name: str) -> None:
    model, transform = RULES[name]
    compare(name, journeys, model.credit(transform(journeys)).conversions, exact[name])


@pytest.mark.parametrize("name", VALUES)
def test_value(journeys: Journeys, exact: dict[str, Any], name: str) -> None:
    model, transform = VALUES[name]
    compare(name, journeys, model.credit(transform(journeys)).value, exact[name])


MARKOV = [f"markov_order{order}{kind}" for order in ORDERS for kind in ("", "_no_null")]
COLLAPSED = [f"markov_order{order}_paths_collapsed_first" for order in (2, 3)]
SAME = [f"markov_order{order}_{kind}" for order in ORDERS for kind in ("self_loops", "prefix_padded")]


@pytest.mark.parametrize("name", MARKOV + COLLAPSED)
def test_markov(journeys: Journeys, exact: dict[str, Any], name: str) -> None:
    """With journeys that did not convert and without, on paths as they are and collapsed; conversions and value."""
    which = collapse(journeys) if name in COLLAPSED else journeys
    if name.endswith("no_null"):
        which = replace(which, lost=np.zeros(which.n))
    found, expected = Markov(int(name[12])).credit(which), exact[name]
    effects = expected["removal_effect"]
    compare(name, journeys, found.conversions, expected["conversions"], effects)
    compare(f"{name}: effects", journeys, found.details["removal_effect"], effects, effects)
    assert found.details["n_states"] == expected["n_states"]
    if "value" in expected:
        effects = expected["removal_effect_value"]
        compare(f"{name}: value", journeys, found.value, expected["value"], effects)
        compare(f"{name}: effects on value", journeys, found.details["removal_effect_value"], effects, effects)
        assert found.details["p_conversion"] == pytest.approx(expected["p_conv"], rel=1e-14)


@pytest.mark.parametrize("name", SAME)
def test_markov_told_otherwise_is_the_same(journeys: Journeys, exact: dict[str, Any], name: str) -> None:
    """Steps from a window to itself, and windows padded before the first touch, change no credit."""
    expected = exact[name]
    # Rows with loops are divided by what is left of them: the reference loses twice as much.
    effects = {channel: effect / 2 for channel, effect in expected["removal_effect"].items()}
    compare(name, journeys, Markov(int(name[12])).credit(journeys).conversions, expected["conversions"], effects)


def test_transitions(journeys: Journeys, exact: dict[str, Any]) -> None:
    found, expected = transitions(journeys), exact["transition_order1"]
    steps = {
        f"{a} -> {b}": float(found.sel(origin=a, target=b))
        for a in found["origin"].values
        for b in found["target"].values
    }
    own = {f"{end} -> {end}" for end in ("(conversion)", "(null)")}
    assert {step for step, p in steps.items() if p > 0} - own == set(expected)
    for step in steps.keys() - own:
        assert steps[step] == pytest.approx(expected.get(step, 0.0), rel=EXACT, abs=4e-16)


@pytest.mark.parametrize("order", ORDERS)
def test_transitions_solved_by_somebody_else(journeys: Journeys, exact: dict[str, Any], order: int) -> None:
    """The matrix has the removal effects of the reference, by dense equations, and for a pair ours."""
    p, (one, other) = transitions(journeys, order), journeys.channels[:2]
    inner = np.r_[0, 3 : p.sizes["origin"]]
    steps, wins = p.values[np.ix_(inner, inner)], p.values[inner, 1]
    held = [set(name.split(" > ")) for name in p["origin"].values[inner]]

    def chance(without: set[str]) -> float:
        goes_on = np.array([not without & each for each in held])
        return float(np.linalg.solve(np.eye(inner.size) - steps * goes_on, wins * goes_on)[0])

    effects = [1 - chance(names) / chance(set()) for names in ({one}, {one, other})]
    assert effects[0] == pytest.approx(exact[f"markov_order{order}"]["removal_effect"][one], abs=1e-12)
    found = removal_effects(journeys, [one, (one, other)], order)["removal_effect"]
    np.testing.assert_allclose(found, effects, rtol=0, atol=1e-12)


def test_games_of_rates(journeys: Journeys, exact: dict[str, Any]) -> None:
    """The rate of the journeys inside a set, and of those with exactly these channels; raw Shapley values."""
    name = "shapley_full_game_v_rate_within_subset"
    compare(name, journeys, ShapleyRate().credit(journeys).details["shapley"], exact[name])
    converted, _, of = set_table(journeys).dense()
    name = "shapley_full_game_v_rate_exact_set"
    compare(name, journeys, shapley_of(np.divide(converted, of, out=np.zeros_like(of), where=of > 0)), exact[name])


def test_a_game_of_ones_own_is_the_game_of_rates(journeys: Journeys, exact: dict[str, Any]) -> None:
    sets = [frozenset(journeys.channel[a:b].tolist()) for a, b in pairwise(journeys.offsets)]
    converted, of = (dict.fromkeys(sets, 0.0) for _ in range(2))
    for each, won, lost in zip(sets, journeys.converted, journeys.lost, strict=True):
        converted[each] += won
        of[each] += won + lost
    known = np.array([sum(1 << code for code in each) for each in converted])
    won, all_of = (np.array(list(each.values())) for each in (converted, of))

    def rate(names: frozenset[str]) -> float:
        inside = known & ~sum(1 << code for code, name in enumerate(journeys.channels) if name in names) == 0
        return float(won[inside].sum() / all_of[inside].sum()) if inside.any() else 0.0

    found, ours = ShapleyGame(rate).credit(journeys), ShapleyRate().credit(journeys)
    compare("a game", journeys, found.details["shapley"], exact["shapley_full_game_v_rate_within_subset"])
    np.testing.assert_allclose(found.conversions, ours.conversions, rtol=EXACT)
    np.testing.assert_allclose(found.value, ours.value, rtol=EXACT)


def test_orders_ask_two_questions(journeys: Journeys) -> None:
    """What others measured on these paths: order 4 foresees steps best, and tells who converts worse than a coin."""
    table = choose_order(journeys)
    assert (table.attrs["chosen_log_likelihood"], table.attrs["chosen_auc"]) == (4, 1)
    np.testing.assert_allclose(table["auc"].sel(order=[1, 2, 4]), [0.50, 0.50, 0.43], atol=0.01)


def test_shao_li(journeys: Journeys, exact: dict[str, Any]) -> None:
    found, expected = ShaoLi().credit(journeys), exact["shao"]
    compare("shao: raw", journeys, found.details["raw"], expected["raw"])
    compare("shao: conversions", journeys, found.conversions, expected["conversions"])
    compare("shao: share", journeys, found.conversions / found.conversions.sum(), expected["share"])


FRACTRIBUTION: dict[str, Transform] = {"unique": identity, "exposure": collapse, "first": first_occurrence}


@pytest.mark.parametrize("name", FRACTRIBUTION)
def test_leave_one_out(journeys: Journeys, exact: dict[str, Any], name: str) -> None:
    """Under the transforms that fractribution has, by its names for them."""
    found, expected = LeaveOneOut().credit(FRACTRIBUTION[name](journeys)), exact[f"fractribution_{name}"]
    compare(name, journeys, found.conversions, expected["conversions"])
    assert found.details["by_last"] == expected["conversions_on_last_touch_fallback"]


def test_time_decay_is_not_available_for_paths(journeys: Journeys, exact: dict[str, Any]) -> None:
    """It is once somebody says when touches were: a day apart."""
    with pytest.raises(ValueError, match="time_decay: it needs the times of touches; these journeys know only their"):
        TimeDecay().credit(journeys)
    found = credit(journeys)
    assert "skipped: time_decay" in found.attrs
    assert set(found["model"].values) == {m.label for m in ALL if not {"time", "milestones"} & set(m.needs)}
    compare(
        "time decay", journeys, TimeDecay(7).credit(daily(journeys)).conversions, exact["time_decay_hl168h_24h_steps"]
    )


def test_every_exact_value_is_compared_or_somebody_elses(exact: dict[str, Any]) -> None:
    compared = {*RULES, *VALUES, *MARKOV, *COLLAPSED, *SAME, *(f"fractribution_{name}" for name in FRACTRIBUTION)}
    compared |= {"transition_order1", "shao", "time_decay_hl168h_24h_steps"}
    compared |= {"shapley_full_game_v_rate_within_subset", "shapley_full_game_v_rate_exact_set"}
    assert compared | set(OTHERS) == set(exact)
    assert not compared & set(OTHERS)


@pytest.mark.parametrize(
    ("name", "model", "wrong"),
    [
        ("markov_order2_paths_collapsed_first", Markov(2), identity),
        ("markov_order3", Markov(3), collapse),
        ("markov_order2_no_null", Markov(2), identity),
        ("fractribution_exposure", LeaveOneOut(), first_occurrence),
        ("linear_collapsed", Linear(), identity),
        ("position_40_20_40_two_half", Position(), collapse),
        ("time_decay_step168h_24h_steps", TimeDecay(7), daily),
    ],
)
def test_the_tests_would_see_another_definition(
    journeys: Journeys, exact: dict[str, Any], name: str, model: CreditModel, wrong: Transform
) -> None:
    """Negative control: without the transform or with another, with the lost where they do not count, in steps."""
    expected = exact[name].get("conversions", exact[name])
    with pytest.raises(AssertionError):
        compare(name, journeys, model.credit(wrong(journeys)).conversions, expected)
