"""Hidden attributes and a noisy discovery: what is found, how right it is, how long it takes, and what it is worth."""

from itertools import product

import numpy as np
import pytest

from funnelsim.plan.trace import FINISHED, STARTED

from .evidence import Runs, agree, one_each, run

BUDGET, NEED = 0.6, 0.35
HAS, LACKS = {"budget": 0.9, "need": 0.8}, {"budget": 0.85, "need": 0.7}
LOGIT, STAKES = -1.0, {"budget": 0.8, "need": 1.5}

CALLS = f"""
name: calls
start: 2026-01-05
horizon: 30 d
hidden: {{budget: {BUDGET}, need: {NEED}}}
channels:
  list: {{arrivals: {{batches: {{at: [2026-01-05], size: 4000}}}}}}
stages:
  call:
    team: sdr
    duration: 20 min
    discovery:
      asks: {{budget: {{has: {HAS["budget"]}, lacks: {LACKS["budget"]}}}, need: {{has: {HAS["need"]}, lacks: {LACKS["need"]}}}}}
      each: 5 min
    exits: {{demo: 100%}}
  demo:
    exits:
      won: {{logit: {LOGIT}, has: {{budget: {STAKES["budget"]}, need: {STAKES["need"]}}}}}
      lost: {{rest: true}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
teams: {{sdr: {{reps: 4000}}}}
"""  # noqa: E501


def seems(name: str, share: float) -> float:
    """The chance that one of whom a share has an attribute seems to have it."""
    return share * HAS[name] + (1 - share) * (1 - LACKS[name])


@pytest.fixture(scope="module")
def runs() -> Runs:
    return run(CALLS, seed=171, replications=100)


def test_as_many_seem_qualified_as_answers_say(runs: Runs) -> None:
    agree("P(qualified)", 1 - runs.share("call", "failed"), seems("budget", BUDGET) * seems("need", NEED))


def test_precision_and_recall_are_those_of_the_answers(runs: Runs) -> None:
    rightly, able, qualified = (runs.count(name, "call") for name in ("rightly_qualified", "able", "qualified"))
    both = HAS["budget"] * HAS["need"]
    found = seems("budget", BUDGET) * seems("need", NEED)
    agree("recall", rightly / able, both)
    agree("precision", rightly / qualified, BUDGET * NEED * both / found)
    assert (runs.count("discoveries", "call") == 4000).all()


def test_one_of_two_is_enough_where_that_is_said() -> None:
    runs = run(CALLS, {"stages.call.discovery.at_least": 1}, seed=172, replications=100)
    agree(
        "P(qualified)", 1 - runs.share("call", "failed"), 1 - (1 - seems("budget", BUDGET)) * (1 - seems("need", NEED))
    )


def test_what_they_have_decides_as_its_coefficients_say(runs: Runs) -> None:
    """Of those qualified, whatever they seem to have: a sum over what they have."""
    won = 0.0
    for budget, need in product((True, False), repeat=2):
        share = (BUDGET if budget else 1 - BUDGET) * (NEED if need else 1 - NEED)
        share *= (HAS["budget"] if budget else 1 - LACKS["budget"]) * (HAS["need"] if need else 1 - LACKS["need"])
        odds = LOGIT + STAKES["budget"] * budget + STAKES["need"] * need
        won += share / (1 + np.exp(-odds))
    agree("P(won)", runs.count("wins", 0) / 4000, won)


def test_each_question_takes_its_time() -> None:
    runs = run(CALLS, seed=173, replications=1, trace=True)
    rows = runs.outcome.traces[0]
    ticks = one_each(rows, FINISHED)["tick"] - one_each(rows, STARTED)["tick"]
    assert set(ticks.tolist()) == {(20 + 2 * 5) * 60}


def test_attributes_follow_intent_where_that_is_said() -> None:
    """P(has) of a logit with a normal intent: the mean of a logistic, by quadrature."""
    changes = {
        "hidden.budget": {"logit": 0.2, "intent": 1.5},
        "channels.list.intent": {"normal": {"mean": 0.3, "sd": 1}},
        "stages.call.discovery.asks": {"budget": "100%"},
    }
    runs = run(CALLS, changes, seed=174, replications=100)
    x, weights = np.polynomial.hermite_e.hermegauss(60)
    expected = float((weights / (1 + np.exp(-(0.2 + 1.5 * (0.3 + x))))).sum() / weights.sum())
    agree("P(has budget)", 1 - runs.share("call", "failed"), expected)


def test_right_answers_and_no_luck_leave_nobody_wrongly_qualified() -> None:
    """Negative control of precision: with sure answers, able and qualified are the same people."""
    sure = {f"stages.call.discovery.asks.{name}": "100%" for name in ("budget", "need")}
    runs = run(CALLS, sure, seed=171, replications=3)
    for name in ("able", "qualified"):
        assert (runs.count(name, "call") == runs.count("rightly_qualified", "call")).all()


def test_another_attribute_changes_nobody_else() -> None:
    """Attributes are drawn by their names: a further one before the others leaves them as they were."""
    before = run(CALLS, seed=175, replications=5)
    after = run(CALLS.replace("hidden: {", "hidden: {power: 50%, "),
                seed=175, replications=5)  # fmt: skip
    assert after.compiled.hidden == ("power", "budget", "need")
    for name in ("wins", "revenue"):
        assert np.array_equal(before.outcome.tally[name], after.outcome.tally[name])
    assert np.array_equal(before.outcome.tally["able"], after.outcome.tally["able"])
