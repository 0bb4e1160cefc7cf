"""Little's law, as an identity of whole numbers: the area under the number of prospects is the sum of their times."""

from itertools import pairwise

import numpy as np
import pytest

from funnelsim.plan.trace import ENTERED, LEFT

from .cases import traced


def area_under(trace, stage, start, end):
    """The integral of the number of prospects in a stage from start to end, change by change."""
    there, since, total = 0, start, 0
    for row in trace[np.isin(trace["code"], (ENTERED, LEFT)) & (trace["stage"] == stage)]:
        tick = min(max(int(row["tick"]), start), end)
        total += there * (tick - since)
        since = tick
        there += 1 if row["code"] == ENTERED else -1
    return total + there * (end - since)


@pytest.mark.parametrize("name", ["jackson", "round robin by deadline", "pooled, pre-emptive", "sticky by value"])
def test_the_area_in_stage_is_the_integral_of_the_number_there(name):
    compiled, outcome = traced(name)
    edges = [compiled.timeline.warmup, *compiled.plan["marks"].tolist()]
    for stage in range(len(compiled.stages)):
        if compiled.plan["stages"]["terminal"][stage]:
            continue
        counted = outcome.tally["stage_area"][0, :, stage].tolist()
        assert counted == [area_under(outcome.traces[0], stage, *span) for span in pairwise(edges)]


@pytest.mark.parametrize("name", ["jackson", "full"])
def test_the_area_in_stage_is_the_sum_of_times_there(name):
    compiled, outcome = traced(name)
    trace, horizon, warmup = outcome.traces[1], compiled.timeline.horizon, compiled.timeline.warmup
    for stage in np.flatnonzero(compiled.plan["stages"]["terminal"] == 0):
        rows = trace[trace["stage"] == stage]
        entered = rows[rows["code"] == ENTERED]["tick"]
        left = rows[rows["code"] == LEFT]["tick"]
        # Who never left was there until the horizon; nobody counts before the end of the warm-up.
        times = np.clip(left, warmup, None).sum() + (entered.size - left.size) * horizon
        assert outcome.tally["stage_area"][1, :, stage].sum() == times - np.clip(entered, warmup, None).sum()
