"""The quality of a score: its AUC against formulas, against integrals, and against pairs of simulated newcomers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from called import attributes, replication_key
from scipy import integrate, stats

import funnelsim as fs
from funnelsim.plan.addresses import sources_of
from funnelsim.plan.compile import compile_scenario
from funnelsim.plan.trace import ARRIVED
from funnelsim.scenario.newcomers import Kinds, kinds_of
from funnelsim.scenario.score_quality import agreement, auc, best_auc, noise_for

from .evidence import Runs, agree, run

ONE = """
name: one kind
start: 2026-01-05
horizon: 50 d
score: {intent: 1.5, noise: 0.9}
channels:
  web: {arrivals: {rate: 20 / d}, intent: {normal: {mean: 0.3, sd: 0.8}}}
stages:
  call: {team: sdr, duration: 10 min, exits: {won: {logit: -1, intent: 1}, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 1, queue: score}}
"""
MANY = """
name: many kinds
start: 2026-01-05
horizon: 50 d
score: {intent: 1, fit: 0.7, noise: 0.6}
segments:
  small: {share: 60%, fit: 1, intent: -0.4}
  middle: {share: 30%, fit: 0}
  large: {share: 10%, fit: -1, intent: 1}
channels:
  web:
    arrivals: {rate: 9 / d, weekly: [1, 1, 1, 1, 1, 0.2, 0.2], pulses: [{from: 2026-01-20, for: 1 w, times: 3}]}
    intent: {normal: {mean: 0.5, sd: 0.8}}
  fair: {arrivals: {batches: {every: 7 d, size: 30}}, intent: {normal: {mean: 0, sd: 0.4}}, segments: {large: 100%}}
  calls: {arrivals: {rate: 6 / d, trend: 50% / y}, intent: -1}
  gone: {arrivals: {rate: 500 / d}, intent: 5, on: false}
  list:
    arrivals: {replay: {file: leads.csv, columns: {time: came, segment: kind}}}
    intent: {normal: {mean: 1, sd: 0.2}}
stages:
  call: {team: sdr, duration: 10 min, exits: {won: {logit: -1, intent: 1}, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 2, queue: score}}
"""


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The scenario of many kinds, with its list: 200 rows in time, half of them without segment."""
    rows = [f"2026-01-{5 + row % 25:02d} 12:00,{('', 'small', '', 'large')[row % 4]}" for row in range(200)]
    (tmp_path / "leads.csv").write_text("\n".join(["came,kind", *rows, "2027-01-01 12:00,small"]) + "\n")
    monkeypatch.chdir(tmp_path)
    return MANY


def newcomers(runs: Runs, seed: int) -> list[tuple[Any, Any]]:
    """Intents and scores of all who came, by replication, as the compiled rule gives them."""
    plan, found = runs.compiled.plan, []
    for replication, rows in enumerate(runs.outcome.traces):
        key, born = np.uint64(replication_key(np.uint64(seed), replication)), rows[rows["code"] == ARRIVED]
        source = sources_of(plan["sources"]["identity"], born["prospect"])
        segment = born["detail"] % len(runs.compiled.segments)
        each = [
            attributes(plan.address, source[at], key, np.uint64(born["prospect"][at]), int(segment[at]), 0)[2:]
            for at in range(born.size)
        ]
        found.append(tuple(np.array(each).T))
    return found


def of_pairs(intent: Any, score: Any) -> float:
    """The AUC of some newcomers by looking at all pairs."""
    a, b = np.triu_indices(intent.size, 1)
    return float((0.5 + 0.5 * np.sign(intent[a] - intent[b]) * np.sign(score[a] - score[b])).mean())


def simulated(scenario: str, changes: dict[str, Any], seed: int, replications: int) -> np.ndarray:
    """The AUC among those who came, by replication."""
    runs = run(scenario, changes, seed=seed, replications=replications, trace=True)
    return np.array([of_pairs(*each) for each in newcomers(runs, seed)])


def one(weight: float, noise: float, sd: float) -> float:
    """Of one kind: 1/2 + asin(r) / pi (Sheppard 1899)."""
    return 0.5 + math.asin(weight * sd / math.hypot(weight * sd, noise)) / math.pi


