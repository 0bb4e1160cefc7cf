"""Who is expected to come in a run: how many newcomers of each kind, a kind being what their score is made of.

Channels count that bring newcomers at a rate, in batches or from a list; of a list every row, in its segment where the
file says one, else in the channel's mix. Referrals do not count, since how many there will be is a result, nor do deals
that are open at the start. Rates count as they are written, whatever reviews make of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from funnelsim.scenario.check_channels import n_batches
from funnelsim.scenario.leads import Leads, read_leads
from funnelsim.scenario.model import Arrivals, Channel, Scenario
from funnelsim.scenario.units import YEAR
from funnelsim.scenario.window import Window, window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HOUR, DAY = 3600.0, 86_400.0


class Kinds(NamedTuple):
    """Kinds of newcomers that differ in their intent or in what fit adds to the score, one entry each.

    `numbers` are expected newcomers, `means` and `sds` those of their intent, `fits` what fit adds to their score.
    """

    numbers: Floats
    means: Floats
    sds: Floats
    fits: Floats


def kinds_of(scenario: Scenario) -> Kinds:
    """The kinds of newcomers of a sound scenario; reads its lead lists."""
    lists = {
        name: read_leads(channel.arrivals.replay, segments=tuple(scenario.segments))
        for name, channel in scenario.channels.items()
        if channel.arrivals.replay is not None
    }
    span = period(scenario, lists)
    assert span.start is not None
    assert span.end is not None
    return kinds_between(scenario, lists, span.start, span.end)


def kinds_between(scenario: Scenario, lists: Mapping[str, Leads], start: datetime, end: datetime) -> Kinds:
    """The kinds of newcomers who come from start to end, those that are equal taken together."""
    segments = scenario.segments.values()
    rows: list[tuple[float, float, float]] = []
    numbers: list[float] = []
    for name, channel in scenario.channels.items():
        if channel.on and channel.referrals is None and channel.brings:
            numbers += _by_segment(channel, scenario, lists.get(name), start, end).tolist()
            intent = channel.intent
            rows += [(intent.mean + each.intent, intent.sd, scenario.score.fit * each.fit) for each in segments]
    alike, which = np.unique(np.array(rows, np.float64).reshape(-1, 3), axis=0, return_inverse=True)
    totals = np.bincount(which.ravel(), numbers, minlength=len(alike)).astype(np.float64)
    return Kinds(totals[totals > 0], *alike[totals > 0].T)


def period(scenario: Scenario, lists: Mapping[str, Leads]) -> Window:
    """From the first to the last instant of a run; the days of leads that set them are whole."""
    span = window(scenario, [(leads.first, leads.last) for leads in lists.values()])
    start = scenario.start or (None if span.start is None else _midnight(span.start))
    if scenario.horizon.after_last is None:
        return Window(start, None if start is None else scenario.horizon.end(start))
    return Window(start, None if span.end is None else _midnight(span.end) + timedelta(days=1))


def _midnight(instant: datetime) -> datetime:
    return datetime(instant.year, instant.month, instant.day)


def _by_segment(channel: Channel, scenario: Scenario, leads: Leads | None, start: datetime, end: datetime) -> Floats:
    """Expected newcomers of a channel, by segment."""
    mix = np.array(
        [
            segment.share if channel.segments is None else channel.segments.get(name, 0.0)
            for name, segment in scenario.segments.items()
        ]
    )
    if leads is None:
        return expected(channel.arrivals, start, end) * mix
    inside = (leads.times >= np.datetime64(start)) & (leads.times < np.datetime64(end))
    # Segments count from 0, and -1 is one that the file does not say.
    said = np.bincount(leads.segments[inside] + 1, minlength=mix.size + 1)
    return np.asarray(said[1:] + said[0] * mix, np.float64)


def expected(arrivals: Arrivals, start: datetime, end: datetime) -> float:
    """Newcomers from start to end at a rate or in batches; the rate is constant in pieces of a day, or of an hour."""
    if arrivals.batches is not None:
        return float(arrivals.batches.size * n_batches(arrivals.batches, start, end))
    assert arrivals.rate is not None
    total = (end - start).total_seconds()
    before = (start - _midnight(start)).total_seconds()
    step = HOUR if arrivals.weekly is not None and len(arrivals.weekly) == 168 else DAY
    pulses = [
        (begin, begin + pulse.duration, pulse.times)
        for pulse in arrivals.pulses
        for begin in [(pulse.start - start).total_seconds()]
    ]
    cuts = [0.0, total, *(edge for begin, until, _ in pulses for edge in (begin, until))]
    edges = np.union1d(np.arange(step - before % step, total, step), np.clip(cuts, 0.0, total))
    at, lengths = edges[:-1], np.diff(edges)
    with np.errstate(over="ignore", invalid="ignore"):  # growth without end, which the checks refuse
        times = _shape(arrivals, start, before, at)
        for begin, until, factor in pulses:
            times = np.where((begin <= at) & (at < until), times * factor, times)
        return float(arrivals.rate * (times * lengths).sum())


def _shape(arrivals: Arrivals, start: datetime, before: float, at: Floats) -> Floats:
    """What week, season and trend multiply the rate with, at seconds after the start, `before` seconds into its day."""
    days = ((before + at) // DAY).astype(np.int64)
    times = np.ones(at.size)
    if arrivals.weekly is not None:
        hours = ((before + at) // HOUR).astype(np.int64) + 24 * start.weekday()
        times *= np.array(arrivals.weekly)[hours % 168 if len(arrivals.weekly) == 168 else hours // 24 % 7]
    if arrivals.season is not None:
        months = (np.datetime64(start.date()) + days).astype("datetime64[M]").astype(np.int64)
        times *= np.array(arrivals.season)[months % 12]
    if arrivals.trend:
        times *= (1.0 + arrivals.trend) ** (np.maximum(0.0, days * DAY - before) / YEAR)
    return times
