"""Published examples, worked by hand: numbers with their sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from attribution.journeys import Journeys, from_events, from_paths
from attribution.models import (
    FULL_PATH,
    J_SHAPED,
    LEAD_CREATION,
    U_HUBSPOT,
    U_MARKETO,
    W_SHAPED,
    First,
    Last,
    LastNot,
    LeaveOneOut,
    Linear,
    Markov,
    Milestone,
    Participation,
    Position,
    ShaoLi,
    TimeDecay,
)
from attribution.models.shapley import sampled, shapley_of

CLOSE = datetime(2026, 3, 1, 12)


def journey(path: list[str], days_before: list[float], value: float) -> Journeys:
    """One journey, touches some days before its conversion."""
    times = [CLOSE - timedelta(days=days) for days in days_before]
    return from_events(
        pa.table(
            {
                "prospect": [1] * (len(path) + 1),
                "time": [*times, CLOSE],
                "kind": ["touch"] * len(path) + ["conversion"],
                "channel": [*path, None],
                "value": [*[0.0] * len(path), value],
            }
        )
    )


def by_touch(model: Any, journeys: Journeys) -> np.ndarray:
    """What each touch is credited in value."""
    return np.asarray(model.credit(journeys, by_touch=True).by_touch * journeys.total_value)


def test_bryl_2016() -> None:
    """Three journeys, one conversion: https://analyzecore.com, part 1 (Markov chains), 2016."""
    journeys = from_paths(["C1 > C2 > C3", "C1", "C2 > C3"], [1, 0, 0], [0, 1, 1])
    found = Markov(1).credit(journeys)
    assert found.details["p_conversion"] == pytest.approx(1 / 3, rel=1e-15)
    assert found.details["removal_effect"] == pytest.approx([0.5, 1, 1], rel=1e-15)
    assert found.conversions == pytest.approx([0.2, 0.4, 0.4], rel=1e-15)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (First(), [50, 0, 0, 0]),
        (Linear(), [12.5] * 4),
        (J_SHAPED, [10, 5, 5, 30]),
        (TimeDecay(7), [6.923333, 9.318116, 16.879276, 16.879276]),
        (Participation(), [50] * 4),
    ],
)
def test_adobe(model: Any, expected: list[float]) -> None:
    """Adobe Analytics, page on attribution models: 50 USD over four touches."""
    journeys = journey(["paid_search", "social", "email", "display"], [9, 6, 0, 0], 50)
    np.testing.assert_allclose(by_touch(model, journeys), expected, atol=6e-7)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (First(), [12000, 0, 0, 0, 0]),
        (Last(), [0, 0, 0, 0, 12000]),
        (LastNot("direct"), [0, 0, 0, 12000, 0]),
        (Linear(), [2400] * 5),
        (Position(), [4800, 800, 800, 800, 4800]),
        (TimeDecay(7), [175.1952, 287.4376, 574.8752, 3417.045, 7545.4471]),
    ],
)
def test_five_touches(model: Any, expected: list[float]) -> None:
    path = ["paid_social", "organic", "paid_social", "paid_search_branded", "direct"]
    journeys = journey(path, [38, 33, 26, 8, 0], 12000)
    np.testing.assert_allclose(by_touch(model, journeys), expected, atol=6e-5)


@pytest.mark.parametrize("halves", [False, True])
def test_two_touches(halves: bool) -> None:
    """Adobe's J of two is 25 to 75; with halves it is 30 to 70."""
    found = Position(0.2, 0.6, halves).credit(from_paths(["a > b"])).conversions
    assert found == pytest.approx([0.3, 0.7] if halves else [0.25, 0.75])


MIDDLE = 0.1 / 3


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (LEAD_CREATION, [0, 0, 1, 0, 0, 0, 0]),
        (U_MARKETO, [0.5, 0, 0.5, 0, 0, 0, 0]),
        (U_HUBSPOT, [0.4, 0.2, 0.4, 0, 0, 0, 0]),
        (W_SHAPED, [0.3, 0.05, 0.3, 0.05, 0.3, 0, 0]),
        (FULL_PATH, [0.225, MIDDLE, 0.225, MIDDLE, 0.225, MIDDLE, 0.225]),
    ],
)
def test_milestones(model: Milestone, expected: list[float]) -> None:
    """Marketo Measure, page on its models: touches named after what happens right after them."""
    day = [CLOSE + timedelta(days=at) for at in range(8)]
    hour = timedelta(hours=1)
    rows = [(day[at], "touch", name, None) for at, name in enumerate(["FT", "x1", "LC", "x2", "OC", "x3", "CW"])]
    rows += [(day[2] + hour, "milestone", None, "lead"), (day[4] + hour, "milestone", None, "opportunity")]
    rows += [(day[6] + hour, "conversion", None, None)]
    time, kind, channel, milestone = zip(*rows, strict=True)
    table = pa.table({"prospect": [9] * 10, "time": time, "kind": kind, "channel": channel, "milestone": milestone})
    found = model.credit(from_events(table), by_touch=True).by_touch
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_leave_one_out() -> None:
    """By hand: A > B converts 30%, A 10%, B 5%: what each adds is 25% and 20% of 45%."""
    found = LeaveOneOut().credit(from_paths(["A > B", "A", "B"], [30, 10, 5], [70, 90, 95]))
    assert found.conversions == pytest.approx([30 * 25 / 45 + 10, 30 * 20 / 45 + 5])


def test_shapley_of_two() -> None:
    assert shapley_of(np.array([0, 0.1, 0.05, 0.3])) == pytest.approx([0.175, 0.125], rel=1e-15)


def test_shapley_drawn_comes_near_with_the_error_it_says() -> None:
    """A game of nine channels: the exact value lies within four standard errors, and the values add up exactly."""
    worth = np.random.default_rng(4).random(1 << 9)
    found, error = sampled(lambda sets: worth[sets], 9, 4000, seed=1)
    exact = shapley_of(worth)
    z = (found - exact) / error
    print("z", z.round(2))
    assert np.abs(z).max() < 4
    assert found.sum() == pytest.approx(worth[-1] - worth[0], rel=1e-12)
    assert error.max() < 0.02


def test_shao_li_by_hand() -> None:
    """P(A) .2, P(B) .175, P(AB) .3: 30 (.2 + (.3 - .375)/2) + 10 (.2) and 30 (.175 + (.3 - .375)/2) + 5 (.175)."""
    found = ShaoLi().credit(from_paths(["A > B", "A", "B"], [30, 10, 5], [70, 90, 95]))
    assert found.details["raw"] == pytest.approx([30 * 0.1625 + 2, 30 * 0.1375 + 0.875], rel=1e-14)
    assert found.conversions.sum() == pytest.approx(45)


def test_beyond_the_channels_that_have_a_bit_repeats_count_once_too() -> None:
    """Shao and Li look at which channels a journey had; seventy more that nobody met change nothing."""
    paths, converted, lost = ["a > b > a", "a > a", "b", "c > b > b > a"], [3, 2, 1, 4], [5, 1, 6, 2]
    few = from_paths(paths, converted, lost)
    names = (*few.channels, *(f"unmet {at:02}" for at in range(70)))
    many = replace(few, channels=names)
    assert ShaoLi().credit(many).conversions[:3] == pytest.approx(ShaoLi().credit(few).conversions, rel=1e-12)
