"""Records: that there is something to write down, in every system."""

from __future__ import annotations

from funnelsim.scenario.concerns import milestones_of
from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario


def check_records(scenario: Scenario, ledger: Ledger) -> None:
    """Note systems that would stay empty, and milestones that nobody reaches."""
    if scenario.records is None:
        return
    if all(stage.milestone is None for stage in scenario.stages.values()):
        ledger.add(
            ("records",),
            "no stage has a milestone",
            "systems record that prospects reach one",
            "write milestone: mql into a stage",
            needs=(("records",), ("stages",)),
        )
        return
    reached = list(dict.fromkeys(each for stage in scenario.stages.values() for each in milestones_of(stage)))
    for side, system in scenario.records.systems.items():
        at: Path = ("records", side)
        if not system.milestones:
            ledger.add(
                at,
                "no milestone concerns it",
                "a system records the milestones of stages that its side owns, or hands over to",
                f"write owner: {side} into such a stage, or name them: milestones: [{', '.join(reached)}]",
                needs=(at, ("stages",)),
            )
        for nth, milestone in enumerate(system.milestones):
            if milestone not in reached:
                rule = f"stages have the milestones {', '.join(reached)}"
                ledger.add(
                    (*at, "milestones", nth), f"no stage has the milestone {milestone}", rule, needs=(at, ("stages",))
                )
