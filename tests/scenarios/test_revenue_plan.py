"""scenarios/revenue_plan.yaml: whether 4M can be signed for, and what to measure first if not."""

from __future__ import annotations

import pytest

import funnelsim as fs


@pytest.fixture(scope="module")
def forecast():
    return fs.forecast(fs.load("revenue_plan"), target="4M", by="2026-12-31", draws=100, replications=4, seed=771)


def test_the_plan_has_ten_ranges_and_a_correlation() -> None:
    plan = fs.load("revenue_plan")
    assert len(plan.assumptions) >= 10
    assert len(plan._assumptions.correlated) == 1
    assert fs.load("b2b_saas").assumptions == ()


def test_the_target_is_likelier_than_not_and_not_sure(forecast) -> None:
    low, high = (float(forecast[name]) for name in ("chance_low", "chance_high"))
    print(f"chance of 4M: {float(forecast['chance']):.2f} ({low:.2f} to {high:.2f})")
    assert low > 0.5
    assert high < 0.9


def test_what_to_measure_first_is_the_win_rate(forecast) -> None:
    shares = forecast["explained"]
    for path in shares["assumption"].values:
        print(f"{path}: {float(shares.sel(assumption=path)):.3f}")
    assert str(shares["assumption"].values[int(shares.values.argmax())]) == "stages.decision.exits.won"
    assert float(forecast["comes_first"].max()) > 0.95


def test_most_of_what_is_not_known_could_be_known(forecast) -> None:
    assert float(forecast["assumptions_share_low"]) > 0.5


def test_what_is_spent_a_lead_does_not_bring_revenue(forecast) -> None:
    assert float(forecast["explained"].sel(assumption="channels.inbound.cost.per_lead")) < 0.03
