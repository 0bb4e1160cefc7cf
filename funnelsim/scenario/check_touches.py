"""Touches: the stages and channels they name, and that somebody can be touched there."""

from __future__ import annotations

from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario, Touches


def check_touches(scenario: Scenario, ledger: Ledger) -> None:
    """Note names that do not exist and stages in which nobody can be touched."""
    for name, channel in scenario.channels.items():
        if channel.referrals is not None:
            _during((name, "referrals"), channel.referrals.during, scenario, ledger)
        if channel.touches is not None:
            _during((name, "touches"), channel.touches.during or (), scenario, ledger)
            _synergy(name, channel.touches, scenario, ledger)


def _during(key: tuple[str, str], during: tuple[str, ...], scenario: Scenario, ledger: Ledger) -> None:
    """Its stages exist, and prospects spend time there."""
    for at, wanted in enumerate(during):
        path: Path = ("channels", *key, "during", at)
        if not ledger.known("stage", path, wanted, ledger.names("stages"), "stages"):
            continue
        stage = scenario.stages.get(wanted)
        if stage is None:
            continue
        needs = [path, *(("stages", wanted, key) for key in ("terminal", "duration", "team"))]
        rule = "prospects are touched while they spend time in a stage"
        if stage.terminal is not None:
            ledger.add(path, f"{wanted} is terminal ({stage.terminal})", rule, "name another stage", needs=needs)
        elif stage.duration is None:
            ledger.add(path, f"{wanted} takes no time", rule, "name another stage", needs=needs)


def _synergy(name: str, touches: Touches, scenario: Scenario, ledger: Ledger) -> None:
    """Synergy is with another channel that touches."""
    for other in touches.synergy:
        path: Path = ("channels", name, "touches", "synergy", other)
        if not ledger.known("channel", path, other, ledger.names("channels"), "channels"):
            continue
        rule = "synergy is with another channel that touches prospects"
        if other == name:
            ledger.add(path, f"{other} is the channel itself", rule, "write repeat, for touches of one channel")
        elif other in scenario.channels and scenario.channels[other].touches is None:
            ledger.add(path, f"{other} has no touches", rule, needs=(path, ("channels", other, "touches")))
