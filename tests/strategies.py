"""Whole scenarios drawn at random: every mechanism of the file format, on ticks of an hour, so that ties abound.

`scenarios` gives trees that are valid by construction; written as JSON they are YAML. What could make a tree invalid is
kept out where it is drawn: an instantaneous stage and a balk lead forward only (a round takes
time), every stage has a share that ends, a team is used and works.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

from funnelsim.scenario import Scenario, document, loads

Tree = dict[str, Any]

LEADS = Path(__file__).parent / "engines" / "leads.csv"
STARTS = ("2026-01-05", "2026-01-08 06:00", "2026-03-28 23:00", "2025-12-22 10:00")
WEEKS = (
    "mon-fri 9-17",
    "mon-thu 9-12 13-17:30, fri 9-15",
    "mon-sun 8-20",
    "mon-fri 22-6",
    "sun-thu 8-13 14-18",
    "tue 10-11, thu-sat 7-19:20",
    "mon-sun 0-24",
)
SEGMENTS = ("small", "large", "public")
QUEUES = ("fifo", "lifo", "score", "value", "deadline", "priority", "preemptive")
ASSIGNMENTS = ("pooled", "round_robin", "least_loaded", "sticky")
DEEDS = ("count", "reprioritise", "reassign", "escalate", "pull_back")
LAWS = (
    "constant",
    "exponential",
    "gamma",
    "erlang",
    "weibull",
    "lognormal",
    "triangular",
    "pert",
    "uniform",
    "empirical",
    "mixture",
)


@dataclass
class Draft:
    """A scenario while it is drawn: the bytes that decide, and what its later parts must know of its earlier ones."""

    entropy: bytes
    start: datetime = datetime.min
    hours: int = 0
    segments: tuple[str, ...] = ()
    calendars: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    teams: dict[str, Tree] = field(default_factory=dict)
    read: int = 0

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included; the lowest once the bytes are used up."""
        word = self.entropy[self.read : self.read + 2]
        self.read += 2
        return low + int.from_bytes(word, "big") % (high - low + 1)

    def one(self, *choices: Any) -> Any:
        """One of several values."""
        return choices[self.whole(0, len(choices) - 1)]

    def chance(self, percent: int) -> bool:
        """Whether something is there, in about so many of a hundred drafts."""
        return self.whole(0, 99) >= 100 - percent

    def some(self, *choices: Any) -> list[Any]:
        """Some of several values, or all, or none, in their order."""
        return [choice for choice in choices if self.chance(50)]

    def each(self, make: Callable[[], Any], percent: int = 20) -> Any:
        """A value for everybody, or one for each segment."""
        if len(self.segments) < 2 or not self.chance(percent):
            return make()
        keys = (*self.segments[:-1], self.one(self.segments[-1], "default"))
        return {key: make() for key in keys}

    def instant(self, low: int = 0, high: int | None = None) -> datetime:
        """An hour of the horizon, now and then some minutes past it."""
        after = self.whole(low, self.hours if high is None else high)
        return self.start + timedelta(hours=after, minutes=self.one(0, 0, 0, 10))


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
        tree["calendars"] = {name: _hours(draft) for name in draft.calendars}
    tree["score"] = {"intent": draft.one(1, 0, 2.5), "fit": draft.one(1, 0, -1), "noise": draft.one(0.5, 1)}
    if draft.chance(30):
        tree["score"]["half_life"] = f"{draft.whole(5, 200)} h"
    draft.stages = tuple(f"s{i}" for i in range(draft.whole(1, 5)))
    valued = any("deal_value" in segment for segment in tree.get("segments", {}).values())
    draft.teams = {name: _team(draft, valued) for name in ("sdr", "ae", "desk")[: draft.whole(1, 3)]}
    tree["stages"] = {name: _stage(draft, i) for i, name in enumerate(draft.stages)}
    tree["stages"] |= {"won": {"terminal": "won"}, "lost": _lost(draft)}
    tree["channels"] = {f"c{i}": _channel(draft, i) for i in range(draft.whole(1, 3))}
    _add_touches(draft, tree)
    _add_referrals(draft, tree)
    used = _teams_used(tree["stages"])
    tree["teams"] = {name: team for name, team in draft.teams.items() if name in used}
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


def _segments(draft: Draft) -> Tree:
    shares = {2: (0.7, 0.3), 3: (0.5, 0.3, 0.2)}[len(draft.segments)]
    out: Tree = {}
    for name, share in zip(draft.segments, shares, strict=True):
        out[name] = {"share": share, "fit": draft.one(0, 1, -0.5), "intent": draft.one(0, 0.5, -1)}
        if draft.chance(70):
            out[name]["deal_value"] = draft.one(100, 250.5, {"lognormal": {"median": 300, "p90": 900}},
                                                {"empirical": {"values": [100, 200, 400]}})  # fmt: skip
    return out


def _hours(draft: Draft) -> Tree:
    out: Tree = {"hours": draft.one(*WEEKS, "always")}
    if draft.chance(40):
        days = sorted({(draft.start + timedelta(days=draft.whole(0, 20))).date().isoformat() for _ in range(2)})
        out["holidays"] = days
    if draft.chance(40):
        out["utc_offset"] = draft.one("1 h", "-5 h", "5.5 h", "-11 h")
    return out


def _hours_long(draft: Draft, most: int) -> str:
    return f"{draft.whole(1, most)} h"


