"""Response time: what a late answer costs, as the mean of the curve over the known waits of M/M/1."""

import math
from collections.abc import Callable

import pytest
from scipy import integrate

from .evidence import agree, run

RATE, WORK = 0.25, 2.0
P = 0.4
RHO, SLOPE = RATE * WORK, 1 / WORK - RATE  # no wait with 1 - rho, else exponential with this rate: hours

# Curve as the file says it, and its factor after t hours.
CURVES: dict[str, tuple[dict[str, object], Callable[[float], float], list[float]]] = {
    "half-life": ({"half_life": "2 h", "floor": "15%"}, lambda t: 0.15 + 0.85 * 2 ** (-t / 2), []),
    "hyperbolic": (
        {"hyperbolic": {"tau": "25 min", "a": 1.07, "floor": "32.5%"}},
        lambda t: 0.325 + 0.675 / (1 + (t * 60 / 25) ** 1.07),
        [],
    ),
    "table": (
        {"table": [["0 min", 1], ["30 min", 0.8], ["4 h", 0.3]]},
        lambda t: 1 - 0.4 * t if t < 0.5 else 0.8 - 0.5 * (t - 0.5) / 3.5 if t < 4 else 0.3,
        [0.5, 4.0],
    ),
}


def mean_over_waits(f: Callable[[float], float], bends: list[float], later: float = 0.0) -> float:
    """E f(W + later), W the wait of M/M/1."""
    points = [bend - later for bend in bends if bend > later] or None
    tail = integrate.quad(lambda t: f(t + later) * SLOPE * math.exp(-SLOPE * t), 0, 120, points=points, limit=400)[0]
    return (1 - RHO) * f(later) + RHO * float(tail)


def converted(response: dict[str, object], seed: int, replications: int = 40, **stage: object):  # type: ignore[no-untyped-def]
    """Share of those worked on who are won, by replication."""
    overrides = {
        "channels.leads.arrivals.rate": f"{RATE} / h",
        "stages.lost": {"terminal": "lost"},
        "stages.call.exits": {"won": P, "lost": {"rest": True}},
        "stages.call.response": response,
        **{f"stages.call.{key}": value for key, value in stage.items()},
    }
    runs = run("mm1", overrides, seed=seed, replications=replications)
    leaving = runs.count("exits", "call", "won") + runs.count("exits", "call", "lost")
    return runs.count("exits", "call", "won") / leaving


@pytest.mark.parametrize("curve", CURVES)
def test_conversion_is_the_mean_of_the_curve_over_the_waits(curve: str) -> None:
    response, f, bends = CURVES[curve]
    agree(f"{curve}, conversion", converted(response, 191 + list(CURVES).index(curve)), P * mean_over_waits(f, bends))


def test_the_half_lifes_mean_has_a_closed_form() -> None:
    _, f, _ = CURVES["half-life"]
    fading = (1 - RHO) + RHO * SLOPE / (SLOPE + math.log(2) / 2)
    assert mean_over_waits(f, []) == pytest.approx(0.15 + 0.85 * fading, rel=1e-9)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_only_the_causal_share_of_the_curve_is_believed(share: float) -> None:
    response, f, _ = CURVES["half-life"]
    believed = P * mean_over_waits(lambda t: 1 - share * (1 - f(t)), [])
    agree(f"causal share {share}, conversion", converted({**response, "causal_share": share}, 194), believed)


def test_without_a_causal_share_there_is_no_effect() -> None:
    response, f, _ = CURVES["half-life"]
    sample = converted({**response, "causal_share": 0}, 195)
    agree("causal share 0, conversion", sample, P, wrong=P * mean_over_waits(f, []))


def test_the_curve_may_act_on_the_odds() -> None:
    response, f, _ = CURVES["half-life"]
    odds = P / (1 - P)
    expected = mean_over_waits(lambda t: odds * f(t) / (1 + odds * f(t)), [])
    agree("on the odds, conversion", converted({**response, "scale": "odds"}, 196), expected)


def test_systems_delay_counts_like_peoples() -> None:
    response, f, _ = CURVES["half-life"]
    expected = P * mean_over_waits(f, [], later=1.5)
    agree("after routing, conversion", converted(response, 197, routing="90 min"), expected)


def test_an_exit_that_is_not_named_does_not_feel_the_delay() -> None:
    response, f, _ = CURVES["half-life"]
    exits = {"won": P, "lost": {"p": 0.3, "reason": "price"}, "cold": {"rest": True, "to": "lost"}}
    overrides = {
        "channels.leads.arrivals.rate": f"{RATE} / h",
        "stages.lost": {"terminal": "lost"},
        "stages.call.exits": exits,
        "stages.call.response": response,
    }
    runs = run("mm1", overrides, seed=198, replications=60)
    effect = mean_over_waits(f, [])
    agree("won", runs.share("call", "won"), P * effect)
    agree("lost to the price", runs.share("call", "lost"), 0.3, wrong=0.3 * effect)
    agree("gone cold", runs.share("call", "cold"), 1 - 0.3 - P * effect)


def test_a_late_answer_lowers_log_odds_too() -> None:
    response, f, _ = CURVES["half-life"]
    exits = {"won": {"logit": 0.3}, "lost": {"rest": True}}
    expected = mean_over_waits(f, []) / (1 + math.exp(-0.3))
    agree("log-odds, conversion", converted(response, 199, exits=exits), expected)
