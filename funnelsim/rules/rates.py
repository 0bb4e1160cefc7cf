"""Rates that vary in time: a cumulative rate in pieces, read forwards and backwards."""

import numpy as np

from funnelsim.core.jit import part
from funnelsim.core.ticks import NEVER
from funnelsim.plan.layout import piece_at


@part
def piece_of(plan, first, count, piece, exposure):
    """The piece of a cumulative rate in which an exposure lies, from an earlier one on; both count from `first`."""
    while piece + 1 < count and exposure >= piece_at(plan, first + piece + 1).before:
        piece += 1
    return piece


@part
def tick_of(plan, piece, exposure):
    """The tick at which a piece of a cumulative rate reaches an exposure; NEVER if the rate is zero."""
    row = piece_at(plan, piece)
    if row.rate <= 0.0:
        return np.int64(NEVER)
    tick = row.start + (exposure - row.before) / row.rate
    return np.int64(tick) if tick < 1e15 else np.int64(NEVER)


@part
def exposure_at(plan, first, count, tick):
    """What a cumulative rate has come to at a tick."""
    piece = 0
    while piece + 1 < count and tick >= piece_at(plan, first + piece + 1).start:
        piece += 1
    row = piece_at(plan, first + piece)
    return row.before + (tick - row.start) * row.rate
