"""Every model against exact values on PathData: 10,000 paths of 12 channels, 19,785 conversions, 68,602 without.

The exact values come from a reference written from the definitions: sums row by row, linear solves, no Monte Carlo.
Removal effects are 1 minus something there, so they are rounded to some units of 1e-16 whatever their size, and a
channel whose effect is small is known less well than the others.
"""

from __future__ import annotations

import json
from dataclasses import replace
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
    ShapleyRate,
    TimeDecay,
)
from attribution.models.chains import chain_of
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
    chain, found = chain_of(journeys, 1), {}
    steps = chain.steps
    names = [journeys.channels[code - 1] for code in steps.number]
    left = 1.0 - chain.converts - np.bincount(steps.frm, chain.p, len(names))
    for at, name in enumerate(names):
        found |= {("(start)", name): chain.start[at], (name, "(conversion)"): chain.converts[at]}
        found |= {(name, "(null)"): left[at]}
    found |= {(names[a], names[b]): p for a, b, p in zip(steps.frm, steps.to, chain.p, strict=True)}
    expected = exact["transition_order1"]
    assert {" -> ".join(step) for step, p in found.items() if p > 0} == set(expected)
    for step, p in found.items():
        assert p == pytest.approx(expected.get(" -> ".join(step), 0.0), rel=EXACT, abs=4e-16)


def test_games_of_rates(journeys: Journeys, exact: dict[str, Any]) -> None:
    """The rate of the journeys inside a set, and of those with exactly these channels; raw Shapley values."""
    name = "shapley_full_game_v_rate_within_subset"
    compare(name, journeys, ShapleyRate().credit(journeys).details["shapley"], exact[name])
    converted, _, of = set_table(journeys).dense()
    name = "shapley_full_game_v_rate_exact_set"
    compare(name, journeys, shapley_of(np.divide(converted, of, out=np.zeros_like(of), where=of > 0)), exact[name])


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
