"""Sets as bits agree with sets of Python's."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from funnelsim.core import bits
from funnelsim.core.bits import LANES
from funnelsim.core.jit import kernel
from funnelsim.core.rows import NUMBER, Frame, Layout, numbers

NUMBERS = Layout("numbers", numbers=NUMBER)
number_at = NUMBERS.reader("numbers")
LONG = st.integers(-(2**63), 2**63 - 1)


@kernel
def n_above(frame, first, n, least):
    return bits.n_above(number_at(frame, first), n, least)


@kernel
def lowest_bit(word):
    return bits.lowest_bit(word)


@kernel
def bit_of(member):
    return bits.bit_of(member)


@given(st.lists(LONG | st.integers(-2, 2), min_size=2 * LANES, max_size=2 * LANES), st.integers(0, LANES), st.data())
def test_so_many_numbers_are_above_another(values: list[int], n: int, data: st.DataObject) -> None:
    """Also where it is one of them, and whatever stands before and behind the n."""
    least = data.draw(st.sampled_from(values) | LONG)
    array = numbers(2 * LANES)
    array[:] = values
    frame = Frame(NUMBERS, {"numbers": array})
    for first in range(LANES + 1):
        wanted = sum(value > least for value in values[first : first + n])
        assert n_above(frame.address, first, n, np.int64(least)) == wanted


@given(st.sets(st.integers(0, 63), min_size=1))
def test_the_lowest_bit_is_the_least_member(members: set[int]) -> None:
    word = 0
    for member in members:
        word |= int(bit_of(member))
    assert lowest_bit(np.int64(word)) == min(members)
    assert {at for at in range(64) if word >> at & 1} == members
