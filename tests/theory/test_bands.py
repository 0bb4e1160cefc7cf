"""Exits by value: a band takes the deals from its first value up to below its last, and nobody else."""

import numpy as np
import pytest
from scipy import stats

from funnelsim.plan.trace import ENTERED, LEFT

from .evidence import Runs, agree, run

MEDIAN, P90 = 700.0, 2500.0
SIGMA = np.log(P90 / MEDIAN) / stats.norm.ppf(0.9)

PRICES = f"""
name: prices
start: 2026-01-05
horizon: 2 d
segments: {{all: {{share: 100%, deal_value: {{lognormal: {{median: {MEDIAN}, p90: {P90}}}}}}}}}
channels:
  shop: {{arrivals: {{batches: {{at: [2026-01-05], size: 4000}}}}}}
stages:
  price:
    exits:
      self_serve: {{value: {{below: 500}}, to: won}}
      talk: {{value: {{from: 1000}}, to: lost}}
      hybrid: {{p: 30%, to: won}}
      none: {{rest: true, to: lost}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
"""


@pytest.fixture(scope="module")
def runs() -> Runs:
    return run(PRICES, seed=181, replications=200)


def below(value: float) -> float:
    """The share of deals below a value."""
    return float(stats.norm.cdf(np.log(value / MEDIAN) / SIGMA))


def test_bands_take_as_many_as_the_law_of_values_says(runs: Runs) -> None:
    agree("below 500", runs.share("price", "self_serve"), below(500))
    agree("from 1000", runs.share("price", "talk"), 1 - below(1000))
    agree("between, by table", runs.share("price", "hybrid"), 0.3 * (below(1000) - below(500)))


@pytest.mark.parametrize(
    ("value", "label"),
    [(499.99, "self_serve"), (500, "hybrid"), (999.99, "hybrid"), (1000, "talk"), (0, "self_serve"), (1e9, "talk")],
)
def test_a_band_begins_with_its_first_value_and_ends_before_its_last(value: float, label: str) -> None:
    changes = {"segments.all.deal_value": value, "stages.price.exits.hybrid.p": "100%"}
    runs = run(PRICES, changes, seed=182, replications=1)
    assert runs.share("price", label) == 1.0


def test_no_deal_takes_a_band_that_is_not_its_own(runs: Runs) -> None:
    rows = run(PRICES, seed=183, replications=1, trace=True).outcome.traces[0]
    worth = {row["prospect"]: row["detail"] for row in rows[(rows["code"] == ENTERED) & (rows["stage"] == 0)]}
    names = [name.label for name in runs.compiled.exits]
    for row in rows[rows["code"] == LEFT]:
        band = names[row["detail"]]
        value = worth[row["prospect"]] / 100
        assert (band == "self_serve") == (value < 500)
        assert (band == "talk") == (value >= 1000)
