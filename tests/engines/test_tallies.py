"""The tables of a tally are pieces of one block of numbers, for compiled code too."""

from __future__ import annotations

import numpy as np

from funnelsim.core.jit import kernel
from funnelsim.engines.tallies import Tally, block_at, filed_at, stage_page_at
from funnelsim.plan.compile import compile_scenario
from funnelsim.scenario import load


@kernel
def written_twice(tally):
    """What is read of a count that is written, then written as a number of the block."""
    page = stage_page_at(tally, 0)
    page.entries = 5
    block_at(tally, 0).n = 7
    filed_at(tally, 0).n = 3
    return page.entries


def test_writing_a_number_of_the_block_is_writing_a_count() -> None:
    """If the compiler were told that they lie apart, it would keep the 5."""
    tally = Tally(compile_scenario(load("mm1")).plan["terms"][0], 1)
    assert written_twice(tally.address) == 7
    assert tally["entries"].ravel()[0] == 3
    assert np.count_nonzero(tally["entries"]) == 1
