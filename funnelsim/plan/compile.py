"""From what a person writes to what a machine reads: a scenario compiled into a plan, and the names of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from funnelsim.chance.calendars import ALWAYS
from funnelsim.core.rows import NUMBER, Frame
from funnelsim.plan import features, layout
from funnelsim.plan.addresses import PLACE_BITS, TURN_BITS, addresses
from funnelsim.plan.arrivals import Sources
from funnelsim.plan.graph import ExitName, Graph
from funnelsim.plan.lawbook import LawBook
from funnelsim.plan.layout import (
    BAND,
    BATCH,
    CHANCE,
    EMPIRICAL,
    FIFO,
    LEADS,
    LOGIT,
    MIXTURE,
    NO_EFFECT,
    NONE,
    NOTHING,
    PIECE,
    PLAN,
    POISSON,
    POOLED,
    REP,
    SCORE,
    SEGMENT,
    TEAM,
    TERMS,
)
from funnelsim.plan.outreach import Outreach, chance_row
from funnelsim.plan.reviews import Reviews
from funnelsim.plan.tails import mark_tail, varies
from funnelsim.plan.timeline import Calendars, Timeline, bucket_ends, spell, timeline_of
from funnelsim.scenario.distributions import Distribution
from funnelsim.scenario.leads import Leads, read_leads
from funnelsim.scenario.model import Rep, Scenario, Team

_LONG_AGO = -(1 << 50)
"""The tick at which those were hired who have been there for ever."""
_DISCIPLINES = {
    "fifo": layout.FIFO,
    "lifo": layout.LIFO,
    "score": layout.SCORE,
    "value": layout.VALUE,
    "deadline": layout.DEADLINE,
    "priority": layout.PRIORITY,
    "preemptive": layout.PREEMPTIVE,
}
_ASSIGNMENTS = {
    "pooled": layout.POOLED,
    "round_robin": layout.ROUND_ROBIN,
    "least_loaded": layout.LEAST_LOADED,
    "sticky": layout.STICKY,
}


@dataclass(frozen=True)
class Compiled:
    """A plan with its timeline and the names of its rows; `skipped` counts leads outside the horizon by channel."""

    plan: Frame
    timeline: Timeline
    stages: tuple[str, ...]
    segments: tuple[str, ...]
    channels: tuple[str, ...]
    touching: tuple[str, ...]
    teams: tuple[str, ...]
    reps: tuple[str, ...]
    exits: tuple[ExitName, ...]
    tiers: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]
    dials: tuple[tuple[str, str], ...]
    leads: Mapping[str, Leads]
    skipped: Mapping[str, int]

    @property
    def tail(self) -> tuple[str, ...] | None:
        """The tail stages, in the order of the file; None where wins are not counted by their chances."""
        if not int(self.plan["terms"]["uses"][0]) & features.EXPECTED:
            return None
        return tuple(self.stages[at] for at in sorted(self.plan["tails"]["n"]))

    @property
    def bucket_starts(self) -> list[datetime]:
        """The instant at which each time bucket of the results begins."""
        ends = self.plan["marks"].tolist()
        return [self.timeline.when(tick) for tick in (self.timeline.warmup, *ends[:-1])]


def compile_scenario(scenario: Scenario, expected: bool = False) -> Compiled:
    """The plan of a valid scenario; reads its lead lists. With `expected` wins are counted by their chances too."""
    leads = {
        name: read_leads(channel.arrivals.replay, segments=tuple(scenario.segments))
        for name, channel in scenario.channels.items()
        if channel.arrivals.replay is not None
    }
    timeline = timeline_of(scenario, *_span_of(leads))
    laws, calendars = LawBook(), Calendars(timeline)
    teams = {name: at for at, name in enumerate(scenario.teams)}
    team_rows, rep_rows, rep_names = _people(scenario, timeline, calendars, laws)
    graph = Graph(scenario, timeline, laws, calendars, teams).collect()
    sources = Sources(scenario, timeline, leads, graph.stages).collect()
    source_rows = sources.source_rows()
    reviews = Reviews(scenario, timeline, graph.exit_names).collect(graph.visit_rows, source_rows)
    outreach = Outreach(scenario, timeline, sources.label).collect()
    segments = [(s.fit, s.intent, NONE if s.deal_value is None else laws.enter(s.deal_value.of(name), 1.0))
                for name, s in scenario.segments.items()]  # fmt: skip
    arrays = {
        "marks": np.array(bucket_ends(timeline, scenario.bucket), np.int64),
        "laws": laws.law_rows(),
        "cubics": laws.table_rows(),
        "values": laws.value_rows(),
        "parts": laws.part_rows(),
        "spans": calendars.span_rows(),
        "calendars": calendars.calendar_rows(),
        "segments": np.array(segments, SEGMENT),
        "mixes": np.array(sources.mixes, np.float64),
        "sources": source_rows,
        "pieces": np.array(sources.pieces, PIECE),
        "batches": np.array(sources.batches, BATCH),
        "leads": np.concatenate(sources.leads),
        "stages": graph.stage_table(),
        "visits": graph.visit_rows,
        "exits": graph.exit_table(),
        "tiers": graph.tier_table(),
        "points": graph.point_table(),
        "teams": np.array(team_rows, TEAM),
        "reps": np.array(rep_rows, REP),
        "touches": outreach.touch_table(),
        "chances": outreach.chance_table(),
        "lifts": outreach.lift_table(),
        "synergies": outreach.synergy_table(),
        "steps": outreach.step_table(),
        "reaches": outreach.reach_table(),
        "hidden": np.array(
            [chance_row(chance, segment) for chance in scenario.hidden.values() for segment in scenario.segments],
            CHANCE,
        ),
        "bearings": _bearings(scenario),
        "answers": graph.answer_table(),
        "stakes": graph.stake_table(),
        "dials": reviews.dial_table(),
        "reviews": reviews.review_table(),
    }
    arrays["tails"] = mark_tail(arrays) if expected else np.zeros(0, NUMBER)
    arrays["terms"] = _terms(scenario, timeline, len(sources.labels), len(graph.exit_names), arrays, expected)
    return Compiled(
        Frame(PLAN, arrays),
        timeline,
        tuple(scenario.stages),
        tuple(scenario.segments),
        tuple(sources.labels),
        outreach.touching,
        tuple(teams),
        tuple(rep_names),
        tuple(graph.exit_names),
        tuple(graph.tier_names),
        tuple(scenario.hidden),
        tuple(reviews.dials),
        {name: each for name, each in leads.items() if scenario.channels[name].on},
        sources.skipped,
    )


def _bearings(scenario: Scenario) -> NDArray[np.void]:
    """The address of each hidden attribute."""
    found = addresses("hidden", scenario.hidden, TURN_BITS)
    return np.array([found[name] for name in scenario.hidden], np.int64).view(NUMBER)


def _terms(
    scenario: Scenario,
    timeline: Timeline,
    n_channels: int,
    n_exits: int,
    arrays: Mapping[str, NDArray[Any]],
    expected: bool,
) -> NDArray[np.void]:
    """The one row of numbers that hold for the whole plan."""
    row = np.zeros(1, TERMS)
    row["horizon"], row["warmup"] = timeline.horizon, timeline.warmup
    row["score_intent"], row["score_fit"] = scenario.score.intent, scenario.score.fit
    row["score_noise"] = scenario.score.noise
    row["score_half_life"] = (scenario.score.half_life or 0.0) / timeline.tick
    valued = any(segment.deal_value is not None for segment in scenario.segments.values())
    row["sticky"] = any(team.assignment == "sticky" for team in scenario.teams.values())
    row["varied"] = len(scenario.segments) > 1 or valued or scenario.score.noise > 0
    row["n_cells"], row["n_exits"] = n_channels * len(scenario.segments), n_exits
    row["n_hidden"] = len(scenario.hidden)
    row["varying"] = varies(arrays, arrays["tails"]["n"])
    row["uses"] = _features(arrays, row[0], expected)
    counted = ("stages", "segments", "teams", "reps", "tiers", "calendars", "sources", "touches", "marks", "dials")
    for name in (*counted, "reviews", "tails"):
        row[f"n_{name}"] = arrays[name].size
    return row


def _features(arrays: Mapping[str, NDArray[Any]], terms: np.void, expected: bool) -> int:
    """The features that a plan uses."""
    teams, visits, segments, sources = (arrays[name] for name in ("teams", "visits", "segments", "sources"))
    reps = arrays["reps"]
    is_handed_over = np.stack([visits[f"{way}_exit"] != NONE for way in ("scored", "raised", "ready")])
    used = {
        features.OWN_LINES: teams["assignment"] != POOLED,
        features.RANKED: teams["discipline"] != FIFO,
        features.HOURS: arrays["calendars"]["first"] != ALWAYS,
        features.LIMITS: teams["max_queue"] != NONE,
        features.PROMISES: visits["sla"] != 0,
        features.ATTEMPTS: visits["up_to"] != 0,
        features.ROUTES: (visits["routing"] != NONE) | (visits["leak_exit"] != NONE),
        features.RESPONSE: visits["shape"] != NO_EFFECT,
        features.MIXED: np.isin(arrays["laws"]["kind"], (EMPIRICAL, MIXTURE)),
        features.FEEDS: sources["kind"] != POISSON,
        features.TRAITS: np.array(
            [
                segments.size > 1,
                (segments["value"] != NONE).any(),
                (sources["kind"] == LEADS).any(),
                (teams["discipline"] == SCORE).any(),
                (arrays["exits"]["kind"] == LOGIT).any(),
                arrays["touches"].size > 0,
                is_handed_over.any(),
                (arrays["stages"]["sale"] != NOTHING).any(),
                (visits["discount"] > 0).any(),
                (teams["trust"] != 0).any(),
                terms["n_hidden"] > 0,
            ]
        ),
        features.ATTRITION: teams["stays"] != NONE,
        features.SHIFTS: (reps["start"] > 0) | (reps["until"] < terms["horizon"]) | (teams["stays"] != NONE).any(),
        features.CELLS: terms["n_cells"] > 1,
        features.APPROVALS: visits["stakeholders"] > 0,
        features.TOUCHES: np.array([arrays["touches"].size > 0]),
        features.HANDOFFS: is_handed_over,
        features.DISCOUNTS: visits["discount"] > 0,
        features.HIDDEN: np.array([terms["n_hidden"] > 0]),
        features.BANDS: arrays["exits"]["kind"] == BAND,
        features.REVIEWS: np.array([arrays["reviews"].size > 0]),
        features.DEALS: arrays["leads"]["stage"] != NONE,
        features.EXPECTED: np.array([expected]),
        features.SALES: arrays["stages"]["sale"] != NOTHING,
        features.REFERRALS: arrays["touches"]["source"] != NONE,
        features.PEOPLE: np.concatenate(
            [reps["speed"] != 1, reps["skill"] != 0, reps["ramp"] > 0, teams["trust"] != 0]
        ),
    }
    return sum(feature for feature, where in used.items() if where.any())


def _span_of(leads: Mapping[str, Leads]) -> tuple[datetime | None, datetime | None]:
    """The instants of the first and the last lead of all lists."""
    times = [item.times for item in leads.values() if item.times.size]
    if not times:
        return None, None
    return min(t.min() for t in times).item(), max(t.max() for t in times).item()


def _pace(timeline: Timeline, team: Team, rep: Rep) -> tuple[float, ...]:
    """The tick from which a rep's ramp counts, its ticks and its first share, full speed, and skill."""
    speed, skill = 1.0 if rep.speed is None else rep.speed, rep.skill or 0.0
    if team.ramp is None or (rep.start is None and team.attrition is None):
        return 0, 0.0, 1.0, speed, skill
    hired = _LONG_AGO if rep.start is None else timeline.at(rep.start)
    return hired, team.ramp.lasts / timeline.tick, team.ramp.begins, speed, skill


