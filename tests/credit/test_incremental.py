"""Incremental Shapley values of touches, against sums over all sets of touches and forms that can be worked by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import factorial, prod
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hazard_worlds import UNTIL, drawn
from hypothesis import given, settings
from hypothesis import strategies as st

import attribution
from attribution.journeys import Journeys, from_events
from attribution.journeys.ragged import DAY_US
from attribution.models import CausalHazard
from attribution.models.incremental import shapley_shares

TOUCHES = st.lists(st.tuples(st.integers(0, 3), st.floats(0.1, 5.0)), min_size=1, max_size=7)
FACTORS = st.lists(st.floats(0.05, 8.0), min_size=16, max_size=16)


def rate(touches: list[tuple[int, float]], factor: np.ndarray) -> float:
    """What touches add to a rate: channel and strength of each, in the order of time."""
    total, met = 0.0, set()
    for channel, strength in touches:
        total += strength * prod(factor[other, channel] for other in met - {channel})
        met.add(channel)
    return total


def by_sets(touches: list[tuple[int, float]], factor: np.ndarray) -> list[float]:
    """Shapley values, from the definition: over all sets of the other touches."""
    n, out = len(touches), []
    for player in range(n):
        others, value = [at for at in range(n) if at != player], 0.0
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for some in combinations(others, size):
                with_it = rate([touches[at] for at in sorted((*some, player))], factor)
                value += weight * (with_it - rate([touches[at] for at in some], factor))
        out.append(value)
    return out


def shared(touches: list[tuple[int, float]], factor: np.ndarray) -> Any:
    """What the kernel makes of what each touch adds to those before it."""
    rates = [rate(touches[:upto], factor) for upto in range(len(touches) + 1)]
    channel = np.array([channel for channel, _ in touches], np.int32)
    return shapley_shares(np.array([0, len(touches)]), channel, np.diff(rates), factor)


@settings(max_examples=60, deadline=None)
@given(touches=TOUCHES, factors=FACTORS)
def test_values_are_sums_over_all_sets(touches: list[tuple[int, float]], factors: list[float]) -> None:
    factor = np.array(factors).reshape(4, 4)
    np.fill_diagonal(factor, 1.0)
    found, whole = shared(touches, factor), rate(touches, factor)
    scale = sum(rate([each], factor) for each in touches) + whole
    np.testing.assert_allclose(found, by_sets(touches, factor), rtol=1e-10, atol=1e-11 * scale * max(factors) ** 2)
    assert found.sum() == pytest.approx(whole, rel=1e-10)


def test_by_hand() -> None:
    """Two channels, the second three times as strong after the first: half of the 2 x 0.5 that is more goes to each."""
    factor = np.array([[1.0, 3.0], [1.0, 1.0]])
    np.testing.assert_allclose(shared([(0, 0.2), (1, 0.5)], factor), [0.7, 1.0], rtol=1e-15)
    # In the other order nothing is more.
    np.testing.assert_allclose(shared([(1, 0.5), (0, 0.2)], factor), [0.5, 0.2], rtol=1e-15)
    # A channel that spoils another pays half of it.
    np.testing.assert_allclose(shared([(0, 0.1), (1, 0.5)], np.array([[1, 0.2], [1, 1]])), [-0.1, 0.3], rtol=1e-14)


def test_touches_that_do_the_same_get_the_same() -> None:
    """Two touches of a channel, one after the other, as strong: the later one is no more worth."""
    factor = np.array([[1.0, 2.5, 0.4], [1.7, 1.0, 3.0], [0.9, 1.2, 1.0]])
    found = shared([(2, 0.3), (0, 0.7), (0, 0.7), (1, 0.2), (2, 0.1)], factor)
    assert found[1] == pytest.approx(found[2], rel=1e-13)
    assert abs(found[0] - found[4]) > 0.05


@pytest.mark.parametrize("n", [1, 2, 3, 10, 100, 510, 1500])
def test_many_touches_in_closed_form(n: int) -> None:
    """n touches that any one of makes the last one f times as strong: 1/n and 1/(n + 1) of what is more."""
    f = 5.0
    found = shared([(0, 0.0)] * n + [(1, 1.0)], np.array([[1.0, f], [1.0, 1.0]]))
    np.testing.assert_allclose(found[:-1], (f - 1) / (n * (n + 1)), rtol=1e-9)
    assert found[-1] == pytest.approx(1 + (f - 1) * n / (n + 1), rel=1e-12)


@pytest.fixture(scope="module")
def world() -> Journeys:
    return drawn(2000, [0.5, 0.4, 0.2], [0.5, 0.2, 0.4], seed=7, base=0.01, factor=3.0)


def test_credit_by_shapley_hands_out_the_same_increment(world: Journeys) -> None:
    backward = CausalHazard(until=UNTIL, pairs=True)
    one, other = (each.credit(world, by_touch=True) for each in (backward, replace(backward, credit_by="shapley")))
    assert one.by_touch is not None
    assert other.by_touch is not None
    starts = world.offsets[:-1]
    np.testing.assert_allclose(
        np.add.reduceat(other.by_touch, starts), np.add.reduceat(one.by_touch, starts), atol=1e-12
    )
    assert other.conversions.sum() + other.details["baseline_conversions"] == pytest.approx(world.conversions, rel=1e-9)
    assert other.value.sum() + other.details["baseline_value"] == pytest.approx(world.total_value, rel=1e-9)
    weights = other.by_touch * np.repeat(world.converted, np.diff(world.offsets))
    np.testing.assert_allclose(np.bincount(world.channel, weights, 3), other.conversions, rtol=1e-12)
    # Who makes another stronger is credited with some of it.
    assert one.details["factor"][0, 2] > 1.5
    assert other.conversions[0] > one.conversions[0] + 10
    # Touch by touch, from the parameters.
    about, checked = other.details, 0
    assert world.time is not None
    assert world.end is not None
    for j in np.flatnonzero(world.converted)[:150]:
        begin, stop = int(world.offsets[j]), int(world.offsets[j + 1])
        age = (world.end[j] - world.time[begin:stop]) / DAY_US
        codes = world.channel[begin:stop]
        strength = about["beta"][codes] * about["omega"][codes] * np.exp(-about["omega"][codes] * age)
        touches = list(zip(codes.tolist(), strength.tolist(), strict=True))
        if len(touches) <= 6:
            whole = about["baseline"] + rate(touches, about["factor"])
            expected = np.array(by_sets(touches, about["factor"])) / whole
            np.testing.assert_allclose(other.by_touch[begin:stop], expected, rtol=1e-6, atol=1e-12)
            checked += len(touches) > 2
    assert checked > 20


def test_where_touches_only_add_up_both_are_the_same(world: Journeys) -> None:
    one, other = (
        CausalHazard(until=UNTIL, credit_by=by).credit(world, by_touch=True) for by in ("backward", "shapley")
    )
    np.testing.assert_array_equal(one.conversions, other.conversions)
    assert one.by_touch is not None
    ones = np.ones((3, 3))
    np.testing.assert_array_equal(shapley_shares(world.offsets, world.channel, one.by_touch, ones), other.by_touch)


def test_names_and_words() -> None:
    models = [CausalHazard(pairs=pairs, credit_by=by) for pairs in (False, True) for by in ("backward", "shapley")]
    labels = [model.label for model in models]
    assert labels == ["causal_hazard", "causal_hazard_shapley", "causal_hazard_pairs", "causal_hazard_pairs_shapley"]
    assert "its Shapley value in the game" in " ".join(attribution.explain(models[3]).definition.split())
    assert "mean over orders" in attribution.explain(models[1]).formula
    assert "the last one first" in attribution.explain(models[0]).definition
    with pytest.raises(ValueError, match="causal_hazard: credit by 'forward'; known are backward, shapley"):
        CausalHazard(credit_by="forward")


def test_a_journey_that_did_not_convert_gets_nothing() -> None:
    log = {"prospect": [0, 0, 0, 1, 1], "time": [0.0, 1.0, 2.0, 0.0, 1.0], "kind": [*"tt", "c", *"tt"]}
    kinds = {"t": "touch", "c": "conversion"}
    table = pa.table({**log, "kind": [kinds[each] for each in log["kind"]], "channel": ["a", "b", None, "a", "b"]})
    found = CausalHazard(pairs=True, credit_by="shapley").credit(from_events(table), by_touch=True)
    assert found.by_touch is not None
    assert found.by_touch[2:].tolist() == [0.0, 0.0]