def law(draft: Draft, most: int, nested: bool = True) -> Any:
    """A distribution of durations of a few hours, at most about `most`."""
    if draft.chance(40):
        return _hours_long(draft, most)
    family = draft.one(*(LAWS if nested else LAWS[:-1]))
    mean, low = _hours_long(draft, most), draft.whole(0, 3)
    if family == "mixture":
        weights = draft.one((0.5, 0.5), (0.9, 0.1), (0.3, 0.7))
        return {"mixture": [{"weight": w, **_as_tree(law(draft, most, nested=False))} for w in weights]}
    parameters: dict[str, Tree] = {
        "constant": {"value": mean},
        "exponential": {draft.one("mean", "median"): mean},
        "gamma": {"mean": mean, "cv": draft.one(0.5, 1.5)},
        "erlang": {"mean": mean, "k": draft.one(2, 3)},
        "weibull": {"scale": mean, "shape": draft.one(0.8, 2)},
        "lognormal": {"median": mean, "sigma": draft.one(0.5, 1)},
        "triangular": {"low": f"{low} h", "mode": f"{low + 1} h", "high": f"{low + 5} h"},
        "pert": {"low": f"{low} h", "mode": f"{low + 1} h", "high": f"{low + 5} h"},
        "uniform": {"low": f"{low} h", "high": f"{low + 3} h"},
        "empirical": {"values": [f"{draft.whole(1, most)} h" for _ in range(3)]},
    }
    return {family: parameters[family]}


def _as_tree(written: Any) -> Tree:
    return written if isinstance(written, dict) else {"constant": written}


def _percent(draft: Draft, low: int, high: int) -> str:
    return f"{draft.whole(low, high)}%"


def _channel(draft: Draft, number: int) -> Tree:
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


def _add_touches(draft: Draft, tree: Tree) -> None:
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


def _add_referrals(draft: Draft, tree: Tree) -> None:
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
        out["seen"] = draft.each(lambda: _percent(draft, 20, 100))
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
        out["observed"] = _percent(draft, 20, 90)
    return out


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


def _team(draft: Draft, valued: bool) -> Tree:
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
        out |= _hours(draft)
    if draft.chance(30):
        out["max_queue"] = draft.whole(0, 5)
    if draft.chance(25):
        out |= {"speed": draft.one("80%", "150%", 2), "skill": draft.one(0.5, -1)}
    if draft.chance(25):
        out["ramp"] = draft.one("80 h", {"for": "150 h", "from": "20%"})
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


def _stage(draft: Draft, at: int) -> Tree:
    out = _place(draft, at)
    if draft.chance(30):
        out["sale"] = _sale(draft)
    if draft.chance(30):
        out["discount"] = draft.each(lambda: _percent(draft, 5, 40))
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
        leak = {"share": draft.each(lambda: _percent(draft, 0, 30)), "to": draft.one(*onward)}
        out["leak"] = draft.one("10%", leak, leak)
    if draft.chance(30):
        out["taught"] = {"saves": draft.each(lambda: _percent(draft, 10, 90)), "enough": draft.one(1, 3)}
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


def _is_rest(way: Any) -> bool:
    return isinstance(way, dict) and "rest" in way


def _attempts(draft: Draft, anywhere: Sequence[str]) -> Tree:
    out: Tree = {"up_to": draft.each(lambda: draft.whole(1, 4)), "reach": draft.each(lambda: _percent(draft, 10, 90))}
    out["gap"] = draft.each(lambda: law(draft, 24))
    if draft.chance(60):
        out["effort"] = draft.each(lambda: law(draft, 2))
    if draft.chance(60):
        out["unreached"] = {"to": draft.one(*anywhere), "reason": "silence"}
    return out


def _approvals(draft: Draft, onward: Sequence[str]) -> Tree:
    out: Tree = {"stakeholders": draft.each(lambda: draft.whole(1, 4))}
    out["agree"] = draft.each(lambda: _percent(draft, 50, 95))
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
        out["half_life"] = draft.each(lambda: _hours_long(draft, 6))
        out["floor"] = draft.each(lambda: _percent(draft, 0, 40))
    elif shape == "hyperbolic":
        out["hyperbolic"] = {"tau": _hours_long(draft, 6), "a": draft.one(1, 1.7), "floor": _percent(draft, 0, 40)}
    elif shape == "table":
        out["table"] = [["0 h", 1], ["1 h", 0.9], ["6 h", 0.4], ["20 h", 0.1]]
    else:
        out["preset"] = draft.one("mild", "moderate", "steep_hbr", "stress_lrm", "none")
    if draft.chance(50):
        out["scale"] = draft.one("probability", "odds")
    if draft.chance(50):
        out["causal_share"] = draft.each(lambda: _percent(draft, 0, 100))
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
    out["on"] = {"p": draft.each(lambda: _percent(draft, 20, 50)), "to": ahead, "reason": "good"}
    if draft.chance(40):
        out["side"] = {"p": draft.each(lambda: _percent(draft, 0, 40)), "to": draft.one(*anywhere)}
    if draft.chance(75):
        out["end"] = {"rest": True, "to": end}
        return out
    shares = draft.one((50, 20, 30), (30, 0, 70), (20, 40, 40))
    out["on"]["p"], out["side"] = f"{shares[0]}%", {"p": f"{shares[1]}%", "to": draft.one(*anywhere)}
    return out | {"end": {"p": f"{shares[2]}%", "to": end}}


def _lost(draft: Draft) -> Tree:
    if not draft.chance(60):
        return {"terminal": "lost"}
    recycle: Tree = {"to": draft.one(*draft.stages), "after": draft.each(lambda: law(draft, 40))}
    recycle["share"] = draft.each(lambda: _percent(draft, 20, 100))
    recycle["at_most"] = draft.each(lambda: draft.whole(0, 3))
    return {"terminal": "lost", "recycle": recycle}
