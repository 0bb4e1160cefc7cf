"""The plan's graph: stages, what a visit may do by segment, exits, SLA tiers and response curves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from funnelsim.plan import layout
from funnelsim.plan.addresses import PLACE_BITS, addresses
from funnelsim.plan.lawbook import LawBook
from funnelsim.plan.layout import AMOUNT, ANSWER, EXIT, NONE, POINT, STAGE, TIER, VISIT
from funnelsim.plan.timeline import Calendars, Timeline
from funnelsim.scenario.discovery import Discovery
from funnelsim.scenario.distributions import Distribution
from funnelsim.scenario.model import Exit, Response, Scenario, Stage

_TERMINALS = {None: layout.GOING_ON, "won": layout.WON, "lost": layout.LOST}
_KINDS = {"value": layout.BAND, "logit": layout.LOGIT, "table": layout.SHARE, "rest": layout.REST}
_RANKS = {kind: rank for rank, kind in enumerate(_KINDS)}
"""Exits are asked in this order."""
_NO_LIMIT = 1 << 62
_SALES = {"new": layout.NEW, "renewal": layout.RENEWAL, "expansion": layout.EXPANSION}
_DEEDS = {
    "count": layout.COUNT,
    "reprioritise": layout.REPRIORITISE,
    "reassign": layout.REASSIGN,
    "escalate": layout.ESCALATE,
    "pull_back": layout.PULL_BACK,
}
_SHAPES = {
    "none": layout.NO_EFFECT,
    "half_life": layout.HALF_LIFE,
    "hyperbolic": layout.HYPERBOLIC,
    "table": layout.POINTS,
}


class ExitName(NamedTuple):
    """How an exit of the results is called; `kind` is value, logit, table, rest or way."""

    stage: str
    label: str
    to: str
    reason: str
    kind: str


_DIALS = ("enough_dial", "leak_dial")


@dataclass
class Graph:
    """Collects the stages of a scenario; `exit_names` and `tier_names` name the rows of the results."""

    scenario: Scenario
    timeline: Timeline
    laws: LawBook
    calendars: Calendars
    teams: Mapping[str, int]
    exit_names: list[ExitName] = field(default_factory=list)
    tier_names: list[tuple[str, str]] = field(default_factory=list)
    stage_rows: list[tuple[object, ...]] = field(default_factory=list)
    visit_rows: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, VISIT))
    tiers: list[tuple[int, int, int]] = field(default_factory=list)
    points: list[tuple[float, float]] = field(default_factory=list)
    stakes: list[list[float]] = field(default_factory=list)
    _exits: list[list[tuple[object, ...]]] = field(default_factory=list)

    def collect(self) -> "Graph":
        """Every stage, in the order of the file."""
        scenario = self.scenario
        self.stages = {name: at for at, name in enumerate(scenario.stages)}
        self._places = addresses("stage", scenario.stages, PLACE_BITS)
        self._exits, self.stakes = [[] for _ in scenario.segments], [[] for _ in scenario.segments]
        self.visit_rows = np.zeros(len(scenario.stages) * len(scenario.segments), VISIT)
        for at, (name, stage) in enumerate(scenario.stages.items()):
            first_exit = len(self.exit_names)
            ranked = sorted(stage.exits.items(), key=lambda item: _RANKS[item[1].kind])
            self._add_exits(name, stage, ranked)
            ways = self._add_ways(name, stage, first_exit)
            for s, segment in enumerate(scenario.segments):
                row = self.visit_rows[at * len(scenario.segments) + s]
                self._fill(row, stage, segment, ranked, ways, first_exit)
            self._add_stage(name, stage, first_exit, self._asked(at, len(ranked)))
        return self

    def _asked(self, at: int, n_exits: int) -> int:
        """How many exits are asked: not the last, if it takes what is left in every segment."""
        n_segments = len(self.scenario.segments)
        rests = self.visit_rows[at * n_segments : (at + 1) * n_segments]["rest"]
        return n_exits - int(n_exits > 0 and (rests == n_exits - 1).all())

    def _add_stage(self, name: str, stage: Stage, first_exit: int, asked: int) -> None:
        team = NONE if stage.team is None else self.teams[stage.team]
        calendar = NONE
        if stage.clock == "business" and stage.team is not None:
            calendar = self.calendars.enter(self.scenario.teams[stage.team].hours)
        elif stage.clock == "business" and stage.calendar is not None:
            calendar = self.calendars.enter(self.scenario.calendars[stage.calendar])
        sale = layout.NOTHING if stage.sale is None else _SALES[stage.sale.kind]
        takes_time = int(stage.duration is not None)
        terminal = _TERMINALS[stage.terminal]
        meetings = NONE if stage.meetings is None else self.calendars.enter_meetings(stage.meetings)
        self.stage_rows.append(
            (self._places[name], team, terminal, calendar, first_exit, asked, takes_time, sale, meetings)
        )

    def _add_exits(self, name: str, stage: Stage, ranked: list[tuple[str, Exit]]) -> None:
        for label, leaving in ranked:
            self.exit_names.append(ExitName(name, label, leaving.to, leaving.reason, leaving.kind))
            slowed = int(self._is_slowed(stage, label, leaving))
            to = self.stages[leaving.to]
            for s, segment in enumerate(self.scenario.segments):
                p = leaving.p.of(segment) if leaving.p is not None else 0.0
                logit = leaving.logit.of(segment) if leaving.logit is not None else 0.0
                parts = (leaving.intent, leaving.fit, leaving.visits, leaving.skill, leaving.discount)
                weights = tuple(part.of(segment) for part in parts)
                low, below = _band(leaving)
                self._exits[s].append((p, logit, *weights, low, below, _KINDS[leaving.kind], to, slowed))
                self.stakes[s] += [
                    leaving.has[each].of(segment) if each in leaving.has else 0.0 for each in self.scenario.hidden
                ]

    def _is_slowed(self, stage: Stage, label: str, leaving: Exit) -> bool:
        """Whether a late response lowers an exit's chance: if named, or else if it is no loss and not the rest."""
        if stage.response is None or leaving.kind in ("rest", "value"):
            return False
        if stage.response.on is not None:
            return label in stage.response.on
        return self.scenario.stages[leaving.to].terminal != "lost"

    def _add_ways(self, name: str, stage: Stage, first_exit: int) -> dict[str, int]:
        """Exits that are taken by rule; their indices by what leads there, tiers as tier_0, tier_1..."""
        ways = {way.label: (way.to, way.reason) for way in stage.side_ways}
        for nth, tier in enumerate(stage.sla.on_breach if stage.sla is not None else ()):
            if tier.do == "pull_back":
                assert tier.to is not None
                ways[f"tier_{nth}"] = (tier.to, "pulled back")
        out = {}
        for label, (to, reason) in ways.items():
            out[label] = len(self.exit_names)
            shown = "pull_back" if label.startswith("tier_") else label
            self.exit_names.append(ExitName(name, shown, to, reason, "way"))
            for rows in self._exits:
                rows.append((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, layout.WAY, self.stages[to], 0))
            for stakes in self.stakes:
                stakes += [0.0] * len(self.scenario.hidden)
        return out

    def _law(self, distribution: Distribution | None, segment: str) -> int:
        if distribution is None:
            return NONE
        return self.laws.enter(distribution.of(segment), 1 / self.timeline.tick)

    def _unless_zero(self, distribution: Distribution | None, segment: str) -> int:
        """As `_law`, but NONE for a constant of zero, which then takes no time instead of one tick."""
        if distribution is None:
            return NONE
        law = distribution.of(segment)
        return NONE if law.is_constant and law.mean() == 0 else self._law(distribution, segment)

    def _fill(
        self,
        row: np.void,
        stage: Stage,
        segment: str,
        ranked: list[tuple[str, Exit]],
        ways: dict[str, int],
        first_exit: int,
    ) -> None:
        """What a visit of one segment may do."""
        for column in ("duration", "routing", "patience", "effort", "gap", "cool_off", "back_to", *_DIALS):
            row[column] = NONE
        for column in ("patience", "unreached", "refused", "failed", "balk", "leak", "scored", "raised", "ready"):
            row[f"{column}_exit"] = ways.get(column, NONE)
        row["duration"] = self._law(stage.duration, segment)
        row["routing"] = self._unless_zero(stage.routing, segment)
        row["priority"] = stage.priority.of(segment)
        row["rest"] = self._rest_of(ranked, first_exit, segment)
        if stage.patience is not None:
            row["patience"] = self._law(stage.patience.after, segment)
        if stage.attempts is not None:
            row["up_to"] = stage.attempts.up_to.of(segment)
            row["reach"] = stage.attempts.reach.of(segment)
            row["effort"] = self._unless_zero(stage.attempts.effort, segment)
            row["gap"] = self._law(stage.attempts.gap, segment)
        if stage.approvals is not None:
            row["stakeholders"] = stage.approvals.stakeholders.of(segment)
            row["agree"] = stage.approvals.agree.of(segment)
        if stage.discovery is not None:
            self._fill_discovery(row, stage.discovery, segment)
        if stage.discount is not None:
            row["discount"] = stage.discount.of(segment)
        if stage.sale is not None:
            row["books"] = stage.sale.books.of(segment)
        if stage.leak is not None:
            row["leak"] = stage.leak.share.of(segment)
        if stage.taught is not None:
            row["saves"], row["lessons"] = stage.taught.saves.of(segment), stage.taught.enough.of(segment)
        if stage.handoff is not None:
            threshold = stage.handoff.score or stage.handoff.both
            row["enough"] = 0.0 if threshold is None else threshold.at_least.of(segment)
        if stage.recycle is not None:
            row["back_to"] = self.stages[stage.recycle.to]
            row["cool_off"] = self._law(stage.recycle.after, segment)
            row["share"] = stage.recycle.share.of(segment)
            row["at_most"] = stage.recycle.at_most.of(segment)
        self._fill_sla(row, stage, segment, ways)
        if stage.response is not None:
            self._fill_response(row, stage.response, segment)

    def _fill_discovery(self, row: np.void, discovery: Discovery, segment: str) -> None:
        """What is asked for, as bits, and how much of it is enough."""
        row["asks"] = sum(1 << at for at, name in enumerate(self.scenario.hidden) if name in discovery.asks)
        enough = discovery.at_least
        row["at_least"] = len(discovery.asks) if enough is None else enough.of(segment)
        if discovery.each > 0.0:
            row["asking"] = len(discovery.asks) * self.timeline.ticks(discovery.each)

    def _rest_of(self, ranked: list[tuple[str, Exit]], first_exit: int, segment: str) -> int:
        """The exit, counted from the stage's first, that takes what is left: the rest, or the last not slowed."""
        if not ranked:
            return NONE
        if ranked[-1][1].kind == "rest":
            return len(ranked) - 1
        rows = self._exits[0][first_exit : first_exit + len(ranked)]
        steady = [at for at, row in enumerate(rows) if not row[-1]]
        shares = [leaving.p for _, leaving in ranked]
        possible = [at for at in steady if (p := shares[at]) is not None and p.of(segment) > 0]
        return (possible or steady or [len(ranked) - 1])[-1]

    def _fill_sla(self, row: np.void, stage: Stage, segment: str, ways: dict[str, int]) -> None:
        sla = stage.sla
        row["first_tier"] = len(self.tiers)
        if sla is None:
            return
        within = self.timeline.ticks(sla.respond_within.of(segment))
        row["sla"], row["respond_within"], row["sla_business"] = 1, within, int(sla.clock == "business")
        row["n_tiers"] = 1 + len(sla.on_breach)
        name = next(key for key, value in self.scenario.stages.items() if value is stage)
        self.tiers.append((within, layout.COUNT, NONE))
        self.tier_names.append((f"{name}: {segment}", "count"))
        for nth, tier in enumerate(sla.on_breach):
            to = NONE
            if tier.do == "escalate":
                assert tier.to is not None
                to = self.teams[tier.to]
            elif tier.do == "pull_back":
                to = ways[f"tier_{nth}"]
            self.tiers.append((self.timeline.ticks(tier.after.of(segment)), _DEEDS[tier.do], to))
            self.tier_names.append((f"{name}: {segment}", tier.do))

    def _fill_response(self, row: np.void, response: Response, segment: str) -> None:
        causal = 1.0 if response.causal_share is None else response.causal_share.of(segment)
        row["shape"] = _SHAPES[response.shape] if causal > 0 else layout.NO_EFFECT
        row["causal"], row["odds"] = causal, int(response.scale == "odds")
        row["floor"] = response.floor.of(segment)
        if response.half_life is not None:
            row["tau"] = response.half_life.of(segment) / self.timeline.tick
        elif response.hyperbolic is not None:
            row["tau"] = response.hyperbolic.tau.of(segment) / self.timeline.tick
            row["power"] = response.hyperbolic.a.of(segment)
        elif response.points is not None:
            row["first_point"], row["n_points"] = len(self.points), len(response.points)
            self.points.extend((second / self.timeline.tick, share) for second, share in response.points)

    def answer_table(self) -> NDArray[np.void]:
        """How often answers are right, by visit and hidden attribute; 1 where nobody asks."""
        hidden, segments = tuple(self.scenario.hidden), tuple(self.scenario.segments)
        out = np.ones(len(self.visit_rows) * len(hidden), ANSWER)
        for at, stage in enumerate(self.scenario.stages.values()):
            for name, right in (stage.discovery.asks if stage.discovery is not None else {}).items():
                for s, segment in enumerate(segments):
                    row = (at * len(segments) + s) * len(hidden) + hidden.index(name)
                    out[row] = (right.has.of(segment), right.lacks.of(segment))
        return out

    def stake_table(self) -> NDArray[np.void]:
        """Coefficients of hidden attributes, by row of the exits and attribute."""
        return np.array([stake for stakes in self.stakes for stake in stakes], np.float64).view(AMOUNT)

    def stage_table(self) -> NDArray[np.void]:
        """All stages."""
        return np.array(self.stage_rows, STAGE)

    def exit_table(self) -> NDArray[np.void]:
        """All exits, one run a segment."""
        return np.array([row for rows in self._exits for row in rows], EXIT)

    def tier_table(self) -> NDArray[np.void]:
        """All SLA tiers."""
        return np.array(self.tiers, TIER)

    def point_table(self) -> NDArray[np.void]:
        """All points of response tables."""
        return np.array(self.points, POINT)


def _band(leaving: Exit) -> tuple[int, int]:
    """The values that an exit takes, in hundredths."""
    if leaving.value is None:
        return 0, 0
    below = leaving.value.below
    return round(leaving.value.start * 100), _NO_LIMIT if below is None else round(below * 100)
