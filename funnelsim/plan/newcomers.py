"""How many prospects a scenario brings on the average: the integral of its rates, and those who come for certain."""

from __future__ import annotations

import math

import numpy as np

from funnelsim.core.rows import Frame
from funnelsim.plan.layout import BATCHES, LEADS, POISSON
from funnelsim.scenario.model import Scenario


def expected_newcomers(scenario: Scenario, plan: Frame, begin: int, end: int) -> float:
    """The expected number of prospects who come from the tick `begin` on and before `end`.

    nan where it is not known beforehand: where prospects bring others, or reviews move how many come.
    """
    if any(channel.referrals is not None for channel in scenario.channels.values()) or scenario.reviews:
        return math.nan
    return float(sum(_of_source(plan, source, begin, end) for source in plan["sources"]))


def _of_source(plan: Frame, source: np.void, begin: int, end: int) -> float:
    first, n = int(source["first"]), int(source["count"])
    rows = slice(first, first + n)
    if source["kind"] == POISSON:
        pieces = plan["pieces"][rows]
        starts, rates = pieces["start"], pieces["rate"]
        ends = np.append(starts[1:], math.inf)
        # Somebody who comes within a tick comes at its end.
        inside = np.clip(np.minimum(ends, end - 1) - np.maximum(starts, begin - 1), 0.0, None)
        return float(rates @ inside)
    if source["kind"] == BATCHES:
        ticks, sizes = plan["batches"][rows]["tick"], plan["batches"][rows]
        return float((sizes["upto"] - sizes["begin"])[(begin <= ticks) & (ticks < end)].sum())
    assert source["kind"] == LEADS
    ticks = plan["leads"][rows]["tick"]
    return float(((begin <= ticks) & (ticks < end)).sum())
