"""Distributions have the moments and percentiles by which people give them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from funnelsim.scenario import ScenarioError, loads
from funnelsim.scenario.distributions import Law, constant
from funnelsim.scenario.families import FAMILIES
from funnelsim.scenario.quantiles import cdf

from .places import small

DAY = 86_400.0

LAWS: dict[str, tuple[str, Any]] = {
    "exponential mean": ("{exponential: {mean: 3 d}}", stats.expon(scale=3)),
    "exponential median": ("{exponential: {median: 3 d}}", stats.expon(scale=3 / np.log(2))),
    "gamma cv": ("{gamma: {mean: 12 d, cv: 0.6}}", stats.gamma(1 / 0.36, scale=12 * 0.36)),
    "gamma sd": ("{gamma: {mean: 12 d, sd: 6 d}}", stats.gamma(4, scale=3)),
    "erlang": ("{erlang: {mean: 12 d, k: 3}}", stats.erlang(3, scale=4)),
    "weibull scale": ("{weibull: {scale: 5 d, shape: 1.5}}", stats.weibull_min(1.5, scale=5)),
    "lognormal sigma": ("{lognormal: {median: 18 d, sigma: 0.7}}", stats.lognorm(0.7, scale=18)),
    "triangular": ("{triangular: {low: 1 d, mode: 2 d, high: 5 d}}", stats.triang(0.25, loc=1, scale=4)),
    "triangular left": ("{triangular: {low: 1 d, mode: 1 d, high: 5 d}}", stats.triang(0, loc=1, scale=4)),
    "pert": ("{pert: {low: 1 d, mode: 2 d, high: 5 d}}", stats.beta(2, 4, loc=1, scale=4)),
    "uniform": ("{uniform: {low: 2 d, high: 5 d}}", stats.uniform(loc=2, scale=3)),
}


def law(text: str, segment: str = "all", **more: str) -> Law:
    """The law of a duration written like this."""
    changes = [("duration: 3 d", f"duration: {text}"), *((old, new) for old, new in more.items())]
    duration = loads(small(*changes)).stages["demo"].duration
    assert duration is not None
    return duration.of(segment)


@pytest.mark.parametrize("name", LAWS)
def test_quantiles_agree_with_scipy(name: str) -> None:
    text, frozen = LAWS[name]
    u = np.linspace(0.001, 0.999, 199)
    np.testing.assert_allclose(law(text).ppf(u) / DAY, frozen.ppf(u), rtol=1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_means_agree_with_scipy(name: str) -> None:
    text, frozen = LAWS[name]
    assert law(text).mean() / DAY == pytest.approx(frozen.mean(), rel=1e-12)


@pytest.mark.parametrize("name", LAWS)
def test_the_distribution_function_undoes_the_quantiles(name: str) -> None:
    u = np.linspace(0.01, 0.99, 99)
    np.testing.assert_allclose(cdf(law(LAWS[name][0]), law(LAWS[name][0]).ppf(u)), u, rtol=1e-9)


@pytest.mark.parametrize("family", ["lognormal", "weibull"])
def test_median_and_p90_are_met(family: str) -> None:
    found = law(f"{{{family}: {{median: 18 d, p90: 45 d}}}}").ppf([0.5, 0.9])
    np.testing.assert_allclose(found / DAY, [18, 45], rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "cv"), [("{lognormal: {mean: 18 d, cv: 0.8}}", 0.8), ("{lognormal: {mean: 18 d, sd: 9 d}}", 0.5)]
)
def test_a_lognormal_by_its_mean_has_this_mean_and_spread(text: str, cv: float) -> None:
    found = law(text)
    second, _ = integrate.quad(lambda u: float(found.ppf(u)) ** 2, 0, 1, limit=500)
    assert found.mean() / DAY == pytest.approx(18, rel=1e-12)
    assert np.sqrt(second / found.mean() ** 2 - 1) == pytest.approx(cv, rel=1e-3)


def test_a_weibull_by_its_mean_has_this_mean() -> None:
    assert law("{weibull: {mean: 5 d, shape: 0.7}}").mean() / DAY == pytest.approx(5, rel=1e-12)


def test_canonical_parameters_are_those_of_the_contract() -> None:
    assert law("3 d") == Law("constant", {"value": 3 * DAY})
    assert law("{constant: 3 d}") == law("{constant: {value: 3 d}}") == law("3 d")
    assert set(law("{erlang: {mean: 3 d, k: 4}}").params) == {"mean", "cv"}
    assert law("{erlang: {mean: 3 d, k: 4}}").params["cv"] == 0.5
    assert law("{lognormal: {median: 2 d, sigma: 1}}").params == {"median": 2 * DAY, "sigma": 1.0}


def test_an_empirical_law_takes_each_value_equally_often_and_sorts_them() -> None:
    found = law("{empirical: {values: [3 d, 1 d, 2 d, 2 d]}}")
    assert found.values == (DAY, 2 * DAY, 2 * DAY, 3 * DAY)
    np.testing.assert_array_equal(found.ppf([0.0, 0.24, 0.26, 0.74, 0.76, 1.0]) / DAY, [1, 1, 2, 2, 3, 3])
    assert found.mean() == 2 * DAY


def test_a_mixture_has_the_mean_and_the_quantiles_of_its_parts_together() -> None:
    found = law("{mixture: [{weight: 25%, constant: 1 d}, {weight: 75%, uniform: {low: 2 d, high: 5 d}}]}")
    assert found.mean() == pytest.approx((0.25 * 1 + 0.75 * 3.5) * DAY, rel=1e-12)
    np.testing.assert_allclose(found.ppf([0.1, 0.25, 0.4, 0.625, 1.0]) / DAY, [1, 1, 2.6, 3.5, 5], rtol=1e-12)


def test_only_laws_of_one_value_are_constant() -> None:
    assert constant(3.0).of("all").is_constant
    assert law("{empirical: {values: [1 d, 1 d]}}").is_constant
    assert law("{mixture: [{weight: 1, constant: 1 d}, {weight: 0, constant: 2 d}]}").is_constant
    assert not law("{mixture: [{weight: 0.5, constant: 1 d}, {weight: 0.5, constant: 2 d}]}").is_constant
    assert not law("{uniform: {low: 1 d, high: 2 d}}").is_constant


SEGMENTS = {"channels:": "segments: {smb: {share: 80%}, big: {share: 20%}}\nchannels:"}


def test_a_parameter_a_law_and_a_weight_may_differ_by_segment() -> None:
    by_parameter = "{lognormal: {median: {smb: 1 d, big: 2 d}, p90: 5 d}}"
    assert law(by_parameter, "smb", **SEGMENTS) == law("{lognormal: {median: 1 d, p90: 5 d}}")
    assert law(by_parameter, "big", **SEGMENTS) == law("{lognormal: {median: 2 d, p90: 5 d}}")
    by_law = "{default: 3 d, big: {exponential: {mean: 9 d}}}"
    assert law(by_law, "smb", **SEGMENTS) == law("3 d")
    assert law(by_law, "big", **SEGMENTS) == law("{exponential: {mean: 9 d}}")
    weight = "{mixture: [{weight: {smb: 1, big: 0}, constant: 1 d}, {weight: {smb: 0, big: 1}, constant: 2 d}]}"
    assert law(weight, "smb", **SEGMENTS).mean() == DAY
    assert law(weight, "big", **SEGMENTS).mean() == 2 * DAY


@pytest.mark.parametrize("family", FAMILIES)
def test_every_form_of_a_family_is_read_and_none_other(family: str) -> None:
    for form in FAMILIES[family]:
        numbers = {
            "low": "1 d",
            "mode": "2 d",
            "high": "3 d",
            "p90": "9 d",
            "cv": "0.5",
            "sigma": "1",
            "shape": "2",
            "k": "3",
        }
        params = [f"{name}: {numbers.get(name, '4 d')}" for name in form.names]
        assert law(f"{{{family}: {{{', '.join(params)}}}}}").mean() > 0
        with pytest.raises(ScenarioError):
            law(f"{{{family}: {{{', '.join([*params, 'loc: 1 d'])}}}}}")
        with pytest.raises(ScenarioError):
            law(f"{{{family}: {{{', '.join(params[1:])}}}}}")
