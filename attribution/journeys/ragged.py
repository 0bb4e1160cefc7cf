"""Journeys as ragged arrays: every touch in one row of arrays, a journey being the touches between two offsets.

This is what credit models read. It knows nothing of tables, names of columns, or files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Reals = NDArray[np.float64]

DAY_US = 86_400_000_000
"""Microseconds in a day."""


@dataclass(frozen=True)
class Journeys:
    """Journeys of prospects through channels, each up to a conversion or to the end of what is known.

    The touches of journey `j` are `channel[offsets[j]:offsets[j + 1]]`, codes of `channels`, in the order of time. A
    journey stands for one prospect's, or for many that went alike: then `converted` and `lost` count them.
    """

    channels: tuple[str, ...]
    """Names, by code."""
    offsets: Ints
    """First touch of each journey, and the number of touches: one more than there are journeys."""
    channel: Codes
    """Code of each touch's channel."""
    converted: Reals
    """How many of such a journey ended with a conversion."""
    lost: Reals
    """How many ended, or were still open, without one."""
    value: Reals
    """Value of its conversions, in all."""
    time: Ints | None = None
    """When each touch was, in microseconds from some instant; None where only the order is known."""
    end: Ints | None = None
    """When each journey ended, on the same clock."""
    milestones: Codes | None = None
    """For each journey and name of `milestone_names`, the touch most recent before it, counted from 0; -1 if none."""
    milestone_names: tuple[str, ...] = ()
    prospect: NDArray[np.uint64] | None = None
    """Whose journey it is: a number that is the prospect's own; None where each is somebody else's."""
    segment: Codes | None = None
    """Code of each journey's segment."""
    segments: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Rows of the source that are in no journey, by reason."""
    noticed: Mapping[str, int] = field(default_factory=dict)
    """Rows that are in journeys but look wrong, by what is wrong with them."""

    @property
    def n(self) -> int:
        """Number of journeys."""
        return self.offsets.size - 1

    @property
    def n_touches(self) -> int:
        """Number of touches."""
        return self.channel.size

    @property
    def conversions(self) -> float:
        """All conversions."""
        return float(self.converted.sum())

    @property
    def total_value(self) -> float:
        """Value of all conversions."""
        return float(self.value.sum())

    def take(self, kept: NDArray[np.bool_]) -> Journeys:
        """The journeys that are kept."""
        sizes = np.diff(self.offsets)
        some = sizes[kept]
        # Where only journeys without touches go, those by touch stay as they are.
        touches = slice(None) if some.sum() == self.n_touches else np.repeat(kept, sizes)
        return replace(
            self,
            offsets=np.concatenate([[0], np.cumsum(some)]).astype(np.int64),
            channel=self.channel[touches],
            converted=self.converted[kept],
            lost=self.lost[kept],
            value=self.value[kept],
            time=None if self.time is None else self.time[touches],
            end=None if self.end is None else self.end[kept],
            milestones=None if self.milestones is None else self.milestones[kept],
            prospect=None if self.prospect is None else self.prospect[kept],
            segment=None if self.segment is None else self.segment[kept],
        )
