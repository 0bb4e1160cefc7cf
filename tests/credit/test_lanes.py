"""Counts of many draws at once: the words they are drawn with, windows of every order, chains told backwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from attribution.journeys import Journeys, from_paths
from attribution.journeys.alike import merged
from attribution.journeys.drawing import all_times_drawn
from attribution.models import J_SHAPED, Linear, Markov, Position, reversal
from attribution.models import places as places_of_rules
from attribution.models.credit import LANES
from attribution.models.places import Places
from attribution.models.walks import Shorter, Walks

WORD = 2**64


def finalised(x: int) -> int:
    """The finaliser of SplitMix64 (Steele, Lea and Flood, 2014), in whole numbers."""
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % WORD
    x = (x ^ x >> 27) * 0x94D049BB133111EB % WORD
    return x ^ x >> 31


def test_a_draw_is_a_quantile_of_a_word() -> None:
    """Worked out in whole numbers and by the distribution function of SciPy, not by limits."""
    odd = 0x9E3779B97F4A7C15
    whose = np.array([0, 1, 2**63 + 5, 2**64 - 1, *range(10, 300)], np.uint64)
    found = all_times_drawn(whose, 9, range(5))
    for draw in range(5):
        key = finalised((9 * odd + draw) % WORD)
        words = [finalised((key + (int(each) + 1) * odd) % WORD) >> 32 for each in whose]
        expected = stats.poisson.ppf((np.array(words) + 0.5) / 2.0**32, 1.0)
        np.testing.assert_array_equal(found[:, draw], expected)


def paths(n: int, seed: int, longest: int = 9, channels: str = "abc") -> Journeys:
    """Different paths of channels, with whole counts; short ones among them."""
    rng = np.random.default_rng(seed)
    names = [" > ".join(rng.choice(list(channels), rng.integers(1, longest))) for _ in range(n)]
    converted, lost = rng.integers(0, 4, (2, n)).astype(float)
    return merged(from_paths(names, converted, lost, converted * rng.integers(1, 9, n)))


def lanes_of(journeys: Journeys, seed: int) -> list[np.ndarray]:
    times = np.random.default_rng(seed).poisson(1.0, (journeys.n, LANES)).astype(float)
    return [each[:, None] * times for each in (journeys.converted, journeys.lost, journeys.value)]


@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_windows_of_an_order_tell_those_of_one_less(order: int) -> None:
    """Counted from the paths themselves, they are the same numbers."""
    journeys = paths(200, order)
    counts = lanes_of(journeys, 1)
    shorter = Shorter.than(Walks.of(journeys, order).windows)
    told = shorter.counts(Walks.of(journeys, order).counts(*counts))
    walks = Walks.of(journeys, order - 1)
    counted = walks.counts(*counts)
    np.testing.assert_array_equal(shorter.windows.grams, walks.windows.grams)
    np.testing.assert_array_equal(shorter.windows.steps.number, walks.windows.steps.number)
    for name, expected in vars(counted).items():
        np.testing.assert_array_equal(getattr(told, name), expected)


@pytest.mark.parametrize("order", [2, 3])
def test_what_is_lost_is_what_the_chain_without_a_channel_does_not_convert(order: int) -> None:
    """By linear equations of the chain forwards, once for each channel: an oracle that shares nothing with sweeps."""
    journeys = paths(300, 7)
    counts = lanes_of(journeys, 2)
    walks = Walks.of(journeys, order)
    once = (journeys.converted, journeys.lost, journeys.value)
    own = walks.counts(*(np.repeat(each[:, None], LANES, 1) for each in once))
    found = reversal.Reversal.of(walks.windows, own).lost(walks.counts(*counts))
    for lane, chain in enumerate(walks.windows.chains(walks.counts(*counts))):
        steps = chain.steps
        full = np.zeros((steps.n, steps.n))
        full[steps.frm, steps.to] = chain.p
        for what, ends in enumerate((chain.converts, chain.worth)):
            whole = chain.start @ np.linalg.solve(np.eye(steps.n) - full, ends)
            total = (counts[0], counts[2])[what][:, lane].sum()
            for c in range(steps.n_channels):
                stays = ~steps.holds[:, c]
                without = chain.start[stays] @ np.linalg.solve(
                    np.eye(stays.sum()) - full[np.ix_(stays, stays)], ends[stays]
                )
                expected = total * (whole - without) / whole
                assert found[what, lane, c] == pytest.approx(expected, rel=5 * reversal.DRAWN)


def test_a_chain_that_turns_for_long_is_solved_in_double_precision() -> None:
    """Two channels in turn, over and over, after a third; single precision alone would not come to rest."""
    names = ["c > " + " > ".join(["a", "b"] * 60), "c", "a > b > c > b", "b > c > a"]
    journeys = from_paths(names, [5.0, 3.0, 2.0, 4.0], [2.0, 6.0, 3.0, 1.0])
    counts = lanes_of(journeys, 5)
    found = Markov(2).recount(journeys)(*counts)[0]
    for lane in range(LANES):
        converted, lost, value = (each[:, lane] for each in counts)
        expected = Markov(2).credit(replace(journeys, converted=converted, lost=lost, value=value))
        np.testing.assert_allclose(found[lane], expected.conversions, rtol=5 * reversal.DRAWN)


def test_a_chain_that_does_not_come_to_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reversal, "SINGLE", 1)
    monkeypatch.setattr(reversal, "DOUBLE", 1)
    journeys = paths(100, 3)
    with pytest.raises(ArithmeticError, match="a drawn chain of order 2 had not come to rest after 1 rounds"):
        Markov(2).recount(journeys)(*lanes_of(journeys, 1))


def test_kinds_with_one_key_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all touches had the same key, rules would credit the wrong channels; nothing is taken for granted."""
    journeys = paths(80, 4)
    counts = lanes_of(journeys, 3)
    expected = Position().recounts([Position(), Linear()], journeys)(*counts)

    def one_key(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros(keys.size, np.int32), np.zeros(1, np.int64)

    monkeypatch.setattr(places_of_rules, "numbered", one_key)
    found = Position().recounts([Position(), Linear()], journeys)(*counts)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_few_kinds_of_touches_are_counted() -> None:
    """By channel and length: the only one, the first, the last, those between. Shares of 20:20:60 are a bit apart."""
    journeys = paths(6000, 5, 60, "abcdefghijklmnop")
    share = J_SHAPED.shares_of(journeys)
    sizes = np.unique(np.diff(journeys.offsets))
    n_kinds = 16 * np.minimum(sizes, 3).sum()
    found = Places.alike(journeys, np.arange(journeys.n), [share])
    assert found.n <= n_kinds < journeys.n_touches / 50
    narrow = np.unique(share)
    assert (np.diff(narrow) < 1e-15).any()
