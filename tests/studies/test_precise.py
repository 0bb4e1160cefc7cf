"""Runs and comparisons that go on until they are precise: what is joined is one run, and what is said is so."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from funnelsim.core.problems import ScenarioError
from funnelsim.results.joined import joined
from funnelsim.results.simulate import simulate
from funnelsim.scenario.loading import load, loads
from funnelsim.studies.compare import compare
from funnelsim.studies.paired import Sample, bounded
from funnelsim.studies.precise import precision_sentence, simulate_until
from funnelsim.studies.precision import Precision

SMALL = """\
name: small
start: 2026-01-05
horizon: 12 w
channels: {leads: {arrivals: {rate: 20 / d}}}
stages:
  call: {team: sdr, duration: {exponential: {mean: 1 h}}, exits: {won: 30%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
segments: {all: {share: 1, deal_value: 100}}
teams: {sdr: {reps: 4, salary: 3000 / mo}}
"""
PATIENCE = {"stages.qualify.patience.after.exponential.mean": f"{1.1 * 0.2054903568508477} d"}


@pytest.mark.parametrize("name", ["b2b_saas", "msme_crm", "lead_replay", "customer_success"])
def test_blocks_joined_are_the_run_they_would_have_been(name: str) -> None:
    scenario = load(name, {"horizon": "12 w", "warmup": "0 d"} if name != "lead_replay" else {})
    whole = simulate(scenario, replications=5, seed=3)
    parts = [simulate(scenario, replications=n, first=first, seed=3) for first, n in ((0, 2), (2, 1), (3, 2))]
    whole.attrs["created"] = parts[-1].attrs["created"]
    assert joined(parts).identical(whole)


def test_only_what_follows_is_joined() -> None:
    scenario = loads(SMALL)
    one, other = simulate(scenario, replications=2, seed=3), simulate(scenario, replications=2, first=3, seed=3)
    with pytest.raises(ValueError, match="replication 2 of seed 3 must follow"):
        joined([one, other])


def test_a_run_goes_on_until_it_is_precise() -> None:
    ds = simulate_until(loads(SMALL), "3%", seed=1)
    of = ds.attrs
    first = ds["wins"].values[: of["precision_floor"]]
    bound = bounded(Sample(ds["wins"].values.astype(float)), 0.95, 10)
    assert of["precision_met"] == 1
    assert of["replications"] == ds.sizes["replication"] == int(of["precision_stages"].split(", ")[-1])
    assert float(ds["half_width"]) == pytest.approx(2.2622 * first.std(ddof=1) / np.sqrt(of["replications"]), rel=1e-4)
    assert float(ds["half_width"]) <= 0.03 * of["precision_value"]
    assert (of["precision_low"], of["precision_high"]) == (bound.low, bound.high)
    assert precision_sentence(ds).startswith(f"wins to within 3%: reached with {of['replications']} replications")


def test_a_comparison_goes_on_until_all_differences_are_precise() -> None:
    policies = {"five": {"teams.sdr.reps": 5}, "better": {"stages.call.exits.won": "33%"}}
    ds = compare(loads(SMALL), policies, seed=1, precision=Precision(5.0), level=0.95)
    n = ds.attrs["replications"]
    pairs = ds["top"].sel(measure="wins")
    # Student's t with 9 degrees of freedom at 98.75%: two policies at 97.5% each, by the table of t.
    t = 2.6850
    for name in policies:
        cell = ds.sel(policy=name, measure="wins")
        spread = float((pairs.sel(policy=name) - pairs.sel(policy="baseline"))[:10].std(ddof=1))
        half = float(cell["difference_high"] - cell["difference_low"]) / 2
        assert half == pytest.approx(t * spread / np.sqrt(n), rel=1e-3)
        assert half == pytest.approx(float(ds["half_width"].sel(policy=name)))
        assert half <= 5.0
    assert "the spread of the first 10" in ds.attrs["method"]


def test_at_the_ceiling_it_says_how_far_it_came() -> None:
    ds = compare(
        loads(SMALL), {"better": {"stages.call.exits.won": "33%"}}, seed=1, precision=Precision(0.01, ceiling=15)
    )
    said = precision_sentence(ds)
    assert "not reached with 15 replications, the ceiling: better: the half-width is " in said
    assert "replications would do" in said
    assert ds.attrs["precision_met"] == 0


def test_an_unknown_measure_is_refused_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="Did you mean wins"):
        simulate_until(loads(SMALL), "3%", seed=1, measure="winz")


def test_patience_is_answered_within_ten_per_cent_in_twenty_replications() -> None:
    """On the reference funnel, with the expectations of wins in the place of coins."""
    if "expected" not in inspect.signature(simulate).parameters:
        pytest.skip("wants simulate(..., expected=True)")
    ds = compare(
        load("reference_funnel"), {"patience": PATIENCE}, seed=1, precision=Precision(0.1, relative=True, floor=20)
    )
    print(precision_sentence(ds))
    assert ds.attrs["precision_met"] == 1
    assert ds.attrs["replications"] <= 20


def test_a_ceiling_that_is_a_little_low_is_run_to_and_one_that_is_far_too_low_is_not() -> None:
    """Some 70 and 1,000 replications would be needed."""
    near = simulate_until(loads(SMALL), Precision(0.009, relative=True, ceiling=40), seed=1)
    far = simulate_until(loads(SMALL), Precision(0.002, relative=True, ceiling=40), seed=1)
    print(precision_sentence(near), precision_sentence(far), sep="\n")
    assert 40 < float(near["needed"]) < 4 * 40
    assert near.attrs["replications"] == 40
    assert float(far["needed"]) > 4.5 * 40
    assert far.attrs["replications"] == 10
    assert "for more would not do" in precision_sentence(far)
