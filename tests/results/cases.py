"""Small scenarios that between them use every mechanism, for tests of counts and results."""

from functools import lru_cache
from pathlib import Path

import funnelsim as fs
from funnelsim.engines.run import Outcome, run_kernel
from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.scenario import Scenario, load, loads

TEXTBOOK = {
    "mm1": {"horizon": "40 d", "warmup": "10 d", "bucket": "week"},
    "erlang_a": {"horizon": "30 d", "warmup": "10 d", "bucket": "day"},
    "erlang_b": {"horizon": "30 d", "warmup": "10 d"},
    "jackson": {"horizon": "60 d", "warmup": "15 d"},
    "preemptive": {"horizon": "60 d", "warmup": "10 d"},
    "priority": {"horizon": "60 d", "warmup": "10 d"},
    "recycle": {"horizon": "80 d", "warmup": "10 d"},
    "reference_funnel": {"horizon": "90 d", "warmup": "33 d"},
    "mtginf": {"horizon": "30 d", "warmup": "3 d"},
}
FULL = Path(__file__).parent.parent / "scenario" / "full.yaml"

SHOP = """
name: a shop
start: 2026-01-05
horizon: 8 w
warmup: 1 w
tick: {tick}
bucket: week
segments:
  small: {{share: 70%, deal_value: 100}}
  large: {{share: 30%, deal_value: 1000}}
score: {{fit: 1, noise: 1}}
channels:
  ads: {{arrivals: {{rate: 12 / d}}, cost: {{fixed: 3000 / mo, per_lead: 10}}}}
  fair: {{arrivals: {{batches: {{every: 2 w, size: 40}}}}, enters: call, cost: {{per_visit: 2, visits_per_lead: 3}}}}
stages:
  look: {{exits: {{call: {{small: 70%, large: 90%}}, lost: {{rest: true, reason: idle}}}}}}
  call:
    team: sdr
    duration: {{exponential: {{mean: 1 h}}}}
    routing: {{uniform: {{low: 0 h, high: 5 h}}}}
    attempts: {{up_to: 3, reach: 50%, gap: {{exponential: {{mean: 1 d}}}}, effort: 20 min}}
    patience: {{after: {{exponential: {{mean: 2 d}}}}, reason: gave up}}
    sla:
      respond_within: 2 h
      clock: {clock}
      on_breach:
        - {{after: 3 h, do: count}}
        - {{after: 4 h, do: reprioritise}}
        - {{after: 6 h, do: reassign}}
        - {{after: 8 h, do: escalate, to: ae}}
        - {{after: 3 d, do: pull_back, to: look}}
    response: {{preset: moderate}}
    exits: {{meet: {{logit: 0, visits: -1}}, lost: {{rest: true, reason: no need}}}}
  meet:
    team: ae
    duration: {{gamma: {{mean: 6 h, cv: 0.5}}}}
    exits: {{think: 60%, lost: {{rest: true, reason: price}}}}
  think:
    duration: {{exponential: {{mean: 2 d}}}}
    exits: {{won: 50%, meet: 10%, lost: {{rest: true, reason: price}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost, recycle: {{to: call, after: {{exponential: {{mean: 1 w}}}}, share: 40%, at_most: 2}}}}
teams:
  sdr:
    reps: [{{name: Ann, until: 2026-02-04 11:00}}, {{name: Bob, from: 2026-01-20, deals_at_once: 2}}, {{count: 1}}]
    hours: mon-fri 9-13 14-17
    queue: {queue}
    assignment: {assignment}
    max_queue: 15
    salary: 4000 / mo
  ae: {{reps: 2, deals_at_once: 2, hours: mon-sat 8-20, queue: value, assignment: sticky, salary: 7000 / mo}}
"""
SHOPS = {
    "round robin by deadline": ("1 s", "business", "deadline", "round_robin"),
    "round robin on hours": ("1 h", "business", "fifo", "round_robin"),
    "least loaded by score": ("1 h", "calendar", "score", "least_loaded"),
    "pooled, pre-emptive": ("30 min", "calendar", "preemptive", "pooled"),
    "sticky by value": ("30 min", "calendar", "value", "sticky"),
    "least loaded, last first": ("1 h", "business", "lifo", "least_loaded"),
}


def shop(name: str = "round robin by deadline", **overrides: object) -> Scenario:
    """One of the shops."""
    tick, clock, queue, assignment = SHOPS[name]
    text = SHOP.format(tick=tick, clock=clock, queue=queue, assignment=assignment)
    if assignment in ("sticky", "pooled"):
        # Reps of a pool without lines of their own have nothing to reassign.
        text = text.replace("do: reassign", "do: count")
    return loads(text, overrides)


def scenario(name: str) -> Scenario:
    """A textbook scenario cut short, a shop, or the file with everything in it."""
    if name in TEXTBOOK:
        return load(name, TEXTBOOK[name])
    return load(FULL, {"horizon": "20 w"}) if name == "full" else shop(name)


NAMES = (*TEXTBOOK, *SHOPS, "full")


@lru_cache(maxsize=4)
def traced(name: str, seed: int = 1) -> tuple[Compiled, Outcome]:
    """Two replications of a scenario by the kernel, with traces."""
    compiled = compile_scenario(scenario(name), expected=True)
    return compiled, run_kernel(compiled.plan, seed=seed, replications=2, threads=1, trace=True)


@lru_cache(maxsize=8)
def dataset(name: str = "round robin by deadline", replications: int = 6):
    """The dataset of a scenario; not to be changed."""
    return fs.simulate(scenario(name), replications=replications, seed=3, threads=1)
