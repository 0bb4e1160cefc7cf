"""Every count of the kernel is what its own trace says, counted a second time by other means."""

import numpy as np
import pytest

from funnelsim.engines.recount import recount
from funnelsim.engines.tallies import DIMENSIONS
from funnelsim.plan.trace import STARTED

from .cases import NAMES, traced


@pytest.mark.parametrize("name", NAMES)
def test_the_kernels_counts_are_those_of_its_trace(name):
    compiled, outcome = traced(name)
    again = recount(compiled.plan, outcome.traces, seed=1)
    for count in DIMENSIONS:
        np.testing.assert_array_equal(outcome.tally[count], again[count], err_msg=count)


def test_the_cases_count_something_of_everything():
    seen = {name for case in NAMES for name in DIMENSIONS if traced(case)[1].tally[name].any()}
    assert seen == set(DIMENSIONS)


def test_a_trace_that_lacks_one_start_gives_other_counts():
    compiled, outcome = traced("mm1")
    rows = outcome.traces[0]
    start = np.flatnonzero((rows["code"] == STARTED) & (rows["tick"] > compiled.timeline.warmup))[0]
    again = recount(compiled.plan, [np.delete(rows, start)], seed=1)
    differing = {
        name for name in DIMENSIONS if not np.array_equal(outcome.tally[name][:1], again[name], equal_nan=True)
    }
    assert {"starts", "responses", "busy_area", "line_area"} <= differing


def test_a_later_replication_is_counted_with_its_own_number():
    compiled, outcome = traced("recycle")
    again = recount(compiled.plan, outcome.traces[1:], seed=1, first=1)
    np.testing.assert_array_equal(outcome.tally["cooling_at_end"][1:], again["cooling_at_end"])
    wrong = recount(compiled.plan, outcome.traces[1:], seed=1, first=0)
    assert wrong["cooling_at_end"] != again["cooling_at_end"]
