"""Conversion rates that touches add to and that fade: the sums that a fit needs, its steps, and who caused what.

A touch adds strength x omega x exp(-omega x age) to the rate of its journey, which is at risk from its first touch to
its conversion or to the end of observation. Touches that share a strength and an omega are of one cell. It knows cells,
not channels, and no interface.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.jit import kernel
from attribution.journeys.ragged import DAY_US, Codes, Ints, Journeys, Reals

DAYS: Final = 1.0 / DAY_US
"""Days in a microsecond."""


@dataclass(frozen=True)
class PersonTime:
    """Journeys at risk, in microseconds of one clock: observed to `end` where they converted, else to `censored`."""

    offsets: Ints
    time: Ints
    cell: Codes
    end: Ints
    censored: Ints
    converted: Reals
    lost: Reals

    def sweep(self, strength: Reals, omega: Reals, base: float) -> tuple[float, float, Reals]:
        """The log-likelihood, the conversions that fall to the constant rate `base`, and sums by cell.

        `omega` and `base` are per day. Sums, in days: responsibilities p, p x age, 1 - exp(-omega x age at the end),
        and that age x exp(-omega x age).
        """
        sums = np.zeros((4, strength.size))
        found = _sweep(
            self.offsets, self.time, self.cell, self.end, self.censored, self.converted, self.lost,
            strength, omega, base, sums,
        )  # fmt: skip
        return float(found[0]), float(found[1]), sums

    def days(self) -> float:
        """All time at risk, from first touches on."""
        some = np.diff(self.offsets) > 0
        first = self.time[self.offsets[:-1][some]]
        at_risk = (self.end[some] - first) * self.converted[some] + (self.censored[some] - first) * self.lost[some]
        return float(at_risk.sum() * DAYS)

    def ages(self, n_cells: int) -> tuple[Reals, Reals]:
        """By cell: touches in converting journeys, and the sum of their ages at the conversion, in days."""
        sizes = np.diff(self.offsets)
        weight: Reals = np.repeat(self.converted, sizes)
        age: Reals = (np.repeat(self.end, sizes) - self.time) * DAYS * weight
        touches, aged = (np.asarray(np.bincount(self.cell, x, n_cells), np.float64) for x in (weight, age))
        return touches, aged


def person_time(journeys: Journeys, until: int | datetime | None, label: str) -> PersonTime:
    """The journeys, a cell a channel; those that did not convert are at risk `until` then (default: the last event).

    Raises ValueError where a touch or an end lies after that, a conversion lies before its touches, or a touch is in
    two journeys.
    """
    time, end = journeys.time, journeys.end
    if time is None or end is None:
        raise ValueError(f"{label}: it needs when journeys ended; these do not say")
    last = max(int(time.max(initial=end.max(initial=0))), int(end.max(initial=0)))
    at = last if until is None else microseconds(until)
    if at < last:
        raise ValueError(f"{label}: until is {at}, {(last - at) * DAYS:g} days before the last event; say a later time")
    closes = np.repeat(end, np.diff(journeys.offsets))
    early = np.flatnonzero((time > closes) & (np.repeat(journeys.converted, np.diff(journeys.offsets)) > 0))
    if early.size:
        raise ValueError(f"{label}: touch {early[0]} comes after the conversion of its journey; leave it out")
    if journeys.prospect is not None:
        _refuse_shared(journeys.prospect, journeys.offsets, time, end, label)
    censored = np.full(journeys.n, at, np.int64)
    return PersonTime(journeys.offsets, time, journeys.channel, end, censored, journeys.converted, journeys.lost)


def _refuse_shared(prospect: NDArray[np.uint64], offsets: Ints, time: Ints, end: Ints, label: str) -> None:
    """A touch of two journeys would be at risk twice at once."""
    some = np.flatnonzero(np.diff(offsets) > 0)
    order = some[np.lexsort((end[some], prospect[some]))]
    before, after = order[:-1], order[1:]
    twice = after[(prospect[before] == prospect[after]) & (time[offsets[after]] < end[before])]
    if twice.size:
        raise ValueError(
            f"{label}: journey {twice[0]} begins before the one before it ended; build journeys with again='since'"
        )


def microseconds(when: int | datetime) -> int:
    """An instant on the clock of journeys: since 1970; what has no zone is as tables without one have it."""
    if not isinstance(when, datetime):
        return int(when)
    plain = when if when.tzinfo is None else when.astimezone(UTC).replace(tzinfo=None)
    return (plain - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def shared_out(
    person: PersonTime, channel: Codes, n: int, counts: Reals, strength: Reals, omega: Reals, base: float
) -> tuple[Reals, Reals, Reals]:
    """Counts (by row and journey) that fall to channels and to the constant rate; each touch's share of a conversion.

    A touch's share is its part of the rate at the conversion. Since what a touch adds depends on earlier ones alone,
    it is what the rate falls by when the last touch is taken away, then the one before it, and so on.
    """
    out, kept, by_touch = np.zeros((counts.shape[0], n)), np.zeros(counts.shape[0]), np.zeros(channel.size)
    _share_out(
        person.offsets, person.time, person.cell, person.end, person.converted, channel, counts, strength, omega, base,
        out, kept, by_touch,
    )  # fmt: skip
    return out, kept, by_touch


@kernel
def _scores(begin, stop, time, cell, end, log_rate, omega, log_base, room):
    """The logarithm of the rate at the conversion, and the share of the constant rate; `room` is filled with touches'.

    Logarithms, because all of a long journey's touches may have faded below the smallest number.
    """
    top = log_base
    for at in range(begin, stop):
        c = cell[at]
        score = log_rate[c] - omega[c] * ((end - time[at]) * DAYS)
        room[at - begin] = score
        top = max(top, score)
    if top == -np.inf:
        return top, 0.0
    by_base = np.exp(log_base - top)
    total = by_base
    for at in range(stop - begin):
        room[at] = np.exp(room[at] - top)
        total += room[at]
    for at in range(stop - begin):
        room[at] /= total
    return top + np.log(total), by_base / total


@kernel
def _sweep(offsets, time, cell, end, censored, converted, lost, strength, omega, base, sums):
    longest, likelihood, lost_digits, by_base, log_base = 0, 0.0, 0.0, 0.0, np.log(base)
    for j in range(offsets.size - 1):
        longest = max(longest, offsets[j + 1] - offsets[j])
    room, log_rate = np.empty(longest), np.log(strength) + np.log(omega)
    for j in range(offsets.size - 1):
        begin, stop, hits, misses = offsets[j], offsets[j + 1], converted[j], lost[j]
        if begin == stop:
            continue
        own = 0.0

        if hits > 0.0:
            log_total, base_share = _scores(begin, stop, time, cell, end[j], log_rate, omega, log_base, room)
            if log_total == -np.inf:
                return -np.inf, 0.0
            first = end[j]
            for at in range(begin, stop):
                c, age = cell[at], (end[j] - time[at]) * DAYS
                first = min(first, time[at])
                p, x = hits * room[at - begin], omega[c] * age
                # 1 - exp loses all digits of a short age, expm1 of none.
                gone = -np.expm1(-x) if x < 1.0 else 1.0 - np.exp(-x)
                sums[0, c] += p
                sums[1, c] += p * age
                sums[2, c] += hits * gone
                sums[3, c] += hits * age * (1.0 - gone)
                own -= hits * strength[c] * gone
            by_base += hits * base_share
            own += hits * (log_total - base * ((end[j] - first) * DAYS))

        if misses > 0.0:
            first = censored[j]
            for at in range(begin, stop):
                c, age = cell[at], (censored[j] - time[at]) * DAYS
                first = min(first, time[at])
                x, gone = omega[c] * age, 1.0
                if x < 1.0:
                    gone = -np.expm1(-x)
                elif x < 40.0:
                    gone = 1.0 - np.exp(-x)
                sums[2, c] += misses * gone
                sums[3, c] += misses * age * (1.0 - gone)
                own -= misses * strength[c] * gone
            own -= misses * base * ((censored[j] - first) * DAYS)

        # Kahan's sum: steps of a climb that are close to its top differ by less than plain sums are off.
        more = own - lost_digits
        after = likelihood + more
        lost_digits = (after - likelihood) - more
        likelihood = after
    return likelihood, by_base


@kernel
def _share_out(
    offsets, time, cell, end, converted, channel, counts, strength, omega, base, out, kept, by_touch
):  # fmt: skip
    longest, log_base = 0, np.log(base)
    for j in range(offsets.size - 1):
        longest = max(longest, offsets[j + 1] - offsets[j])
    room, log_rate = np.empty(longest), np.log(strength) + np.log(omega)
    for j in range(offsets.size - 1):
        begin, stop = offsets[j], offsets[j + 1]
        if begin == stop or converted[j] == 0.0:
            continue
        _, base_share = _scores(begin, stop, time, cell, end[j], log_rate, omega, log_base, room)
        for at in range(begin, stop):
            by_touch[at] = room[at - begin]
            for row in range(counts.shape[0]):
                out[row, channel[at]] += counts[row, j] * by_touch[at]
        for row in range(counts.shape[0]):
            kept[row] += counts[row, j] * base_share
