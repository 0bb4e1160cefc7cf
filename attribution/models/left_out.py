"""Leaving one touch out for many draws at once: which path remains is known, and only rates are new.

What a touch is worth, leave_one_out.py says.
"""

from __future__ import annotations

import numpy as np

from attribution.jit import in_lanes
from attribution.journeys.ragged import Codes, Journeys, Reals
from attribution.models.credit import LANES, Recount


def recount_without(journeys: Journeys, without: Codes) -> Recount:
    """Credits for other counts of paths that are all different; `without` says by touch which path remains, or -1."""
    wanted = np.flatnonzero((journeys.converted > 0) | (journeys.value != 0))
    longest = int(np.diff(journeys.offsets).max(initial=0))
    rate, room = np.empty((journeys.n, LANES)), np.empty((longest, LANES))

    def counted(converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals]:
        out = np.zeros((2, len(journeys.channels), LANES))
        _rates(converted, lost, rate)
        _leave_out_in_lanes(
            journeys.offsets, journeys.channel, without, wanted, converted, value, rate, room, out
        )  # fmt: skip
        return out[0].T, out[1].T

    return counted


@in_lanes
def _eight(row):
    return row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]


@in_lanes
def _put(row, x):
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] = x


@in_lanes
def _plus(row, x):
    _put(row, (
        row[0] + x[0], row[1] + x[1], row[2] + x[2], row[3] + x[3],
        row[4] + x[4], row[5] + x[5], row[6] + x[6], row[7] + x[7],
    ))  # fmt: skip


@in_lanes
def _plus_times(row, x, y):
    _put(row, (
        row[0] + x[0] * y[0], row[1] + x[1] * y[1], row[2] + x[2] * y[2], row[3] + x[3] * y[3],
        row[4] + x[4] * y[4], row[5] + x[5] * y[5], row[6] + x[6] * y[6], row[7] + x[7] * y[7],
    ))  # fmt: skip


@in_lanes
def _sum(x, y):
    return (
        x[0] + y[0], x[1] + y[1], x[2] + y[2], x[3] + y[3],
        x[4] + y[4], x[5] + y[5], x[6] + y[6], x[7] + y[7],
    )  # fmt: skip


@in_lanes
def _per(x, y):
    """The ratio of two sets of lanes; 0 where the second is."""
    return (
        x[0] / y[0] if y[0] > 0 else 0.0, x[1] / y[1] if y[1] > 0 else 0.0,
        x[2] / y[2] if y[2] > 0 else 0.0, x[3] / y[3] if y[3] > 0 else 0.0,
        x[4] / y[4] if y[4] > 0 else 0.0, x[5] / y[5] if y[5] > 0 else 0.0,
        x[6] / y[6] if y[6] > 0 else 0.0, x[7] / y[7] if y[7] > 0 else 0.0,
    )  # fmt: skip


@in_lanes
def _unless(x, y):
    """Lanes where others are 0, else 0."""
    return (
        0.0 if y[0] > 0 else x[0], 0.0 if y[1] > 0 else x[1], 0.0 if y[2] > 0 else x[2], 0.0 if y[3] > 0 else x[3],
        0.0 if y[4] > 0 else x[4], 0.0 if y[5] > 0 else x[5], 0.0 if y[6] > 0 else x[6], 0.0 if y[7] > 0 else x[7],
    )  # fmt: skip


@in_lanes
def _more(x, y):
    """By how much lanes are more than others; 0 where they are less."""
    return (
        max(0.0, x[0] - y[0]), max(0.0, x[1] - y[1]), max(0.0, x[2] - y[2]), max(0.0, x[3] - y[3]),
        max(0.0, x[4] - y[4]), max(0.0, x[5] - y[5]), max(0.0, x[6] - y[6]), max(0.0, x[7] - y[7]),
    )  # fmt: skip


@in_lanes
def _rates(converted, lost, rate):
    for j in range(rate.shape[0]):
        _put(rate[j], _per(_eight(converted[j]), _sum(converted[j], lost[j])))


@in_lanes
def _leave_out_in_lanes(offsets, channel, without, wanted, converted, value, rate, room, out):
    """As `_leave_out`, for eight sets of counts."""
    for at_path in range(wanted.size):
        j = wanted[at_path]
        begin, end = offsets[j], offsets[j + 1]
        if begin == end:
            continue
        own = _eight(rate[j])
        total = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for at in range(begin, end):
            worth, other = own, without[at]
            if other >= 0:
                worth = _more(own, rate[other])
            _put(room[at - begin], worth)
            total = _sum(total, worth)
        conversions, money = _per(_eight(converted[j]), total), _per(_eight(value[j]), total)
        for at in range(begin, end):
            _plus_times(out[0, channel[at]], room[at - begin], conversions)
            _plus_times(out[1, channel[at]], room[at - begin], money)
        _plus(out[0, channel[end - 1]], _unless(_eight(converted[j]), total))
        _plus(out[1, channel[end - 1]], _unless(_eight(value[j]), total))
