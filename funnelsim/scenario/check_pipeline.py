"""The open pipeline: its file can be read, its deals stand where prospects can be, and no warm-up lets them run off."""

from __future__ import annotations

from funnelsim.scenario.deals import faults, read_deals
from funnelsim.scenario.document import Path
from funnelsim.scenario.lead_file import LeadsError
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.pipeline import Deal
from funnelsim.scenario.window import Window


def check_pipeline(scenario: Scenario, ledger: Ledger, span: Window) -> None:
    """Note every deal that cannot be open, and what is wrong with the file."""
    pipeline = scenario.pipeline
    if pipeline is None:
        return
    if scenario.warmup > 0.0:
        rule = "an open pipeline stands at the start, and a warm-up would let it run off"
        ledger.add(("warmup",), "found a warm-up and a pipeline", rule, "remove the warm-up", needs=(("warmup",),))
    for at, deal in enumerate(pipeline.deals):
        _deal(deal, ("pipeline", "deals", at), scenario, ledger)
    if pipeline.file is None or span.start is None or not ledger.sound(("pipeline",), ("start",), ("segments",)):
        return
    try:
        read_deals(scenario, span.start)
    except LeadsError as error:
        for trouble in error.troubles:
            if trouble.line is None:
                ledger.add(("pipeline", *trouble.keys), trouble.found, trouble.rule, trouble.remedy)
            else:
                ledger.problems.append(trouble.problem(pipeline.file.name))


def _deal(deal: Deal, path: Path, scenario: Scenario, ledger: Ledger) -> None:
    if deal.segment is not None:
        ledger.known("segment", (*path, "segment"), deal.segment, list(ledger.segments), "segments")
    if not ledger.known("stage", (*path, "stage"), deal.stage, ledger.names("stages"), "stages"):
        return
    for key, fault in faults(deal, scenario):
        ledger.add((*path, key), fault.found, fault.rule, fault.remedy, needs=(path, ("stages", deal.stage)))
