"""Exits: tables add up, the rest is taken once, and a stage that does not end has a way out."""

from __future__ import annotations

from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario, Stage

TOLERANCE = 1e-9


def check_exits(scenario: Scenario, ledger: Ledger) -> None:
    """Note every stage whose exits do not make a whole."""
    for name, stage in scenario.stages.items():
        if stage.terminal is None:
            _forms(name, stage, ledger)
            _whole(name, stage, ledger)
            if not _valued(scenario):
                _bands(name, stage, ledger)


def _valued(scenario: Scenario) -> bool:
    """Whether some deal has a value."""
    replays = [channel.arrivals.replay for channel in scenario.channels.values()]
    return (
        any(segment.deal_value is not None for segment in scenario.segments.values())
        or any(replay is not None and replay.columns.value is not None for replay in replays)
        or scenario.pipeline is not None
    )


def _bands(name: str, stage: Stage, ledger: Ledger) -> None:
    """Bands of values need deals that have one."""
    for label, exit in stage.exits.items():
        if exit.value is not None:
            path: Path = ("stages", name, "exits", label, "value")
            found, rule = "no segment has a deal_value", "a band takes deals by their value"
            needs = (path, ("segments",), ("channels",))
            ledger.add(path, found, rule, "write deal_value: 5000 into a segment", needs=needs)


def _forms(name: str, stage: Stage, ledger: Ledger) -> None:
    """Each exit has one form, and one exit at most takes the rest."""
    for label, exit in stage.exits.items():
        path: Path = ("stages", name, "exits", label)
        forms = [
            form
            for form, given in (
                ("p", exit.p is not None),
                ("logit", exit.logit is not None),
                ("value", exit.value is not None),
                ("rest", exit.rest),
            )
            if given
        ]
        if len(forms) != 1:
            found = f"found {' and '.join(forms)}" if forms else "found no probability"
            remedy = "write 30%, {logit: 0.4, intent: 1.0}, {value: {below: 500}} or {rest: true}"
            rule = "an exit is exactly one of a probability, a logit, a band of values and the rest"
            ledger.add(path, found, rule, remedy)
            ledger.tainted.add(path)
        elif exit.logit is None:
            for key in ("intent", "fit", "visits", "skill", "discount", "has"):
                if key in exit.model_fields_set:
                    rule = "coefficients act on log-odds, and this exit has none"
                    ledger.add((*path, key), f"found {key} without logit", rule, "write logit in place of the share")
    rests = [label for label, exit in stage.exits.items() if exit.rest]
    if len(rests) > 1:
        path = ("stages", name, "exits", rests[1])
        ledger.add(path, f"{' and '.join(rests)} both take the rest", "one exit at most takes the rest")
        ledger.tainted.add(path)


def _whole(name: str, stage: Stage, ledger: Ledger) -> None:
    """The table adds up to 1, or to at most 1 beside a rest."""
    path: Path = ("stages", name, "exits")
    if not stage.exits:
        ledger.add(
            path,
            "there is no exit",
            "a stage that is not terminal has a way out",
            "write exits: {won: 30%, lost: {rest: true}}, or terminal: lost",
            needs=(path, ("stages", name, "terminal")),
        )
        ledger.tainted.add(path)
        return
    rest = any(exit.kind == "rest" for exit in stage.exits.values())
    shares = [exit.p for exit in stage.exits.values() if exit.kind == "table" and exit.p is not None]
    if not shares:
        if not rest:
            bands = all(exit.kind == "value" for exit in stage.exits.values())
            ledger.add(
                path,
                "there are bands of values only" if bands else "there are log-odds only",
                "those who take none of them must go somewhere",
                "give one exit {rest: true}",
            )
        return
    wrong: dict[str, float] = {}
    for segment in ledger.segments:
        total = sum(share.of(segment) for share in shares) if ledger.sound(path) else 1.0
        if total > 1.0 + TOLERANCE or (not rest and total < 1.0 - TOLERANCE):
            wrong[segment] = total
    for segment, total in list(wrong.items())[:1] if len(set(wrong.values())) == 1 else wrong.items():
        everyone = len(set(wrong.values())) == 1 and len(wrong) == len(ledger.segments)
        of = "" if everyone else f" for segment {segment}"
        most = "at most 1" if rest else "1"
        remedy = "lower one of them" if total > 1.0 else "raise one of them, or give one exit {rest: true}"
        ledger.add(path, f"probabilities add up to {total:.12g}{of}", f"they must add up to {most}", remedy)
