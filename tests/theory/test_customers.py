"""After the sale: renewals by the geometric series, what is kept and grown, and referrals as a branching process."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import funnelsim as fs

from .evidence import Runs, agree, run

FOUNDERS = 400

LOOP = f"""
name: loop
start: 2026-01-05
horizon: 700 w
tick: 1 h
channels:
  founders: {{arrivals: {{batches: {{at: [2026-01-05], size: {FOUNDERS}}}}}}}
  friends: {{referrals: {{rate: 0.1 / d, during: [customer], chance: 50%}}}}
stages:
  customer: {{duration: 10 d, exits: {{lost: 100%}}}}
  lost: {{terminal: lost}}
"""
GAIN = 0.1 * 10 * 0.5


def loop(changes: dict[str, Any], seed: int, replications: int = 300) -> Runs:
    return run(LOOP, changes, seed=seed, replications=replications)


def progeny(runs: Runs) -> Any:
    """All who came, a founder."""
    return runs.outcome.tally["totals"][:, 1] / FOUNDERS


def test_all_descendants_of_a_founder_are_a_geometric_series() -> None:
    """Poisson offspring of mean m: mean total progeny 1 / (1 - m), variance m / (1 - m)^3 (Harris 1963, chapter I)."""
    found = progeny(loop({}, 331))
    agree("total progeny", found, 1 / (1 - GAIN))
    agree(
        "variance", (found - 1 / (1 - GAIN)) ** 2 * FOUNDERS, GAIN / (1 - GAIN) ** 3, wrong=2 * GAIN / (1 - GAIN) ** 3
    )


def test_the_mean_of_a_loop_asks_only_for_the_mean_of_a_stay() -> None:
    """Exponential stays make the offspring geometric, of the same mean; the variance is larger, (m + m^2)/(1 - m)^3."""
    found = progeny(loop({"stages.customer.duration": {"exponential": {"mean": "10 d"}}}, 332, 600))
    agree("total progeny", found, 1 / (1 - GAIN))
    wide = (GAIN + GAIN**2) / (1 - GAIN) ** 3
    agree("variance", (found - 1 / (1 - GAIN)) ** 2 * FOUNDERS, wide, wrong=GAIN / (1 - GAIN) ** 3)


def test_results_tell_the_gain_of_the_loop() -> None:
    ds = fs.simulate(fs.loads(LOOP), replications=200, seed=333)
    agree("gain", ds["loop_gain"].values, GAIN)
    born = ds["prospects_by"].sum(["bucket", "segment"])
    np.testing.assert_array_equal(born.sel(channel="friends"), ds["referrals"].sum(["bucket", "channel"]))


def test_a_channel_of_referrals_that_is_switched_off_brings_nobody() -> None:
    """Negative control: without the loop only the founders come, and they live the same lives."""
    off = loop({"channels.friends.on": False}, 331, 20)
    assert (progeny(off) == 1).all()
    on = loop({}, 331, 20)
    assert (on.count("entries", "customer") > off.count("entries", "customer")).all()


TERMS = """
name: terms
start: 2026-01-05
horizon: 600 w
tick: 1 d
segments: {all: {share: 100%, deal_value: 1000}}
channels: {list: {arrivals: {batches: {at: [2026-01-05], size: 500}}}}
stages:
  talk: {duration: 1 d, exits: {deal: 40%, lost: 60%}}
  deal: {sale: new, exits: {term: 100%}}
  term: {duration: 52 w, exits: {renewal: 70%, gone: {rest: true}}}
  renewal: {sale: {kind: renewal, books: 110%}, exits: {upsell: 25%, term: {rest: true}}}
  upsell: {sale: {kind: expansion, books: 20%}, exits: {term: 100%}}
  lost: {terminal: lost}
  gone: {terminal: lost}
"""


@pytest.fixture(scope="module")
def customers() -> Any:
    return fs.simulate(fs.loads(TERMS), replications=900, seed=334)


def total(ds: Any, name: str) -> Any:
    return ds[name].sum(["bucket", "channel", "segment"]).values


def test_renewals_are_a_geometric_series(customers: Any) -> None:
    """Eleven terms end before the horizon: 0.7 + 0.7^2 + ... + 0.7^11 renewals a customer."""
    agree("wins", customers["wins"].values, 500 * 0.4)
    wanted = sum(0.7**n for n in range(1, 12))
    agree("renewals", total(customers, "renewals"), 500 * 0.4 * wanted)
    agree("expansions", total(customers, "expansions"), 500 * 0.4 * wanted * 0.25)
    agree("churned", total(customers, "churns"), 500 * 0.4 * (1 - 0.7**11))


def test_retention_is_what_its_definition_says(customers: Any) -> None:
    agree("GRR", customers["grr"].values, 0.7)
    agree("NRR", customers["nrr"].values, 0.7 * (1.1 + 0.25 * 0.2))
    np.testing.assert_allclose(total(customers, "renewed"), 1100 * total(customers, "renewals"))
    np.testing.assert_allclose(total(customers, "expanded"), 200 * total(customers, "expansions"))
    new, renewed, expanded = customers["revenue"].values, total(customers, "renewed"), total(customers, "expanded")
    np.testing.assert_allclose(customers["bookings"], new + renewed + expanded)


def test_only_customers_can_be_lost_as_customers(customers: Any) -> None:
    """Negative control: those who never bought are lost as well, and are no churn."""
    gone = customers["losses"].sum("reason") if "losses" in customers else None
    assert (total(customers, "churns") <= customers["wins"].values).all()
    assert gone is None or (gone.values.sum() > total(customers, "churns").sum())


def test_every_win_is_lost_once_or_still_there() -> None:
    """Those who come back after churn and are lost again have bought nothing since."""
    back = {"stages.gone.recycle": {"to": "talk", "after": "1 w", "share": "100%", "at_most": 3}}
    ds = fs.simulate(fs.loads(TERMS, back), replications=5, seed=335)
    there = ds["open_at_end"].sel(stage=["deal", "term", "renewal", "upsell"]).sum("stage").values
    assert (there > 5).all()
    np.testing.assert_array_equal(ds["wins"].values, total(ds, "churns") + there)
    assert (ds["wins"] > 250).all()
