"""The plan's sources: cumulative rates in pieces, batches, and replayed leads as rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from funnelsim.chance.streams import SPREAD, uniform, words
from funnelsim.core.jit import kernel
from funnelsim.core.ticks import YEAR
from funnelsim.plan.addresses import RANK_BITS, SOURCE_BITS, addresses
from funnelsim.plan.layout import BATCH, BATCHES, LEAD, LEADS, NONE, POISSON, SOURCE
from funnelsim.plan.timeline import Timeline
from funnelsim.scenario.deals import read_deals
from funnelsim.scenario.leads import Leads
from funnelsim.scenario.model import Arrivals, Batches, Channel, Scenario
from funnelsim.scenario.pipeline import Pipeline

OPEN_PIPELINE = "open pipeline"
"""What the deals that are open at the start are called among the channels of the results."""
_PIPELINE = "(pipeline)"
"""No channel has this name: it has brackets."""
_NOBODY = (0.0, 0.0, 0.0)
"""The one piece of a rate of zero."""


@dataclass
class Sources:
    """Collects where prospects come from; `labels` are the channels of the results, `skipped` leads out of time."""

    scenario: Scenario
    timeline: Timeline
    leads_by_channel: Mapping[str, Leads]
    stages: Mapping[str, int]
    labels: list[str] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[object, ...]] = field(default_factory=list)
    mixes: list[float] = field(default_factory=list)
    pieces: list[tuple[float, float, float]] = field(default_factory=list)
    batches: list[tuple[int, int, int]] = field(default_factory=list)
    leads: list[NDArray[np.void]] = field(default_factory=lambda: [np.zeros(0, LEAD)])

    def collect(self) -> "Sources":
        """Every channel of the scenario, in the order of the file."""
        identities = addresses("channel", self._names(), SOURCE_BITS)
        for name, channel in self.scenario.channels.items():
            identity = identities[name] << RANK_BITS
            mix = len(self.mixes)
            shares = [
                segment.share if channel.segments is None else channel.segments.get(key, 0.0)
                for key, segment in self.scenario.segments.items()
            ]
            self.mixes.extend(np.cumsum(shares).tolist())
            kind, label, first, count = self._arrivals(name, channel, identity)
            intent = (channel.intent.mean, channel.intent.sd)
            self.rows.append((identity, *intent, kind, label, self.stages[channel.enters], first, count, mix, NONE))
        if self.scenario.pipeline is not None:
            self._add_pipeline(self.scenario.pipeline, identities[_PIPELINE] << RANK_BITS)
        return self

    def _names(self) -> tuple[str, ...]:
        """What every source is called."""
        return (*self.scenario.channels, *((_PIPELINE,) if self.scenario.pipeline is not None else ()))

    def _add_pipeline(self, pipeline: Pipeline, identity: int) -> None:
        """The deals that are open at the start, as leads of a source of their own."""
        mix, first = len(self.mixes), sum(part.size for part in self.leads)
        self.mixes.extend(np.cumsum([segment.share for segment in self.scenario.segments.values()]).tolist())
        label, segments = self.label(OPEN_PIPELINE), list(self.scenario.segments)
        deals = [deal for deal in read_deals(self.scenario, self.timeline.start) for _ in range(deal.count)]
        rows = np.zeros(len(deals), LEAD)
        rows["rank"], rows["channel"] = np.arange(1, len(deals) + 1), label
        rows["stage"] = [self.stages[deal.stage] for deal in deals]
        rows["age"] = [round(deal.age / self.timeline.tick) for deal in deals]
        rows["worked"] = [round(deal.worked / self.timeline.tick) for deal in deals]
        rows["value"] = [NONE if deal.value is None else round(deal.value * 100) for deal in deals]
        rows["segment"] = [NONE if deal.segment is None else segments.index(deal.segment) for deal in deals]
        self.leads.append(rows)
        intent = (pipeline.intent.mean, pipeline.intent.sd)
        self.rows.append((identity, *intent, LEADS, label, 0, first, len(deals), mix, NONE))

    def _arrivals(self, name: str, channel: Channel, identity: int) -> tuple[int, int, int, int]:
        """Kind, channel label, first row and number of rows of a channel's arrivals."""
        arrivals = channel.arrivals
        if not channel.on or channel.referrals is not None or not channel.brings:
            self.pieces.append(_NOBODY)
            return POISSON, self.label(name), len(self.pieces) - 1, 1
        if arrivals.replay is not None:
            first = sum(part.size for part in self.leads)
            self.leads.append(self._leads(name, self.leads_by_channel[name], identity, arrivals.replay.spread))
            return LEADS, NONE, first, self.leads[-1].size
        label = self.label(name)
        if arrivals.batches is not None:
            first = len(self.batches)
            self.batches.extend(batch_rows(arrivals.batches, self.timeline).tolist())
            return BATCHES, label, first, len(self.batches) - first
        first = len(self.pieces)
        self.pieces.extend(rate_pieces(arrivals, self.timeline))
        return POISSON, label, first, len(self.pieces) - first

    def label(self, name: str) -> int:
        """The number of a channel in the results; a new one if it has none yet."""
        if name not in self.labels:
            self.labels.append(name)
        return self.labels.index(name)

    def _leads(self, name: str, leads: Leads, identity: int, spread: float) -> NDArray[np.void]:
        """The leads within the horizon, by tick and then by their rank in the file."""
        start = np.datetime64(self.timeline.start, "s")
        seconds = (leads.times - start).astype(np.int64).astype(np.float64)
        if spread > 0:
            day_place = [_place_in_day(np.uint64(identity + int(rank))) for rank in leads.rows]
            # Down to the tick: the last tick of a day still belongs to it.
            within = np.floor(np.array(day_place) * spread / self.timeline.tick) * self.timeline.tick
            seconds = seconds + np.where(leads.date_only, within, 0.0)
        rows = np.zeros(seconds.size, LEAD)
        rows["tick"] = np.ceil(seconds / self.timeline.tick)
        rows["rank"] = leads.rows
        rows["value"] = np.where(np.isnan(leads.values), NONE, np.round(np.nan_to_num(leads.values) * 100))
        labels = np.array([self.label(label) for label in (leads.channel_names or (name,))])
        rows["channel"] = labels[np.maximum(leads.channels, 0)]
        rows["segment"], rows["stage"] = leads.segments, NONE
        inside = (rows["tick"] >= 0) & (rows["tick"] < self.timeline.horizon)
        self.skipped[name] = int((~inside).sum())
        rows = rows[inside]
        return rows[np.lexsort([rows["rank"], rows["tick"]])]

    def source_rows(self) -> NDArray[np.void]:
        """All sources."""
        return np.array(self.rows, SOURCE)


