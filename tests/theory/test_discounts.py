"""Discounts trade price for probability: the win rate by its log-odds, the realised price by its share."""

from __future__ import annotations

import math

import numpy as np
import pytest

import funnelsim as fs

from .evidence import agree

OFFER = """
name: offer
start: 2026-01-05
horizon: 40 w
tick: 1 h
segments: {all: {share: 100%, deal_value: 1000}}
channels: {list: {arrivals: {batches: {at: [2026-01-05], size: 3000}}}}
stages:
  offer: {duration: 1 d, exits: {won: {logit: -1, discount: 3}, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
"""


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4])
def test_a_discount_raises_the_odds_and_lowers_the_price(share: float) -> None:
    ds = fs.simulate(fs.loads(OFFER, {"stages.offer.discount": share}), replications=60, seed=341)
    agree(f"P(won) at {share:.0%}", ds["win_rate"].values, 1 / (1 + math.exp(1 - 3 * share)))
    np.testing.assert_allclose(ds["deal_value"], 1000 * (1 - share))


def test_two_discounts_are_taken_one_after_the_other() -> None:
    twice = {
        "stages.offer": {
            "duration": "1 d",
            "discount": "10%",
            "exits": {"again": {"logit": 0}, "lost": {"rest": True}},
        },
        "stages.again": {"duration": "1 d", "discount": "20%", "exits": {"won": 0.5, "lost": 0.5}},
    }
    ds = fs.simulate(fs.loads(OFFER, twice), replications=3, seed=342)
    np.testing.assert_allclose(ds["deal_value"], 1000 * 0.9 * 0.8)
    assert (ds["wins"] > 600).all()


def test_the_discount_with_most_revenue_lies_between_none_and_half() -> None:
    """Revenue a prospect is (1 - d) / (1 + exp(1 - 3 d)), and the best of these five is the middle one."""
    shares = (0.0, 0.15, 0.3, 0.45, 0.6)
    offers = [fs.loads(OFFER, {"stages.offer.discount": share}) for share in shares]
    revenue = [float(fs.simulate(offer, replications=40, seed=343)["revenue"].mean()) for offer in offers]
    wanted = [(1 - share) / (1 + math.exp(1 - 3 * share)) for share in shares]
    assert int(np.argmax(revenue)) == int(np.argmax(wanted)) == 2
