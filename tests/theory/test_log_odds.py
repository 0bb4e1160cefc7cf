"""Log-odds: decisions that hang on what the prospect carries, as the mean of the logistic over normal intent."""

import math
from collections.abc import Callable

import pytest
from scipy import integrate

from .evidence import Runs, agree, run

SIZE = 20_000
MEAN, SD, LIFT = -0.2, 1.3, 0.7

DECISION = f"""
name: decision
start: 2026-01-05
horizon: 60 d
segments:
  small: {{share: 60%, fit: -0.4}}
  large: {{share: 40%, fit: 0.8, intent: {LIFT}}}
channels:
  list:
    arrivals: {{batches: {{at: [2026-01-05], size: {SIZE}}}}}
    intent: {{normal: {{mean: {MEAN}, sd: {SD}}}}}
stages:
  decide:
    duration: 1 d
    exits:
      won: {{logit: -0.5, intent: 1.1, fit: 0.6}}
      retry: {{logit: -1, intent: 0.4, to: again}}
      price: {{p: 30%, to: lost, reason: price}}
      lost: {{rest: true, reason: timing}}
  again:
    duration: 1 d
    exits: {{won: {{logit: -1.5, intent: 0.8, visits: 0.9}}, again: 50%, lost: {{rest: true, reason: timing}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
"""
SEGMENTS = ((0.6, -0.4, 0.0), (0.4, 0.8, LIFT))  # share, fit, intent


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def over_people(f: Callable[[float, float], float]) -> float:
    """Mean of f(intent, fit) over the prospects."""

    def segment(fit: float, lift: float) -> float:
        def density(i: float) -> float:
            return math.exp(-(((i - MEAN - lift) / SD) ** 2) / 2) / SD / math.sqrt(2 * math.pi)

        return float(integrate.quad(lambda i: f(i, fit) * density(i), MEAN + lift - 9 * SD, MEAN + lift + 9 * SD)[0])

    return sum(share * segment(fit, lift) for share, fit, lift in SEGMENTS)


def first_yes(intent: float, fit: float) -> float:
    return sigmoid(-0.5 + 1.1 * intent + 0.6 * fit)


def second_yes(intent: float, fit: float) -> float:
    return (1 - first_yes(intent, fit)) * sigmoid(-1 + 0.4 * intent)


@pytest.fixture(scope="module")
def runs() -> Runs:
    return run(DECISION, seed=201, replications=80)


def test_a_yes_is_the_mean_logistic_over_intent(runs: Runs) -> None:
    expected = over_people(first_yes)
    agree("P(won)", runs.share("decide", "won"), expected)
    at_the_mean = 0.6 * first_yes(MEAN, -0.4) + 0.4 * first_yes(MEAN + LIFT, 0.8)
    assert abs(at_the_mean / expected - 1) > 0.02, "the mean intent would do as well"


def test_the_second_is_asked_of_those_whom_the_first_left(runs: Runs) -> None:
    agree("P(again)", runs.share("decide", "retry"), over_people(second_yes))


def test_the_table_shares_what_the_log_odds_left(runs: Runs) -> None:
    left = over_people(lambda i, f: 1 - first_yes(i, f) - second_yes(i, f))
    agree("P(price)", runs.share("decide", "price"), 0.3 * left)
    agree("P(timing)", runs.share("decide", "lost"), 0.7 * left)


def test_every_visit_moves_the_odds(runs: Runs) -> None:
    """The same intent is asked again and again, each time with better odds."""

    def won(intent: float, fit: float) -> float:
        staying, total = second_yes(intent, fit), 0.0
        for visit in range(60):
            p = sigmoid(-1.5 + 0.8 * intent + 0.9 * visit)
            total += staying * p
            staying *= (1 - p) * 0.5
        return total

    expected = over_people(won)
    agree("P(won, later)", runs.count("exits", "again", "won") / SIZE, expected)
