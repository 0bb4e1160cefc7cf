"""The edges of the graph of stages: who can go where, and how surely.

A stage whose ways out were refused may go anywhere: nothing is concluded from what is not known.
"""

from __future__ import annotations

from dataclasses import dataclass

from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario, Stage

EDGE_KEYS = (
    "exits",
    "attempts",
    "approvals",
    "discovery",
    "handoff",
    "leak",
    "patience",
    "balk",
    "sla",
    "recycle",
    "terminal",
    "team",
)
NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Graph:
    """Stages, targets of each, and those whose targets are not known."""

    targets: dict[str, set[str]]
    unknown: frozenset[str]

    def reached(self, starts: set[str]) -> set[str]:
        """Every stage that can be reached from these, themselves included."""
        seen: set[str] = set()
        todo = [name for name in starts if name in self.targets]
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self.unknown:
                return set(self.targets)
            todo += [to for to in self.targets[name] if to in self.targets]
        return seen

    def reversed(self) -> Graph:
        """The same graph with every edge turned round."""
        sources: dict[str, set[str]] = {name: set() for name in self.targets}
        for name, targets in self.targets.items():
            for to in targets:
                if to in sources:
                    sources[to].add(name)
        return Graph(sources, frozenset())


def unknown_stages(ledger: Ledger) -> frozenset[str]:
    """Stages whose ways out are not known, because something there was refused."""
    stages = ledger.names("stages")
    return frozenset(name for name in stages if not all(ledger.sound(("stages", name, key)) for key in EDGE_KEYS))


def possible(scenario: Scenario, ledger: Ledger) -> Graph:
    """Every way that a prospect can take at all, whatever its probability."""
    targets = {name: set[str]() for name in ledger.names("stages")}
    for name, stage in scenario.stages.items():
        targets[name] = {exit.to for exit in stage.exits.values()} | side_ways(stage)
        if stage.recycle is not None:
            targets[name].add(stage.recycle.to)
    return Graph(targets, unknown_stages(ledger))


def side_ways(stage: Stage) -> set[str]:
    """Targets of unreached, refused, impatient, balking and pulled-back prospects."""
    tiers = stage.sla.on_breach if stage.sla is not None else ()
    back = {tier.to for tier in tiers if tier.do == "pull_back" and tier.to}
    return ({way.to for way in stage.side_ways} | back) - {""}


def live(scenario: Scenario, ledger: Ledger, segment: str) -> Graph:
    """The ways that prospects of a segment take with more than no probability."""
    targets = {name: set[str]() for name in ledger.names("stages")}
    for name, stage in scenario.stages.items():
        targets[name] = live_ways(stage, segment)
    return Graph(targets, unknown_stages(ledger))


def live_ways(stage: Stage, segment: str) -> set[str]:
    """Targets to which prospects of a segment go with more than no probability."""
    return live_exits(stage, segment) | side_ways(_without_idle_ways(stage, segment))


def _without_idle_ways(stage: Stage, segment: str) -> Stage:
    """The stage without what never sends a prospect of a segment away: attempts that always reach, sure agreement, no
    leak."""
    idle: dict[str, None] = {}
    if stage.leak is not None and stage.leak.share.of(segment) <= NEGLIGIBLE:
        idle["leak"] = None
    if stage.attempts is not None and stage.attempts.reach.of(segment) >= 1.0 - NEGLIGIBLE:
        idle["attempts"] = None
    if stage.approvals is not None and stage.approvals.agree.of(segment) >= 1.0 - NEGLIGIBLE:
        idle["approvals"] = None
    return stage.model_copy(update=idle)


def live_exits(stage: Stage, segment: str) -> set[str]:
    """Targets of exits with more than no probability; log-odds always have one strictly between 0 and 1."""
    if stage.approvals is not None and stage.approvals.agree.of(segment) <= NEGLIGIBLE:
        return set()
    live: set[str] = set()
    table = 0.0
    for exit in stage.exits.values():
        p = exit.p.of(segment) if exit.p is not None else 1.0
        table += p if exit.kind == "table" else 0.0
        if exit.kind != "rest" and p > NEGLIGIBLE:
            live.add(exit.to)
    return live | {exit.to for exit in stage.exits.values() if exit.kind == "rest" and table < 1.0 - NEGLIGIBLE}


def timeless(scenario: Scenario, ledger: Ledger) -> Graph:
    """Ways that take no time: out of stages without duration, away from queues that are full or not worth a wait."""
    targets = {name: set[str]() for name in ledger.names("stages")}
    unknown = unknown_stages(ledger)
    for name, stage in scenario.stages.items():
        if name in unknown or not ledger.sound(("stages", name, "duration"), ("stages", name, "routing")):
            continue
        if stage.team is None:
            if takes_no_time(stage):
                targets[name] = {to for segment in ledger.segments for to in live_ways(stage, segment)}
            if stage.handoff is not None and stage.handoff.score is not None:
                targets[name].add(stage.handoff.score.to)
            continue
        if stage.leak is not None:
            targets[name].add(stage.leak.to)
        if stage.routing is not None and all(law.mean() > 0.0 for law in stage.routing.values()):
            continue
        if stage.balk is not None:
            targets[name].add(stage.balk.to)
        if stage.patience is not None and any(law.mean() == 0.0 for law in stage.patience.after.values()):
            targets[name].add(stage.patience.to)
    return Graph(targets, frozenset())


def takes_no_time(stage: Stage) -> bool:
    """Whether some prospects pass a stage without a team in no time."""
    return stage.duration is None or any(law.mean() == 0.0 for law in stage.duration.values())
