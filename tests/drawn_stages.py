"""Stages drawn at random: what happens there, and where prospects go next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drafts import Draft, Tree, hours_long, law, percent

DEEDS = ("count", "reprioritise", "reassign", "escalate", "pull_back")


def stage(draft: Draft, at: int) -> Tree:
    out = _place(draft, at)
    if draft.chance(30):
        out["milestone"] = draft.one("lead", "mql", "sal", "sql", "opportunity")
    if draft.chance(30):
        out["sale"] = _sale(draft)
    if draft.chance(30):
        out["discount"] = draft.each(lambda: percent(draft, 5, 40))
    return out


def _place(draft: Draft, at: int) -> Tree:
    kind = draft.one("team", "team", "team", "delay", "instant")
    if kind == "team":
        return _worked(draft, at, draft.one(*draft.teams))
    out: Tree = {"exits": _exits(draft, at, loops=kind == "delay")}
    if kind == "delay":
        out["duration"] = draft.each(lambda: law(draft, 12))
        if draft.chance(50):
            out["approvals"] = _approvals(draft, (*draft.stages[at + 1 :], "lost"))
        if draft.chance(30):
            out["meetings"] = _meetings(draft)
        if draft.chance(50):
            out["handoff"] = _handoff(draft, (*draft.stages[at + 1 :], "lost", "won"))
        if draft.calendars and draft.chance(60):
            out |= {"clock": "business", "calendar": draft.one(*draft.calendars)}
    return out


def _worked(draft: Draft, at: int, team: str) -> Tree:
    """A stage in which a team works."""
    terms = draft.teams[team]
    anywhere, onward = (*draft.stages, "lost", "won"), (*draft.stages[at + 1 :], "lost", "won")
    longest = 12 if terms["queue"] == "preemptive" else 4
    out: Tree = {"team": team, "duration": draft.each(lambda: law(draft, longest))}
    if draft.chance(40):
        out["clock"] = draft.one("calendar", "business")
    if draft.chance(30):
        out["routing"] = draft.one("0 h", "1 h", law(draft, 3))
    if terms["queue"] in ("priority", "preemptive"):
        out["priority"] = draft.each(lambda: draft.one(1, 0, 2), 90)
    if draft.chance(20):
        leak = {"share": draft.each(lambda: percent(draft, 0, 30)), "to": draft.one(*onward)}
        out["leak"] = draft.one("10%", leak, leak)
    if draft.chance(30):
        out["taught"] = {"saves": draft.each(lambda: percent(draft, 10, 90)), "enough": draft.one(1, 3)}
    if draft.hidden and draft.chance(60):
        out["discovery"] = _discovery(draft, onward)
    if draft.chance(30):
        out["attempts"] = _attempts(draft, anywhere)
    if draft.chance(30):
        out["approvals"] = _approvals(draft, onward)
    if draft.chance(40):
        # Impatience seldom leads back: who gives up again and again fills the trace and nothing else.
        to = draft.one(*(anywhere if draft.chance(15) else onward))
        out["patience"] = {"after": draft.each(lambda: law(draft, 40)), "to": to}
    if "max_queue" in terms and draft.chance(60):
        out["balk"] = {"to": draft.one(*onward), "reason": "full"}
    if terms["queue"] == "deadline" or draft.chance(50):
        out["sla"] = _sla(draft, at, team)
    exits = _exits(draft, at, loops=True)
    if draft.chance(50):
        out["response"] = _response(draft, [label for label, way in exits.items() if not _is_rest(way)])
    return {**out, "exits": exits}


def _handoff(draft: Draft, onward: Sequence[str]) -> Tree:
    def to() -> Tree:
        return {"to": draft.one(*onward)}

    kind = draft.one("score", "hand_raise", "either", "both")
    enough = {"at_least": draft.each(lambda: draft.one(0, 1, 3, 6))}
    if kind == "both":
        return {"both": enough | to()}
    out: Tree = {}
    if kind != "hand_raise":
        out["score"] = enough | to()
    if kind != "score":
        out["hand_raise"] = to() | {"reason": "asked"}
    return out


def _is_rest(way: Any) -> bool:
    return isinstance(way, dict) and "rest" in way


def _attempts(draft: Draft, anywhere: Sequence[str]) -> Tree:
    out: Tree = {"up_to": draft.each(lambda: draft.whole(1, 4)), "reach": draft.each(lambda: percent(draft, 10, 90))}
    out["gap"] = draft.each(lambda: law(draft, 24))
    if draft.chance(60):
        out["effort"] = draft.each(lambda: law(draft, 2))
    if draft.chance(60):
        out["unreached"] = {"to": draft.one(*anywhere), "reason": "silence"}
    return out


def _discovery(draft: Draft, onward: Sequence[str]) -> Tree:
    asks = draft.some(*draft.hidden) or [draft.hidden[0]]
    right: Any = {"has": draft.each(lambda: percent(draft, 50, 100)), "lacks": percent(draft, 50, 100)}
    out: Tree = {"asks": {name: draft.one("80%", "100%", right) for name in asks}}
    if draft.chance(60):
        out["each"] = f"{draft.whole(1, 3)} h"
    if draft.chance(60):
        out["at_least"] = draft.each(lambda: draft.whole(0, len(asks)))
    if draft.chance(60):
        out["failed"] = {"to": draft.one(*onward), "reason": "too little"}
    return out


def _approvals(draft: Draft, onward: Sequence[str]) -> Tree:
    out: Tree = {"stakeholders": draft.each(lambda: draft.whole(1, 4))}
    out["agree"] = draft.each(lambda: percent(draft, 50, 95))
    if draft.chance(60):
        out["refused"] = {"to": draft.one(*onward), "reason": "a no"}
    return out


def _meetings(draft: Draft) -> Tree:
    if draft.chance(50):
        return {"every": f"{draft.whole(1, 12)} h"}
    return {"at": [draft.instant(0, draft.hours - 1).isoformat(sep=" ") for _ in range(draft.whole(1, 4))]}


def _sla(draft: Draft, at: int, team: str) -> Tree:
    within = draft.whole(1, 5)
    out: Tree = {"respond_within": draft.each(lambda: f"{draft.whole(1, within)} h")}
    out["clock"] = draft.one("business", "calendar")
    others = [name for name in draft.teams if name != team]
    back = [name for name in (*draft.stages, "lost") if name != draft.stages[at]]
    able = [deed for deed in DEEDS if not (deed == "escalate" and not others)]
    if draft.teams[team].get("assignment", "pooled") == "pooled":
        able.remove("reassign")
    tiers, after = [], within
    for _ in range(draft.whole(0, 4)):
        after += draft.whole(0, 4)
        tier = {"after": f"{after} h", "do": draft.one(*able)}
        if tier["do"] == "escalate":
            tier["to"] = draft.one(*others)
        elif tier["do"] == "pull_back":
            tier["to"] = draft.one(*back)
        tiers.append(tier)
    return {**out, "on_breach": tiers} if tiers else out


def _response(draft: Draft, labels: Sequence[str]) -> Tree:
    shape = draft.one("half_life", "hyperbolic", "table", "preset")
    out: Tree = {}
    if shape == "half_life":
        out["half_life"] = draft.each(lambda: hours_long(draft, 6))
        out["floor"] = draft.each(lambda: percent(draft, 0, 40))
    elif shape == "hyperbolic":
        out["hyperbolic"] = {"tau": hours_long(draft, 6), "a": draft.one(1, 1.7), "floor": percent(draft, 0, 40)}
    elif shape == "table":
        out["table"] = [["0 h", 1], ["1 h", 0.9], ["6 h", 0.4], ["20 h", 0.1]]
    else:
        out["preset"] = draft.one("mild", "moderate", "steep_hbr", "stress_lrm", "none")
    if draft.chance(50):
        out["scale"] = draft.one("probability", "odds")
    if draft.chance(50):
        out["causal_share"] = draft.each(lambda: percent(draft, 0, 100))
    if draft.chance(40):
        out["on"] = [draft.one(*labels)]
    return out


def _sale(draft: Draft) -> Any:
    return draft.one("new", {"kind": "renewal", "books": draft.each(lambda: draft.one("110%", 1, "80%"))},
                     {"kind": "expansion", "books": "20%"})  # fmt: skip


def _exits(draft: Draft, at: int, loops: bool) -> Tree:
    """Log-odds, a table and the rest; the next stage is always among them, and so is an end."""
    onward = (*draft.stages[at + 1 :], "won")
    ahead, end = onward[0], draft.one("lost", "won") if len(onward) > 1 else "lost"
    anywhere = (*draft.stages, "won", "lost") if loops else (*onward, "lost")
    out: Tree = {}
    for label in draft.some("first", "second"):
        to, weight = draft.one(*anywhere), (lambda: draft.one(0, 1, -0.5))
        out[label] = {"logit": draft.each(lambda: draft.one(-2, -1, 0, 0.5)), "to": to}
        out[label] |= {"intent": draft.each(weight), "fit": weight(), "visits": weight()}
        if draft.chance(50):
            out[label]["skill"] = draft.one(1, -0.5)
        if draft.chance(30):
            out[label]["discount"] = draft.one(2, -1)
        if draft.hidden and draft.chance(60):
            out[label]["has"] = {name: draft.each(weight) for name in draft.some(*draft.hidden)}
    if draft.valued and draft.chance(30):
        out["cheap"] = {
            "value": draft.one({"below": 150}, {"from": 100, "below": 300}, {"from": 250}),
            "to": draft.one(*onward),
        }
    out["on"] = {"p": draft.each(lambda: percent(draft, 20, 50)), "to": ahead, "reason": "good"}
    if draft.chance(40):
        out["side"] = {"p": draft.each(lambda: percent(draft, 0, 40)), "to": draft.one(*anywhere)}
    if draft.chance(75):
        out["end"] = {"rest": True, "to": end}
        return out
    shares = draft.one((50, 20, 30), (30, 0, 70), (20, 40, 40))
    out["on"]["p"], out["side"] = f"{shares[0]}%", {"p": f"{shares[1]}%", "to": draft.one(*anywhere)}
    return out | {"end": {"p": f"{shares[2]}%", "to": end}}


def lost(draft: Draft) -> Tree:
    if not draft.chance(60):
        return {"terminal": "lost"}
    recycle: Tree = {"to": draft.one(*draft.stages), "after": draft.each(lambda: law(draft, 40))}
    recycle["share"] = draft.each(lambda: percent(draft, 20, 100))
    recycle["at_most"] = draft.each(lambda: draft.whole(0, 3))
    return {"terminal": "lost", "recycle": recycle}
