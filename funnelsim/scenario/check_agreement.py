"""The agreement: each promise speaks of stages that are there."""

from __future__ import annotations

from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario

ACCEPTING = ("sal", "sql", "opportunity")
"""Milestones of those whom sales accepted; the first that a stage has counts."""


def check_agreement(scenario: Scenario, ledger: Ledger) -> None:
    """Note every promise that nothing in the funnel could keep or break."""
    agreed = scenario.agreement
    if agreed is None:
        return
    milestones = {stage.milestone for stage in scenario.stages.values()}
    if agreed.marketing is not None:
        if "mql" not in milestones:
            rule = "MQLs are counted where they come to a stage with that milestone"
            _lacks(("agreement", "marketing"), "no stage has milestone: mql", rule, "milestone: mql", ledger)
        if agreed.marketing.accepted is not None and not milestones & set(ACCEPTING):
            rule = "accepted is who comes to a stage with milestone sal, else sql, else opportunity"
            none = "no stage has milestone: sal, sql or opportunity"
            _lacks(("agreement", "marketing", "accepted"), none, rule, "milestone: sal", ledger)
    if agreed.sales is not None and all(stage.sla is None for stage in scenario.stages.values()):
        rule = "contacted in time is who gets a response within an SLA"
        _lacks(("agreement", "sales"), "no stage has an sla", rule, "sla: {respond_within: 1 h}", ledger)


def _lacks(path: Path, found: str, rule: str, key: str, ledger: Ledger) -> None:
    """No stage has what a promise rests on."""
    ledger.add(path, found, rule, f"write {key} into a stage", needs=(path, ("stages",)))
