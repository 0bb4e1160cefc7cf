"""The memory's own speed: one pass that reads the channels and offsets of all journeys once, and adds them up."""

from typing import NamedTuple

import numba

from benchmarks.reference import Job
from benchmarks.touches import draw


class Sum(NamedTuple):
    """What the pass read, and what it found."""

    touches: int
    megabytes: float
    sum: int


@numba.njit  # type: ignore[misc]  # Numba's decorator is untyped
def add_up(numbers):  # type: ignore[no-untyped-def]
    """The sum of an array of integers."""
    total = 0
    for at in range(numbers.size):
        total += numbers[at]
    return total


def read(touches: int, channels: int, seed: int) -> Job:
    """The pass over the arrays that every model reads."""
    drawn = draw(touches, channels, 0, seed)
    megabytes = (drawn.offsets.nbytes + drawn.channel.nbytes) / 2**20
    return Job(lambda: add_up(drawn.offsets) + add_up(drawn.channel), lambda total: Sum(touches, megabytes, int(total)))
