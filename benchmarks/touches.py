"""Journeys that the benchmark of credit draws itself, in the three forms in which packages take them.

A journey has 5 touches on average (each touch is the last one with chance 1/5) and is one prospect's. A touch repeats
the channel before it with chance .3, else it is drawn by popularity, which falls as 1, 1/2, 1/3, ...; rare channels,
where there are any, get 2 fresh touches in 10,000 each. The 30% of journeys with the highest score convert: effects of
their touches, once more that of the last one, and luck. Touches lie a day apart on average; journeys start within a
quarter of a year. It knows no package.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

LENGTH = 5
CONVERT = 0.3
REPEATS = 0.3
RARE = 2e-4
EFFECTS_SEED = 11
"""Channels work alike in every set of journeys."""
SEPARATOR = ">"
DAY_US, SECOND_US = 86_400_000_000, 1_000_000
SPAN_DAYS = 90


@dataclass(frozen=True)
class Touches:
    """Touches of journeys as ragged arrays, and what became of each journey."""

    channels: tuple[str, ...]
    offsets: NDArray[np.int64]
    channel: NDArray[np.int32]
    time: NDArray[np.int64]
    """In microseconds; two touches of a journey are never at one instant."""
    converted: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Number of journeys."""
        return self.offsets.size - 1

    @cached_property
    def names(self) -> pa.Array:
        """The channel of each touch by name."""
        return pa.array(self.channels, pa.string()).take(pa.array(self.channel))

    def paths(self) -> pa.Array:
        """One text a journey: its channels in order."""
        lists = pa.ListArray.from_arrays(pa.array(self.offsets.astype(np.int32)), self.names)
        return pc.binary_join(lists, SEPARATOR)

    def events(self, seed: int) -> pa.Table:
        """One row a touch, in random order: prospect, time, channel, and whether it is the one that converts."""
        prospect = np.repeat(np.arange(self.n), np.diff(self.offsets))
        conversion = np.zeros(self.channel.size, bool)
        conversion[self.offsets[1:] - 1] = self.converted
        order = np.random.default_rng(seed).permutation(self.channel.size)
        columns = {
            "prospect": pa.array(prospect[order]),
            "time": pa.array(self.time[order], pa.timestamp("us")),
            "channel": self.names.take(pa.array(order)),
            "conversion": pa.array(conversion[order]),
        }
        return pa.table(columns)

    def milestones(self, n: int) -> NDArray[np.int32]:
        """By journey, the touches after which `n` milestones were passed, evenly over its length; -1 if it is short."""
        sizes = np.diff(self.offsets)[:, None]
        return np.where(sizes > n, sizes * np.arange(1, n + 1) // (n + 1), -1).astype(np.int32)


def draw(touches: int, channels: int, rare: int, seed: int) -> Touches:
    """Exactly so many touches of `channels` channels, of which the last `rare` are rare."""
    rng = np.random.default_rng(seed)
    begins = rng.random(touches) < 1.0 / LENGTH
    begins[0] = True
    first = np.flatnonzero(begins)
    offsets = np.append(first, touches)
    codes = drawn_channels(rng, begins, channels, rare)
    width = len(str(channels - 1))
    names = tuple(f"channel_{code:0{width}d}" for code in range(channels))
    return Touches(names, offsets, codes, drawn_times(rng, offsets), drawn_outcomes(rng, offsets, codes, channels))


def drawn_channels(rng: np.random.Generator, begins: NDArray[np.bool_], n: int, rare: int) -> NDArray[np.int32]:
    """The channel of each touch."""
    common = 1.0 / np.arange(1, n - rare + 1)
    popularity = np.append(common / common.sum() * (1.0 - rare * RARE), np.full(rare, RARE))
    fresh = np.searchsorted(np.cumsum(popularity)[:-1], rng.random(begins.size), side="right").astype(np.int32)
    is_fresh = begins | (rng.random(begins.size) >= REPEATS)
    return fresh[np.maximum.accumulate(np.where(is_fresh, np.arange(begins.size), 0))]


def drawn_times(rng: np.random.Generator, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The time of each touch: later than the one before by a second at least."""
    gaps = SECOND_US + rng.exponential(DAY_US, int(offsets[-1])).astype(np.int64)
    since = np.cumsum(gaps)
    start = rng.integers(0, SPAN_DAYS * DAY_US, offsets.size - 1) - since[offsets[:-1]]
    return since + np.repeat(start, np.diff(offsets))


def drawn_outcomes(
    rng: np.random.Generator, offsets: NDArray[np.int64], channel: NDArray[np.int32], n: int
) -> NDArray[np.bool_]:
    """Which journeys convert."""
    effects = np.random.default_rng(EFFECTS_SEED).gamma(2.0, 0.25, n)
    score = np.add.reduceat(effects[channel], offsets[:-1]) + effects[channel[offsets[1:] - 1]]
    score += rng.logistic(size=score.size)
    return score > np.quantile(score, 1.0 - CONVERT)
