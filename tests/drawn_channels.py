"""Channels drawn at random: arrivals of every kind, touches and referrals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drafts import Draft, Tree, hours_long, percent

LEADS = Path(__file__).parent / "engines" / "leads.csv"


def channel(draft: Draft, number: int) -> Tree:
    out: Tree = {"arrivals": _arrivals(draft)}
    if number and draft.chance(40):
        out["enters"] = draft.one(*draft.stages)
    if draft.segments and draft.chance(30):
        out["segments"] = dict(zip(draft.segments, (0.25, 0.75, 0.0), strict=False))
    if draft.chance(50):
        out["intent"] = draft.one(0.3, -1, {"normal": {"mean": 0.2, "sd": 0.8}})
    if draft.chance(10):
        out["cost"] = {"fixed": "400 / mo", "per_lead": 2}
    return out


def _arrivals(draft: Draft) -> Tree:
    kind = draft.one("rate", "batches", "rate", "batches", "replay")
    if kind == "replay":
        columns: Tree = {"time": "created_at", "value": draft.one("amount", None), "channel": draft.one("source", None)}
        if draft.segments:
            columns["segment"] = draft.one("segment", None)
        return {"replay": {"file": str(LEADS), "columns": columns, "spread": draft.one("0 s", "1 d")}}
    if kind == "batches":
        size = draft.whole(1, 12)
        if draft.chance(30):
            return {"batches": {"at": sorted({draft.instant(0, 150).isoformat() for _ in range(3)}), "size": size}}
        batches: Tree = {"every": draft.one("1 d", "18 h", "3 d"), "size": size}
        if draft.chance(30):
            batches["first"] = draft.instant(0, 150).isoformat()
        return {"batches": batches}
    out: Tree = {"rate": f"{round(draft.whole(3, 150) / draft.hours, 4)} / h"}
    shape = draft.one("flat", "week", "hours", "flat")
    if shape == "week":
        out["weekly"] = [draft.one(1, 0, 2) for _ in range(6)] + [1]
    elif shape == "hours":
        day = [0] * 8 + [draft.one(1, 3) for _ in range(8)] + [0] * 8
        out["weekly"] = (day * 7)[:168]
    if draft.chance(20):
        out["season"] = [draft.one(1, 0.5) for _ in range(12)]
    if draft.chance(20):
        out["trend"] = draft.one("40% / y", "-30% / y")
    if draft.chance(20):
        out["pulses"] = [{"from": draft.instant(0, 150).isoformat(), "for": "30 h", "times": draft.one(0, 3)}]
    return out


def pipeline(draft: Draft, tree: Tree) -> Tree:
    """Deals that are open at the start."""
    deals = []
    for _ in range(draft.whole(1, 4)):
        stage = draft.one(*draft.stages)
        deal: Tree = {"stage": stage, "count": draft.whole(1, 4)}
        if "duration" in tree["stages"][stage] and draft.chance(80):
            deal["age"] = hours_long(draft, 40)
        if "team" in tree["stages"][stage] and draft.chance(50):
            deal["worked"] = hours_long(draft, 5)
        if draft.chance(50):
            deal["value"] = draft.one(120, 300)
        if draft.segments and draft.chance(50):
            deal["segment"] = draft.one(*draft.segments)
        deals.append(deal)
    return {"deals": deals} | ({"intent": 0.5} if draft.chance(30) else {})


def add_touches(draft: Draft, tree: Tree) -> None:
    """Channels that touch, in half of the drafts: some of those that bring prospects, and some that only touch."""
    waits = [name for name, stage in tree["stages"].items() if "handoff" in stage]
    places = [name for name, stage in tree["stages"].items() if "duration" in stage]
    if not places or (not waits and draft.chance(50)):
        return
    channels = tree["channels"]
    able = [*channels, "mail", "ads"]
    touching = draft.some(*able)
    if waits and not touching:
        touching = ["mail"]
    for at, name in enumerate(touching):
        channels.setdefault(name, {})["touches"] = _touches(draft, places, touching[:at])
    if waits:
        # Somebody asks for hands everywhere: a handoff that waits for one needs it.
        first = channels[touching[0]]["touches"]
        first.pop("during", None)
        first["hand_raise"] = draft.one("30%", {"logit": -1, "intent": 0.5})
    if touching and draft.chance(10):
        channels[touching[-1]]["on"] = False


def add_referrals(draft: Draft, tree: Tree) -> None:
    """Customers who bring others, seldom enough that the loop dies out."""
    places = [name for name, stage in tree["stages"].items() if "duration" in stage]
    if places and draft.chance(40):
        refer: Tree = {"rate": draft.one("0.3 / w", "0.04 / d"), "during": draft.some(*places) or [places[0]]}
        if draft.chance(60):
            refer["chance"] = draft.one("50%", {"logit": 0, "intent": 1})
        friends: Tree = {"referrals": refer, "enters": draft.one(*draft.stages)}
        if draft.chance(40):
            friends["intent"] = draft.one(0.5, {"normal": {"mean": 0.2, "sd": 0.8}})
        if draft.chance(10):
            friends["on"] = False
        tree["channels"]["friends"] = friends


def _touches(draft: Draft, places: Sequence[str], others: Sequence[str]) -> Tree:
    if draft.chance(50):
        out: Tree = {"rate": draft.one("1 / d", "3 / w", "0.2 / h")}
    else:
        out = {"drip": [f"{hours} h" for hours in sorted({draft.whole(0, 90) for _ in range(draft.whole(1, 4))})]}
    if draft.chance(40):
        out["during"] = draft.some(*places) or [draft.one(*places)]
    if draft.chance(60):
        out["seen"] = draft.each(lambda: percent(draft, 20, 100))
        if draft.chance(50):
            out["seen"] = {"logit": draft.one(-1, 0, 1), "intent": draft.one(1, -1), "touches": draft.one(0, -0.3)}
    if draft.chance(60):
        out["lift"] = draft.each(lambda: draft.one(0.5, -0.3, 1))
        out["repeat"] = draft.one("70%", 1, "120%", 0)
    if draft.chance(50):
        out["half_life"] = f"{draft.whole(3, 200)} h"
    if others and draft.chance(50):
        out["synergy"] = {draft.one(*others): "50%"}
    if draft.chance(70):
        out["points"] = draft.one(1, 3, -1)
    if draft.chance(50):
        out["teaches"] = draft.one(1, 0.5)
    for key in draft.some("click", "hand_raise", "opt_out"):
        out[key] = draft.one("10%", "30%", {"logit": -2, "intent": 1, "fit": 0.5})
    if draft.chance(30):
        out["heeds_opt_out"] = False
    if draft.chance(40):
        out["observed"] = percent(draft, 20, 90)
    return out
