"""Stopping when precise enough: the interval holds the truth as often as its level says, however many it took."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import stdtrit

from funnelsim.studies.paired import Sample
from funnelsim.studies.precision import Precision, precision_of
from funnelsim.studies.stopping import Reached, until_precise

Reals = NDArray[np.float64]
REPEATED = 3000


def stopped(draw: Callable[[int], Reals], precision: Precision, level: float = 0.95) -> tuple[Reached, list[Reals]]:
    """Where a procedure stops that draws rows of numbers, one row a quantity, and the rows it has then."""
    drawn: list[Reals] = []

    def more(n: int) -> list[Sample]:
        drawn.append(draw(n))
        return [Sample(row) for row in np.concatenate(drawn, axis=1)]

    reached = until_precise(more, precision, level)
    return reached, list(np.concatenate(drawn, axis=1))


def covering(mean: float, precision: Precision, seed: int) -> tuple[float, float]:
    """Of normal data with spread 1: the share of intervals that hold the mean, and replications on average."""
    rng = np.random.default_rng(seed)
    hits, spent = 0, 0
    for _ in range(REPEATED):
        reached, (row,) = stopped(lambda n: rng.normal(mean, 1.0, (1, n)), precision)
        assert all(reached.met)
        hits += abs(row.mean() - mean) <= reached.halves[0]
        spent += reached.n
    return hits / REPEATED, spent / REPEATED


def z_of(share: float, level: float = 0.95, n: int = REPEATED) -> float:
    return (share - level) / math.sqrt(level * (1 - level) / n)


@pytest.mark.parametrize("ideal", [5, 15, 60])
def test_an_absolute_half_width_is_held_exactly(ideal: int) -> None:
    """Stein 1945: for normal data the level is exact, be many replications needed or only the first stage."""
    share, spent = covering(3.0, Precision(1.96 / math.sqrt(ideal)), seed=ideal)
    print(f"{ideal} replications if the spread were known: {spent:.1f} spent, {share:.1%} held, z {z_of(share):+.1f}")
    assert abs(z_of(share)) < 4


@pytest.mark.parametrize(("share", "ideal"), [(0.02, 20), (0.1, 20), (0.1, 60), (0.3, 20), (0.3, 60)])
def test_a_relative_half_width_is_held(share: float, ideal: int) -> None:
    mean = 1.96 / math.sqrt(ideal) / share
    held, spent = covering(mean, Precision(share, relative=True), seed=ideal)
    print(f"{share:.0%}, {ideal} if all were known: {spent:.1f} spent, {held:.1%} held, z {z_of(held):+.1f}")
    assert abs(z_of(held)) < 4


def test_the_mean_is_off_by_what_the_rule_says() -> None:
    """Relative precision stops sooner where the mean is large: by 2 (r / t)^2 of itself, times 9/7."""
    rng, r = np.random.default_rng(4), 0.3
    mean = 1.96 / math.sqrt(60) / r
    ends = [stopped(lambda n: rng.normal(mean, 1.0, (1, n)), Precision(r, True))[1][0].mean() for _ in range(REPEATED)]
    off, error = np.mean(ends) / mean - 1, np.std(ends) / mean / math.sqrt(REPEATED)
    said = 2 * 9 / 7 * (r / float(stdtrit(9, 0.975))) ** 2
    print(f"off by {off:.2%} of itself, said {said:.2%}; one standard error of a stopped mean is {r / 2.26:.0%}")
    assert abs(off - said) < 4 * error


def test_looking_at_the_spread_again_and_again_stops_too_soon() -> None:
    """Negative control: with the spread of all replications, stopped when it happens to be small, 95% are not held."""
    rng, goal, hits = np.random.default_rng(1), 1.96 / math.sqrt(15), 0
    for _ in range(REPEATED):
        row, n = rng.normal(0.0, 1.0, 400), 3
        while stdtrit(n - 1, 0.975) * row[:n].std(ddof=1) / math.sqrt(n) > goal:
            n += 1
        hits += abs(row[:n].mean()) <= goal
    print(f"peeking: {hits / REPEATED:.1%} held, z {z_of(hits / REPEATED):+.1f}")
    assert z_of(hits / REPEATED) < -4


def test_several_quantities_are_held_at_once() -> None:
    """Bonferroni: three correlated quantities, all three held in at least 95% of cases."""
    rng, scales, hits = np.random.default_rng(2), np.array([[1.0], [2.0], [0.5]]), 0

    def draw(n: int) -> Reals:
        return scales * (rng.normal(size=(1, n)) + rng.normal(size=(3, n)))

    for _ in range(REPEATED):
        reached, rows = stopped(draw, Precision(0.8))
        assert all(reached.met)
        hits += all(abs(row.mean()) <= half for row, half in zip(rows, reached.halves, strict=True))
    print(f"all three held in {hits / REPEATED:.1%}, z {z_of(hits / REPEATED):+.1f}")
    assert z_of(hits / REPEATED) > -4


def test_it_stops_at_the_ceiling_and_says_what_it_has() -> None:
    rng = np.random.default_rng(3)
    reached, (row,) = stopped(lambda n: rng.normal(0, 1, (1, n)), Precision(0.01, ceiling=100))
    assert reached.sizes == (10, 20, 40, 80, 100)
    assert reached.met == (False,)
    assert reached.halves[0] == pytest.approx(stdtrit(9, 0.975) * row[:10].std(ddof=1) / 10)
    assert reached.needed[0] == pytest.approx(100 * (reached.halves[0] / 0.01) ** 2, rel=1e-2)


def test_what_is_near_nothing_is_not_run_to_the_ceiling_for_a_share_of_itself() -> None:
    rng = np.random.default_rng(5)
    reached, _ = stopped(lambda n: rng.normal(0, 1, (1, n)), Precision(0.02, relative=True))
    print(f"gave up at {reached.n} of 10,000, with a half-width of {reached.halves[0]:.2f}")
    assert reached.n < 1000
    assert reached.met == (False,)


def test_what_never_differs_is_known_at_once() -> None:
    reached, _ = stopped(lambda n: np.zeros((1, n)), Precision(0.02, relative=True))
    assert (reached.sizes, reached.met) == ((10,), (True,))


def test_a_goal_that_is_met_to_the_last_bit_ends_it() -> None:
    """The half-width after the number that is needed may be above its goal by rounding: it must be enough."""
    for seed in range(300):
        rng = np.random.default_rng(seed)
        reached, _ = stopped(lambda n, rng=rng: rng.normal(0, 1, (1, n)), Precision(0.7))  # type: ignore[misc]
        assert all(reached.met)


@pytest.mark.parametrize(
    ("text", "half", "relative"),
    [("2%", 0.02, True), ("0.5", 0.5, False), (" 12.5 % ", 0.125, True), ("1e3", 1000, False)],
)
def test_a_precision_is_a_share_or_a_number(text: str, half: float, relative: bool) -> None:
    found = precision_of(text)
    assert found.half_width == pytest.approx(half)
    assert found.relative is relative


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "it is a number"), ("two", "it is a number"), ("0%", "above 0"), ("-1", "above 0"), ("40%", "at most 30%")],
)
def test_what_is_no_precision_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        precision_of(text)


def test_floor_and_ceiling_must_fit() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        Precision(0.1, floor=2)
    with pytest.raises(ValueError, match="at least the floor, 30"):
        Precision(0.1, floor=30, ceiling=20)
