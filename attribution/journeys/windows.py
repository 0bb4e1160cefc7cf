"""Which touches and conversions count: the latest ones, those of some channels, conversions that come soon enough.

Each gives journeys back and counts in `left_out` what no longer counts, by reason. Names and codes of channels stay,
also of those that are gone: they are credited nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from operator import index

import numpy as np

from attribution.jit import kernel
from attribution.journeys.kept import NO_TIME, Marks, keep, leaving_out, marked
from attribution.journeys.ragged import DAY_US, Ints, Journeys

SINCE = ("last", "first")
"""The touches from which a conversion window can run."""


def lookback(journeys: Journeys, days: float | None = None, touches: int | None = None) -> Journeys:
    """Journeys without the touches more than `days` before their end, and then with only the last `touches`.

    A touch exactly `days` before the end is kept. The end is the conversion, or the last that is known of who did not
    convert. Raises ValueError where there is no limit, where one is not above 0, or where days meet journeys without
    times.
    """
    if days is None and touches is None:
        raise ValueError("lookback: no limit; give days, touches or both")
    if touches is not None and not touches >= 1:
        raise ValueError(f"lookback: touches: {touches}; it must be at least 1")
    time, end, limit = NO_TIME, NO_TIME, 0
    if days is not None:
        (time, end), limit = _times(journeys, "lookback"), _microseconds(days, "lookback")
    most = np.iinfo(np.int64).max if touches is None else index(touches)
    kept = np.empty(journeys.n_touches, np.bool_)
    old, beyond = _latest(journeys.offsets, time, end, limit, most, kept)
    reasons = {} if days is None else {f"touches more than {days:g} days before the end": int(old)}
    reasons |= {} if touches is None else {f"touches before the last {touches}": int(beyond)}
    # Only days can leave a journey without a touch.
    return keep(journeys, kept, reasons, "" if days is None else f"in the last {days:g} days")


def conversion_window(journeys: Journeys, days: float, *, since: str = "last") -> Journeys:
    """Journeys in which conversions more than `days` after the `last` touch, or the `first` one, are nobody's.

    A conversion exactly `days` after the touch counts. The journey stays, with all its touches, as one that did not
    convert. Raises ValueError for journeys without times, days that are not above 0, and another word for `since`.
    """
    if since not in SINCE:
        raise ValueError(f"conversion_window: since: {since!r}; it must be one of {', '.join(SINCE)}")
    (time, end), limit = _times(journeys, "conversion_window"), _microseconds(days, "conversion_window")
    some = np.flatnonzero(np.diff(journeys.offsets) > 0)
    touch = journeys.offsets[:-1][some] if since == "first" else journeys.offsets[1:][some] - 1
    late = np.zeros(journeys.n, bool)
    late[some] = end[some] - time[touch] > limit
    gone = np.where(late, journeys.converted, 0.0)
    if not gone.any():
        return journeys
    kept = replace(
        journeys,
        converted=journeys.converted - gone,
        lost=journeys.lost + gone,
        value=np.where(late, 0.0, journeys.value),
    )
    return leaving_out(kept, {f"conversions more than {days:g} days after the {since} touch": float(gone.sum())})


def without(journeys: Journeys, channels: str | Collection[str]) -> Journeys:
    """Journeys without the touches of these channels. Raises ValueError for a channel that is not known."""
    goes = marked(journeys, channels, "without")
    return _by_channel(journeys, goes, "touches of channels filtered out", "of the channels kept")


def only(journeys: Journeys, channels: str | Collection[str]) -> Journeys:
    """Journeys with the touches of these channels alone. Raises ValueError for a channel that is not known."""
    goes = ~marked(journeys, channels, "only")
    return _by_channel(journeys, goes, "touches of channels filtered out", "of the channels kept")


def ignore_direct(journeys: Journeys, channel: str = "direct") -> Journeys:
    """Journeys without the touches of `channel`, but for those that have no others: they stay as they are.

    Raises ValueError for a channel that is not known.
    """
    goes = marked(journeys, channel, "ignore_direct")
    return _by_channel(journeys, goes, f"touches of {channel} beside others", "", unless_all=True)


def _by_channel(journeys: Journeys, goes: Marks, why: str, where: str, unless_all: bool = False) -> Journeys:
    kept = np.empty(journeys.n_touches, np.bool_)
    n_kept = _stays(journeys.offsets, journeys.channel, goes, unless_all, kept)
    return keep(journeys, kept, {why: journeys.n_touches - int(n_kept)}, where)


def _times(journeys: Journeys, asks: str) -> tuple[Ints, Ints]:
    """Times of touches and ends of journeys."""
    if journeys.time is None or journeys.end is None:
        raise ValueError(f"{asks}: days need the times of touches and ends; these journeys know only their order")
    return journeys.time, journeys.end


def _microseconds(days: float, asks: str) -> int:
    if not 0 < days < 1e8:
        raise ValueError(f"{asks}: days: {days:g}; it must be a number above 0")
    return round(days * DAY_US)


@kernel
def _latest(offsets, time, end, limit, most, kept):
    """Mark the touches within `limit` of the end, and of these at most `most`; how many fell to the one and the other.

    Touches are in the order of time, so those that go come first. Without times only `most` counts.
    """
    old, beyond = 0, 0
    for j in range(offsets.size - 1):
        begin, stop = offsets[j], offsets[j + 1]
        since = begin
        if time.size > 0:
            while since < stop and end[j] - time[since] > limit:
                since += 1
        latest = max(since, stop - most)
        old, beyond = old + since - begin, beyond + latest - since
        kept[begin:latest] = False
        kept[latest:stop] = True
    return old, beyond


@kernel
def _stays(offsets, channel, goes, unless_all, kept):
    """Mark the touches of channels that do not go; with `unless_all`, all of a journey in which every one would go."""
    n_kept = 0
    for j in range(offsets.size - 1):
        stay = 0
        for at in range(offsets[j], offsets[j + 1]):
            kept[at] = not goes[channel[at]]
            stay += kept[at]
        if unless_all and stay == 0:
            kept[offsets[j] : offsets[j + 1]] = True
            stay = offsets[j + 1] - offsets[j]
        n_kept += stay
    return n_kept
