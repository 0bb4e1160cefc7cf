"""Stages: which keys go together, what needs a team, and promises that can be kept in order."""

from __future__ import annotations

from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario, Sla, Stage
from funnelsim.scenario.units import say

NOT_TERMINAL = (
    "milestone",
    "sale",
    "team",
    "duration",
    "clock",
    "calendar",
    "routing",
    "leak",
    "taught",
    "priority",
    "attempts",
    "approvals",
    "discovery",
    "meetings",
    "handoff",
    "discount",
    "patience",
    "balk",
    "sla",
    "response",
    "exits",
)
NEEDS_TEAM = {
    "attempts": "a rep makes the attempts",
    "patience": "nobody waits where no team works",
    "sla": "a team makes the promise",
    "response": "the first response comes from a team",
    "balk": "there is no queue without a team",
    "routing": "it delays the way to a team",
    "discovery": "it is a rep who asks",
    "leak": "it is on the way to a team that prospects get lost",
    "taught": "it is a rep's work that gets shorter",
    "priority": "there is no queue without a team",
}


def check_stages(scenario: Scenario, ledger: Ledger) -> None:
    """Note every stage whose keys contradict one another."""
    for name, stage in scenario.stages.items():
        if stage.terminal is not None:
            _terminal(name, stage, ledger)
            continue
        at: Path = ("stages", name)
        if stage.recycle is not None:
            ledger.add(
                (*at, "recycle"),
                "the stage is not terminal",
                "only a lost stage recycles",
                "write terminal: lost, or use an exit",
                needs=((*at, "terminal"), (*at, "recycle")),
            )
        _team(name, stage, scenario, ledger)
        _clock(name, stage, ledger)
        _approvals(name, stage, ledger)
        _ways(name, stage, scenario, ledger)
        if stage.sla is not None and stage.team is not None:
            _tiers(name, stage, stage.sla, scenario, ledger)
        _response(name, stage, scenario, ledger)


def _terminal(name: str, stage: Stage, ledger: Ledger) -> None:
    """A terminal stage is an end: nothing happens there."""
    at: Path = ("stages", name)
    for key in NOT_TERMINAL:
        if ledger.wrote("stages", name, key):
            found = f"the stage is terminal ({stage.terminal})"
            ledger.add((*at, key), found, "nothing happens where a journey ends", f"remove {key}, or terminal")
    if stage.terminal == "won" and stage.recycle is not None:
        ledger.add((*at, "recycle"), "the stage is terminal (won)", "only a lost stage recycles", "remove it")


def _team(name: str, stage: Stage, scenario: Scenario, ledger: Ledger) -> None:
    """What needs a team, and what a team needs."""
    at: Path = ("stages", name)
    if stage.team is None:
        for key, why in NEEDS_TEAM.items():
            if ledger.wrote("stages", name, key):
                ledger.add(
                    (*at, key),
                    "the stage has no team",
                    why,
                    "name a team, or remove it",
                    needs=((*at, "team"), (*at, key)),
                )
        return
    if stage.duration is None:
        ledger.add(
            (*at, "team"),
            f"team {stage.team} has no duration here",
            "work takes time",
            "write duration: 30 min, or remove the team",
            needs=((*at, "team"), (*at, "duration")),
        )
    team = scenario.teams.get(stage.team)
    if ledger.wrote("stages", name, "balk") and team is not None and team.max_queue is None:
        ledger.add(
            (*at, "balk"),
            f"team {stage.team} has no max_queue",
            "nobody finds a queue full that has no limit",
            f"write teams.{stage.team}.max_queue, or remove balk",
            needs=((*at, "balk"), ("teams", stage.team, "max_queue")),
        )


def _clock(name: str, stage: Stage, ledger: Ledger) -> None:
    """A business clock needs a calendar, from the team or by name."""
    at: Path = ("stages", name)
    keys = [(*at, key) for key in ("clock", "calendar", "team")]
    if stage.team is None and stage.duration is None:
        for key in ("clock", "calendar"):
            if ledger.wrote("stages", name, key):
                found, needs = "the stage takes no time", [(*at, "duration"), *keys]
                ledger.add((*at, key), found, f"a {key} needs a duration", f"write a duration, or remove {key}", needs)
        return
    if stage.team is not None and stage.calendar is not None:
        ledger.add(
            (*at, "calendar"),
            f"team {stage.team} has its own hours",
            "its business clock runs on those",
            "remove calendar",
            needs=keys,
        )
    elif stage.team is None and stage.clock == "business" and stage.calendar is None:
        ledger.add(
            (*at, "clock"),
            "neither a team nor a calendar says when business is open",
            "a business clock needs one of them",
            "write calendar: ..., or clock: calendar",
            needs=keys,
        )
    elif stage.calendar is not None and stage.clock == "calendar":
        ledger.add(
            (*at, "calendar"),
            "the clock is calendar time, which runs always",
            "a calendar goes with clock: business",
            "write clock: business",
            needs=keys,
        )


