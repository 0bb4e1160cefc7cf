"""Prospects are who they are: in any order, as numbers or texts, in one replication and in another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from attribution.journeys.identity import identified

ANN, BOB = 2**63 + 5, 2**63 + 7


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
    codes, words = identified(names)
    own = words[codes]
    assert own[0] == own[2]
    assert len(set(own.tolist())) == 3
    order = np.array([3, 2, 1, 0])
    codes, words = identified(names.take(pa.array(order)))
    assert (words[codes] == own[order]).all()


def test_the_same_prospect_in_two_replications_is_two() -> None:
    for names in (pa.array(["ann", "ann", "bob", "ann"]), pa.array([ANN, ANN, BOB, ANN], pa.uint64())):
        codes, words = identified(names, pa.array([0, 1, 1, 0]))
        own = words[codes]
        assert own[0] == own[3]
        assert len(set(own.tolist())) == 3


def test_a_million_names_have_a_million_numbers() -> None:
    """By chance two of these would be the same once in 37 million tries."""
    codes, words = identified(pa.array([f"user-{at:07d}" for at in range(1_000_000)]))
    assert np.unique(words[codes]).size == 1_000_000
