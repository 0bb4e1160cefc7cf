"""Paths made shorter before a model reads them: runs collapsed, repeats dropped, a channel removed.

A transform is a function of journeys that gives journeys back; `compose` puts several one behind the other. Of touches
that become one the first stays, with its time. Touches that go are counted in `left_out`. What paths look like then
follows fractribution, where the transforms have these names: unique (identity), exposure (collapse), first
(first_occurrence), frequency, removeIfNotAll and removeIfLastAndNotAll.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial, reduce

import numpy as np

from attribution.jit import kernel
from attribution.journeys.kept import Marks, keep, marked
from attribution.journeys.ragged import Journeys
from attribution.journeys.windows import ignore_direct

Transform = Callable[[Journeys], Journeys]
"""What takes journeys and gives journeys back."""


def compose(*transforms: Transform) -> Transform:
    """The transform that applies these, the first one first; of none it is the identity."""
    return partial(_in_turn, transforms)


def _in_turn(transforms: tuple[Transform, ...], journeys: Journeys) -> Journeys:
    return reduce(lambda found, transform: transform(found), transforms, journeys)


def identity(journeys: Journeys) -> Journeys:
    """The journeys as they are."""
    return journeys


def collapse(journeys: Journeys) -> Journeys:
    """Journeys in which touches of one channel that follow each other are one: the first of each run stays."""
    kept = np.empty(journeys.n_touches, np.bool_)
    _runs(journeys.offsets, journeys.channel, kept)
    return _kept(journeys, kept, "touches that repeat the one before")


def first_occurrence(journeys: Journeys) -> Journeys:
    """Journeys in which every channel has one touch: its first."""
    times = np.empty(journeys.n_touches, np.int32)
    _occurrences(journeys.offsets, journeys.channel, times, np.zeros(len(journeys.channels), np.int64))
    return _kept(journeys, times > 0, "touches that repeat a channel")


def frequency(journeys: Journeys) -> Journeys:
    """Journeys in which every channel has one touch, its first, and a name that says how often it touched: `mail(2)`.

    Channels are those names that occur, in the order of the old channels and of counts.
    """
    times, most = np.empty(journeys.n_touches, np.int32), np.zeros(len(journeys.channels), np.int64)
    _occurrences(journeys.offsets, journeys.channel, times, most)
    before, used = np.cumsum(most) - most, np.zeros(int(most.sum()), np.bool_)
    numbered = np.empty(journeys.n_touches, np.int32)
    _number(journeys.channel, times, before, used, numbered)
    code = np.flatnonzero(used)
    old = np.repeat(np.arange(most.size), most)[code]
    names = tuple(
        f"{journeys.channels[c]}({n})" for c, n in zip(old.tolist(), (code - before[old] + 1).tolist(), strict=True)
    )
    found = _kept(replace(journeys, channels=names, channel=numbered), times > 0, "touches that repeat a channel")
    return replace(found, channel=(np.cumsum(used, dtype=np.int32) - 1)[found.channel])


def remove_unless_all(channel: str) -> Transform:
    """The transform that removes the touches of `channel` from the journeys that have others.

    It raises ValueError for a channel that is not known.
    """
    return partial(ignore_direct, channel=channel)


def remove_if_last_and_not_all(channel: str) -> Transform:
    """The transform that removes the touches of `channel` after the last one of another, where there is one.

    It raises ValueError for a channel that is not known.
    """
    return partial(_without_tail, channel=channel)


def _without_tail(journeys: Journeys, channel: str) -> Journeys:
    goes = marked(journeys, channel, "remove_if_last_and_not_all")
    kept = np.empty(journeys.n_touches, np.bool_)
    _tails(journeys.offsets, journeys.channel, np.flatnonzero(goes)[0], kept)
    return _kept(journeys, kept, f"touches of {channel} after the last of others")


def _kept(journeys: Journeys, kept: Marks, why: str) -> Journeys:
    return keep(journeys, kept, {why: journeys.n_touches - int(np.count_nonzero(kept))})


@kernel
def _runs(offsets, channel, kept):
    """Mark the touches that are not of the channel of the one before."""
    for j in range(offsets.size - 1):
        before = -1
        for at in range(offsets[j], offsets[j + 1]):
            kept[at] = channel[at] != before
            before = channel[at]


@kernel
def _occurrences(offsets, channel, times, most):
    """How often its channel touched in its journey, at the first such touch, 0 at others; and the most by channel."""
    # Where a channel touched first; a place in an earlier journey is one before this journey begins.
    first = np.full(most.size, -1, np.int64)
    for j in range(offsets.size - 1):
        for at in range(offsets[j], offsets[j + 1]):
            c = channel[at]
            times[at] = 0
            if first[c] < offsets[j]:
                first[c] = at
            times[first[c]] += 1
            most[c] = max(most[c], times[first[c]])


@kernel
def _number(channel, times, before, used, numbered):
    """A code for every channel and count, and which ones are used; nothing for touches that go."""
    for at in range(channel.size):
        if times[at] > 0:
            numbered[at] = before[channel[at]] + times[at] - 1
            used[numbered[at]] = True


@kernel
def _tails(offsets, channel, code, kept):
    """Mark all but the touches of a channel that end a journey, or all of a journey that has no others."""
    for j in range(offsets.size - 1):
        stop = offsets[j + 1]
        while stop > offsets[j] and channel[stop - 1] == code:
            stop -= 1
        if stop == offsets[j]:
            stop = offsets[j + 1]
        kept[offsets[j] : stop] = True
        kept[stop : offsets[j + 1]] = False
