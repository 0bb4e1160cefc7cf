"""scenarios/silo_vs_aligned.yaml: who is paid for MQLs makes MQLs, and both lose by it; one goal for both wins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

import funnelsim as fs

ALIGNED: dict[str, Any] = {
    "reviews.quota": {"every": "4 w", "looks_at": {"exit": "opportunity", "of": "call"}, "target": "32%",
                      "moves": {"threshold": "nurture"}, "below": 1, "above": -0.5, "between": [0, 12]}
}  # fmt: skip


def simulated(changes: dict[str, Any]) -> xr.Dataset:
    return fs.simulate(fs.load("silo_vs_aligned", changes), replications=20, seed=711)


@pytest.fixture(scope="module")
def silo() -> xr.Dataset:
    return simulated({})


@pytest.fixture(scope="module")
def still() -> xr.Dataset:
    """Without any review."""
    return simulated({"reviews": {}})


def mqls(ds: xr.Dataset) -> NDArray[np.float64]:
    return np.asarray(ds["entries"].sel(stage="call").sum("bucket").values, float)


def accepted(ds: xr.Dataset) -> NDArray[np.float64]:
    """The share of calls that found an opportunity."""
    taken = ds["exits"].sel(exit="call -> opportunity").sum("bucket")
    return np.asarray((taken / ds["served"].sel(stage="call")).values)


def test_paid_by_volume_mqls_go_up_and_revenue_down(silo: xr.Dataset, still: xr.Dataset) -> None:
    """In every replication, with the same leads."""
    more, worse = mqls(silo) / mqls(still), accepted(silo) / accepted(still)
    less = (silo["revenue"] / still["revenue"]).values
    print(f"MQLs {more.mean():.2f} times, of them accepted {worse.mean():.2f} times, revenue {less.mean():.2f} times")
    assert (more > 3).all()
    assert (worse < 0.7).all()
    assert (less < 1).all()
    assert (np.asarray(silo["prospects"]) == np.asarray(still["prospects"])).all()


def test_sales_trusts_leads_less_and_less(silo: xr.Dataset) -> None:
    """It begins to ignore some within the first year, and most of them in the end."""
    ignored = silo["setting"].sel(dial="leak of call").mean("replication").values
    print(f"ignored: {ignored[0]:.0%} after the first month, {ignored[-1]:.0%} in the end")
    assert (np.diff(ignored) > -0.05).all()
    assert ignored[-1] > 0.5
    leaked = silo["leaked"].sel(stage="call") / silo["entries"].sel(stage="call").sum("bucket")
    assert leaked.mean().item() == pytest.approx(ignored.mean(), abs=0.05)


def test_one_goal_for_both_brings_more_with_the_same_money(silo: xr.Dataset, still: xr.Dataset) -> None:
    aligned = simulated(ALIGNED)
    gain, over = (aligned["revenue"] / silo["revenue"]).values, (aligned["revenue"] / still["revenue"]).values
    print(f"revenue {gain.mean():.2f} times the silo's, {over.mean():.2f} times that without reviews")
    assert (gain > 1.05).all()
    assert gain.mean() > 1.3
    assert over.mean() > 1.05
    assert (aligned["media_cost"].sel(channel="inbound") == silo["media_cost"].sel(channel="inbound")).all()
    assert aligned["setting"].sel(dial="leak of call").mean().item() < 0.05


def test_where_the_score_says_nothing_there_is_nothing_to_learn() -> None:
    """Negative control: with a score of noise alone a review of acceptance finds no better leads."""
    blind: dict[str, Any] = {
        "score": {"noise": 3},
        "channels.mails.touches.points": 0,
        "channels.mails.touches.lift": 0,
    }
    calm: dict[str, Any] = {"stages.call.response.causal_share": "0%", "teams.sdr.reps": 60}
    quota = {"reviews.quota": {**ALIGNED["reviews.quota"], "between": [0, 6]}}
    learning, lazy = simulated({**quota, **blind, **calm}), simulated({"reviews": {}, **blind, **calm})
    assert mqls(learning).mean() < 0.6 * mqls(lazy).mean()
    assert accepted(learning).mean() == pytest.approx(accepted(lazy).mean(), rel=0.03)