def _approvals(name: str, stage: Stage, ledger: Ledger) -> None:
    """Stakeholders need time to decide."""
    if stage.approvals is not None and stage.duration is None:
        at: Path = ("stages", name)
        ledger.add(
            (*at, "approvals"),
            "the stage takes no time",
            "each stakeholder decides after a time drawn from its duration",
            "write duration: 2 w, or remove approvals",
            needs=((*at, "approvals"), (*at, "duration")),
        )


def _ways(name: str, stage: Stage, scenario: Scenario, ledger: Ledger) -> None:
    """Ways without a target need exactly one lost stage."""
    lost = [each for each, other in scenario.stages.items() if other.terminal == "lost"]
    terminals: list[Path] = [("stages", each, "terminal") for each in ledger.names("stages")]
    for _, keys, to, _ in stage.side_ways:
        key = keys[0]
        if to == "" and (stage.team is not None or key not in NEEDS_TEAM):
            found = f"there are {len(lost)} lost stages: {', '.join(lost)}" if lost else "there is no lost stage"
            path: Path = ("stages", name, *(keys if ledger.wrote("stages", name, *keys) else keys[:-1]))
            rule = "a way without `to` leads to the only lost stage"
            if key == "balk" and not ledger.wrote("stages", name, "balk"):
                rule = f"those who find the queue of {stage.team} full (max_queue) must go somewhere"
            remedy = f"write {'.'.join(keys)}.to"
            ledger.add(path, found, rule, remedy, needs=[*terminals, ("stages", name, key)])


def _tiers(name: str, stage: Stage, sla: Sla, scenario: Scenario, ledger: Ledger) -> None:
    """Tiers come after the promise, in order, and can do what they say."""
    at: Path = ("stages", name, "sla", "on_breach")
    for i, tier in enumerate(sla.on_breach):
        path: Path = (*at, i)
        if tier.do in ("escalate", "pull_back") and tier.to is None:
            what = "a team" if tier.do == "escalate" else "a stage"
            ledger.add(path, f"{tier.do} says not where to", f"it needs {what}", f"name {what} with `to`")
        if tier.do not in ("escalate", "pull_back") and tier.to is not None:
            ledger.add((*path, "to"), f"{tier.do} goes nowhere", "`to` goes with escalate and pull_back", "remove it")
        if tier.do == "escalate" and tier.to == stage.team:
            ledger.add((*path, "to"), f"{tier.to} is the team itself", "escalation goes to another team")
        if tier.do == "pull_back" and tier.to == name:
            ledger.add((*path, "to"), f"{tier.to} is the stage itself", "it pulls back to another stage")
        team = scenario.teams.get(stage.team or "")
        if tier.do == "reassign" and team is not None and team.assignment == "pooled":
            ledger.add(
                (*path, "do"),
                f"team {stage.team} has one pooled queue",
                "nobody holds a prospect to lose it",
                "write do: reprioritise, or another assignment",
                needs=(path, ("teams", stage.team or "", "assignment")),
            )
        _after(i, path, sla, ledger)


def _after(i: int, path: Path, sla: Sla, ledger: Ledger) -> None:
    """A tier comes not before the promise, nor before the tier above it."""
    tiers = sla.on_breach
    promise = (*path[:-2], "respond_within")
    for segment in ledger.segments if ledger.sound(path[:-1], promise) else ():
        after = tiers[i].after.of(segment)
        of = "" if len(set(tiers[i].after.values())) == 1 else f" for segment {segment}"
        if after < sla.respond_within.of(segment):
            found = f"after {say(after)}{of}, within the promised {say(sla.respond_within.of(segment))}"
            ledger.add((*path, "after"), found, "a breach is not before respond_within")
            return
        if i and after < tiers[i - 1].after.of(segment):
            ledger.add(
                (*path, "after"),
                f"after {say(after)}{of}, before the tier above it",
                "tiers ascend",
                "put it higher up",
            )
            return


def _response(name: str, stage: Stage, scenario: Scenario, ledger: Ledger) -> None:
    """A response effect has exits to act on, and none of them is the rest."""
    response = stage.response
    if response is None or response.preset == "none":
        return
    at: Path = ("stages", name)
    needs = ((*at, "response"), (*at, "exits"))
    for label in response.on or ():
        if label in stage.exits and stage.exits[label].rest:
            ledger.add(
                (*at, "response", "on"),
                f"{label} takes the rest",
                "the rest follows from the other exits",
                "name the exits it should weaken",
                needs=needs,
            )
    lost = {each for each, other in scenario.stages.items() if other.terminal == "lost"}
    open_exits = [label for label, exit in stage.exits.items() if not exit.rest and exit.to not in lost]
    if response.on is None and not open_exits:
        ledger.add(
            (*at, "response"),
            "no exit is left for it to act on",
            "it weakens exits that do not lose",
            "name exits with `on`",
            needs=needs,
        )
    if response.on == ():
        ledger.add((*at, "response", "on"), "found an empty list", "it acts on one exit at least", needs=needs)
