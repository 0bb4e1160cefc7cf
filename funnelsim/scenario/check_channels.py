"""Channels: how many prospects they bring, and whether their lead lists can be read."""

from __future__ import annotations

import math
from datetime import datetime

from funnelsim.scenario.document import Path
from funnelsim.scenario.lead_file import LeadsError
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Arrivals, Batches, Scenario
from funnelsim.scenario.moments import say_moment
from funnelsim.scenario.units import YEAR
from funnelsim.scenario.window import window

MOST_PROSPECTS = 1e9
MOST_IN_BATCHES = 1e8


def check_channels(scenario: Scenario, ledger: Ledger) -> list[tuple[datetime, datetime]]:
    """Note channels that bring too many, nobody ever, or cannot be read; first and last instant of each lead list."""
    spans = {name: span for name in scenario.channels if (span := _lead_list(name, scenario, ledger)) is not None}
    seen = window(scenario, spans.values())
    known = ledger.sound(("start",), ("horizon",))
    if known and seen.start is not None and seen.end is not None and seen.start < seen.end:
        _numbers(scenario, spans, seen.start, seen.end, ledger)
    return list(spans.values())


def _numbers(
    scenario: Scenario, spans: dict[str, tuple[datetime, datetime]], start: datetime, end: datetime, ledger: Ledger
) -> None:
    """Every channel brings somebody from start to end, and all together not too many."""
    expected = 0.0
    for name, channel in scenario.channels.items():
        path: Path = ("channels", name, "arrivals")
        if not channel.on:
            continue
        before = expected
        expected += _expected(channel.arrivals, (end - start).total_seconds())
        if before <= MOST_PROSPECTS < expected:
            found = f"about {expected:.3g} prospects are expected up to here"
            remedy = "lower the rate or its multipliers, or shorten the horizon"
            ledger.add((*path, "rate"), found, f"a run has at most {MOST_PROSPECTS:g}", remedy, needs=(path,))
        if channel.arrivals.batches is not None:
            _batches(channel.arrivals.batches, (*path, "batches"), start, end, ledger)
        if name in spans and (spans[name][1] < start or spans[name][0] >= end):
            first, last = spans[name]
            found = f"its leads came from {say_moment(first)} to {say_moment(last)}"
            found += f", the scenario runs from {say_moment(start)} to {say_moment(end)}"
            ledger.add((*path, "replay", "file"), found, "some lead falls into the horizon", "write start: first lead")


def _expected(arrivals: Arrivals, length: float) -> float:
    """An upper bound of the number of prospects of a rate, with its largest multipliers."""
    rate = arrivals.rate or 0.0
    if rate == 0.0:
        return 0.0
    weekly, season = max(arrivals.weekly or (1.0,)), max(arrivals.season or (1.0,))
    if weekly == 0.0 or season == 0.0:
        return 0.0
    years = max(length, 0.0) / YEAR
    growth = math.log1p(arrivals.trend) * years
    grown = 1.0 if abs(growth) < 1e-9 else math.expm1(min(growth, 600.0)) / growth
    times = math.prod(max(pulse.times, 1.0) for pulse in arrivals.pulses[:100])
    return rate * length * weekly * season * grown * times


def _batches(batches: Batches, path: Path, start: datetime, end: datetime, ledger: Ledger) -> None:
    """Some batch comes within the horizon, and not too many prospects in all."""
    key = next(key for key in ("at", "first", "every") if getattr(batches, key) is not None)
    if batches.first is not None and batches.first < start:
        found, rule = (
            f"{say_moment(batches.first)} is before the start {say_moment(start)}",
            "the first batch comes not before the start",
        )
        ledger.add((*path, "first"), found, rule, needs=(path,))
        return
    inside = n_batches(batches, start, end)
    if inside == 0:
        ledger.add(
            (*path, key),
            f"no batch comes from {say_moment(start)} to {say_moment(end)}",
            "a channel brings somebody",
            needs=(path,),
        )
    if inside * batches.size > MOST_IN_BATCHES:
        found = f"{inside} batches of {batches.size} make {inside * batches.size:.3g} prospects"
        ledger.add((*path, "size"), found, f"batches bring at most {MOST_IN_BATCHES:g}", needs=(path,))


def n_batches(batches: Batches, start: datetime, end: datetime) -> int:
    """How many batches come from start to end; none of those that come every so often is before the start."""
    if batches.at is not None:
        return sum(start <= at < end for at in batches.at)
    left = (end - (batches.first or start)).total_seconds()
    return 0 if left <= 0.0 else math.ceil(left / (batches.every or left))


def _lead_list(name: str, scenario: Scenario, ledger: Ledger) -> tuple[datetime, datetime] | None:
    """First and last instant of a channel's lead list; its problems are noted."""
    replay = scenario.channels[name].arrivals.replay
    if replay is None:
        return None
    from funnelsim.scenario.leads import read_leads  # here: numpy

    at: Path = ("channels", name, "arrivals", "replay")
    try:
        leads = read_leads(replay, segments=ledger.names("segments") or ["all"])
    except LeadsError as error:
        for trouble in error.troubles:
            if trouble.line is not None:
                ledger.problems.append(trouble.problem(replay.file.name))
            else:
                ledger.add((*at, *trouble.keys), trouble.found, trouble.rule, trouble.remedy)
        ledger.tainted.add(("horizon",), *([("start",)] if scenario.start is None else []))
        return None
    return leads.first, leads.last