def _law_of(timeline: Timeline, laws: LawBook, law: Distribution | None) -> int:
    """The law of a time of a team's reps, or NONE."""
    return NONE if law is None else laws.enter(law.values()[0], 1 / timeline.tick)


def _people(
    scenario: Scenario, timeline: Timeline, calendars: Calendars, laws: LawBook
) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]], list[str]]:
    """Rows of teams and reps, and the reps' names."""
    teams: list[tuple[float, ...]] = []
    reps: list[tuple[float, ...]] = []
    names: list[str] = []
    everybody = [f"{name}: {rep.name}" for name, team in scenario.teams.items() for rep in team.reps]
    places = addresses("rep", everybody, PLACE_BITS)
    for at, (name, team) in enumerate(scenario.teams.items()):
        row = (calendars.enter(team.hours), len(reps), len(team.reps))
        limit = NONE if team.max_queue is None else team.max_queue
        tenure = [_law_of(timeline, laws, getattr(team.attrition, key, None)) for key in ("after", "replaced")]
        teams.append((team.trust, *row, _DISCIPLINES[team.queue], _ASSIGNMENTS[team.assignment], limit, *tenure))
        for rep in team.reps:
            start, until = spell(timeline, rep.start, rep.until)
            reps.append((start, until, *_pace(timeline, team, rep), places[f"{name}: {rep.name}"], rep.slots, at))
            names.append(f"{name}: {rep.name}")
    return teams, reps, names
