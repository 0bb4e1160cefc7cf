"""Distributions: what comes out of a stage has the law that was written down, family by family.

The expected laws are SciPy's, their parameters worked out by hand from what the file says; no code of ours is asked.
"""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from funnelsim.plan.trace import ENTERED, FINISHED

from .evidence import FAR, agree, agree_counts, of_same, one_each, run

SIZE, REPLICATIONS = 10_000, 12
MORE = {"gamma by sd": 24, "weibull by scale": 32, "weibull by median and p90": 20}  # wide laws take more
HOUR = 3600

DELAY = f"""
name: one delay
start: 2026-01-05
horizon: 3650 d
bucket: quarter
channels:
  list: {{arrivals: {{batches: {{at: [2026-01-05], size: {SIZE}}}}}}}
stages:
  nurture: {{duration: 1 h, exits: {{won: 100%}}}}
  won: {{terminal: won}}
"""

S1 = math.sqrt(math.log(2))  # sigma of a lognormal with cv 1
P90 = stats.norm.ppf(0.9)
SHAPE = math.log(math.log(10) / math.log(2)) / math.log(30 / 10)  # of the Weibull law by its median and p90
FAMILIES: dict[str, tuple[dict[str, Any], Any]] = {
    "exponential by mean": ({"exponential": {"mean": "20 h"}}, stats.expon(scale=20)),
    "exponential by median": ({"exponential": {"median": "20 h"}}, stats.expon(scale=20 / math.log(2))),
    "gamma by cv": ({"gamma": {"mean": "30 h", "cv": 0.5}}, stats.gamma(4, scale=7.5)),
    "gamma by sd": ({"gamma": {"mean": "30 h", "sd": "36 h"}}, stats.gamma(1 / 1.44, scale=30 * 1.44)),
    "erlang": ({"erlang": {"mean": "12 h", "k": 3}}, stats.gamma(3, scale=4)),
    "weibull by mean": ({"weibull": {"mean": "20 h", "shape": 2}}, stats.weibull_min(2, scale=20 / math.gamma(1.5))),
    "weibull by scale": ({"weibull": {"scale": "20 h", "shape": 0.8}}, stats.weibull_min(0.8, scale=20)),
    "weibull by median and p90": (
        {"weibull": {"median": "10 h", "p90": "30 h"}},
        stats.weibull_min(SHAPE, scale=10 / math.log(2) ** (1 / SHAPE)),
    ),
    "lognormal by median and p90": (
        {"lognormal": {"median": "10 h", "p90": "25 h"}},
        stats.lognorm(math.log(2.5) / P90, scale=10),
    ),
    "lognormal by mean and cv": ({"lognormal": {"mean": "20 h", "cv": 1}}, stats.lognorm(S1, scale=200**0.5)),
    "lognormal by mean and sd": ({"lognormal": {"mean": "20 h", "sd": "20 h"}}, stats.lognorm(S1, scale=200**0.5)),
    "lognormal by sigma": ({"lognormal": {"median": "20 h", "sigma": 0.4}}, stats.lognorm(0.4, scale=20)),
    "triangular": ({"triangular": {"low": "2 h", "mode": "5 h", "high": "20 h"}}, stats.triang(1 / 6, 2, 18)),
    "pert": ({"pert": {"low": "2 h", "mode": "5 h", "high": "20 h"}}, stats.beta(5 / 3, 13 / 3, 2, 18)),
    "uniform": ({"uniform": {"low": "2 h", "high": "30 h"}}, stats.uniform(2, 28)),
}


def hours_inside(duration: object, seed: int, replications: int = REPLICATIONS) -> np.ndarray:
    """Hours between entry and end of every visit, one row a replication."""
    runs = run(DELAY, {"stages.nurture.duration": duration}, seed=seed, replications=replications, trace=True)
    out = []
    for rows in runs.outcome.traces:
        ended = one_each(rows, FINISHED)
        out.append((ended["tick"] - of_same(one_each(rows, ENTERED), ended)["tick"]) / HOUR)
    return np.array(out)


