"""The money of customers in the long run: renewal-reward, and the cost of a customer as a ratio of two rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import funnelsim as fs

from .evidence import agree, z_of

RENEWS, WINS, VALUE, MARGIN, LEADS = 0.7, 0.4, 1000.0, 0.8, 4.0
# Customers come for ever; each term of four weeks a customer renews, or is gone. After the warm-up of 100 weeks fewer
# than one in seven thousand of the first customers is still there: the flow of renewals is what it will always be.
TERMS = f"""
name: terms
start: 2026-01-05
horizon: 400 w
warmup: 100 w
tick: 1 h
bucket: quarter
segments: {{all: {{share: 100%, deal_value: {VALUE:g}}}}}
channels: {{web: {{arrivals: {{rate: {LEADS:g} / d}}, cost: {{per_lead: 50, fixed: 1217.5 / mo}}}}}}
stages:
  talk: {{duration: 1 d, exits: {{deal: {WINS:%}, lost: {{rest: true}}}}}}
  deal: {{sale: new, exits: {{term: 100%}}}}
  term: {{duration: 4 w, exits: {{renewal: {RENEWS:%}, gone: {{rest: true}}}}}}
  renewal: {{sale: renewal, exits: {{term: 100%}}}}
  lost: {{terminal: lost}}
  gone: {{terminal: lost}}
money: {{margin: {MARGIN:%}, term: 4 w, tools: {{crm: 608.75 / mo}}}}
"""
LIFE = VALUE / (1 - RENEWS)
A_DAY = 50 * LEADS + 40 + 20
"""Leads; a running cost of 1217.5 / mo; tools."""


@pytest.fixture(scope="module")
def terms() -> Any:
    return fs.simulate(fs.loads(TERMS), replications=100, seed=711)


def test_a_customer_books_the_value_of_a_geometric_number_of_terms(terms: Any) -> None:
    """Renewal-reward (Ross 1996, 3.6): bookings over new customers go to V (1 + r + r^2 + ...) = V / (1 - r)."""
    agree("bookings a customer", terms["bookings_per_customer"].values, LIFE)
    agree("LTV", terms["ltv"].values, MARGIN * LIFE)


def test_expansions_and_dearer_renewals_are_part_of_a_life() -> None:
    """Each of r / (1 - r) renewals books 110%, and a quarter of them are followed by 20% more."""
    grown = {
        "stages.renewal.sale": {"kind": "renewal", "books": "110%"},
        "stages.renewal.exits": {"upsell": "25%", "term": {"rest": True}},
        "stages.upsell": {"sale": {"kind": "expansion", "books": "20%"}, "exits": {"term": "100%"}},
    }
    ds = fs.simulate(fs.loads(TERMS, grown), replications=100, seed=712)
    life = VALUE * (1 + RENEWS / (1 - RENEWS) * (1.1 + 0.25 * 0.2))
    agree("bookings a customer", ds["bookings_per_customer"].values, life)
    agree("LTV", ds["ltv"].values, MARGIN * life)


def test_a_young_funnel_has_its_renewals_ahead_of_it() -> None:
    """Negative control: without a warm-up, over eight terms, bookings a customer are too few, and the LTV is not."""
    ds = fs.simulate(fs.loads(TERMS, {"warmup": "0 d", "horizon": "32 w"}), replications=400, seed=713)
    z = z_of(ds["bookings_per_customer"].values, LIFE)
    print(f"bookings a customer {float(ds['bookings_per_customer'].mean()):.5g}, of {LIFE:.5g}: z = {z:.1f}")
    assert z < -50
    # A ratio of two counts in each replication would be biased: the ratio of means is not.
    later, gone = (ds[name].sum(["bucket", "channel", "segment"]) for name in ("renewed", "churned"))
    found = fs.ratio_interval(later, gone)
    error = float(found["high"] - found["low"]) / 2 / 1.966
    z = (float(found["mean"]) - RENEWS / (1 - RENEWS)) / error
    print(f"renewed over churned {float(found['mean']):.5g}, expected {RENEWS / (1 - RENEWS):.5g}, z = {z:.2f}")
    assert abs(z) < 4
    assert error < 0.02 / 4 * float(found["mean"])


def test_the_cost_of_a_customer_is_the_cost_rate_over_the_win_rate(terms: Any) -> None:
    cac = A_DAY / (LEADS * WINS)
    agree("CAC", terms["cac"].values, cac)
    agree("LTV / CAC", terms["ltv_to_cac"].values, MARGIN * LIFE / cac)
    months = cac / (MARGIN * VALUE / (28 / (365.25 / 12)))
    agree("payback", terms["payback"].values, months)
    share = (terms["ledger"].sum("bucket") / terms["cost"]).sel(account="tools").values
    agree("tools' share of the cost", share, 20 / A_DAY)


def test_in_the_long_run_the_velocity_of_the_pipeline_is_that_of_sales() -> None:
    """As many opportunities are decided as are opened; while a new stock of them fills up, fewer."""
    calm = {"stages.talk.milestone": "opportunity", "stages.talk.duration": {"exponential": {"mean": "10 d"}}}
    ds = fs.simulate(fs.loads(TERMS, calm), replications=100, seed=714)
    agree("pipeline over sales velocity", (ds["pipeline_velocity"] / ds["sales_velocity"]).values, 1.0)
    agree("win rate of opportunities", ds["opportunity_win_rate"].values, WINS)


def test_while_a_pipeline_fills_up_its_velocity_runs_ahead() -> None:
    """Of those who came at times uniform over 20 days, 1 - 10/20 (1 - exp(-2)) are decided after a mean of 10."""
    young = {
        "stages.talk.milestone": "opportunity",
        "stages.talk.duration": {"exponential": {"mean": "10 d"}},
        "warmup": "0 d",
        "horizon": "20 d",
    }
    ds = fs.simulate(fs.loads(TERMS, young), replications=3000, seed=715)
    decided = ds["opportunities"] * ds["sales_velocity"] / ds["pipeline_velocity"]
    agree("opportunities decided", decided.values, LEADS * 20 * (1 - 0.5 * (1 - np.exp(-2))))
