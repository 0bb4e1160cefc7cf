"""The measured time of a scenario."""

from __future__ import annotations

from datetime import datetime

from funnelsim.plan.compile import compile_scenario
from funnelsim.scenario.model import Scenario


def first_and_end(scenario: Scenario) -> tuple[datetime, datetime]:
    """The first instant after the warm-up, and the instant at which it ends."""
    timeline = compile_scenario(scenario).timeline
    return timeline.when(timeline.warmup), timeline.end