@pytest.mark.parametrize(
    ("weight", "noise", "sd"), [(1, 0.5, 0.8), (-1, 0.5, 0.8), (0, 1, 2), (2, 1e-3, 1), (1, 50, 1)]
)
def test_of_one_kind_it_is_sheppard_s_formula(weight: float, noise: float, sd: float) -> None:
    kinds = Kinds(*(np.array([value]) for value in (12.0, 0.3, sd, 0.7)))
    assert auc(kinds, weight, noise) == pytest.approx(one(weight, noise, sd), abs=1e-12)


def test_newcomers_of_one_kind_rank_as_the_formula_says() -> None:
    agree("AUC", simulated(ONE, {}, 401, 40), one(1.5, 0.9, 0.8))


def test_counting_pairs_is_kendall_s_tau() -> None:
    runs = run(ONE, seed=402, replications=1, trace=True)
    ((intent, score),) = newcomers(runs, 402)
    tau = stats.kendalltau(intent, score).statistic
    assert intent.size > 800
    assert of_pairs(intent, score) == pytest.approx((1 + tau) / 2, abs=1e-12)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"score": {"intent": 0.3, "fit": 1.5, "noise": 0.2}},
        {"score": {"intent": 1, "fit": -1.2}},
        {"score": {"fit": 1}},
        {"score": {"intent": 1, "auc": "70%"}},
    ],
    ids=["shipped", "fit misleads", "no noise", "fit alone", "asked for"],
)
def test_newcomers_of_many_kinds_rank_as_their_law_says(many: str, changes: dict[str, Any]) -> None:
    """Some intents are equal, and with fit alone most scores are."""
    scenario = fs.loads(many, changes)
    kinds = kinds_of(scenario)
    assert kinds.numbers.size == 10
    expected = auc(kinds, scenario.score.intent, scenario.score.noise)
    agree("AUC", simulated(many, changes, 403, 80), expected)
    if scenario.score.auc is not None:
        assert expected == pytest.approx(scenario.score.auc, abs=1e-9)


def test_kinds_weigh_as_many_as_come(many: str) -> None:
    """If every channel were as large as the others, the AUC would be another."""
    kinds = kinds_of(fs.loads(many))
    equal = kinds._replace(numbers=np.ones(kinds.numbers.size))
    assert abs(auc(equal, 1, 0.6) - auc(kinds, 1, 0.6)) > 0.02 * auc(kinds, 1, 0.6)


def by_integral(mean: float, sd: float, weight: float, shift: float, noise: float) -> float:
    """The chance of equal signs as an integral over U, in two parts: there is a jump where U changes its sign."""

    def density(u: float) -> float:
        return float(stats.norm.pdf(u, mean, sd) * stats.norm.cdf(math.copysign(1, u) * (weight * u + shift) / noise))

    halves = [(min(mean - 12 * sd, 0), 0.0), (0.0, max(mean + 12 * sd, 0))]
    ridge = [mean, mean - sd, mean + sd, -shift / weight if weight else 0.0]
    return float(
        sum(
            integrate.quad(density, a, b, points=[x for x in ridge if a < x < b] or None, limit=400, epsabs=1e-12)[0]
            for a, b in halves
            if a < b
        )
    )


def test_of_two_kinds_it_is_the_integral() -> None:
    rng = np.random.default_rng(404)
    worst = 0.0
    for _ in range(60):
        mean, shift, weight = rng.normal(0, 1.5, 3) * rng.choice([0, 1, 1, 1], 3)
        sd, noise = np.exp(rng.normal(-0.5, 0.8, 2))
        found = agreement(np.array([mean]), np.array([sd**2]), weight, np.array([shift]), noise).item()
        worst = max(worst, abs(found - by_integral(mean, sd, weight, shift, noise)))
    print(f"largest difference {worst:.2g}")
    assert worst < 1e-9