def agree_law(what: str, hours: np.ndarray, cdf: Any) -> None:
    """A sample has a law (Kolmogorov-Smirnov), and not the law of what lasts 2% longer; p-values shown as z."""
    z = float(stats.norm.isf(stats.kstest(hours, cdf).pvalue))
    control = float(stats.norm.isf(stats.kstest(hours, lambda t: cdf(t / 1.02)).pvalue))
    print(f"{what}: Kolmogorov-Smirnov as z = {z:.2f}; of 2% more, z = {control:.2f}")
    assert z < FAR
    assert control > FAR


@pytest.mark.parametrize("family", FAMILIES)
def test_what_comes_out_of_a_stage_has_the_law_that_was_written_down(family: str) -> None:
    duration, law = FAMILIES[family]
    hours = hours_inside(duration, 141 + list(FAMILIES).index(family), MORE.get(family, REPLICATIONS)).ravel()
    assert hours.size == SIZE * MORE.get(family, REPLICATIONS)
    agree(f"{family}, mean", hours, law.mean())
    agree(f"{family}, mean square", hours**2, law.moment(2), wrong=1.07 * law.moment(2))
    agree_law(family, hours, law.cdf)


def test_a_constant_is_constant() -> None:
    assert (hours_inside("90 min", 160) == 1.5).all()


def test_sampled_values_come_equally_often() -> None:
    values = ["1 h", "2 h", "2 h", "7 h", "30 h"]
    hours, counts = np.unique(hours_inside({"empirical": {"values": values}}, 161, 24), return_counts=True)
    assert hours.tolist() == [1, 2, 7, 30]
    fifth = counts.sum() / 5
    right, wrong = fifth * np.array([1, 2, 1, 1]), fifth * np.array([1.02, 2, 1, 0.98])
    agree_counts("sampled values", counts, right, wrong, of_one_total=True)


def test_a_mixture_has_the_law_of_its_parts_by_weight() -> None:
    parts = [
        {"weight": "30%", "exponential": {"mean": "40 h"}},
        {"weight": "70%", "uniform": {"low": "1 h", "high": "5 h"}},
    ]
    hours = hours_inside({"mixture": parts}, 162, 20).ravel()
    slow, fast = stats.expon(scale=40), stats.uniform(1, 4)
    agree("mixture, mean", hours, 0.3 * 40 + 0.7 * 3)
    agree_law("mixture", hours, lambda t: 0.3 * slow.cdf(t) + 0.7 * fast.cdf(t))


def test_a_law_by_segment_is_each_segments_own() -> None:
    text = DELAY.replace("channels:", "segments: {a: {share: 40%}, b: {share: 60%}}\nchannels:")
    duration = {"exponential": {"mean": {"a": "10 h", "b": "40 h"}}}
    runs = run(text, {"stages.nurture.duration": duration}, seed=163, replications=24)
    agree("two segments, mean time", runs.mean_time("nurture"), 0.4 * 10 + 0.6 * 40)


def test_values_of_deals_have_the_law_that_was_written_down() -> None:
    value = {"deal_value": {"lognormal": {"median": 6000, "p90": 15000}}}
    overrides = {"segments": {"all": {"share": "100%", **value}}}
    runs = run(DELAY, overrides, seed=164, replications=REPLICATIONS, trace=True)
    values = np.concatenate([one_each(rows, ENTERED)["detail"] / 100 for rows in runs.outcome.traces])
    law = stats.lognorm(math.log(2.5) / P90, scale=6000)
    agree("deal value, mean", values, law.mean())
    agree_law("deal value", values, law.cdf)
    revenue = runs.outcome.tally["revenue"].sum(axis=(1, 2)) / 100
    assert revenue.sum() == pytest.approx(values.sum(), rel=1e-12)
