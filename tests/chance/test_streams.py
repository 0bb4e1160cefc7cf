"""Addressed randomness: Philox gives its known answers and those of a plain implementation; addresses do not meet."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from called import philox, replication_key, uniform, words
from hypothesis import given
from hypothesis import strategies as st

from funnelsim.chance import streams

WORD = st.integers(0, 2**32 - 1)
LONG = st.integers(0, 2**64 - 1)
ONES = 0xFFFFFFFF


def reference(counter: tuple[int, ...], key: tuple[int, ...], rounds: int = 10) -> tuple[int, ...]:
    """Philox4x32 in plain whole numbers, from section 4.3 of Salmon, Moraes, Dror, Shaw (2011)."""
    left0, right0, left1, right1 = counter[1], counter[0], counter[3], counter[2]
    k0, k1 = key
    for _ in range(rounds):
        high0, low0 = divmod(0xD2511F53 * right0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * right1, 2**32)
        right0, left0, right1, left1 = high1 ^ left0 ^ k0, low1, high0 ^ left1 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return right0, left0, right1, left1


def compiled(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    c0, c1, c2, c3 = counter
    drawn = philox(*(np.uint64(low | high << 32) for low, high in ((c0, c1), (c2, c3), key)))
    return tuple(int(word) for word in drawn)


KNOWN = [
    ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((ONES,) * 4, (ONES,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]
"""Known answers of Random123 1.14 (kat_vectors, philox4x32 10)."""


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_known_answers_of_random123(
    counter: tuple[int, ...], key: tuple[int, ...], answer: str
) -> None:
    wanted = tuple(int(word, 16) for word in answer.split())
    assert compiled(counter, key) == wanted
    assert reference(counter, key) == wanted
    assert reference(counter, key, rounds=9) != wanted


@given(st.tuples(WORD, WORD, WORD, WORD), st.tuples(WORD, WORD))
def test_philox_equals_a_plain_implementation(counter: tuple[int, ...], key: tuple[int, ...]) -> None:
    assert compiled(counter, key) == reference(counter, key)


@given(LONG, st.integers(0, 2**40))
def test_a_replication_key_is_two_words_at_the_replication_under_the_seed(seed: int, replication: int) -> None:
    counter = (replication % 2**32, replication >> 32, streams.STREAM_VERSION, 0x66756E6E)
    first, second, _, _ = reference(counter, (seed % 2**32, seed >> 32))
    assert int(replication_key(np.uint64(seed), replication)) == first | second << 32


@given(LONG, LONG, st.integers(0, 2**24 - 1), st.integers(0, 255), st.integers(0, 65535), st.integers(0, 65535))
def test_words_stand_at_prospect_place_block_visit_and_turn(
    key: int, prospect: int, place: int, block: int, visit: int, turn: int
) -> None:
    counter = (prospect % 2**32, prospect >> 32, place << 8 | block, visit << 16 | turn)
    drawn = words(np.uint64(key), np.uint64(prospect), place, block, visit, turn)
    assert tuple(map(int, drawn)) == reference(counter, (key % 2**32, key >> 32))


def test_addresses_next_to_one_another_share_no_word() -> None:
    """Every part of the address counts: of 3**5 neighbouring addresses no two give the same four words."""
    drawn = {
        tuple(map(int, words(np.uint64(9), np.uint64(who), place, block, visit, turn)))
        for who, place, block, visit, turn in itertools.product(range(3), repeat=5)
    }
    assert len(drawn) == 3**5


def test_the_purposes_of_blocks_differ() -> None:
    blocks = (
        streams.BIRTH,
        streams.GAP,
        streams.VISIT,
        streams.ATTEMPT,
        streams.RETURN,
        streams.PART,
        streams.SPREAD,
    )
    assert len(set(blocks)) == len(blocks)


def test_a_uniform_is_the_middle_of_its_word_and_never_an_end() -> None:
    assert uniform(np.uint32(0)) == 2.0**-33
    assert uniform(np.uint32(ONES)) == 1 - 2.0**-33
    assert uniform(np.uint32(2**31 - 1)) + uniform(np.uint32(2**31)) == 1.0


def test_words_are_uniform_and_neighbours_do_not_correlate() -> None:
    """A smoke test at fixed addresses: mean, variance and lag correlation of 40,000 words, |z| < 4."""
    drawn = np.array([words(np.uint64(5), np.uint64(who), 1, 2, 0, 0) for who in range(10_000)], np.float64) / 2**32
    flat = drawn.ravel()
    n = flat.size
    scores = [
        (flat.mean() - 0.5) * np.sqrt(12 * n),
        (flat.var() - 1 / 12) * np.sqrt(180 * n),
        np.corrcoef(drawn[:-1, 0], drawn[1:, 0])[0, 1] * np.sqrt(n / 4),
        np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1] * np.sqrt(n / 4),
    ]
    assert max(map(abs, scores)) < 4, scores
