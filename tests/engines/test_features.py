"""What a plan does not use costs nothing: the plain kernel is the general one, for plans that use no feature."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from funnelsim.engines.kernel import replicate, replicate_plain
from funnelsim.engines.store import DONE, Store
from funnelsim.engines.tallies import DIMENSIONS, Tally
from funnelsim.plan import features
from funnelsim.plan.compile import compile_scenario
from funnelsim.scenario import load, loads

PLAIN = """
name: a plain one
start: 2026-01-05
horizon: 4 w
tick: 1 h
bucket: week
channels: {web: {enters: call, arrivals: {rate: 20 / d}}}
stages:
  call:
    team: sdr
    duration: {exponential: {mean: 3 h}}
    patience: {after: {exponential: {mean: 1 d}}, to: lost}
    exits: {deal: 40%, lost: {rest: true}}
  deal: {duration: {gamma: {mean: 2 d, cv: 1}}, exits: {won: 50%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost, recycle: {to: call, after: 1 w, share: 30%, at_most: 1}}
teams: {sdr: {reps: 2}}
"""
CHANGES: dict[int, tuple[str, str]] = {
    features.OWN_LINES: ("{reps: 2}", "{reps: 2, assignment: round_robin}"),
    features.RANKED: ("{reps: 2}", "{reps: 2, queue: lifo}"),
    features.HOURS: ("{reps: 2}", "{reps: 2, hours: mon-fri 9-17}"),
    features.LIMITS: ("{reps: 2}", "{reps: 2, max_queue: 1}"),
    features.PROMISES: ("    exits: {deal", "    sla: {respond_within: 2 h}\n    exits: {deal"),
    features.ATTEMPTS: (
        "    exits: {deal",
        "    attempts: {up_to: 3, reach: 50%, gap: 4 h, effort: 1 h, unreached: {to: lost}}\n    exits: {deal",
    ),
    features.ROUTES: ("    exits: {deal", "    routing: 5 h\n    exits: {deal"),
    features.RESPONSE: ("    exits: {deal", "    response: {half_life: 6 h}\n    exits: {deal"),
    features.MIXED: ("{exponential: {mean: 3 h}}", "{empirical: {values: [1 h, 2 h, 9 h]}}"),
    features.TRAITS: ("stages:\n", "segments: {all: {share: 100%, deal_value: 100}}\nstages:\n"),
    features.SHIFTS: ("{reps: 2}", "{reps: [{name: a}, {name: b, until: 2026-01-22}]}"),
    features.APPROVALS: (
        "gamma: {mean: 2 d, cv: 1}}, exits",
        "gamma: {mean: 2 d, cv: 1}}, approvals: {stakeholders: 3, agree: 60%}, exits",
    ),
    features.PEOPLE: ("{reps: 2}", "{reps: 2, speed: 80%}"),
    features.REVIEWS: (
        "teams: {sdr: {reps: 2}}",
        """teams: {sdr: {reps: 2}}
reviews:
  quota:
    {every: 1 w, looks_at: {entries: deal}, target: 1000, moves: {rate: web}, below: 1, between: [1, 2]}""",
    ),
    features.CELLS: ("{web: {", "{mail: {enters: call, arrivals: {rate: 1 / d}}, web: {"),
}
WITH_TRAITS: dict[int, tuple[str, str]] = {
    features.TOUCHES: (
        "{arrivals: {rate: 20 / d}}",
        "{arrivals: {rate: 20 / d}, touches: {rate: 1 / d, during: [deal]}}",
    ),
    features.HANDOFFS: (
        "gamma: {mean: 2 d, cv: 1}}, exits",
        "gamma: {mean: 2 d, cv: 1}}, handoff: {score: {at_least: 0, to: won}}, exits",
    ),
}
"""Features of plans whose prospects differ in any case."""
WITH_OTHERS: dict[int, tuple[tuple[str, str], int]] = {
    features.HIDDEN: (
        ("    exits: {deal", "    discovery: {asks: {need: 90%}}\n    exits: {deal"),
        features.TRAITS,
    ),
    features.BANDS: (
        ("exits: {won: 50%", "exits: {won: {value: {below: 200}}, dear: {p: 0%, to: lost}"),
        features.TRAITS,
    ),
    features.ATTRITION: (
        ("{reps: 2}", "{reps: 2, attrition: {after: {exponential: {mean: 1 w}}, replaced: 3 d}}"),
        features.SHIFTS,
    ),
}
"""Features that come with others."""
NAMES = {value: name for name, value in vars(features).items() if name.isupper() and isinstance(value, int)}


def tally_of(plan: Any, run: Any) -> Tally:
    """One replication by one of the kernels."""
    terms = plan["terms"][0]
    tally, store = Tally(terms, 1), Store(terms, 4096, 4096, 0)
    assert run(plan.address, store.address, tally.address, np.uint64(3), 5) == DONE
    return tally


def test_the_plain_kernel_is_the_general_one() -> None:
    plan = compile_scenario(loads(PLAIN)).plan
    assert features.is_plain(plan)
    plain, general = tally_of(plan, replicate_plain), tally_of(plan, replicate)
    for name in DIMENSIONS:
        np.testing.assert_array_equal(plain[name], general[name], err_msg=name)
    assert general["totals"][0, 0] > 1_000


def test_expected_wins_are_a_feature_and_the_plain_kernel_knows_nothing_of_it() -> None:
    plan = compile_scenario(loads(PLAIN), expected=True).plan
    assert int(plan["terms"]["uses"][0]) == features.EXPECTED
    plain, general = tally_of(plan, replicate_plain), tally_of(plan, replicate)
    assert [name for name in DIMENSIONS if not np.array_equal(plain[name], general[name], equal_nan=True)] == [
        "expected_wins"
    ]


@pytest.mark.parametrize("feature", CHANGES, ids=NAMES.get)
def test_each_feature_is_seen_and_the_plain_kernel_knows_nothing_of_it(feature: int) -> None:
    """Negative control: if the plain kernel still read a feature, it would agree here as well."""
    old, new = CHANGES[feature]
    assert old in PLAIN
    plan = compile_scenario(loads(PLAIN.replace(old, new))).plan
    assert int(plan["terms"]["uses"][0]) == feature
    plain, general = tally_of(plan, replicate_plain), tally_of(plan, replicate)
    assert [name for name in DIMENSIONS if not np.array_equal(plain[name], general[name], equal_nan=True)]


@pytest.mark.parametrize("feature", WITH_TRAITS, ids=NAMES.get)
def test_what_prospects_remember_is_seen_and_the_plain_kernel_knows_nothing_of_it(feature: int) -> None:
    old, new = WITH_TRAITS[feature]
    text = PLAIN.replace("{enters: call, arrivals: {rate: 20 / d}}", "{arrivals: {rate: 20 / d}}")
    assert old in text
    plan = compile_scenario(loads(text.replace(old, new))).plan
    assert int(plan["terms"]["uses"][0]) == feature | features.TRAITS
    plain, general = tally_of(plan, replicate_plain), tally_of(plan, replicate)
    assert [name for name in DIMENSIONS if not np.array_equal(plain[name], general[name], equal_nan=True)]


@pytest.mark.parametrize("feature", WITH_OTHERS, ids=NAMES.get)
def test_what_comes_with_others_is_seen_and_the_plain_kernel_knows_nothing_of_it(feature: int) -> None:
    (old, new), others = WITH_OTHERS[feature]
    assert old in PLAIN
    text = PLAIN.replace(old, new)
    if feature == features.HIDDEN:
        text += "hidden: {need: 60%}\n"
    if feature == features.BANDS:
        text = text.replace("stages:\n", "segments: {all: {share: 100%, deal_value: 100}}\nstages:\n", 1)
    plan = compile_scenario(loads(text)).plan
    assert int(plan["terms"]["uses"][0]) == feature | others
    plain, general = tally_of(plan, replicate_plain), tally_of(plan, replicate)
    assert [name for name in DIMENSIONS if not np.array_equal(plain[name], general[name], equal_nan=True)]


REASONS: dict[str, tuple[tuple[str, str], int]] = {
    # Of these two the plain kernel cannot be asked: it would read a rate, and there is none.
    "batches": (("{rate: 20 / d}", "{batches: {size: 100, every: 1 d}}"), features.FEEDS),
    "an open deal": (
        ("teams: {sdr: {reps: 2}}", "teams: {sdr: {reps: 2}}\npipeline: {deals: [{stage: deal, age: 3 d, count: 90}]}"),
        features.DEALS | features.TRAITS | features.FEEDS | features.CELLS,
    ),
    "two segments": (
        ("stages:\n", "segments: {a: {share: 50%}, b: {share: 50%}}\nstages:\n"),
        features.TRAITS | features.CELLS,
    ),
    "a rep who comes": (("{reps: 2}", "{reps: [{name: a}, {name: b, from: 2026-01-20}]}"), features.SHIFTS),
    "log-odds": (("deal: 40%", "deal: {logit: -0.4, intent: 1}"), features.TRAITS),
    "lines by score": (
        ("teams: {sdr: {reps: 2}}", "score: {intent: 1}\nteams: {sdr: {reps: 2, queue: score}}"),
        features.TRAITS | features.RANKED,
    ),
    "meetings": (
        ("gamma: {mean: 2 d, cv: 1}}, exits", "gamma: {mean: 2 d, cv: 1}}, meetings: {every: 1 w}, exits"),
        features.HOURS,
    ),
    "a channel that touches": (
        ("{web: {", "{mail: {touches: {rate: 1 / w, lift: 1}}, web: {"),
        features.TOUCHES | features.TRAITS | features.CELLS,
    ),
    "a sale on the way": (("  deal: {duration", "  deal: {sale: new, duration"), features.SALES | features.TRAITS),
    "referrals": (
        ("{web: {", "{friends: {referrals: {rate: 1 / y, during: [deal]}, enters: call}, web: {"),
        features.REFERRALS | features.TOUCHES | features.TRAITS | features.CELLS,
    ),
    "a discount": (("  deal: {duration", "  deal: {discount: 10%, duration"), features.DISCOUNTS | features.TRAITS),
    "a leak": (("    exits: {deal", "    leak: 5%\n    exits: {deal"), features.ROUTES),
    "skill": (("{reps: 2}", "{reps: 2, skill: 1}"), features.PEOPLE),
    "a ramp": (
        ("{reps: 2}", "{reps: [{name: a}, {name: b, from: 2026-01-20}], ramp: 4 w}"),
        features.SHIFTS | features.PEOPLE,
    ),
    "trust": (("{reps: 2}", "{reps: 2, trust: -1}"), features.PEOPLE | features.TRAITS),
    "a handoff": (
        (
            "gamma: {mean: 2 d, cv: 1}}, exits",
            "gamma: {mean: 2 d, cv: 1}}, handoff: {score: {at_least: 0, to: won}}, exits",
        ),
        features.HANDOFFS | features.TRAITS,
    ),
    "a mixture": (
        ("{exponential: {mean: 3 h}}", "{mixture: [{weight: 50%, constant: 2 h}, {weight: 50%, constant: 9 h}]}"),
        features.MIXED,
    ),
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_feature_has_several_reasons(reason: str) -> None:
    (old, new), wanted = REASONS[reason]
    assert old in PLAIN
    assert int(compile_scenario(loads(PLAIN.replace(old, new))).plan["terms"]["uses"][0]) == wanted


def test_leads_of_a_list_have_traits_of_their_own() -> None:
    compiled = compile_scenario(load("lead_replay", {"segments.all": {"share": 1}}))
    assert compiled.plan["segments"]["value"].tolist() == [-1]
    used = int(compiled.plan["terms"]["uses"][0])
    assert used & features.FEEDS
    assert used & features.TRAITS


@pytest.mark.parametrize(("name", "plain"), [("reference_funnel", True), ("mm1", True), ("b2b_saas", False)])
def test_which_shipped_scenarios_are_plain(name: str, plain: bool) -> None:
    assert features.is_plain(compile_scenario(load(name)).plan) == plain
