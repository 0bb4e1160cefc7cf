"""Journeys of simulated prospects: every touch, milestone and end, as the table that attribution reads."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from attribution.journeys import KINDS, MILESTONES, OUTCOMES, SCHEMA
from funnelsim.core.ticks import NEVER
from funnelsim.engines import asked
from funnelsim.engines.retold import lifts_of
from funnelsim.plan.compile import Compiled
from funnelsim.plan.layout import LOST, NEW, NONE, WON
from funnelsim.plan.trace import ARRIVED, ENTERED, STARTED, TOUCHED
from funnelsim.results.people import People, people_of
from funnelsim.results.run import HUNDREDTHS
from funnelsim.results.tablefile import named
from funnelsim.rules.contacts import REFERRED, WAS_CLICKED, WAS_OBSERVED, WAS_SEEN, touch_of
from funnelsim.scenario.model import Scenario

_ARRIVAL, _TOUCH, _SALES, _MILESTONE, _CONVERSION, _LOSS = range(len(KINDS))


def schema_of(scenario: Scenario, seed: int) -> pa.Schema:
    """The schema of journeys, with the currency of their money and where they come from."""
    return SCHEMA.with_metadata({"currency": scenario.currency, "scenario": scenario.name, "seed": str(seed)})


def journeys_of(
    scenario: Scenario, compiled: Compiled, seed: int, replication: int, trace: NDArray[np.void]
) -> pa.Table:
    """The journeys of one replication, by prospect and time."""
    key = asked.replication_key(np.uint64(seed), replication)
    return pa.table(_columns(scenario, compiled, replication, trace, key), schema=schema_of(scenario, seed))


def _columns(
    scenario: Scenario, compiled: Compiled, replication: int, trace: NDArray[np.void], key: int
) -> dict[str, pa.Array]:
    """The columns of `attribution.journeys`, from a trace."""
    lifts, intents = lifts_of(compiled.plan, trace, key)
    people, milestone = people_of(compiled, trace), _milestones(scenario, trace)
    known_from, kind = _known_from(scenario, people, trace, milestone), _kinds(compiled, trace, milestone)
    kept = np.flatnonzero(kind >= 0)
    kept = kept[np.lexsort([kind[kept], trace["tick"][kept], trace["prospect"][kept]])]
    rows, kind, milestone = trace[kept], kind[kept], milestone[kept]
    who = people.number(rows["prospect"])
    channel, names = _channels(compiled, rows, kind, people.channel[who])
    start = np.datetime64(compiled.timeline.start, "us")
    is_touch, won = np.isin(kind, (_ARRIVAL, _TOUCH)), kind == _CONVERSION
    detail = rows["detail"]
    outcome = np.where(kind == _TOUCH, np.where(detail & WAS_CLICKED, 2, np.where(detail & WAS_SEEN, 1, 0)), NONE)
    stage = np.where(kind == _ARRIVAL, people.door[who], rows["stage"])
    return {
        "replication": pa.array(np.full(rows.size, replication, np.int32)),
        "prospect": pa.array(rows["prospect"].copy()),
        "time": pa.array(start + rows["tick"] * np.timedelta64(compiled.timeline.tick, "s")),
        "kind": named(kind, KINDS),
        "channel": named(channel, names),
        "outcome": named(outcome, OUTCOMES),
        "stage": named(stage, compiled.stages),
        "segment": named(people.segment[who], compiled.segments),
        "milestone": named(milestone, MILESTONES),
        "observed": pa.array((kind != _TOUCH) | (detail & WAS_OBSERVED > 0)),
        "known": pa.array(rows["tick"] >= known_from[who]),
        "cost": pa.array(_costs(scenario, compiled, rows, kind, people.source[who])),
        "value": pa.array(np.where(won, detail / HUNDREDTHS, 0.0), mask=~won),
        "intent": pa.array(intents[kept], mask=~is_touch),
        "lift": pa.array(lifts[kept], mask=~is_touch),
    }


def _kinds(compiled: Compiled, trace: NDArray[np.void], milestone: NDArray[Any]) -> NDArray[Any]:
    """The kind of each row of a trace; NONE of rows that tell nothing of a journey."""
    kind = np.full(trace.size, NONE)
    code = trace["code"]
    terminal = compiled.plan["stages"]["terminal"][trace["stage"]]
    kind[code == ARRIVED] = _ARRIVAL
    kind[(code == TOUCHED) & (trace["detail"] & REFERRED == 0)] = _TOUCH
    kind[code == STARTED] = _SALES
    kind[milestone >= 0] = _MILESTONE
    sale = compiled.plan["stages"]["sale"][trace["stage"]]
    kind[(code == ENTERED) & ((terminal == WON) | (sale == NEW))] = _CONVERSION
    kind[(code == ENTERED) & (terminal == LOST)] = _LOSS
    return kind


def _milestones(scenario: Scenario, trace: NDArray[np.void]) -> NDArray[Any]:
    """Which milestone each row of a trace is: the prospect's first entry into a stage that has it; else NONE."""
    of_stage = np.array([MILESTONES.index(s.milestone) if s.milestone else NONE for s in scenario.stages.values()])
    found = np.where(trace["code"] == ENTERED, of_stage[trace["stage"]], NONE)
    at = np.flatnonzero(found >= 0)
    # A trace is in order of time: the first row of each is its first time.
    _, first = np.unique(np.stack([trace["prospect"][at], found[at].astype(np.uint64)]), axis=1, return_index=True)
    out = np.full(trace.size, NONE)
    out[at[first]] = found[at[first]]
    return out


