"""Teams drawn at random: disciplines, assignments, hours, and reps who come and go."""

from __future__ import annotations

from datetime import timedelta

from drafts import Draft, Tree, hours

QUEUES = ("fifo", "lifo", "score", "value", "deadline", "priority", "preemptive")


ASSIGNMENTS = ("pooled", "round_robin", "least_loaded", "sticky")


def team(draft: Draft, valued: bool) -> Tree:
    queues = [queue for queue in QUEUES if valued or queue != "value"]
    out: Tree = {"queue": draft.one(*queues)}
    if out["queue"] != "preemptive":
        out["assignment"] = draft.one(*ASSIGNMENTS)
    out["reps"] = draft.whole(1, 3) if draft.chance(50) else _reps(draft)
    if draft.chance(40):
        out["deals_at_once"] = draft.whole(1, 4)
    if draft.calendars and draft.chance(40):
        out["calendar"] = draft.one(*draft.calendars)
    elif draft.chance(60):
        out |= hours(draft)
    if draft.chance(30):
        out["max_queue"] = draft.whole(0, 5)
    if draft.chance(25):
        out |= {"speed": draft.one("80%", "150%", 2), "skill": draft.one(0.5, -1)}
    if draft.chance(25):
        out["ramp"] = draft.one("80 h", {"for": "150 h", "from": "20%"})
    if draft.chance(25):
        after = draft.one({"exponential": {"mean": "90 h"}}, "70 h", {"uniform": {"low": "1 h", "high": "200 h"}})
        out["attrition"] = draft.one(
            after, {"after": after, "replaced": draft.one("1 h", {"exponential": {"mean": "20 h"}})}
        )
    if draft.chance(20):
        out["trust"] = draft.one(-0.5, 0.5)
    if draft.chance(20):
        out["per_case"] = draft.one(1, 2.5)
    return out


def _reps(draft: Draft) -> list[Tree]:
    """One who stays (perhaps one who comes late), and some who come and go, one of them within an hour."""
    first: Tree = {"name": "Ann"}
    if draft.chance(20):
        first["from"] = draft.instant(0, 60).isoformat()
    reps = [first]
    for name in draft.some("Bea", "Cem", "Dan"):
        comes = draft.instant(0, draft.hours - 50)
        leaves = comes + draft.one(timedelta(hours=draft.whole(1, 150)), timedelta(minutes=20))
        reps.append({"name": name, "from": comes.isoformat(), "until": leaves.isoformat()})
        if draft.chance(30):
            del reps[-1]["from"]
        if draft.chance(30):
            reps[-1]["deals_at_once"] = draft.whole(1, 3)
        if draft.chance(20):
            reps[-1] |= {"speed": draft.one("60%", 1), "skill": draft.one(1, 0)}
    return reps if draft.chance(60) else reps[::-1]
