"""The checks across fields: what must hold between the parts of a scenario, once each part is sound on its own."""

from __future__ import annotations

from funnelsim.core.problems import Problem
from funnelsim.scenario.check_agreement import check_agreement
from funnelsim.scenario.check_channels import check_channels
from funnelsim.scenario.check_discovery import check_discovery
from funnelsim.scenario.check_exits import check_exits
from funnelsim.scenario.check_graph import check_graph
from funnelsim.scenario.check_handoff import check_handoff
from funnelsim.scenario.check_meetings import check_meetings
from funnelsim.scenario.check_names import check_names
from funnelsim.scenario.check_pipeline import check_pipeline
from funnelsim.scenario.check_records import check_records
from funnelsim.scenario.check_reviews import check_reviews
from funnelsim.scenario.check_score import check_score
from funnelsim.scenario.check_stages import check_stages
from funnelsim.scenario.check_teams import check_teams
from funnelsim.scenario.check_touches import check_touches
from funnelsim.scenario.check_views import check_views
from funnelsim.scenario.check_whole import check_whole
from funnelsim.scenario.document import Document
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.taint import Taint
from funnelsim.scenario.window import window


def check(scenario: Scenario, document: Document, tainted: Taint) -> list[Problem]:
    """Everything that is wrong between the parts of a resolved scenario."""
    ledger = Ledger(document, tainted)
    check_names(scenario, ledger)
    leads = check_channels(scenario, ledger)
    span = window(scenario, leads)
    check_whole(scenario, ledger, span)
    check_exits(scenario, ledger)
    check_stages(scenario, ledger)
    check_meetings(scenario, ledger, span)
    check_handoff(scenario, ledger)
    check_touches(scenario, ledger)
    check_discovery(scenario, ledger)
    check_reviews(scenario, ledger)
    check_pipeline(scenario, ledger, span)
    check_teams(scenario, ledger, span)
    check_views(scenario, ledger)
    check_agreement(scenario, ledger)
    check_graph(scenario, ledger)
    check_records(scenario, ledger)
    check_score(scenario, ledger, span)
    return ledger.problems
