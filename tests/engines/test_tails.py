"""Which stages are in the tail: one change at a time to a funnel whose last stages are."""

from __future__ import annotations

import pytest

from funnelsim.engines.run import run_kernel
from funnelsim.plan.compile import compile_scenario
from funnelsim.scenario import loads

CALM = """
name: calm at the end
start: 2026-01-05
horizon: 4 w
tick: 1 h
segments: {all: {share: 100%, deal_value: 100}}
channels:
  web: {enters: call, arrivals: {rate: 20 / d}, intent: {normal: {mean: 0, sd: 1}}}
stages:
  call:
    team: sdr
    duration: {exponential: {mean: 1 h}}
    patience: {after: {exponential: {mean: 1 d}}, to: lost}
    exits: {offer: 40%, lost: {rest: true}}
  offer: {duration: 2 d, exits: {deal: 60%, lost: {rest: true}}}
  deal: {team: ae, duration: 4 h, exits: {won: {logit: 0, intent: 1}, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 2}, ae: {reps: 3}}
"""
TOUCHED = "{arrivals: {rate: 1 / d}, touches: {rate: 1 / d, during: [STAGE], lift: 0.1}}\n  web:"
OF_DEAL = "  deal: {team: ae, duration: 4 h,"

CHANGES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "as it is": ("calm", "calm", ("offer", "deal")),
    "patience": (OF_DEAL, f"{OF_DEAL} patience: {{after: 1 d, to: lost}},", ()),
    "attempts": (OF_DEAL, f"{OF_DEAL} attempts: {{up_to: 2, reach: 50%, gap: 1 d, unreached: {{to: lost}}}},", ()),
    "a full line": ("ae: {reps: 3}", "ae: {reps: 3, max_queue: 5}", ()),
    "response": (OF_DEAL, f"{OF_DEAL} response: {{half_life: 3 h}},", ()),
    "routing": (OF_DEAL, f"{OF_DEAL} routing: 5 h,", ("offer", "deal")),
    "approvals": (OF_DEAL, f"{OF_DEAL} approvals: {{stakeholders: 2, agree: 50%}},", ("offer", "deal")),
    "discount": (OF_DEAL, f"{OF_DEAL} discount: 10%,", ()),
    "earlier visits": ("{logit: 0, intent: 1}", "{logit: 0, intent: 1, visits: -1}", ()),
    "skill": ("{logit: 0, intent: 1}", "{logit: 0, intent: 1, skill: 1}", ()),
    "a leak": (OF_DEAL, f"{OF_DEAL} leak: {{share: 10%, to: lost}},", ()),
    "pulled back": (
        OF_DEAL,
        f"{OF_DEAL} sla: {{respond_within: 1 h, on_breach: [{{after: 2 h, do: pull_back, to: lost}}]}},",
        (),
    ),
    "escalated": (
        OF_DEAL,
        f"{OF_DEAL} sla: {{respond_within: 1 h, on_breach: [{{after: 2 h, do: escalate, to: sdr}}]}},",
        ("offer", "deal"),
    ),
    "talks that change intent": ("ae: {reps: 3}", "ae: {reps: 3, trust: 0.1}", ()),
    "talks before the tail": ("sdr: {reps: 2}", "sdr: {reps: 2, trust: 0.1}", ("offer", "deal")),
    "touches in the deal": ("  web:", "  mail: " + TOUCHED.replace("STAGE", "deal"), ()),
    "touches in the offer": ("  web:", "  mail: " + TOUCHED.replace("STAGE", "offer"), ("deal",)),
    "touches before the tail": ("  web:", "  mail: " + TOUCHED.replace("STAGE", "call"), ("offer", "deal")),
    "touches that fade": (
        "  web:",
        "  mail: " + TOUCHED.replace("STAGE", "call").replace("0.1}", "0.1, half_life: 1 w}"),
        (),
    ),
    "a loop": ("{won: {logit: 0, intent: 1}", "{won: {logit: 0, intent: 1}, offer: 20%", ()),
    "a sale before": ("  offer: {", "  offer: {sale: new, ", ("deal",)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_stage_is_in_the_tail_if_nothing_but_coins_decides_from_there_on(change: str) -> None:
    old, new, tail = CHANGES[change]
    assert old in CALM
    scenario = loads(CALM.replace(old, new, 1))
    compiled = compile_scenario(scenario, expected=True)
    assert compiled.tail == tail
    tally = run_kernel(compiled.plan, seed=3, replications=2).tally
    assert tally["expected_wins"].any()
