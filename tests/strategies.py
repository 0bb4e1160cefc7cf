"""Whole scenarios drawn at random: every mechanism of the file format, on ticks of an hour, so that ties abound.

`scenarios` gives trees that are valid by construction; written as JSON they are YAML. What could make a tree invalid is
kept out where it is drawn: an instantaneous stage and a balk lead forward only (a round takes time), every stage has a
share that ends, a team is used and works.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from unittest.mock import patch

from drafts import Draft, Tree, hours, percent
from drawn_channels import add_referrals, add_touches, channel, pipeline
from drawn_reviews import add_reviews
from drawn_stages import lost, stage
from drawn_teams import team
from hypothesis import strategies as st

from funnelsim.scenario import Scenario, document, loads

STARTS = ("2026-01-05", "2026-01-08 06:00", "2026-03-28 23:00", "2025-12-22 10:00")
SEGMENTS = ("small", "large", "public")


def scenario_of(tree: Tree) -> Scenario:
    """The scenario that a tree says, without writing and reading its YAML, which takes longer than all the rest."""
    with patch.object(document, "parse", lambda text, name: document.Document(name, tree)):
        return loads("", name="drawn")


def drawn(entropy: bytes) -> Tree:
    """The tree of a valid scenario with at most some hundred prospects; `json.dumps` makes a file of it."""
    draft = Draft(entropy)
    draft.start = start = datetime.fromisoformat(draft.one(*STARTS))
    draft.hours = 24 * draft.whole(8, 24) + draft.one(0, 0, 5, 13)
    tree: Tree = {"name": "drawn", "start": start.isoformat(sep=" "), "horizon": f"{draft.hours} h"}
    tree["tick"] = draft.one("1 h", "1 h", "1 h", "2 h", "30 min")
    tree["bucket"] = draft.one("week", "day", "month")
    if draft.chance(30):
        tree["warmup"] = f"{draft.whole(1, 100)} h"
    if draft.chance(70):
        draft.segments = SEGMENTS[: draft.whole(2, 3)]
        tree["segments"] = _segments(draft)
    if draft.chance(60):
        draft.calendars = ("office", "shop")[: draft.whole(1, 2)]
        tree["calendars"] = {name: hours(draft) for name in draft.calendars}
    tree["score"] = {"intent": draft.one(1, 0, 2.5), "fit": draft.one(1, 0, -1), "noise": draft.one(0.5, 1)}
    if draft.chance(30):
        tree["score"]["half_life"] = f"{draft.whole(5, 200)} h"
    if draft.chance(40):
        draft.hidden = ("budget", "need", "power")[: draft.whole(1, 3)]
        tree["hidden"] = {name: _chance(draft) for name in draft.hidden}
    draft.stages = tuple(f"s{i}" for i in range(draft.whole(1, 5)))
    valued = draft.valued = any("deal_value" in segment for segment in tree.get("segments", {}).values())
    draft.teams = {name: team(draft, valued) for name in ("sdr", "ae", "desk")[: draft.whole(1, 3)]}
    tree["stages"] = {name: stage(draft, i) for i, name in enumerate(draft.stages)}
    tree["stages"] |= {"won": {"terminal": "won"}, "lost": lost(draft)}
    tree["channels"] = {f"c{i}": channel(draft, i) for i in range(draft.whole(1, 3))}
    add_touches(draft, tree)
    add_referrals(draft, tree)
    add_reviews(draft, tree)
    if "warmup" not in tree and draft.chance(40):
        tree["pipeline"] = pipeline(draft, tree)
    if any("milestone" in each for each in tree["stages"].values()) and draft.chance(50):
        late = draft.one("0 h", "5 h", {"exponential": {"mean": "20 h"}})
        tree["records"] = {"sales": {"missing": "10%", "doubled": "20%", "late": late, "milestones": ["close"]}}
    used = _teams_used(tree["stages"])
    tree["teams"] = {name: each for name, each in draft.teams.items() if name in used}
    if draft.chance(30):
        # The order of the file is the order of its numbers: ties between stages and teams must not depend on it.
        tree["teams"] = dict(reversed(tree["teams"].items()))
    return tree


def scenarios() -> st.SearchStrategy[Tree]:
    """Trees drawn from bytes: hypothesis would spend three quarters of its examples on neighbours of what it drew
    piece by piece; from bytes all are different, and still they shrink."""
    return st.binary(min_size=1500, max_size=1500).map(drawn)


def _teams_used(stages: Tree) -> set[str]:
    tiers = [tier for stage in stages.values() for tier in stage.get("sla", {}).get("on_breach", ())]
    escalated = {tier["to"] for tier in tiers if tier["do"] == "escalate"}
    return escalated | {stage["team"] for stage in stages.values() if "team" in stage}


def _chance(draft: Draft) -> Any:
    return draft.one("50%", draft.each(lambda: percent(draft, 0, 100)), {"logit": 0.3, "intent": 1, "fit": 0.5})


def _segments(draft: Draft) -> Tree:
    shares = {2: (0.7, 0.3), 3: (0.5, 0.3, 0.2)}[len(draft.segments)]
    out: Tree = {}
    for name, share in zip(draft.segments, shares, strict=True):
        out[name] = {"share": share, "fit": draft.one(0, 1, -0.5), "intent": draft.one(0, 0.5, -1)}
        if draft.chance(70):
            out[name]["deal_value"] = draft.one(100, 250.5, {"lognormal": {"median": 300, "p90": 900}},
                                                {"empirical": {"values": [100, 200, 400]}})  # fmt: skip
    return out
