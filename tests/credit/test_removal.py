"""Removal effects of sets and sequences, and transition matrices, against chains counted and solved by hand."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attribution
from attribution.journeys import Journeys, from_paths
from attribution.models import Markov, removal_effects, transitions

from .chains import Path, chance, counted

NAMES = ("a", "b", "c", "aa")
SETS = [names for size in (1, 2, 3, 4) for names in combinations(NAMES, size)]
ROWS = st.lists(
    st.tuples(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6), st.integers(0, 5), st.integers(0, 5)),
    min_size=1,
    max_size=12,
).map(lambda rows: [*((tuple(path), won, lost) for path, won, lost in rows), (NAMES, 1, 1)])
BRYL = [(("C1", "C2", "C3"), 1, 0), (("C1",), 0, 1), (("C2", "C3"), 0, 1)]


def journeys_of(rows: Any, value: float = 1.0) -> Journeys:
    paths, won, lost = zip(*rows, strict=True)
    return from_paths([" > ".join(path) for path in paths], won, lost, value * np.array(won, float))


def contains(state: Path, sequence: Path) -> bool:
    return any(state[at : at + len(sequence)] == sequence for at in range(len(state)))


@pytest.mark.parametrize("order", [1, 2, 3])
@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_sets_are_as_many_solves(order: int, rows: Any) -> None:
    """1 - P(conversion without) / P(conversion), the states that hold one of them leading nowhere."""
    steps = counted(rows, order)
    found = removal_effects(journeys_of(rows), SETS, order)
    for names in SETS:
        without = chance(steps, lambda state, names=names: bool(set(state) & set(names)))
        effect = float(found["removal_effect"].sel(of=" + ".join(names)))
        assert effect == pytest.approx(1 - without / chance(steps), rel=1e-11, abs=1e-11)
    assert found.attrs["p_conversion"] == pytest.approx(chance(steps), rel=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3])
@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_sequences_are_as_many_solves(order: int, rows: Any) -> None:
    steps = counted(rows, order)
    asked = [each for size in range(1, order + 1) for each in [("b",) * size, NAMES[:size], NAMES[3 - size : 3]]]
    asked = list(dict.fromkeys(asked))
    found = removal_effects(journeys_of(rows), asked, order, sequences=True)
    for sequence in asked:
        without = chance(steps, lambda state, sequence=sequence: contains(state, sequence))
        effect = float(found["removal_effect"].sel(of=" > ".join(sequence)))
        assert effect == pytest.approx(1 - without / chance(steps), rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("order", [1, 2, 4])
@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_laws(order: int, rows: Any) -> None:
    journeys = journeys_of(rows, 3.0)
    found = removal_effects(journeys, SETS, order)
    effect = {frozenset(names): float(found["removal_effect"].sel(of=" + ".join(names))) for names in SETS}
    one = Markov(order).credit(journeys).details
    alone = removal_effects(journeys, order=order)
    in_a_row = removal_effects(journeys, [(name,) for name in journeys.channels], order, sequences=True)
    # One channel by itself is Markov's, and so is a sequence of one.
    for kind in ("removal_effect", "removal_effect_value"):
        np.testing.assert_allclose(alone[kind], one[kind], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(in_a_row[kind], one[kind], rtol=1e-12, atol=1e-15)
    # All conversions pass through some channel; more channels take no fewer, and less than one by one.
    assert effect[frozenset(NAMES)] == pytest.approx(1, rel=1e-14)
    for small, large in ((a, b) for a in effect for b in effect if a < b):
        assert effect[small] <= effect[large] + 1e-14
    for names, together in effect.items():
        assert together <= sum(effect[frozenset([name])] for name in names) + 1e-14
    # Every conversion is worth the same here.
    np.testing.assert_allclose(found["removal_effect_value"], found["removal_effect"], rtol=1e-11, atol=1e-13)


def test_by_hand() -> None:
    """Bryl (2016): one conversion, through C1, C2, C3 in a row; at order 1 half of those who come to C3 do without C1.

    Of three journeys two meet C2 > C3. At order 2 the one conversion goes C1 > C2, C2 > C3; the state C2 > C3 is also
    that of the journey that was lost.
    """
    journeys = journeys_of(BRYL)
    found = attribution.removal_effects(journeys, ["C1", ("C1", "C2"), "C2"])
    np.testing.assert_allclose(found["removal_effect"], [0.5, 1.0, 1.0], rtol=1e-15)
    found = removal_effects(journeys, [("C1", "C2"), ("C2", "C3"), ("C2", "C1")], 2, sequences=True)
    np.testing.assert_allclose(found["removal_effect"], [0.5, 1.0, 0.0], rtol=1e-15)
    assert list(found["of"].values) == ["C1 > C2", "C2 > C3", "C2 > C1"]


def test_value_counts_what_conversions_were_worth() -> None:
    """Two paths apart: 1 conversion worth 9 by a, 3 worth 1 in all by b."""
    found = removal_effects(from_paths(["a", "b"], [1, 3], [1, 1], [9, 1]), ["a", "b"])
    np.testing.assert_allclose(found["removal_effect"], [0.25, 0.75], rtol=1e-15)
    np.testing.assert_allclose(found["removal_effect_value"], [0.9, 0.1], rtol=1e-15)


def test_the_sum_of_effects_is_not_the_effect_of_the_sum() -> None:
    """Negative control: on this path each of both takes everything."""
    found = removal_effects(from_paths(["a > b"], [1], [1]), ["a", "b", ("a", "b")])["removal_effect"]
    assert found.values.tolist() == [1.0, 1.0, 1.0]


def test_a_journey_that_goes_round_for_ever_does_not_matter() -> None:
    """The pair a, b a thousand times: rounds would not come to an end, the closed form of order 1 does."""
    rows = [(("a", "b") * 1000, 3, 1), (("c", "a"), 1, 1), (("b",), 1, 2)]
    found = removal_effects(journeys_of(rows), ["a", "c", ("a", "b"), ("b", "c")])["removal_effect"]
    steps = counted(rows, 1)
    for names, effect in zip([{"a"}, {"c"}, {"a", "b"}, {"b", "c"}], found.values, strict=True):
        without = chance(steps, lambda state, names=names: bool(set(state) & names))
        assert effect == pytest.approx(1 - without / chance(steps), rel=1e-9)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"of": [("a", "x")]}, "removal_effects: no channel 'x'; known are a, aa, b, c"),
        ({"of": [()]}, "removal_effects: an empty tuple in of; known are a, aa, b, c"),
        ({"of": "a"}, r"removal_effects: of is the text 'a'; give a list, \['a'\]"),
        ({"of": ["a", ("a",)]}, "removal_effects: a is there twice; ask once"),
        ({"order": 0}, "removal_effects: order 0; it is at least 1"),
        (
            {"of": [("a", "b", "c")], "order": 2, "sequences": True},
            "a sequence of 3 channels in a chain of order 2, whose states hold 2; say order=3 or more",
        ),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        removal_effects(journeys_of([(NAMES, 1, 1)]), **asked)


def test_where_nobody_came_nothing_is_lost() -> None:
    found = removal_effects(from_paths(["a > b"], [0], [0]), [("a", "b")])
    assert found["removal_effect"].values.tolist() == [0.0]


@pytest.mark.parametrize("order", [1, 2, 3])
@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_transitions_are_those_counted_by_hand(order: int, rows: Any) -> None:
    found = attribution.transitions(journeys_of(rows), order)
    named = {"start": "(start)", "won": "(conversion)", "lost": "(null)"}
    for (origin, target), p in counted(rows, order).items():
        labels = [named.get(each, " > ".join(each)) for each in (origin, target)]
        assert float(found.sel(origin=labels[0], target=labels[1])) == pytest.approx(p, rel=1e-12, abs=2e-15)
    assert int((found.values > 1e-14).sum()) == len(counted(rows, order)) + 2
    np.testing.assert_allclose(found.sum("target"), 1.0, rtol=1e-14)
    # The chance to come from the start to the conversion is the observed rate.
    inner = found.values[np.ix_([0, *range(3, found.sizes["origin"])], [0, *range(3, found.sizes["origin"])])]
    led = np.linalg.solve(np.eye(len(inner)) - inner, np.r_[found.values[0, 1], found.values[3:, 1]])
    won, lost = (sum(row[at] for row in rows) for at in (1, 2))
    assert led[0] == pytest.approx(won / (won + lost), rel=1e-11)


def test_a_matrix_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    journeys = journeys_of(BRYL)
    with pytest.raises(ValueError, match="transitions: no journey has a touch"):
        transitions(from_paths(["a"], [0], [0]))
    with pytest.raises(ValueError, match="transitions: order 0; it is at least 1"):
        transitions(journeys, 0)
    monkeypatch.setattr("attribution.models.transition_matrix.MOST", 2)
    with pytest.raises(ValueError, match="transitions: 3 states of order 1, and a matrix holds 2; take a lower order"):
        transitions(journeys)
