"""scenarios/price_motions.yaml: who is sold to how follows from the laws of values, who qualifies from the answers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from theory.evidence import agree

import funnelsim as fs

SEGMENTS = {"starter": (0.6, 350.0, 900.0), "team": (0.3, 1500.0, 5000.0), "company": (0.1, 9000.0, 30000.0)}
CHANNELS = {"search": (18.0, -0.2, 1.0), "partners": (3.0, 0.6, 0.8)}  # a day; intent
BUDGET = {"starter": 0.7, "team": 0.55, "company": 0.45}
AUTHORITY = {"starter": 0.9, "team": 0.55, "company": 0.3}
RIGHT = [(0.8, 0.8), (0.85, 0.85), (0.9, 0.7), (0.75, 0.75)]  # of those who have it, and of those who lack it
ENOUGH = 3


@pytest.fixture(scope="module")
def usual() -> xr.Dataset:
    return fs.simulate(fs.load("price_motions"), replications=150, seed=701)


def share_below(value: float) -> float:
    """The share of all prospects whose deal is worth less."""
    laws = ((share, np.log(p90 / median) / stats.norm.ppf(0.9), median) for share, median, p90 in SEGMENTS.values())
    return float(sum(share * stats.norm.cdf(np.log(value / median) / sigma) for share, sigma, median in laws))


def test_the_price_decides_how_it_is_sold(usual: xr.Dataset) -> None:
    left = usual["left"].sel(stage="trial").sum("bucket")
    taken = {label: usual["exits"].sel(exit=f"trial -> {label}").sum("bucket") / left
             for label in ("self_serve", "short_call", "discovery")}  # fmt: skip
    agree("by themselves", taken["self_serve"].values, share_below(500))
    agree("in between", taken["short_call"].values, share_below(1000) - share_below(500))
    agree("with a talk", taken["discovery"].values, 1 - share_below(1000))


def logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def expected() -> tuple[float, float]:
    """Precision and recall of BANT: over segments dear enough, channels, what they have and what they seem to have."""
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    able = qualified = both = 0.0
    for name, (share, median, p90) in SEGMENTS.items():
        sigma = np.log(p90 / median) / stats.norm.ppf(0.9)
        dear = share * stats.norm.sf(np.log(1000 / median) / sigma)
        for rate, mean, sd in CHANNELS.values():
            for x, weight in zip(points, weights / weights.sum(), strict=True):
                intent = mean + sd * x
                has = [BUDGET[name], AUTHORITY[name], logistic(0.2 + 1.2 * intent), logistic(-0.4 + 0.8 * intent)]
                for truth in product((True, False), repeat=4):
                    p = dear * rate * weight * np.prod([h if t else 1 - h for h, t in zip(has, truth, strict=True)])
                    seem = [r[0] if t else 1 - r[1] for r, t in zip(RIGHT, truth, strict=True)]
                    passes = sum(
                        np.prod([s if shown else 1 - s for s, shown in zip(seem, seems, strict=True)])
                        for seems in product((True, False), repeat=4)
                        if sum(seems) >= ENOUGH
                    )
                    is_able = sum(truth) >= ENOUGH
                    able += p * is_able
                    qualified += p * passes
                    both += p * passes * is_able
    return both / qualified, both / able


def test_precision_and_recall_follow_from_the_answers(usual: xr.Dataset) -> None:
    precision, recall = expected()
    agree("precision", usual["precision"].sel(stage="discovery").values, precision)
    agree("recall", usual["recall"].sel(stage="discovery").values, recall)


def test_without_questions_more_demos_and_fewer_of_them_worth_it() -> None:
    """The same people: asking costs those who seem to lack what they have, and saves demos."""
    asked, unasked = (
        fs.simulate(fs.load("price_motions", changes), replications=20, seed=702)
        for changes in ({}, {"stages.discovery.discovery.at_least": 0})
    )
    demos, wins = (
        [float(ds[name].sel(**at).sum("bucket").mean()) for ds in (asked, unasked)]
        for name, at in (("entries", {"stage": "demo"}), ("exits", {"exit": "proposal -> won"}))
    )
    print(f"demos {demos[0]:.0f} and {demos[1]:.0f}, wins {wins[0]:.0f} and {wins[1]:.0f}")
    assert demos[1] > 1.8 * demos[0]
    assert wins[0] / demos[0] > 1.3 * wins[1] / demos[1]
