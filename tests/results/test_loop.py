"""Loops of referrals: what each of those who were referred brings, as in a branching process, and a warning in time."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from strategies import Tree, scenario_of, scenarios
from theory.evidence import agree
from typer.testing import CliRunner

import funnelsim as fs
from funnelsim.engines.run import run_kernel
from funnelsim.faces.cli import app
from funnelsim.plan.compile import compile_scenario
from funnelsim.results.loop import Loop, _surely_grows, brought_by_referred, looked_ahead
from funnelsim.scenario import Scenario

TEXT = """
name: friends of friends
start: 2026-01-05
horizon: 10 w
tick: 10 min
channels:
  founders: {arrivals: {batches: {at: [2026-01-05], size: 200}}}
  friends: {referrals: {rate: 0.2 / d, during: [customer], chance: 60%}}
stages:
  customer: {duration: 10 d, exits: {lost: 100%}}
  lost: {terminal: lost}
"""


def friends(rate: float, **changes: Any) -> Scenario:
    """A loop whose gain is ten times the rate."""
    chosen = {"channels.friends.referrals.rate": f"{rate / 0.6:.6f} / d"}
    return fs.loads(TEXT, chosen | {key.replace("__", "."): value for key, value in changes.items()})


@pytest.mark.parametrize(("gain", "replications"), [(0.8, 200), (1.2, 60)])
def test_each_brings_the_rate_times_the_stay(gain: float, replications: int) -> None:
    """Whoever came in the first five weeks of ten has been there for its ten days. A ratio of means: who brings many
    makes for many, so that the mean of the replications' own means lies below."""
    compiled = compile_scenario(friends(gain / 10))
    traces = run_kernel(compiled.plan, seed=51, replications=replications, threads=2, trace=True).traces
    brought = [brought_by_referred(compiled, 51, at, trace) for at, trace in enumerate(traces)]
    parents, children = (np.array([count(each) for each in brought], float) for count in (np.size, np.sum))
    agree("brought", gain + (children - gain * parents) / parents.mean(), gain)


def test_referrals_over_prospects_say_nothing_of_a_loop_that_grows() -> None:
    """Negative control: what was taken for the gain stays below 1 where each brings two."""
    ds = fs.simulate(friends(0.2, horizon="4 w"), replications=20, seed=52)
    print("referrals over prospects where each brings two:", ds["loop_gain"].values.mean())
    assert (ds["loop_gain"] < 1).all()
    found = looked_ahead(friends(0.2, horizon="4 w"), seed=52)
    assert found is not None
    assert found.gain > 1


def test_loops_are_told_from_those_that_die_out() -> None:
    """By ten seeds: a gain of 0.9 is never taken for a loop, one of 1.2 always is."""
    for seed in range(10):
        assert looked_ahead(friends(0.09), seed=seed) is None
        found = looked_ahead(friends(0.12), seed=seed)
        assert found is not None
        assert found.channels == ("friends",)
        assert 1 < found.gain < 1.5
        assert found.days < 70


@pytest.mark.parametrize("rate", [0.4, 3, 60])
def test_a_loop_that_would_fill_the_memory_is_seen_before(rate: float) -> None:
    """At 0.4 a day, numbers grow by the factor e^0.39 a day: over two years by e^280."""
    found = looked_ahead(friends(rate, horizon="104 w"), seed=1)
    assert found is not None
    assert found.days < 30 * 0.4 / rate


@settings(max_examples=60)
@given(scenarios())
def test_any_scenario_can_be_looked_at(tree: Tree) -> None:
    """Occasions come so often that pieces are short: calendars, meetings and reps begin after their end."""
    if "friends" not in tree["channels"]:
        assert looked_ahead(scenario_of(tree), seed=5) is None
        return
    tree["channels"]["friends"]["referrals"] |= {"rate": "6 / d", "chance": "1%"}
    found = looked_ahead(scenario_of(tree), seed=5)
    assert found is None or found.gain >= 1


def test_two_who_bring_one_each_are_too_few() -> None:
    assert not _surely_grows(np.array([1, 1]))
    assert not _surely_grows(np.array([9]))
    assert not _surely_grows(np.zeros(0, np.int64))
    assert _surely_grows(np.full(30, 2))


def test_the_same_from_either_engine() -> None:
    one, other = (looked_ahead(friends(0.15), seed=3, engine=engine) for engine in ("kernel", "simpy"))
    assert isinstance(one, Loop)
    assert one == other


def test_descendants_are_counted_as_the_trace_names_them(tmp_path: Path) -> None:
    """Of channels that differ: those who came by themselves count as nobody's children, and are no parents here."""
    scenario = friends(0.05, stages__customer__duration={"exponential": {"mean": "10 d"}})
    ds = fs.simulate(scenario, replications=1, seed=4, trace=tmp_path / "t.parquet")
    rows = pq.read_table(tmp_path / "t.parquet").to_pylist()
    half = ds.attrs["horizon"] / 2
    early = {row["prospect"] for row in rows if row["event"] == "arrived" and row["tick"] < half}
    early &= {row["prospect"] for row in rows if row["event"] == "arrived" and row["channel"] == "friends"}
    bringing = Counter(row["prospect"] for row in rows if row["event"] == "touched")
    compiled = compile_scenario(scenario)
    (trace,) = run_kernel(compiled.plan, seed=4, replications=1, trace=True).traces
    brought = brought_by_referred(compiled, 4, 0, trace)
    assert sorted(brought) == sorted(bringing[who] for who in early)
    assert int(ds["referrals"].sum()) == bringing.total() > brought.sum() > 10


def test_without_referrals_nothing_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("funnelsim.results.loop.compile_scenario", None)
    assert looked_ahead(fs.load("b2b_saas"), seed=1) is None
    assert looked_ahead(friends(0.5, channels__friends__on=False), seed=1) is None


@pytest.mark.parametrize("name", ["customer_success", "ecommerce_low_touch", "web3_partnership"])
def test_shipped_scenarios_do_not_feed_themselves(name: str) -> None:
    assert looked_ahead(fs.load(name), seed=1) is None


def test_the_command_warns_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(TEXT)
    asked = ["run", str(tmp_path / "f.yaml"), "-n", "2", "--set", "horizon=4 w", "--json"]
    loud = CliRunner().invoke(app, [*asked, "--set", "channels.friends.referrals.rate=0.3 / d"])
    assert loud.exit_code == 0, loud.output
    assert json.loads(loud.stdout)["run"]["replications"] == 2
    assert loud.stderr.startswith("warning: referrals feed themselves: after ")
    assert "lower the rate or the chance of referrals of friends" in loud.stderr
    calm = CliRunner().invoke(app, [*asked, "--set", "channels.friends.referrals.rate=0.05 / d"])
    assert calm.stderr == ""
    quiet = CliRunner().invoke(app, [*asked[:-1], "--quiet", "--set", "channels.friends.referrals.rate=0.3 / d"])
    assert quiet.output == ""
