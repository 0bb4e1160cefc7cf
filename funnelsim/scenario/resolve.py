"""Fills in what a scenario leaves to its defaults: entries, targets, owners, clocks, hours, individual reps, curves.

Names are taken as they stand; whether they exist is checked afterwards (checks.py).
"""

from __future__ import annotations

from pathlib import Path

from funnelsim.scenario.channels import Channel
from funnelsim.scenario.concerns import concerns
from funnelsim.scenario.hours import Hours
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.pipeline import Pipeline
from funnelsim.scenario.records import Records
from funnelsim.scenario.response import spelt_out
from funnelsim.scenario.stages import Stage, Way
from funnelsim.scenario.teams import Rep, Team

MOST_REPS = 10_000
"""Reps of a team; one more is expanded, for the check that counts them."""


def resolved(scenario: Scenario, file: Path | None = None) -> Scenario:
    """The scenario with every default written out; a way that no single lost stage can take keeps `to` empty."""
    lost = [name for name, stage in scenario.stages.items() if stage.terminal == "lost"]
    only_lost = lost[0] if len(lost) == 1 else ""
    first = next((name for name, stage in scenario.stages.items() if stage.terminal is None), "")
    folder = file.parent if file is not None else None
    found = scenario.model_copy(
        update={
            "file": file,
            "channels": {name: _channel(each, first, folder) for name, each in scenario.channels.items()},
            "stages": {name: _stage(each, only_lost, scenario) for name, each in scenario.stages.items()},
            "teams": {name: _team(name, each, scenario) for name, each in scenario.teams.items()},
            "pipeline": _pipeline(scenario, folder),
        }
    )
    return found if found.records is None else found.model_copy(update={"records": _records(found, found.records)})


def _records(scenario: Scenario, records: Records) -> Records:
    """The systems with the milestones that they record; `scenario` has its owners and ways already."""
    by_side = concerns(scenario)
    whole = {
        side: system.model_copy(update={"milestones": system.milestones or by_side[side]})
        for side, system in records.systems.items()
    }
    return records.model_copy(update=whole)


def _channel(channel: Channel, first: str, folder: Path | None) -> Channel:
    """The channel with its entry and the place of its lead list."""
    arrivals = channel.arrivals
    if arrivals.replay is not None:
        replay = arrivals.replay
        arrivals = arrivals.model_copy(
            update={"replay": replay.model_copy(update={"file": _found(replay.file, folder)})}
        )
    return channel.model_copy(update={"enters": channel.enters or first, "arrivals": arrivals})


def _pipeline(scenario: Scenario, folder: Path | None) -> Pipeline | None:
    """The open pipeline with the place of its file."""
    pipeline = scenario.pipeline
    if pipeline is None or pipeline.file is None:
        return pipeline
    return pipeline.model_copy(update={"file": _found(pipeline.file, folder)})


def _found(file: Path, folder: Path | None) -> Path:
    """A file beside the scenario if it is there, else in the working directory."""
    if folder is None or file.is_absolute():
        return file
    beside = folder / file
    try:
        return beside if beside.exists() or not file.exists() else file
    except OSError:
        return beside


def _stage(stage: Stage, lost: str, scenario: Scenario) -> Stage:
    """The stage with its owner, its clock and the targets of its ways."""
    changes: dict[str, object] = {
        "owner": stage.owner or ("marketing" if stage.team is None else "sales"),
        "clock": stage.clock or ("calendar" if stage.team is None else "business"),
        "exits": {name: exit.model_copy(update={"to": exit.to or name}) for name, exit in stage.exits.items()},
    }
    if stage.attempts is not None:
        unreached = _way(stage.attempts.unreached, lost, "no response")
        changes["attempts"] = stage.attempts.model_copy(update={"unreached": unreached})
    if stage.approvals is not None:
        refused = _way(stage.approvals.refused, lost, "not approved")
        changes["approvals"] = stage.approvals.model_copy(update={"refused": refused})
    if stage.discovery is not None:
        failed = stage.discovery.failed
        failed = failed.model_copy(update={"to": failed.to or lost})
        changes["discovery"] = stage.discovery.model_copy(update={"failed": failed})
    if stage.patience is not None:
        changes["patience"] = stage.patience.model_copy(update={"to": stage.patience.to or lost})
    if stage.leak is not None:
        changes["leak"] = stage.leak.model_copy(update={"to": stage.leak.to or lost})
    team = scenario.teams.get(stage.team or "")
    if stage.balk is not None or (team is not None and team.max_queue is not None):
        changes["balk"] = _way(stage.balk or Way(), lost, "no capacity")
    if stage.response is not None:
        changes["response"] = spelt_out(stage.response)
    return stage.model_copy(update=changes)


def _way(way: Way, lost: str, reason: str) -> Way:
    """A way with its target and its reason."""
    return way.model_copy(update={"to": way.to or lost, "reason": way.reason or reason})


def _team(name: str, team: Team, scenario: Scenario) -> Team:
    """The team with its hours and its individual reps."""
    hours = scenario.calendars.get(team.calendar or "")
    if hours is None:
        hours = Hours.model_construct(spans=team.hours.spans, holidays=team.holidays, utc_offset=team.utc_offset)
    return team.model_copy(update={"hours": hours, "reps": individuals(name, team)})


def individuals(name: str, team: Team) -> tuple[Rep, ...]:
    """Every rep of a team on its own, named after the team and its number where no name is given."""
    reps: list[Rep] = []
    for rep in team.reps:
        for i in range(rep.count):
            if len(reps) > MOST_REPS:
                return tuple(reps)
            own = f"{rep.name} {i + 1}" if rep.name and rep.count > 1 else rep.name
            own = own or f"{name} {len(reps) + 1}"
            given = {"name": own, "slots": rep.slots or team.deals_at_once, "count": 1}
            speed = team.speed if rep.speed is None else rep.speed
            skill = team.skill if rep.skill is None else rep.skill
            reps.append(rep.model_copy(update={**given, "speed": speed, "skill": skill}))
    return tuple(reps)
