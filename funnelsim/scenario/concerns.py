"""Which milestones concern which side of the house, and so stand in its system unless the scenario says otherwise."""

from __future__ import annotations

from funnelsim.scenario.model import Scenario, Stage
from funnelsim.scenario.records import CLOSE, SIDES


def concerns(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """The milestones of stages that each side owns, and of stages to which its own lead, in the order of the file."""
    sides = {name: {stage.owner} for name, stage in scenario.stages.items()}
    for stage in scenario.stages.values():
        for to in ways(stage) & set(sides):
            sides[to].add(stage.owner)
    met = [(each, sides[name]) for name, stage in scenario.stages.items() for each in milestones_of(stage)]
    return {side: tuple(dict.fromkeys(each for each, owners in met if side in owners)) for side in SIDES}


def milestones_of(stage: Stage) -> list[str]:
    """What one who comes to a stage has reached: its milestone, and the close where it is won or sold."""
    closes = stage.terminal == "won" or (stage.sale is not None and stage.sale.kind == "new")
    return [*([stage.milestone] if stage.milestone else []), *([CLOSE] if closes else [])]


def ways(stage: Stage) -> set[str]:
    """The stages to which a stage leads."""
    return {exit.to for exit in stage.exits.values()} | {way.to for way in stage.side_ways}