def test_little_noise_leads_to_none() -> None:
    rng = np.random.default_rng(405)
    sizes = rng.integers(0, 3, (4, 300)).astype(np.float64)
    mean, variance, shift = sizes[0] - 1, sizes[1], sizes[2] - 1
    for weight in (-1.0, 0.0, 2.0):
        exactly = agreement(mean, variance, weight, shift, 0.0)
        nearly = agreement(mean, variance, weight, shift, 1e-13)
        np.testing.assert_allclose(nearly, exactly, atol=1e-12)


@pytest.mark.parametrize(
    ("weight", "fit", "noise", "expected"),
    [
        (1, 0, 0, 0.75),  # half of the pairs are equal in intent, the others in the right order
        (-1, 0, 0, 0.25),
        (0, 0, 0, 0.5),
        (0, 2, 0, 0.75),
        (1, -2, 0, 0.25),  # 1 - 2 < 0
        (1, -1, 0, 0.5),  # equal scores
        (1, 0, 1, 0.25 + 0.5 * 0.7602499389),  # normal distribution at 1 / sqrt(2)
        (1, 1, 1, 0.25 + 0.5 * 0.9213503965),  # at sqrt(2)
    ],
)
def test_of_those_without_spread_it_is_worked_by_hand(weight: float, fit: float, noise: float, expected: float) -> None:
    kinds = Kinds(np.array([5.0, 5.0]), np.array([0.0, 1.0]), np.zeros(2), np.array([0.0, float(fit)]))
    assert auc(kinds, weight, noise) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("wanted", [0.501, 0.6, 0.8, 0.9, 0.999, 1.0])
def test_the_noise_for_an_auc_is_sheppard_s_formula_solved(wanted: float) -> None:
    noise = fs.loads(ONE, {"score": {"intent": 1.5, "auc": wanted}}).score.noise
    sine = math.sin(math.pi * (wanted - 0.5))
    assert noise == pytest.approx(1.5 * 0.8 * math.sqrt(1 / sine**2 - 1), rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("wanted", [0.55, 0.9])
def test_newcomers_rank_as_asked(wanted: float) -> None:
    agree(f"AUC, {wanted} asked", simulated(ONE, {"score": {"intent": 1, "auc": wanted}}, 406, 60), wanted)


def test_where_fit_misleads_noise_may_help() -> None:
    """Many pairs differ little and are told wrongly, few differ much and are told rightly: noise hides the first."""
    kinds = Kinds(np.array([4.0, 4.0, 2.0]), np.array([0.0, 1.0, 2.0]), np.zeros(3), np.array([0.0, -1.1, 3.0]))
    clean, best = auc(kinds, 1, 0), best_auc(kinds, 1)
    levels = np.geomspace(1e-3, 1e3, 1001)
    assert clean < best - 0.05
    assert best == pytest.approx(max(auc(kinds, 1, level) for level in levels), abs=1e-3)
    wanted = (clean + best) / 2
    noise = noise_for(kinds, 1, wanted)
    assert noise is not None
    assert auc(kinds, 1, noise) == pytest.approx(wanted, abs=1e-9)
    assert all(auc(kinds, 1, louder) < wanted for louder in levels[levels > 1.0001 * noise])
    assert noise_for(kinds, 1, best + 0.001) is None


@pytest.mark.parametrize("wanted", [0.7, 0.9])
def test_the_best_by_score_have_as_much_intent_as_their_auc_says(wanted: float) -> None:
    """The mean intent of the best share s by score is sd r phi(z) / s, with z the normal quantile of 1 - s."""
    share, sd, n = 0.25, 0.8, 4000
    plan = compile_scenario(fs.loads(ONE, {"score": {"intent": 1, "auc": wanted}})).plan
    identity, means = int(plan["sources"]["identity"][0]), []
    for replication in range(200):
        key = np.uint64(replication_key(np.uint64(407), replication))
        drawn = [attributes(plan.address, 0, key, np.uint64(identity + rank), 0, 0)[2:] for rank in range(n)]
        intent, score = np.array(drawn).T
        means.append(intent[np.argsort(-score)[: int(share * n)]].mean() - 0.3)
    correlation, height = math.sin(math.pi * (wanted - 0.5)), stats.norm.pdf(stats.norm.isf(share))
    agree(f"lift of intent at an AUC of {wanted}", np.array(means), sd * correlation * height / share)
