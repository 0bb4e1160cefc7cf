"""The handoff: a stage in which one can wait for it, and a channel that asks for hand-raises."""

from __future__ import annotations

from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario, Stage


def check_handoff(scenario: Scenario, ledger: Ledger) -> None:
    """Note every handoff that cannot happen."""
    for name, stage in scenario.stages.items():
        if stage.handoff is not None and stage.terminal is None:
            _stage(name, stage, ledger)
            if stage.handoff.hand_raise is not None or stage.handoff.both is not None:
                _asks(name, scenario, ledger)


def _stage(name: str, stage: Stage, ledger: Ledger) -> None:
    """One waits for it in one's own time, for a while."""
    at: Path = ("stages", name)
    if stage.team is not None:
        ledger.add(
            (*at, "handoff"),
            f"team {stage.team} works here",
            "prospects are handed over from a stage without a team",
            "put such a stage before this one",
            needs=((*at, "team"), (*at, "handoff")),
        )
    elif stage.duration is None:
        ledger.add(
            (*at, "handoff"),
            "the stage takes no time",
            "its duration says after how long one who is not ready leaves by its exits",
            "write duration: 90 d",
            needs=((*at, "handoff"), (*at, "duration")),
        )


def _asks(name: str, scenario: Scenario, ledger: Ledger) -> None:
    """Some channel that touches prospects here makes them raise their hands."""
    keys = [("channels", channel, "touches") for channel in ledger.names("channels")]
    for channel in scenario.channels.values():
        touches = channel.touches
        if touches is not None and (touches.during is None or name in touches.during):
            chance = touches.hand_raise
            if chance.p is None or any(p > 0.0 for p in chance.p.values()):
                return
    ledger.add(
        ("stages", name, "handoff"),
        "no channel that touches prospects here has a hand_raise",
        "a hand is raised at a touch",
        "write hand_raise: 2% into the touches of a channel",
        needs=[("stages", name, "handoff"), *keys],
    )
