"""Models that are worked out together give what each gives alone; what is counted once is what was counted apart."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from attribution.crediting import credits_of
from attribution.journeys import Journeys, from_paths
from attribution.models import ALL, Credit, CreditModel, LastNot, LeaveOneOut, Linear, Markov, Position, shorter
from attribution.models.counts import Counts
from attribution.models.sets import distinct_sets, set_table

MODELS: tuple[CreditModel, ...] = (*ALL, LastNot("b"), Position(0.3, 0.3, halves=True), Markov(5))


def drawn(n: int, names: str = "abcd", longest: int = 9, seed: int = 5) -> Journeys:
    """Journeys with times, milestones and counts; some convert without value, some are worth something without."""
    rng = np.random.default_rng(seed)
    paths = [" > ".join(rng.choice(list(names), rng.integers(1, longest + 1))) for _ in range(n)]
    converted, lost = rng.integers(0, 3, n) * rng.integers(0, 2, n), rng.integers(0, 3, n)
    plain = from_paths(paths, converted, lost, np.round(rng.random(n), 2) * rng.integers(0, 2, n))
    sizes = np.diff(plain.offsets)
    return Journeys(
        plain.channels, plain.offsets, plain.channel, plain.converted, plain.lost, plain.value,
        time=np.cumsum(rng.integers(1, 10**12, plain.n_touches)),
        milestones=(rng.random((n, 2)) * (sizes[:, None] + 1)).astype(np.int32) - 1,
        milestone_names=("lead", "opportunity"),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_together_is_alone(seed: int) -> None:
    journeys = drawn(400, seed=seed)
    found = credits_of(journeys, MODELS).found
    assert list(found) == [model.label for model in MODELS]
    for model in MODELS:
        alone = model.credit(journeys)
        np.testing.assert_allclose(found[model.label].conversions, alone.conversions, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(found[model.label].value, alone.value, rtol=1e-12, atol=1e-12)


def test_one_that_cannot_does_not_keep_the_others() -> None:
    found = credits_of(drawn(50), [Linear(), LastNot("nobody"), Position()], strict=False)
    assert list(found.found) == ["linear", "position_40_20_40"]
    assert found.skipped == {"last_not_nobody": "no channel 'nobody'; known are a, b, c, d"}
    with pytest.raises(ValueError, match="last_not_nobody: no channel 'nobody'"):
        credits_of(drawn(50), [Linear(), LastNot("nobody"), Position()])


@dataclass(frozen=True)
class Seven(Linear):
    """A rule with a credit of its own."""

    label: str = "seven"

    def credit(self, journeys: Journeys, *, by_touch: bool = False) -> Credit:
        """Seven to everybody."""
        return Credit(np.full(len(journeys.channels), 7.0), np.full(len(journeys.channels), 7.0))


def test_a_model_with_a_credit_of_its_own_is_asked_itself() -> None:
    """Two of a kind, which the way of the others would overlook."""
    found = credits_of(drawn(50), [Seven(), Linear(), Seven("eight")]).found
    assert [found[label].conversions[0] for label in ("seven", "eight")] == [7, 7]
    assert found["linear"].conversions[0] != 7


@pytest.mark.parametrize("longest", [1, 2, 4, 9])
def test_counts_of_a_lower_order_follow_exactly(longest: int) -> None:
    journeys = drawn(300, longest=longest)
    counts = Counts.of(journeys, 5)
    for order in (4, 3, 2, 1):
        counts, alone = counts.one_shorter(), Counts.of(journeys, order)
        assert (counts.order, counts.base) == (alone.order, alone.base)
        for name in ("moves", "starts", "ends", "converts"):
            np.testing.assert_array_equal(getattr(counts, name), getattr(alone, name))
        np.testing.assert_allclose(counts.worth, alone.worth, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("n_channels", [1, 13, 14, 15, 40, 62])
def test_sets_are_counted_as_by_a_dictionary(n_channels: int) -> None:
    """Up to more sets than the first table has room for."""
    rng = np.random.default_rng(n_channels)
    paths = rng.integers(0, n_channels, (30_000, 9))
    names = tuple(f"c{at:02d}" for at in range(n_channels))
    counts = rng.integers(0, 3, (3, 30_000)).astype(float)
    journeys = Journeys(names, np.arange(0, 270_001, 9), paths.astype(np.int32).ravel(), *counts)
    expected: dict[int, np.ndarray] = defaultdict(lambda: np.zeros(3))
    bits = [sum(1 << code for code in set(path)) for path in paths.tolist()]
    for bit, row in zip(bits, counts.T, strict=True):
        expected[bit] += row
    table = set_table(journeys)
    assert table.bits.tolist() == sorted(expected)
    converted, lost, value = np.array([expected[bit] for bit in sorted(expected)]).T
    np.testing.assert_array_equal(table.converted, converted)
    np.testing.assert_array_equal(table.journeys, converted + lost)
    np.testing.assert_array_equal(table.value, value)
    _, which = distinct_sets(journeys)
    assert table.bits[which].tolist() == bits
    assert n_channels < 40 or table.bits.size > 1 << 14


def left_out(journeys: Journeys) -> tuple[np.ndarray, float]:
    """Conversions by leaving one touch out, from a dictionary of paths; and those that fell to last touches."""
    touches, at = journeys.channel.tolist(), journeys.offsets.tolist()
    paths = [tuple(touches[begin:end]) for begin, end in pairwise(at)]
    converted: dict[tuple[int, ...], float] = defaultdict(float)
    of: dict[tuple[int, ...], float] = defaultdict(float)
    for path, won, lost in zip(paths, journeys.converted, journeys.lost, strict=True):
        converted[path] += won
        of[path] += won + lost
    rate = {path: converted[path] / of[path] if of[path] else 0.0 for path in of}
    out, by_last = np.zeros(len(journeys.channels)), 0.0
    for path, won in converted.items():
        worth = [max(0.0, rate[path] - rate.get(path[:k] + path[k + 1 :], 0.0)) for k in range(len(path))]
        if not sum(worth):
            worth, by_last = [0.0] * (len(path) - 1) + [1.0], by_last + won
        for code, share in zip(path, worth, strict=True):
            out[code] += won * share / sum(worth)
    return out, by_last


@pytest.mark.parametrize(("near", "block"), [(1 << 18, 1 << 14), (1, 1 << 14), (30, 8), (1 << 18, 1)])
@pytest.mark.parametrize("names", ["ab", "abcdefg"])
def test_leaving_one_out_is_that_of_a_dictionary(
    monkeypatch: pytest.MonkeyPatch, names: str, near: int, block: int
) -> None:
    """Of short paths and long ones, in blocks that one path fills, with touches that repeat the one before."""
    monkeypatch.setattr(shorter, "NEAR", near)
    monkeypatch.setattr(shorter, "BLOCK", block)
    journeys = drawn(3000, names, longest=12 if names == "ab" else 6)
    found = LeaveOneOut().credit(journeys)
    expected, by_last = left_out(journeys)
    np.testing.assert_allclose(found.conversions, expected, rtol=1e-12)
    assert found.details["by_last"] == pytest.approx(by_last, rel=1e-12)
    shares = LeaveOneOut().credit(journeys, by_touch=True).by_touch
    assert shares is not None
    each = np.repeat(journeys.converted, np.diff(journeys.offsets))
    np.testing.assert_allclose(np.bincount(journeys.channel, shares * each), expected, rtol=1e-12)
