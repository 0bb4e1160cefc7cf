"""Journeys with some of their touches: which ones stay is marked by touch, and everything else follows.

It does not know why a touch goes: windows and transforms say so, and the reason is counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.ragged import Codes, Ints, Journeys

Marks = NDArray[np.bool_]
"""True or false by touch, or by channel."""
NO_TIME: Ints = np.zeros(0, np.int64)
NO_MILESTONES: Codes = np.zeros((0, 0), np.int32)


def keep(journeys: Journeys, kept: Marks, reasons: Mapping[str, int], where: str = "") -> Journeys:
    """The journeys with the touches that are kept; `kept` is by touch.

    A milestone is moved to the most recent kept touch before it, -1 if there is none. A journey without a touch is left
    out, and counted as `conversions without a touch` or `journeys without a conversion or a touch`, and `where` that
    is. `reasons` are added to what is left out: touches by reason.
    """
    n_kept, timed = int(np.count_nonzero(kept)), journeys.time is not None
    if n_kept < journeys.n_touches:
        reached = NO_MILESTONES if journeys.milestones is None else journeys.milestones
        # One place more than is filled: a touch is written first and counted afterwards.
        channel, time = np.empty(n_kept + 1, np.int32), np.empty((n_kept + 1) * timed, np.int64)
        offsets, moved = np.empty(journeys.offsets.size, np.int64), np.empty_like(reached)
        _pack(
            journeys.offsets, journeys.channel, NO_TIME if journeys.time is None else journeys.time, reached, kept,
            offsets, channel, time, moved,
        )  # fmt: skip
        journeys = replace(
            journeys,
            offsets=offsets,
            channel=channel[:n_kept],
            time=time[:n_kept] if timed else None,
            milestones=None if journeys.milestones is None else moved,
        )
    return _with_touches(leaving_out(journeys, reasons), where)


def leaving_out(journeys: Journeys, reasons: Mapping[str, float]) -> Journeys:
    """The same journeys, with more that is left out, by reason; reasons that befell nobody are not named."""
    left_out = dict(journeys.left_out)
    for why, n in reasons.items():
        if n:
            left_out[why] = left_out.get(why, 0) + round(n)
    return replace(journeys, left_out=left_out)


def _with_touches(journeys: Journeys, where: str) -> Journeys:
    """The journeys that have touches; the others are counted."""
    some = np.diff(journeys.offsets) > 0
    if some.all():
        return journeys
    counted = leaving_out(
        journeys,
        {
            f"conversions without a touch {where}".strip(): float(journeys.converted[~some].sum()),
            f"journeys without a conversion or a touch {where}".strip(): float(journeys.lost[~some].sum()),
        },
    )
    return counted.take(some)


def marked(journeys: Journeys, channels: str | Collection[str], asks: str) -> Marks:
    """Which channels are named, by code; one name is one channel. Raises ValueError for a name that is none of them."""
    names = [channels] if isinstance(channels, str) else list(channels)
    unknown = sorted(set(names) - set(journeys.channels))
    if unknown:
        known = ", ".join(journeys.channels)
        raise ValueError(f"{asks}: no channel {', '.join(map(repr, unknown))}; known are {known}")
    return np.isin(np.array(journeys.channels, object), names)


@kernel
def _pack(offsets, channel, time, reached, kept, new_offsets, new_channel, new_time, new_reached):
    """Write the kept touches one behind the other, and milestones by the numbers that touches have then."""
    timed, n_milestones, filled, longest = time.size > 0, reached.shape[1], 0, 0
    for j in range(offsets.size - 1):
        longest = max(longest, offsets[j + 1] - offsets[j])
    number = np.empty(longest, np.int32)
    new_offsets[0] = 0
    for j in range(offsets.size - 1):
        begin, start = offsets[j], filled
        # Without a branch, for nobody can guess which touches stay: what is not kept is written over.
        for at in range(begin, offsets[j + 1]):
            new_channel[filled] = channel[at]
            if timed:
                new_time[filled] = time[at]
            filled += kept[at]
            number[at - begin] = filled - start - 1
        for m in range(n_milestones):
            new_reached[j, m] = number[reached[j, m]] if reached[j, m] >= 0 else -1
        new_offsets[j + 1] = filled
