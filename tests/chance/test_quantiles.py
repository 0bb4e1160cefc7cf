"""Quantile tables: each family agrees with scipy at every word, is monotone in it, and has its moments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from called import lasts
from numpy.typing import NDArray
from scipy import stats

from funnelsim.chance import quantiles
from funnelsim.core.jit import kernel
from funnelsim.core.rows import Frame
from funnelsim.plan.features import MIXED
from funnelsim.plan.lawbook import LawBook
from funnelsim.plan.layout import NORMAL_ROW, PLAN
from funnelsim.rules.laws import amount, unit_quantile
from funnelsim.scenario.distributions import Law

EXACT = 1e-5
"""Largest relative error; the tables promise 1e-6."""

FAMILIES: dict[str, tuple[Law, Any]] = {
    "exponential": (Law("exponential", {"mean": 3.0}), stats.expon(scale=3.0)),
    "gamma, cv 0.1": (Law("gamma", {"mean": 5.0, "cv": 0.1}), stats.gamma(100, scale=0.05)),
    "gamma, cv 0.5": (Law("gamma", {"mean": 5.0, "cv": 0.5}), stats.gamma(4, scale=1.25)),
    "gamma, cv 1.5": (Law("gamma", {"mean": 5.0, "cv": 1.5}), stats.gamma(1 / 2.25, scale=5.0 * 2.25)),
    "weibull, shape 0.8": (Law("weibull", {"scale": 2.0, "shape": 0.8}), stats.weibull_min(0.8, scale=2.0)),
    "weibull, shape 4": (Law("weibull", {"scale": 2.0, "shape": 4.0}), stats.weibull_min(4, scale=2.0)),
    "lognormal, sigma 0.2": (Law("lognormal", {"median": 7.0, "sigma": 0.2}), stats.lognorm(0.2, scale=7.0)),
    "lognormal, sigma 1": (Law("lognormal", {"median": 7.0, "sigma": 1.0}), stats.lognorm(1.0, scale=7.0)),
    "lognormal, sigma 2": (Law("lognormal", {"median": 7.0, "sigma": 2.0}), stats.lognorm(2.0, scale=7.0)),
    "triangular": (
        Law("triangular", {"low": 1.0, "mode": 2.0, "high": 6.0}),
        stats.triang(0.2, loc=1.0, scale=5.0),
    ),
    "triangular, mode low": (
        Law("triangular", {"low": 1.0, "mode": 1.0, "high": 6.0}),
        stats.triang(0.0, loc=1.0, scale=5.0),
    ),
    "pert": (
        Law("pert", {"low": 1.0, "mode": 2.0, "high": 6.0}),
        stats.beta(1.8, 4.2, loc=1.0, scale=5.0),
    ),
    "uniform": (Law("uniform", {"low": 2.0, "high": 5.0}), stats.uniform(2.0, 3.0)),
}


def frame_of(*laws: Law) -> tuple[Frame, list[int]]:
    """A plan that has nothing but laws, and their rows."""
    book = LawBook()
    rows = [book.enter(law, 1.0) for law in laws]
    arrays: dict[str, NDArray[Any]] = {name: np.zeros(1, dtype) for name, dtype in PLAN.tables.items()}
    arrays |= {"laws": book.law_rows(), "cubics": book.table_rows(), "values": book.value_rows()}
    arrays["terms"]["uses"] = MIXED
    return Frame(PLAN, arrays | {"parts": book.part_rows()}), rows


@kernel
def amounts(plan, law, who, words, out):
    """The law at every word; prospect by prospect from `who` on."""
    for at in range(words.size):
        out[at] = amount(plan, law, np.uint64(1), np.uint64(who + at), 3, 0, 0, 0, words[at])


@kernel
def units(plan, first, words, out):
    """The unit law whose table begins at `first`, at every word."""
    for at in range(words.size):
        out[at] = unit_quantile(plan, first, words[at])


def read(law: Law, words: NDArray[np.uint32]) -> NDArray[np.float64]:
    """What the tables give for a law."""
    frame, (row,) = frame_of(law)
    out = np.zeros(words.size)
    amounts(frame.address, row, 0, words, out)
    return out


def sample(n: int = 20_000) -> NDArray[np.uint32]:
    """Words, ascending: random ones, both ends, and the neighbourhood of every power of two on both sides."""
    drawn = np.random.default_rng(1).integers(0, 2**32, n)
    powers = 2 ** np.arange(32)
    near = (powers[:, None] + np.arange(-2, 3)).ravel()
    every = np.concatenate([drawn, np.arange(50), near, 2**32 - 1 - near, 2**32 - 1 - np.arange(50)])
    return np.unique(every[(every >= 0) & (every < 2**32)]).astype(np.uint32)


def exact(law: Any, words: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Scipy's quantiles, each read from the nearer tail."""
    lower = (words.astype(np.float64) + 0.5) / 2**32
    upper = (2.0**32 - 1 - words.astype(np.float64) + 0.5) / 2**32
    out: NDArray[np.float64] = np.where(lower < 0.5, law.ppf(lower), law.isf(upper))
    return out


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_agrees_with_scipy_and_is_monotone(family: str) -> None:
    law, known = FAMILIES[family]
    words = sample()
    found, wanted = read(law, words), exact(known, words)
    assert np.abs(found / wanted - 1).max() < EXACT
    assert (np.diff(found) >= 0).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_its_moments_and_its_shape(family: str) -> None:
    """At the midpoints of 2**18 equal steps of probability; only heavy tails need the tail that this cuts off."""
    law, known = FAMILIES[family]
    found = read(law, np.arange(2**13, 2**32, 2**14, dtype=np.uint64).astype(np.uint32))
    tail = 0.02 if family == "lognormal, sigma 2" else 5e-4
    assert found.mean() == pytest.approx(known.mean(), rel=tail)
    if family != "lognormal, sigma 2":
        assert found.std() == pytest.approx(known.std(), rel=5e-3)
    assert stats.kstest(found, known.cdf).statistic < 1e-5


