"""The variance of a measure is split into assumptions and luck, as it is known for thinned Poisson arrivals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from funnelsim.results.simulate import simulate
from funnelsim.scenario import loads
from funnelsim.studies.draws import with_values
from funnelsim.studies.uncertainty import split, uncertainty

DAYS, CHANCE = 100, 0.25
TEXT = f"""\
name: thinned
start: 2026-01-05
horizon: {DAYS} d
tick: 1 min
channels:
  web: {{arrivals: {{rate: {{uncertain: {{uniform: {{low: 4 / d, high: 8 / d}}}}}}}}}}
stages:
  ask: {{exits: {{won: 25%, lost: {{rest: true}}}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
"""


@pytest.fixture(scope="module")
def study():
    return uncertainty(loads(TEXT), seed=11, draws=250, replications=5)


def said(name: str, found: float, expected: float, error: float) -> None:
    z = (found - expected) / error
    print(f"{name}: {found:.4g}, expected {expected:.4g}, z = {z:.2f}")
    assert abs(z) < 4


def test_both_variances_of_thinned_arrivals_are_found(study) -> None:
    """Wins are Poisson given the rate: luck is their mean; assumptions are the rate times chance and days."""
    wins, n, each = study.sel(measure="wins"), 250, 5
    within, between = 6 * CHANCE * DAYS, (CHANCE * DAYS) ** 2 * 4**2 / 12
    said("luck", float(wins["within"]), within, within * np.sqrt((2 + 1 / within) / (n * (each - 1))))
    # Kurtosis of a uniform law: the variance of a variance is (9/5 - 1) of its square over n, and luck adds to it.
    error = np.sqrt((0.8 * between**2 + 4 * between * within / each + 2 * (within / each) ** 2) / n)
    said("assumptions", float(wins["between"]), between, error)
    share = between / (between + within)
    assert float(wins["share_low"]) < share < float(wins["share_high"])


def test_luck_that_is_shared_by_all_draws_would_be_missed() -> None:
    """A control: with the same replications in every draw, their luck is common, and is taken for nobody's."""
    scenario, each = loads(TEXT.replace("low: 4 / d, high: 8 / d", "low: 5.9 / d, high: 6.1 / d")), 4
    study = uncertainty(scenario, seed=3, draws=40, replications=each)
    draws = study[["assumed"]].rename(assumed="value").transpose("draw", "assumption")
    same = np.array(
        [simulate(with_values(scenario, draws, k), replications=each, seed=3)["wins"].values for k in range(40)]
    )
    pooled = study["value"].sel(measure="wins").values
    within = 6 * CHANCE * DAYS
    wrong, right = same.mean(axis=0).var(ddof=1), pooled.mean(axis=0).var(ddof=1)
    print(
        f"variance of a replication's mean over draws: {wrong:.1f} in common, {right:.1f} apart; luck is {within:.0f}"
    )
    assert wrong > 10 * right
    assert np.array_equal(pooled[0], same[0])


def test_a_draw_runs_the_replications_that_are_its_own(study) -> None:
    scenario = loads(TEXT)
    draws = study[["assumed"]].rename(assumed="value").transpose("draw", "assumption")
    again = simulate(with_values(scenario, draws, 7), replications=5, seed=11, first=35)
    assert np.array_equal(study["value"].sel(measure="wins", draw=7), again["wins"])


def test_bands_are_quantiles_of_the_mixed_poisson_law(study) -> None:
    wins = study.sel(measure="wins")
    at = float(wins["band"].sel(quantile=0.9))
    below = integrate.quad(lambda rate: stats.poisson.cdf(at, rate * CHANCE * DAYS) / 4, 4, 8)[0]
    said("share below the 90% quantile", below, 0.9, np.sqrt(0.9 * 0.1 / 1250) + 0.002)


@pytest.mark.parametrize("sigma", [0.0, 0.4])
def test_the_interval_of_the_share_covers_it_also_where_values_are_skewed(sigma: float) -> None:
    rng, hits, n = np.random.default_rng(5), 0, 400
    spread = np.sqrt(np.expm1(sigma**2) * np.exp(sigma**2)) if sigma else 1.0
    for _ in range(n):
        drawn = rng.lognormal(0, sigma, (200, 1)) / spread if sigma else rng.normal(size=(200, 1))
        found = split(drawn + rng.normal(size=(200, 5)))
        hits += found.low <= 0.5 <= found.high
    said("coverage", hits / n, 0.95, np.sqrt(0.95 * 0.05 / n))


def test_without_ranges_everything_is_luck() -> None:
    study = uncertainty(loads(TEXT, {"channels.web.rate": "6 / d"}), seed=1, replications=200)
    wins = study.sel(measure="wins")
    assert study.sizes["draw"] == 1
    assert (float(wins["share"]), float(wins["share_high"]), float(wins["between"])) == (0.0, 0.0, 0.0)
    said("luck", float(wins["within"]), 150, 150 * np.sqrt(2 / 199))


def test_without_luck_everything_is_assumption() -> None:
    found = split(np.repeat([[1.0], [2.0], [4.0]], 3, axis=1))
    assert (found.share, found.low, found.within) == (1.0, 1.0, 0.0)
    assert found.between == pytest.approx(np.var([1, 2, 4], ddof=1))
