"""Every model against an independent reference written from the definitions: 400 made-up journeys.

The reference keeps ten decimals, so what it says is known to half of the last.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attribution.journeys import Journeys, from_paths
from attribution.models import (
    First,
    Last,
    LastNot,
    LeaveOneOut,
    Linear,
    LinearDistinct,
    Markov,
    Position,
    ShaoLi,
    Shapley,
    ShapleyOrdered,
    ShapleyRate,
)

REFERENCE = json.loads((Path(__file__).parent / "small_exact.json").read_text())
EXACT: dict[str, Any] = REFERENCE["exact"]
DECIMALS = 0.51e-10


@pytest.fixture(scope="module")
def journeys() -> Journeys:
    paths, converted, lost, value = zip(*REFERENCE["paths"], strict=True)
    return from_paths(paths, converted, lost, value)


def in_order(journeys: Journeys, by_channel: dict[str, float]) -> np.ndarray:
    """Numbers by channel, in the order of the journeys' codes."""
    return np.array([by_channel[name] for name in journeys.channels])


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("first", First()),
        ("last", Last()),
        ("last_non_direct", LastNot("Direct")),
        ("linear", Linear()),
        ("linear_unique", LinearDistinct()),
        ("position_two_half", Position(halves=True)),
        ("position_30_10_60_two_renorm", Position(0.3, 0.6)),
        ("zhao", Shapley()),
        ("fractribution_unique", LeaveOneOut()),
    ],
)
def test_conversions(journeys: Journeys, name: str, model: Any) -> None:
    np.testing.assert_allclose(
        model.credit(journeys).conversions, in_order(journeys, EXACT[name]), rtol=0, atol=DECIMALS
    )


def test_value(journeys: Journeys) -> None:
    expected = in_order(journeys, EXACT["linear_value"])
    np.testing.assert_allclose(Linear().credit(journeys).value, expected, rtol=0, atol=DECIMALS)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_markov(journeys: Journeys, order: int) -> None:
    found, exact = Markov(order).credit(journeys), EXACT[f"markov{order}"]
    for got, name in (
        (found.conversions, "conversions"),
        (found.value, "value"),
        (found.details["removal_effect"], "removal_effect"),
    ):
        np.testing.assert_allclose(got, in_order(journeys, exact[name]), rtol=0, atol=DECIMALS)
    assert found.details["n_states"] == exact["n_states"]
    assert found.details["p_conversion"] == pytest.approx(EXACT["observed_conversion_rate"], rel=1e-12)


@pytest.mark.parametrize(("name", "model", "detail"), [
    ("shapley_rate_within", ShapleyRate(), "shapley"),
    ("shao_raw", ShaoLi(), "raw"),
])  # fmt: skip
def test_raw(journeys: Journeys, name: str, model: Any, detail: str) -> None:
    found = model.credit(journeys).details[detail]
    np.testing.assert_allclose(found, in_order(journeys, EXACT[name]), rtol=0, atol=DECIMALS)


def test_by_place(journeys: Journeys) -> None:
    found = ShapleyOrdered().credit(journeys).details["by_place"]
    for code, name in enumerate(journeys.channels):
        for place, expected in EXACT["zhao_ordered"][name].items():
            assert found[code, int(place) - 1] == pytest.approx(expected, abs=DECIMALS)


def test_the_tests_would_see_names_mixed_up(journeys: Journeys) -> None:
    """Negative control: Google and Google Ads, Direct and Direct Mail exchanged."""
    found = Linear().credit(journeys).conversions
    expected = in_order(journeys, EXACT["linear"])
    swapped = found[[journeys.channels.index(n) for n in ("Direct Mail", "Direct", "Email", "Google Ads", "Google")]]
    assert np.abs(swapped - expected).max() > 1
