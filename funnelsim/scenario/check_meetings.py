"""Meetings: there is one to decide at, and a stage has time to prepare for it."""

from __future__ import annotations

from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario, Stage
from funnelsim.scenario.moments import say_moment
from funnelsim.scenario.window import Window


def check_meetings(scenario: Scenario, ledger: Ledger, span: Window) -> None:
    """Note every stage whose meetings cannot decide anything."""
    for name, stage in scenario.stages.items():
        if stage.meetings is not None and stage.terminal is None:
            _stage(name, stage, ledger)
            _dates(name, stage, ledger, span)


def _stage(name: str, stage: Stage, ledger: Ledger) -> None:
    """Meetings decide on what was prepared, in the buyer's own time."""
    at: Path = ("stages", name)
    if stage.team is not None:
        ledger.add(
            (*at, "meetings"),
            f"team {stage.team} works here",
            "its reps do not wait for a meeting",
            "put a stage without a team, with the meetings, behind this one",
            needs=((*at, "team"), (*at, "meetings")),
        )
    elif stage.duration is None:
        ledger.add(
            (*at, "meetings"),
            "the stage takes no time",
            "what is decided at a meeting takes time before it",
            "write duration: 1 w, or remove meetings",
            needs=((*at, "meetings"), (*at, "duration")),
        )


def _dates(name: str, stage: Stage, ledger: Ledger, span: Window) -> None:
    """Some meeting is held within the horizon."""
    at: Path = ("stages", name, "meetings")
    if span.start is None or span.end is None or not ledger.sound(("start",), ("horizon",), at):
        return
    if stage.meetings is not None and not stage.meetings.between(span.start, span.end):
        found = f"none is held from {say_moment(span.start)} to {say_moment(span.end)}"
        ledger.add(at, found, "some meeting falls into the horizon", "give an earlier date, or a longer horizon")
