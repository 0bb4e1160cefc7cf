"""Credit by leaving one touch out: how much less often the path without it converted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attribution.jit import kernel
from attribution.journeys.alike import counts_of, paths_of
from attribution.journeys.ragged import Ints, Journeys, Reals
from attribution.models.credit import Credit, CreditModel, Recount
from attribution.models.left_out import recount_without
from attribution.models.shorter import Known, shorter


@dataclass(frozen=True)
class LeaveOneOut(CreditModel):
    """A touch is worth what the rate of its exact path is more than that of the path without it, nothing if it is less;
    what touches are worth shares the path's conversions, and where none is worth anything the last one gets them.

    A path that does not occur has a rate of 0, and so has the empty one. It is what fractribution computes under the
    name of Shapley.
    """

    name: ClassVar[str] = "leave_one_out"
    needs: ClassVar[tuple[str, ...]] = ("lost",)
    reads: ClassVar[str] = "paths"

    def credit(self, journeys: Journeys, *, by_touch: bool = False) -> Credit:
        """The credit of each channel; with `by_touch`, of each touch too.

        `by_last` besides: the conversions that fell to last touches.
        """
        self.check(journeys)
        path, example = paths_of(journeys)
        converted, lost, value = counts_of(journeys, path, example.size)
        begins, ends, rate = journeys.offsets[example], journeys.offsets[example + 1], _rate(converted, lost)
        of_journey = example[path] if by_touch else None
        # What is large and done with leaves room.
        del path, example, lost
        known = Known.of(begins, ends, journeys.channel, len(journeys.channels))
        out, shares = np.zeros((len(journeys.channels), 2)), np.zeros(journeys.n_touches if by_touch else 0)
        by_last = 0.0
        for first, until, without in known.without_one((converted > 0) | (value != 0)):
            by_last += _leave_out(
                begins, ends, journeys.channel, first, until, without, converted, value, rate, out, shares
            )  # fmt: skip
        conversions, worth = np.ascontiguousarray(out.T)
        told = None if of_journey is None else _as_on_path(journeys, of_journey, shares)
        return Credit(conversions, worth, told, {"by_last": by_last})

    def recount(self, journeys: Journeys) -> Recount:
        """Credits for other counts of the same paths, which are all different."""
        return recount_without(journeys, shorter(journeys))


def _as_on_path(journeys: Journeys, example: Ints, shares: Reals) -> Reals:
    """What the touches of journeys have, from what those of the first journey on the same path have."""
    sizes = np.diff(journeys.offsets)
    # A touch is as far from the first one of its own journey as from the first one of that.
    shift = np.repeat(journeys.offsets[example] - journeys.offsets[:-1], sizes)
    return np.asarray(shares[np.arange(journeys.n_touches) + shift])


def _rate(converted: Reals, lost: Reals) -> Reals:
    of = converted + lost
    return np.asarray(np.divide(converted, of, out=of, where=of > 0))


@kernel
def _leave_out(begins, ends, channel, first, until, without, converted, value, rate, out, shares):
    """Add to `out` what the touches of some paths get, where it is known which path remains without each; the
    conversions that fell to last touches. `shares` of touches are filled in, unless there is no room for any."""
    longest, by_last, frm = 0, 0.0, 0
    for p in range(first, until):
        longest = max(longest, ends[p] - begins[p])
    worth = np.empty(longest)
    for p in range(first, until):
        begin, n, total = begins[p], ends[p] - begins[p], 0.0
        frm += n
        if n == 0 or (converted[p] == 0.0 and value[p] == 0.0):
            continue
        for at in range(n):
            other = without[frm - n + at]
            worth[at] = max(0.0, rate[p] - (rate[other] if other >= 0 else 0.0))
            total += worth[at]
        if total <= 0.0:
            worth[n - 1], total = 1.0, 1.0
            by_last += converted[p]
        for at in range(n):
            share = worth[at] / total
            out[channel[begin + at], 0] += converted[p] * share
            out[channel[begin + at], 1] += value[p] * share
            if shares.size:
                shares[begin + at] = share
    return by_last
