"""Path transforms: a published example, the same told without arrays, laws, and what models make of them."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.journeys import (
    Transform,
    collapse,
    compose,
    first_occurrence,
    frequency,
    from_paths,
    identity,
    remove_if_last_and_not_all,
    remove_unless_all,
)
from attribution.models import (
    U_HUBSPOT,
    Last,
    LastNot,
    Linear,
    LinearDistinct,
    Markov,
)

from .drawn import NAMES, ROWS, Row, counted, journeys_of, order_alone, rows_of

TRANSFORMS: dict[str, Transform] = {
    "identity": identity,
    "collapse": collapse,
    "first_occurrence": first_occurrence,
    "frequency": frequency,
    "remove_unless_all": remove_unless_all("direct"),
    "remove_if_last_and_not_all": remove_if_last_and_not_all("direct"),
}
IDEMPOTENT = [name for name in TRANSFORMS if name != "frequency"]


def _firsts(row: Row) -> list[int]:
    return [row.path.index(name) for name in dict.fromkeys(row.path)]


def _runs(row: Row) -> list[int]:
    return [next(run)[0] for _, run in groupby(enumerate(row.path), key=lambda touch: touch[1])]


def _others(row: Row) -> list[int]:
    every = range(len(row.path))
    return [at for at in every if row.path[at] != "direct"] or list(every)


def _head(row: Row) -> list[int]:
    others = [at for at, name in enumerate(row.path) if name != "direct"]
    return list(range(max(others) + 1 if others else len(row.path)))


TOLD: dict[str, Callable[[Row], Row]] = {
    "identity": lambda row: row,
    "collapse": lambda row: row.with_touches(_runs(row)),
    "first_occurrence": lambda row: row.with_touches(_firsts(row)),
    "frequency": lambda row: row.with_touches(_firsts(row), [f"{c}({n})" for c, n in Counter(row.path).items()]),
    "remove_unless_all": lambda row: row.with_touches(_others(row)),
    "remove_if_last_and_not_all": lambda row: row.with_touches(_head(row)),
}
"""The same without arrays: numbers of the touches that stay."""


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        (identity, "D > A > B > B > C > D > C > C"),
        (collapse, "D > A > B > C > D > C"),
        (first_occurrence, "D > A > B > C"),
        (frequency, "D(2) > A(1) > B(2) > C(3)"),
        (remove_unless_all("C"), "D > A > B > B > D"),
        (remove_if_last_and_not_all("C"), "D > A > B > B > C > D"),
        (remove_if_last_and_not_all("A"), "D > A > B > B > C > D > C > C"),
    ],
)
def test_fractribution(transform: Transform, expected: str) -> None:
    """The example at the head of google/fractribution's path_transforms.sql; the last three by hand from its words."""
    found = transform(from_paths(["D > A > B > B > C > D > C > C"]))
    assert " > ".join(found.channels[code] for code in found.channel) == expected


@pytest.mark.parametrize("remove", [remove_unless_all, remove_if_last_and_not_all])
def test_a_journey_of_one_channel_alone_stays(remove: Callable[[str], Transform]) -> None:
    journeys = from_paths(["C > C", "B > C"])
    found = remove("C")(journeys)
    assert found.offsets.tolist() == [0, 2, 3]
    assert found.left_out in (
        {"touches of C beside others": 1},
        {"touches of C after the last of others": 1},
    )


@pytest.mark.parametrize("name", TRANSFORMS)
@given(rows=ROWS)
def test_told_without_arrays(name: str, rows: list[Row]) -> None:
    """Paths, times and milestones are those of the touches that stay; all else stays, and what goes is counted."""
    journeys = journeys_of(rows)
    found = TRANSFORMS[name](journeys)
    assert rows_of(found) == [TOLD[name](row) for row in rows]
    assert sum(counted(journeys, found).values()) == journeys.n_touches - found.n_touches
    bare = TRANSFORMS[name](order_alone(journeys))
    assert bare.time is None
    assert bare.milestones is None
    assert bare.channels == found.channels
    np.testing.assert_array_equal(bare.channel, found.channel)
    np.testing.assert_array_equal(bare.offsets, found.offsets)


@pytest.mark.parametrize("name", IDEMPOTENT)
@given(rows=ROWS)
def test_twice_is_once(name: str, rows: list[Row]) -> None:
    once = TRANSFORMS[name](journeys_of(rows))
    twice = TRANSFORMS[name](once)
    assert rows_of(twice) == rows_of(once)
    assert twice.left_out == once.left_out


def test_frequency_twice_counts_again() -> None:
    assert frequency(frequency(from_paths(["a > b > a"]))).channels == ("a(2)(1)", "b(1)(1)")


