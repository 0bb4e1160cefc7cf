"""Names: those that are defined must be usable in paths and reports, those that are used must be defined."""

from __future__ import annotations

import re

from funnelsim.core.problems import did_you_mean
from funnelsim.scenario.document import Path, dotted
from funnelsim.scenario.families import NAMES
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario, Stage
from funnelsim.scenario.per_segment import DEFAULT
from funnelsim.scenario.refusal import cut
from funnelsim.scenario.stages import EXIT_KEYS

SECTIONS = ("calendars", "segments", "hidden", "channels", "stages", "teams", "reviews", "policies")
RESERVED = {*NAMES, *EXIT_KEYS, DEFAULT, "after", "weight"}
_USABLE = re.compile(r"\w[\w &/+-]*", re.UNICODE)


def check_names(scenario: Scenario, ledger: Ledger) -> None:
    """Note every unusable name and every use of a name that does not exist."""
    for section in SECTIONS:
        for name in ledger.names(section):
            usable(name, (section, name), ledger)
    for name in ledger.names("money", "tools"):
        usable(name, ("money", "tools", name), ledger)
    for name in ledger.names("segments"):
        if name in RESERVED:
            ledger.add(("segments", name), f"the name {name} means something else here", "", "choose another name")
    for name, stage in scenario.stages.items():
        for label in stage.exits:
            usable(label, ("stages", name, "exits", label), ledger)
        _stage(name, stage, scenario, ledger)
    _channels(scenario, ledger)
    for name, team in scenario.teams.items():
        if team.calendar is not None:
            path: Path = ("teams", name, "calendar")
            ledger.known("calendar", path, team.calendar, ledger.names("calendars"), "calendars")
    _sources(scenario, ledger)


def usable(name: str, path: Path, ledger: Ledger) -> None:
    """Refuse names that cannot stand in a dotted path or a report."""
    if len(name) > 80 or name != name.strip() or not _USABLE.fullmatch(name):
        rule = "a name has letters, digits, blanks and _ - + & /, begins with a letter or digit, at most 80 in all"
        ledger.add(path, f'"{cut(name, 40)}" is no usable name', rule, needs=())


def _channels(scenario: Scenario, ledger: Ledger) -> None:
    """Entries and mixes of channels."""
    for name, channel in scenario.channels.items():
        if ledger.wrote("channels", name, "enters"):
            _open_stage(("channels", name, "enters"), channel.enters, "prospects enter", scenario, ledger)
        for segment in channel.segments or () if ledger.segments else ():
            path: Path = ("channels", name, "segments", segment)
            ledger.known("segment", path, segment, list(ledger.segments), "segments")


def _open_stage(path: Path, name: str, who: str, scenario: Scenario, ledger: Ledger) -> None:
    """The name of a stage that is there and not terminal."""
    if not ledger.known("stage", path, name, ledger.names("stages"), "stages"):
        return
    stage = scenario.stages.get(name)
    if stage is not None and stage.terminal is not None:
        rule = f"{who} where something happens"
        ledger.add(path, f"{name} is terminal ({stage.terminal})", rule, "name another stage")
        ledger.tainted.add(path)


def _stage(name: str, stage: Stage, scenario: Scenario, ledger: Ledger) -> None:
    """The team, calendar and targets of a stage."""
    at: Path = ("stages", name)
    stages = ledger.names("stages")
    if stage.team is not None:
        ledger.known("team", (*at, "team"), stage.team, ledger.names("teams"), "teams")
    if stage.calendar is not None:
        ledger.known("calendar", (*at, "calendar"), stage.calendar, ledger.names("calendars"), "calendars")
    for label, exit in stage.exits.items():
        path = (*at, "exits", label)
        written = ledger.wrote("stages", name, "exits", label, "to")
        ledger.known("stage", (*path, "to") if written else path, exit.to, stages)
    for label in (stage.response.on if stage.response else None) or ():
        if stage.exits:
            ledger.known("exit", (*at, "response", "on"), label, ledger.names("stages", name, "exits"))
    for way in stage.side_ways:
        if way.to:
            path = (*at, *way.keys, "to")
            ledger.known("stage", path if ledger.wrote(*map(str, path)) else path[:-1], way.to, stages)
    if stage.recycle is not None:
        _open_stage((*at, "recycle", "to"), stage.recycle.to, "prospects come back to", scenario, ledger)
    for i, tier in enumerate(stage.sla.on_breach if stage.sla else ()):
        path = (*at, "sla", "on_breach", i, "to")
        if tier.to is not None and tier.do == "escalate":
            ledger.known("team", path, tier.to, ledger.names("teams"), "teams")
        if tier.to is not None and tier.do == "pull_back":
            ledger.known("stage", path, tier.to, stages)


def _sources(scenario: Scenario, ledger: Ledger) -> None:
    """Sources belong to paths that exist."""
    for key in scenario.sources:
        node: object = ledger.document.tree
        steps = key.split(".")
        for i, step in enumerate(steps):
            if isinstance(node, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(node):
                node = node[int(step)]
            elif isinstance(node, dict) and step in node:
                node = node[step]
            else:
                near = did_you_mean(step, node) if isinstance(node, dict) else ""
                found = f"there is no {dotted(tuple(steps[: i + 1]))}"
                if not ledger.tainted.covers(tuple(steps[: i + 1])):
                    ledger.add(("sources", key), found, "a source belongs to a path of this file", near)
                break
