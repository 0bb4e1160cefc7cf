"""scenarios/pipeline_forecast.yaml: the deals in negotiation are decided as the conditional law of their ages says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from theory.evidence import agree

import funnelsim as fs

NEGOTIATION = stats.weibull_min(1.8, scale=25)
OPEN = [(4, 7), (14, 6), (35, 5)]  # days in the stage, deals
WON = 0.45
ONLY = {"pipeline.deals": [{"stage": "negotiation", "age": f"{age} d", "count": n} for age, n in OPEN],
        "channels.inbound.on": False}  # fmt: skip


@pytest.mark.parametrize("weeks", [3, 6, 13])
def test_as_many_are_won_as_their_ages_say(weeks: int) -> None:
    ds = fs.simulate(fs.load("pipeline_forecast", {**ONLY, "horizon": f"{weeks} w"}), replications=12000, seed=721)
    decided = [n * (1 - NEGOTIATION.sf(age + 7 * weeks) / NEGOTIATION.sf(age)) for age, n in OPEN]
    agree(f"wins in {weeks} weeks", ds["wins"].values.astype(float), WON * sum(decided))
    fresh = WON * sum(n for _, n in OPEN) * NEGOTIATION.cdf(7 * weeks)
    print(f"without ages it would be {fresh:.2f}")
    assert weeks > 3 or fresh < 0.93 * WON * sum(decided)


def test_a_forecast_has_its_interval() -> None:
    """Revenue of the quarter: what is open brings most of it, and half of all forecasts lie between the quartiles."""
    ds = fs.simulate(fs.load("pipeline_forecast"), replications=400, seed=722)
    by = ds["revenue_by"].sum(["bucket", "segment"])
    whole, open_deals = ds["revenue"].values, by.sel(channel="open pipeline").values
    low, high = np.quantile(whole, [0.25, 0.75])
    share = open_deals.mean() / whole.mean()
    print(f"half of 400 quarters bring {low:,.0f} to {high:,.0f}; {share:.0%} from open deals")
    assert share > 0.7
    assert (ds["prospects_by"].sum(["bucket", "segment"]).sel(channel="open pipeline") == 64).all()
