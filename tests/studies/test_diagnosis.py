"""The diagnosis names the stage that was made worse, and nothing where all is well; its slopes are those of formulas.

Twenty funnels of each kind with FUNNELSIM_LONG=1, six otherwise.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
import scipy.stats

from funnelsim.scenario.distributions import Distribution, Law
from funnelsim.scenario.loading import loads
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.per_segment import PerSegment
from funnelsim.studies.diagnosis import diagnose, sentence
from funnelsim.studies.nudges import nudges, scaled, shorter

CASES = 20 if os.environ.get("FUNNELSIM_LONG", "") == "1" else 6


HEAD = """
name: made
start: 2026-01-05
horizon: 390 d
warmup: 30 d
segments: {all: {share: 100%, deal_value: 1000}}
"""


def funnel(rng: np.random.Generator) -> tuple[dict[str, dict[str, float]], float]:
    """Stages with teams that are half to two thirds busy, and how many prospects come a day."""
    rate, stages, inflow = float(rng.uniform(20, 40)), {}, 0.0
    inflow = rate
    for at in range(int(rng.integers(3, 6))):
        work, pass_on = float(rng.uniform(0.5, 3.0)), float(rng.uniform(0.3, 0.7))
        load = inflow * work / 24
        reps = max(2, int(np.ceil(load / rng.uniform(0.5, 0.65))))
        stages[f"s{at}"] = {"work": work, "pass": pass_on, "reps": reps, "patience": float(rng.uniform(8, 24))}
        inflow *= pass_on
    return stages, rate


def written(stages: dict[str, dict[str, float]], rate: float) -> Scenario:
    """A scenario of it: prospects give up waiting, so too little capacity loses them."""
    names = [*stages, "won"]
    lines = [f"channels: {{web: {{arrivals: {{rate: {rate} / d}}}}}}", "stages:"]
    for (name, s), following in zip(stages.items(), names[1:], strict=True):
        work, patience = (f"{{exponential: {{mean: {s[key]} h}}}}" for key in ("work", "patience"))
        exits = f"{{{following}: {s['pass']:.4f}, lost: {{rest: true, reason: no}}}}"
        lines.append(f"  {name}: {{team: t_{name}, duration: {work}, patience: {{after: {patience}}}, exits: {exits}}}")
    lines += ["  won: {terminal: won}", "  lost: {terminal: lost}", "teams:"]
    lines += [f"  t_{name}: {{reps: {s['reps']:.0f}}}" for name, s in stages.items()]
    return loads(HEAD + "\n".join(lines))


@pytest.mark.parametrize("case", range(CASES))
def test_a_healthy_funnel_raises_no_alarm(case: int) -> None:
    stages, rate = funnel(np.random.default_rng(case))
    found = diagnose(written(stages, rate), seed=case, replications=20)
    assert found.attrs["held_up"] == "", sentence(found)
    assert sentence(found).startswith("No stage is held up")


@pytest.mark.parametrize("case", range(CASES))
def test_the_stage_that_was_made_worse_is_named(case: int) -> None:
    """By fewer reps, or by work that takes longer, until its team is a fifth too small."""
    rng = np.random.default_rng(1000 + case)
    stages, rate = funnel(rng)
    worse = f"s{rng.integers(len(stages))}"
    inflow = rate * np.prod([s["pass"] for name, s in stages.items() if name < worse])
    load = inflow * stages[worse]["work"] / 24
    if case % 2 and stages[worse]["reps"] > 2:
        stages[worse]["reps"] = max(1, int(load / 1.2))
    stages[worse]["work"] *= max(1.0, 1.2 * stages[worse]["reps"] / load)
    found = diagnose(written(stages, rate), seed=case, replications=20)
    assert found.attrs["held_up"] == worse, sentence(found)
    assert f"{worse} (team t_{worse}) is held up" in sentence(found)


@pytest.mark.parametrize("case", range(CASES))
def test_beside_a_better_funnel_a_worse_conversion_is_named_too(case: int) -> None:
    rng = np.random.default_rng(2000 + case)
    stages, rate = funnel(rng)
    better, worse = written(stages, rate), f"s{rng.integers(len(stages))}"
    stages[worse]["pass"] *= 0.8
    found = diagnose(written(stages, rate), against=better, seed=case, replications=20)
    assert found.attrs["held_up"] == worse
    assert "as in the better funnel it brings" in sentence(found)
    assert diagnose(better, against=better, seed=case, replications=2).attrs["held_up"] == ""


PLAIN = """
name: plain
start: 2026-01-05
horizon: 390 d
warmup: 30 d
channels: {web: {arrivals: {rate: 40 / d}}}
segments: {all: {share: 100%, deal_value: 1000}}
stages:
  first: {duration: 1 d, exits: {second: 40%, lost: {rest: true, reason: no}}}
  second: {duration: 1 d, exits: {won: 25%, lost: {rest: true, reason: no}}}
  won: {terminal: won}
  lost: {terminal: lost}
