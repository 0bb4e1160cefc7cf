"""The suite of laws: every model here keeps those that apply, and each law catches a model that breaks it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attribution.models import ALL, CreditModel, Last, LastNot, Markov, ShapleyRate
from attribution.models.shapley import sampled, shapley_of
from attribution.testing import (
    FAMILIES,
    GAME_LAWS,
    LAWS,
    LawBroken,
    OfPaths,
    check_game,
    check_model,
    families_of,
    laws_for,
)
from attribution.testing.logs import drawn_logs

from .broken_models import BROKEN_VALUES, CONTROLS, Credits, Numbers, Paths, linear, substring


@pytest.mark.parametrize("credits", ["conversions", "value"])
@pytest.mark.parametrize("model", ALL, ids=lambda model: model.label)
def test_every_model_keeps_the_laws_that_apply(model: CreditModel, credits: str) -> None:
    report = check_model(OfPaths(model, credits), seed=1, cases=30 if credits == "conversions" else 12)
    assert report.passed, str(report)
    assert len(report.rows) >= 7
    assert {row.law for row in report.rows} | {name for name, _ in report.not_asked} == set(LAWS)


def test_a_model_that_names_a_channel_keeps_the_others() -> None:
    """Last but mail, where there is mail."""

    def last_not_mail(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
        model = LastNot("mail") if any("mail" in path for path in paths) else Last()
        return OfPaths(model)(paths, converted, lost, value)

    report = check_model(last_not_mail, laws_for(*families_of(LastNot("mail"))))
    assert report.passed, str(report)
    with pytest.raises(LawBroken, match="other_names: "):
        LAWS["other_names"](last_not_mail)


@pytest.mark.parametrize("order", [1, 2, 4, 8])
def test_chains_of_every_order_learn_from_lost_journeys(order: int) -> None:
    for seed in range(5):
        LAWS["lost_matter"](OfPaths(Markov(order)), seed=seed)


def test_drawn_logs_alone_would_blame_a_right_chain() -> None:
    """Negative control: their windows of four touches do not meet, and then losses cancel."""
    with pytest.raises(LawBroken, match="in 30 cases of 30"):
        replace(LAWS["lost_matter"], draw=drawn_logs)(OfPaths(Markov(4)), seed=4)


def test_where_nothing_is_drawn_the_seed_changes_nothing() -> None:
    paths, converted, lost = [["a", "b"], ["b"], ["c", "a"]], [3.0, 2.0, 1.0], [4.0, 9.0, 7.0]
    found = [OfPaths(ShapleyRate(seed=seed))(paths, converted, lost, converted) for seed in (1, 2)]
    assert found[0] == found[1]


ALONE = ("names_within_names", "nobody", "adds_up", "lost_matter", "lost_earn_nothing", "doubling")
"""Controls that break no other law of those that hold of every model, of names, proportions and shares."""


def test_there_is_a_control_of_each_law() -> None:
    assert set(CONTROLS) == set(LAWS)
    assert all(law.family in FAMILIES and law.says.endswith(".") for law in LAWS.values())
    right = check_model(linear, laws_for("every", "names", "counts", "shares", "journeys"))
    assert right.passed, str(right)


@pytest.mark.parametrize("name", CONTROLS)
def test_each_law_catches_a_model_that_breaks_it(name: str) -> None:
    with pytest.raises(LawBroken, match=f"^{name}: ") as broken:
        LAWS[name](CONTROLS[name])
    print(broken.value)
    assert len(str(broken.value).splitlines()) <= 3
    report = check_model(CONTROLS[name], laws_for("every", "names", "counts", "shares"))
    if name in ALONE:
        assert {row.law for row in report.rows if not row.passed} <= {name}, str(report)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("adds_up", r"adds_up: credit of 2 for 1 conversions\n  \w+ > \w+: 1 converted, \d lost$"),
        ("other_names", r"other_names: \w+ gets \d; with .* called .*, \d\n  \w+ > \w+: 1 converted, 1 lost$"),
        ("names_within_names", r"gets [01]; with (\w+ called \w*ta, )*\w+ called \w*ta, 0.5\n.*\n.*$"),
        ("value_adds_up", r"value_adds_up: credit of 1 for a value of \d\n  \w+: 1 converted worth \d each, 1 lost$"),
    ],
)  # fmt: skip
def test_counterexamples_are_as_small_as_they_can_be(name: str, says: str) -> None:
    with pytest.raises(LawBroken, match=says):
        LAWS[name](CONTROLS[name], seed=3)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda *log: [1.0], "it returned list; it must return credit by channel"),
        (lambda *log: {"nobody else": 1.0}, "it credits nobody else, which no journey knows"),
        (lambda *log: {log[0][0][0]: float("nan")}, "credit of nan for 1 conversions"),
        (lambda *log: 1 / 0, r"it raised ZeroDivisionError\('division by zero'\)"),
    ],
)
def test_what_is_no_answer_is_said(answer: Any, says: str) -> None:
    with pytest.raises(LawBroken, match=f"adds_up: {says}\n  "):
        LAWS["adds_up"](answer)
    assert not check_model(answer, ["adds_up"]).passed


def test_the_page_on_attribution_tells_of_every_law() -> None:
    page = (Path(__file__).parents[2] / "docs" / "attribution.md").read_text(encoding="utf-8")
    for law in LAWS.values():
        assert f"| `{law.name}` | {law.family} | {law.says} |" in page
    shown = str(check_model(substring)).splitlines()[1:6]
    assert "\n".join(shown) in page


def test_a_report_tells_all() -> None:
    report = check_model(substring, seed=2)
    lines = str(report).splitlines()
    assert lines[0] == f"substring: {len(report.rows) - 1} of {len(report.rows)} laws kept"
    assert max(map(len, lines)) <= 100
    assert [row.law for row in report.rows if not row.passed] == ["names_within_names"]
    assert "not asked: it holds of models that share a conversion within its own" in str(report)
    assert check_model(substring, seed=2) == report
    assert check_model(Markov(2), [LAWS["adds_up"], "doubling"]).passed
    with pytest.raises(ValueError, match="laws: no law addsup; known are other_names"):
        check_model(linear, ["addsup"])
    with pytest.raises(ValueError, match="laws: no family all; known are every"):
        laws_for("all")


# Games: none of the four laws follows from the others, as each broken value keeps the other three.


def test_the_shapley_value_keeps_its_laws() -> None:
    report = check_game(shapley_of, cases=60)
    assert report.passed, str(report)


def test_values_that_are_drawn_keep_three_laws() -> None:
    """What each adds to those before it adds up in every order, so few orders do; they are not alike to alike ones."""

    def drawn(worth: np.ndarray) -> np.ndarray:
        return sampled(lambda sets: worth[sets], worth.size.bit_length() - 1, 8, seed=1)[0]

    assert [row.law for row in check_game(drawn).rows if not row.passed] == ["symmetry"]


@pytest.mark.parametrize("name", GAME_LAWS)
def test_each_law_of_games_catches_a_value_that_breaks_it_alone(name: str) -> None:
    report = check_game(BROKEN_VALUES[name])
    print(report)
    assert [row.law for row in report.rows if not row.passed] == [name]


def test_a_value_of_too_many_channels_is_no_value() -> None:
    with pytest.raises(LawBroken, match="efficiency: it returned 2 numbers for 1 channels"):
        GAME_LAWS["efficiency"](lambda worth: [1.0, 2.0])
