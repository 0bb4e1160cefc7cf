"""Hidden attributes: those that are asked for or matter exist, and enough of them can be found."""

from __future__ import annotations

from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario, Stage

MOST = 16


def check_discovery(scenario: Scenario, ledger: Ledger) -> None:
    """Note attributes that do not exist, and discoveries that ask for nothing or for more than they can find."""
    known = ledger.names("hidden")
    if len(known) > MOST:
        ledger.add(("hidden",), f"there are {len(known)}", f"a scenario has at most {MOST} hidden attributes")
    for name, chance in scenario.hidden.items():
        if "touches" in chance.model_fields_set:
            rule = "what a prospect has is settled when it comes, before any touch"
            ledger.add(("hidden", name, "touches"), "found touches", rule, "remove it")
    for name, stage in scenario.stages.items():
        for label, exit in stage.exits.items():
            for attribute in exit.has:
                path: Path = ("stages", name, "exits", label, "has", attribute)
                ledger.known("attribute", path, attribute, known, "hidden")
        if stage.discovery is not None:
            _stage(name, stage, known, ledger)


def _stage(name: str, stage: Stage, known: list[str], ledger: Ledger) -> None:
    """It asks for attributes that exist, and not for more than it asks about."""
    assert stage.discovery is not None
    at: Path = ("stages", name, "discovery")
    asks, enough = stage.discovery.asks, stage.discovery.at_least
    if not asks:
        ledger.add((*at, "asks"), "found nothing", "a discovery asks for one attribute at least", "write budget: 90%")
        return
    for attribute in asks:
        ledger.known("attribute", (*at, "asks", attribute), attribute, known, "hidden")
    most = max(enough.values()) if enough is not None else 0
    if most > len(asks):
        found = f"at least {most} of {len(asks)}"
        rule = "nobody can seem to have more attributes than are asked for"
        ledger.add((*at, "at_least"), found, rule, f"write at most {len(asks)}", needs=(at,))