def _known_from(
    scenario: Scenario, people: People, trace: NDArray[np.void], milestone: NDArray[Any]
) -> NDArray[np.int64]:
    """The tick from which each prospect, in the order of their numbers, is known: since it became a lead, where the
    scenario says at which stage that is; else, and where its deal is open at the start, from its arrival."""
    if all(stage.milestone is None for stage in scenario.stages.values()):
        return people.born
    at = np.flatnonzero(milestone >= 0)
    out = np.full(people.who.size, NEVER, np.int64)
    np.minimum.at(out, people.number(trace["prospect"][at]), trace["tick"][at])
    return np.where(people.is_deal, people.born, out)


def _channels(
    compiled: Compiled, rows: NDArray[np.void], kind: NDArray[Any], origin: NDArray[Any]
) -> tuple[NDArray[Any], Sequence[str]]:
    """The number of each row's channel, and the names: those of channels, then those of teams."""
    names = (*compiled.channels, *compiled.teams)
    touching = compiled.plan["touches"]["channel"]
    out = np.where(kind == _ARRIVAL, origin, NONE)
    touch = kind == _TOUCH
    out[touch] = touching[touch_of(rows["detail"][touch])]
    sales = kind == _SALES
    out[sales] = len(compiled.channels) + compiled.plan["reps"]["team"][rows["rep"][sales]]
    return out, names


def _costs(
    scenario: Scenario,
    compiled: Compiled,
    rows: NDArray[np.void],
    kind: NDArray[Any],
    source: NDArray[Any],
) -> NDArray[np.float64]:
    """What each row cost of itself: a lead, a touch or a click; running costs and salaries belong to no row."""
    costs = [channel.cost for channel in scenario.channels.values()]
    # A further one of 0: the open pipeline, the last source if there is one, was paid for before.
    lead = np.array([*(cost.per_lead + cost.per_visit * cost.visits_per_lead for cost in costs), 0.0])
    out = np.where(kind == _ARRIVAL, lead[source], 0.0)
    touch = kind == _TOUCH
    detail = rows["detail"][touch]
    touching = [scenario.channels[name].cost for name in compiled.touching]
    per_touch, per_click = (np.array([getattr(cost, each) for cost in touching]) for each in ("per_touch", "per_click"))
    at = touch_of(detail)
    out[touch] = per_touch[at] + np.where(detail & WAS_CLICKED, per_click[at], 0.0) if touching else 0.0
    return out