def test_the_standard_normal_is_odd_and_agrees_with_scipy() -> None:
    frame, _ = frame_of()
    words = sample()
    found, mirrored = np.zeros(words.size), np.zeros(words.size)
    units(frame.address, NORMAL_ROW, words, found)
    units(frame.address, NORMAL_ROW, ~words, mirrored)
    assert np.abs(found - exact(stats.norm(), words)).max() < EXACT
    np.testing.assert_array_equal(found, -mirrored)


def test_a_longer_mean_is_longer_for_everybody() -> None:
    """Common random numbers: the same word waits longer when the mean is longer."""
    words = sample(2_000)
    short, long = (read(Law("gamma", {"mean": mean, "cv": 0.7}), words) for mean in (3.0, 3.1))
    assert (long > short).all()


def test_an_empirical_law_draws_each_value_equally_often() -> None:
    law = Law("empirical", {}, (1.0, 2.0, 5.0))
    found = read(law, np.arange(0, 2**32, 2**16, dtype=np.uint64).astype(np.uint32))
    values, counts = np.unique(found, return_counts=True)
    assert values.tolist() == [1.0, 2.0, 5.0]
    assert np.ptp(counts) <= 1


def test_a_mixture_takes_its_parts_by_weight_and_each_part_whole() -> None:
    """The part falls to another address than the word, so a part's words are uniform, and shares are as written."""
    slow, fast = Law("exponential", {"mean": 50.0}), Law("uniform", {"low": 1000.0, "high": 2000.0})
    law = Law("mixture", {}, None, ((0.3, slow), (0.7, fast)))
    words = np.random.default_rng(2).integers(0, 2**32, 40_000).astype(np.uint32)
    found = read(law, words)
    of_fast = found >= 1000.0
    z = (of_fast.mean() - 0.7) / math.sqrt(0.21 / words.size)
    assert abs(z) < 4, z
    assert stats.kstest((found[of_fast] - 1000.0) / 1000.0, "uniform").pvalue > 1e-4
    assert stats.kstest(found[~of_fast] / 50.0, "expon").pvalue > 1e-4


def test_a_duration_is_the_nearest_tick_and_at_least_one() -> None:
    values = (0.0, 0.49, 0.5, 1.4, 1.5, 2.5, 7.51, 1e30)
    frame, rows = frame_of(*(Law("constant", {"value": value}) for value in values))
    ticks = [int(lasts(frame.address, row, np.uint64(1), np.uint64(2), 3, 0, 0, 0, np.uint32(5))) for row in rows]
    assert ticks == [1, 1, 1, 1, 2, 3, 8, 10**15]


def test_a_cubic_that_would_turn_back_becomes_a_chord() -> None:
    """A law with a step: the table stays monotone where a cubic through four points would swing."""

    def step(p: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(p < 0.3, p, p + 100.0)

    table = quantiles.tabulate(step, lambda p: 200.0 - p)
    t = np.linspace(0, 1, 33)
    for c0, c1, c2, c3 in table[: quantiles.ROWS // 2]:
        assert (np.diff(((c3 * t + c2) * t + c1) * t + c0) >= -1e-12).all()