"""


def test_slopes_of_conversions_are_those_of_the_product() -> None:
    """Revenue a month is 40 x 365.25/12 x p q x 1000: a point more of p brings a hundredth of it over p."""
    found = diagnose(loads(PLAIN), seed=1, replications=200)
    month = 40 * 365.25 / 12 * 1000
    for nudge, slope in (("first: more go to second", 0.25), ("second: more go to won", 0.4)):
        row = found.sel(nudge=nudge)
        known, error = 0.01 * slope * month, float(row["revenue_high"] - row["revenue_low"]) / 2 / 2.6
        z = (float(row["revenue"]) - known) / error
        print(f"{nudge}: {float(row['revenue']):.0f} of {known:.0f}, z {z:+.2f}")
        assert abs(z) < 4
        assert error < 0.05 * known
    assert found.attrs["held_up"] == ""


def test_what_can_be_better_is_nudged_and_nothing_else() -> None:
    names = [each.name for each in nudges(loads(PLAIN))]
    assert names == [
        "first: 10% less time", "first: more go to second", "second: 10% less time", "second: more go to won",
    ]  # fmt: skip
    full = PLAIN.replace("second: 40%, lost: {rest: true, reason: no}", "second: 100%")
    assert "first: more go to second" not in [each.name for each in nudges(loads(full))]
    # A point more would be more than everybody.
    almost = PLAIN.replace("second: 40%", "second: 99.5%")
    assert "first: more go to second" not in [each.name for each in nudges(loads(almost))]


@pytest.mark.parametrize(
    "law",
    [
        Law("lognormal", {"median": 3.0, "sigma": 0.7}), Law("gamma", {"mean": 3.0, "cv": 0.5}),
        Law("weibull", {"scale": 3.0, "shape": 1.5}), Law("uniform", {"low": 1.0, "high": 4.0}),
        Law("triangular", {"low": 1.0, "mode": 2.0, "high": 4.0}), Law("constant", {"value": 2.0}),
        Law("empirical", {}, (1.0, 2.0, 5.0)), Law("exponential", {"mean": 2.0}),
        Law("mixture", {}, None, ((0.5, Law("constant", {"value": 2.0})), (0.5, Law("exponential", {"mean": 2.0})))),
    ],
    ids=lambda law: law.family,
)  # fmt: skip
def test_a_scaled_law_has_scaled_quantiles(law: Law) -> None:
    u = np.array([0.1, 0.5, 0.9])
    assert scaled(law, 0.9).ppf(u) == pytest.approx(0.9 * law.ppf(u), rel=1e-12)
    by_segment = shorter(Distribution(PerSegment(law, {"smb": law})), 0.1)
    for segment in ("smb", "others"):
        assert by_segment.of(segment).ppf(u) == pytest.approx(0.9 * law.ppf(u), rel=1e-12)


def test_intervals_hold_for_all_nudges_at_once() -> None:
    """Four of them: each has a quarter of the doubt."""
    widths = []
    for level in (0.95, 0.8):
        row = diagnose(loads(PLAIN), seed=1, replications=40, level=level).sel(nudge="first: more go to second")
        widths.append(float(row["revenue_high"] - row["revenue_low"]))
    t = [scipy.stats.t.ppf(1 - (1 - level) / 4 / 2, 39) for level in (0.95, 0.8)]
    assert widths[0] / widths[1] == pytest.approx(t[0] / t[1], rel=1e-9)