@kernel
def _place_in_day(who: np.uint64) -> Any:
    """Where in its day a date-only lead comes, in (0, 1): the same in every replication and under every seed."""
    place, _, _, _ = words(np.uint64(0), who, 0, SPREAD, 0, 0)
    return uniform(place)


def batch_rows(batches: Batches, timeline: Timeline) -> NDArray[np.void]:
    """The batches within the horizon: tick, rank of the first prospect and of the first after it."""
    if batches.at is not None:
        ticks = sorted(timeline.at(instant) for instant in batches.at)
    else:
        assert batches.every is not None
        first = timeline.start if batches.first is None else batches.first
        span = (timeline.end - first).total_seconds()
        n = max(0, int(np.ceil(span / batches.every)))
        ticks = [timeline.at(first + timedelta(seconds=i * batches.every)) for i in range(n)]
    rows = np.zeros(len(ticks), BATCH)
    rows["tick"] = ticks
    rows["upto"] = batches.size * np.arange(1, len(ticks) + 1)
    rows["begin"] = rows["upto"] - batches.size
    # A batch before the start keeps its ranks: nobody after it changes identity.
    return rows[(rows["tick"] >= 0) & (rows["tick"] < timeline.horizon)]


def rate_pieces(arrivals: Arrivals, timeline: Timeline) -> list[tuple[float, float, float]]:
    """Pieces of constant rate: first tick, rate per tick, and the cumulative rate up to there."""
    assert arrivals.rate is not None
    seconds = np.unique(np.concatenate([[0.0], _changes(arrivals, timeline)]))
    rates = np.array([_rate_at(arrivals, timeline.start, second) for second in seconds]) * timeline.tick
    kept = np.concatenate([[True], rates[1:] != rates[:-1]])
    starts, rates = seconds[kept] / timeline.tick, rates[kept]
    before = np.concatenate([[0.0], np.cumsum(rates[:-1] * np.diff(starts))])
    return list(zip(starts.tolist(), rates.tolist(), before.tolist(), strict=True))


def _changes(arrivals: Arrivals, timeline: Timeline) -> NDArray[np.float64]:
    """Seconds after the start at which the rate can change."""
    total = (timeline.end - timeline.start).total_seconds()
    start = timeline.start
    midnight = datetime(start.year, start.month, start.day)
    lag = (midnight - start).total_seconds()
    edges: list[NDArray[np.float64]] = [np.zeros(0)]
    if arrivals.weekly is not None or arrivals.season is not None or arrivals.trend:
        step = 3600.0 if arrivals.weekly is not None and len(arrivals.weekly) == 168 else 86_400.0
        edges.append(np.asarray(lag + step * np.arange(1, int((total - lag) / step) + 1), np.float64))
    for pulse in arrivals.pulses:
        begin = (pulse.start - start).total_seconds()
        edges.append(np.array([begin, begin + pulse.duration]))
    out = np.concatenate(edges)
    return out[(out > 0) & (out < total)]


def _rate_at(arrivals: Arrivals, start: datetime, second: float) -> float:
    """Prospects per second at an instant, from the instant on until the next change."""
    assert arrivals.rate is not None
    now = start + timedelta(seconds=second)
    rate = arrivals.rate
    if arrivals.weekly is not None:
        weekly = arrivals.weekly
        rate *= weekly[now.weekday()] if len(weekly) == 7 else weekly[now.weekday() * 24 + now.hour]
    if arrivals.season is not None:
        rate *= arrivals.season[now.month - 1]
    if arrivals.trend:
        midnight = datetime(now.year, now.month, now.day)
        rate *= (1 + arrivals.trend) ** (max(0.0, (midnight - start).total_seconds()) / YEAR)
    for pulse in arrivals.pulses:
        if pulse.start <= now < pulse.start + timedelta(seconds=pulse.duration):
            rate *= pulse.times
    return rate