@given(rows=ROWS)
def test_frequency_names_only_what_occurs(rows: list[Row]) -> None:
    journeys = journeys_of(rows)
    found = frequency(journeys)
    assert sorted(set(found.channel.tolist())) == list(range(len(found.channels)))
    counts = [int(name.rpartition("(")[2][:-1]) for name in found.channels]
    assert np.array(counts)[found.channel].sum() == journeys.n_touches
    order = [(NAMES.index(name.rpartition("(")[0]), n) for name, n in zip(found.channels, counts, strict=True)]
    assert order == sorted(order)


def test_names_that_hold_brackets_stay_apart() -> None:
    """Two touches of `a` and one of a channel called `a(2)` are different."""
    found = frequency(from_paths(["a > a", "a(2)"]))
    assert found.channels == ("a(2)", "a(2)(1)")


CHOSEN = st.lists(st.sampled_from(sorted(TRANSFORMS)), max_size=4)


@given(rows=ROWS, one=CHOSEN, other=CHOSEN)
def test_composition(rows: list[Row], one: list[str], other: list[str]) -> None:
    """One after the other, the first one first; brackets do not matter; of none it is the identity."""
    if "frequency" in one + other:
        # It renames direct, which is then not known any more.
        one, other = ([name for name in names if not name.startswith("remove")] for names in (one, other))
    journeys = journeys_of(rows)
    step = journeys
    for name in one + other:
        step = TRANSFORMS[name](step)
    flat = compose(*(TRANSFORMS[name] for name in one + other))
    nested = compose(compose(*(TRANSFORMS[name] for name in one)), compose(*(TRANSFORMS[name] for name in other)))
    for found in (flat(journeys), nested(journeys), pickle.loads(pickle.dumps(flat))(journeys)):
        assert found.channels == step.channels
        assert rows_of(found) == rows_of(step)
        assert found.left_out == step.left_out
    assert compose()(journeys) is journeys


@given(rows=ROWS)
def test_what_follows_from_what(rows: list[Row]) -> None:
    """Firsts are firsts of runs, and have no runs; a channel that goes everywhere goes at the end."""
    journeys = journeys_of(rows)
    firsts = rows_of(first_occurrence(journeys))
    assert rows_of(compose(collapse, first_occurrence)(journeys)) == firsts
    assert rows_of(compose(first_occurrence, collapse)(journeys)) == firsts
    beside = remove_unless_all("direct")
    assert rows_of(compose(remove_if_last_and_not_all("direct"), beside)(journeys)) == rows_of(beside(journeys))


def test_the_order_of_transforms_matters() -> None:
    """Negative control: without direct between them, two touches are a run; counted by name, they are no longer two."""
    journeys, beside = from_paths(["a > direct > a"]), remove_unless_all("direct")
    assert compose(beside, collapse)(journeys).n_touches == 1
    assert compose(collapse, beside)(journeys).n_touches == 2
    assert compose(collapse, frequency)(from_paths(["a > a"])).channels == ("a(1)",)


@given(rows=ROWS)
def test_models_that_see_no_difference(rows: list[Row]) -> None:
    """Steps from a channel to itself change no chain of order 1; distinct channels are those of first occurrences."""
    rows = [*rows, Row(NAMES, (0, 1, 2, 3), (-1, -1), 4, 1, 1, 1)]
    journeys = journeys_of(rows)
    distinct = LinearDistinct().credit(journeys).conversions
    for found in (
        LinearDistinct().credit(collapse(journeys)).conversions,
        LinearDistinct().credit(first_occurrence(journeys)).conversions,
        Linear().credit(first_occurrence(journeys)).conversions,
    ):
        np.testing.assert_allclose(found, distinct, rtol=1e-13)
    chain = Markov(1).credit(journeys).conversions
    np.testing.assert_allclose(Markov(1).credit(collapse(journeys)).conversions, chain, rtol=1e-9)
    last = LastNot("direct").credit(journeys).conversions
    for name in ("remove_unless_all", "remove_if_last_and_not_all"):
        np.testing.assert_array_equal(Last().credit(TRANSFORMS[name](journeys)).conversions, last)


def test_milestones_move_with_touches() -> None:
    """By hand: a a [lead] b, collapsed, has its lead at touch 0. Negative control: at touch 1 it would be that of b."""
    row = Row(("a", "a", "b"), (0, 1, 2), (1, -1), 3, 1, 0, 1)
    collapsed = collapse(journeys_of([row]))
    assert rows_of(collapsed) == [Row(("a", "b"), (0, 2), (0, -1), 3, 1, 0, 1)]
    assert U_HUBSPOT.credit(collapsed).conversions.tolist() == [1, 0, 0, 0]
    stale = replace(collapsed, milestones=np.array([[1, -1]], np.int32))
    assert U_HUBSPOT.credit(stale).conversions.tolist() == [0.5, 0, 0.5, 0]


@pytest.mark.parametrize("remove", [remove_unless_all, remove_if_last_and_not_all])
def test_a_channel_that_is_not_known(remove: Callable[[str], Transform]) -> None:
    with pytest.raises(ValueError, match=r": no channel 'Direct'; known are a, direct"):
        remove("Direct")(from_paths(["a > direct"]))
