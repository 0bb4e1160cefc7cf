"""Prospects are who they are: in any order, as numbers or texts, in one replication and in another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from attribution.journeys.identity import identified

ANN, BOB = 2**63 + 5, 2**63 + 7


def numbers(names: Any, replication: Any = None) -> NDArray[np.uint64]:
    """The number of the prospect in each row."""
    found = identified(names, replication)
    return found.numbers(found.codes)


@pytest.mark.parametrize(
    "names",
    [
        pa.array([3, 5, 3, 4]),
        pa.array([-3, 2**62, -3, 0]),
        pa.array([ANN, BOB, ANN, 4], pa.uint64()),
        pa.array([ANN, ANN + 2, ANN, ANN + 1], pa.uint64()),
        pa.array(["ann", "bob", "ann", "eve"]),
        pa.array(["ann", "bob", "ann", ""]).dictionary_encode(),
        pa.array([b"a", b"b", b"a", b"c"]).cast(pa.string()).slice(0),
        pa.array(["x", "ann", "bob", "ann", "eve"]).slice(1),
    ],
)
def test_the_same_is_the_same_in_any_order(names: Any) -> None:
    own = numbers(names)
    assert own[0] == own[2]
    assert len(set(own.tolist())) == 3
    order = np.array([3, 2, 1, 0])
    assert (numbers(names.take(pa.array(order))) == own[order]).all()


def test_the_same_prospect_in_two_replications_is_two() -> None:
    for names in (pa.array(["ann", "ann", "bob", "ann"]), pa.array([ANN, ANN, BOB, ANN], pa.uint64())):
        own = numbers(names, pa.array([0, 1, 1, 0]))
        assert own[0] == own[3]
        assert len(set(own.tolist())) == 3


def test_a_million_names_have_a_million_numbers() -> None:
    """By chance two of these would be the same once in 37 million tries."""
    assert np.unique(numbers(pa.array([f"user-{at:07d}" for at in range(1_000_000)]))).size == 1_000_000


@pytest.mark.parametrize("kind", [pa.int8(), pa.int16(), pa.int64(), pa.uint8(), pa.uint64()])
def test_whole_numbers_are_themselves_in_any_type(kind: pa.DataType) -> None:
    """The least and the greatest of a small type lie further apart than it can say."""
    low, high = (-128, 127) if pa.types.is_signed_integer(kind) else (0, 255)
    own = np.random.default_rng(4).permutation(np.arange(low, high + 1))
    found = identified(pa.array(own, kind))
    assert sorted(found.codes.tolist()) == list(range(256))
    assert numbers(pa.array(own, kind)).astype(np.int64).tolist() == own.tolist()
