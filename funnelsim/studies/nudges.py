"""Small changes of a funnel, one at a time: a rep more, work that is faster, a better chance, a shorter wait.

A nudge makes another scenario of a scenario; it knows nothing of runs. A rep of a team is one more like its last one;
faster work takes a share less time in one stage; a chance is raised by a point, or by log-odds where it is made of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from funnelsim.scenario.distributions import Distribution, Law
from funnelsim.scenario.families import KINDS
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.per_segment import PerSegment
from funnelsim.scenario.stages import Exit, Stage

CAPACITY, CONVERSION, DELAY, RESTORED = "capacity", "conversion", "delay", "restored"
SHARE: Final = 0.1
"""Of a time, what a nudge takes away."""
POINT: Final = 0.01
LOG_ODDS: Final = 0.05


@dataclass(frozen=True)
class Nudge:
    """A small change: its kind, where it is made, what it changes, the unit in which that is told, and how much."""

    kind: str
    stage: str
    """The stage; empty for a whole team."""
    team: str
    what: str
    unit: str
    amount: float
    """Units that it changes; 0 where that must be measured."""
    apply: Callable[[Scenario], Scenario]

    @property
    def name(self) -> str:
        """Its place and what it changes."""
        return f"{self.stage or self.team}: {self.what}"


def nudges(scenario: Scenario) -> list[Nudge]:
    """Every capacity, conversion and delay of a scenario that can be a little better."""
    found = [_rep(name) for name in scenario.teams if _has_work(scenario, name)]
    for name, stage in scenario.stages.items():
        found += list(_of_stage(scenario, name, stage))
    return found


def restorations(scenario: Scenario, reference: Scenario) -> list[Nudge]:
    """For every stage and team that another funnel has in another form, the change to that form."""
    found = []
    for name, stage in reference.stages.items():
        if name in scenario.stages and scenario.stages[name] != stage:
            found.append(
                Nudge(
                    RESTORED,
                    name,
                    stage.team or "",
                    "as in the better funnel",
                    "",
                    1.0,
                    _taken(reference, "stages", name),
                )
            )
    for name, team in reference.teams.items():
        if name in scenario.teams and scenario.teams[name] != team:
            found.append(
                Nudge(RESTORED, "", name, "as in the better funnel", "", 1.0, _taken(reference, "teams", name))
            )
    return found


def _taken(reference: Scenario, part: str, name: str) -> Callable[[Scenario], Scenario]:
    def apply(scenario: Scenario) -> Scenario:
        own = {**getattr(scenario, part), name: getattr(reference, part)[name]}
        return scenario.model_copy(update={part: own})

    return apply


def _has_work(scenario: Scenario, team: str) -> bool:
    return any(stage.team == team for stage in scenario.stages.values())


def _rep(team: str) -> Nudge:
    def apply(scenario: Scenario) -> Scenario:
        own = scenario.teams[team]
        last = own.reps[-1]
        one_more = last.model_copy(update={"name": f"{team} one more", "start": None, "until": None})
        more = own.model_copy(update={"reps": (*own.reps, one_more)})
        return scenario.model_copy(update={"teams": {**scenario.teams, team: more}})

    return Nudge(CAPACITY, "", team, "one more rep", "rep", 1.0, apply)


def _of_stage(scenario: Scenario, name: str, stage: Stage) -> Iterator[Nudge]:
    if stage.terminal is not None:
        return
    if stage.duration is not None and any(law.mean() > 0 for law in stage.duration.values()):
        kind, what = (CAPACITY, "work") if stage.team else (DELAY, "time")
        change = _field(name, "duration", lambda law: shorter(law, SHARE))
        yield Nudge(kind, name, stage.team or "", f"{SHARE:.0%} less {what}", f"{SHARE:.0%}", 1.0, change)
    if stage.routing is not None:
        change = _field(name, "routing", lambda law: shorter(law, SHARE))
        yield Nudge(DELAY, name, stage.team or "", f"{SHARE:.0%} less routing", f"{SHARE:.0%}", 1.0, change)
    for label, leaving in stage.exits.items():
        if _advances(scenario, name, leaving) and _may_rise(stage, leaving):
            change = _field(name, "exits", partial(_raised, label))
            # A share of the table rises by a point; what log-odds do depends on who comes.
            amount = 1.0 if leaving.kind == "table" else 0.0
            yield Nudge(CONVERSION, name, stage.team or "", f"more go to {leaving.to}", "point", amount, change)
    if stage.attempts is not None and all(p + POINT <= 1.0 for p in stage.attempts.reach.values()):
        change = _field(name, "attempts", lambda own: own.model_copy(update={"reach": _each(own.reach, POINT)}))
        yield Nudge(CONVERSION, name, stage.team or "", "an attempt reaches more", "point", 1.0, change)


def _advances(scenario: Scenario, name: str, leaving: Exit) -> bool:
    """Whether an exit leads on: to a win, or to a stage that stands later in the file and is no loss."""
    target = scenario.stages[leaving.to]
    order = list(scenario.stages)
    return target.terminal == "won" or (target.terminal is None and order.index(leaving.to) > order.index(name))


def _may_rise(stage: Stage, leaving: Exit) -> bool:
    """Whether there is room for a better chance: log-odds always have it, shares if others take the rest."""
    if leaving.kind == "logit":
        return True
    tables = [each for each in stage.exits.values() if each.kind == "table"]
    rest = any(each.rest for each in stage.exits.values())
    return leaving.kind == "table" and rest and all(_whole(tables, at) + POINT <= 1.0 for at in _segments(tables))


def _segments(tables: list[Exit]) -> set[str]:
    return {"", *(name for each in tables if each.p is not None for name in each.p.named)}


def _whole(tables: list[Exit], segment: str) -> float:
    """The shares of a segment added up; of one that nobody names, those of everyone else."""
    total = 0.0
    for each in tables:
        if each.p is not None:
            known = segment in each.p.named or each.p.everyone is not None
            total += each.p.of(segment) if known else max(each.p.values())
    return total


def _raised(label: str, exits: Mapping[str, Exit]) -> dict[str, Exit]:
    return {**exits, label: better(exits[label])}


def better(leaving: Exit) -> Exit:
    """The same exit, taken a little more often."""
    if leaving.logit is not None:
        return leaving.model_copy(update={"logit": _each(leaving.logit, LOG_ODDS)})
    assert leaving.p is not None
    return leaving.model_copy(update={"p": _each(leaving.p, POINT)})


def _each(values: PerSegment[float], more: float) -> PerSegment[float]:
    rest = None if values.everyone is None else values.everyone + more
    return PerSegment(rest, {name: value + more for name, value in values.named.items()})


def shorter(law: Distribution, share: float) -> Distribution:
    """The same distribution of times, each a share shorter."""
    rest = None if law.laws.everyone is None else scaled(law.laws.everyone, 1.0 - share)
    return Distribution(PerSegment(rest, {name: scaled(own, 1.0 - share) for name, own in law.laws.named.items()}))


def scaled(law: Law, factor: float) -> Law:
    """The law of `factor` times what another gives."""
    params = {name: value * factor if KINDS[name] == "quantity" else value for name, value in law.params.items()}
    values = None if law.values is None else tuple(value * factor for value in law.values)
    parts = tuple((weight, scaled(part, factor)) for weight, part in law.parts)
    return replace(law, params=params, values=values, parts=parts)


def _field(stage: str, field: str, change: Callable[[Any], Any]) -> Callable[[Scenario], Scenario]:
    """The change of one field of a stage."""

    def apply(scenario: Scenario) -> Scenario:
        own = scenario.stages[stage]
        other = own.model_copy(update={field: change(getattr(own, field))})
        return scenario.model_copy(update={"stages": {**scenario.stages, stage: other}})

    return apply
