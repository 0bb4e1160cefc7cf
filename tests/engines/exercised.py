"""What a campaign of scenarios exercised, counted in rows of traces: mechanisms that never ran were not tested."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from both import Book, Event, Rows, events

from funnelsim.plan.compile import Compiled
from funnelsim.plan.layout import NONE, PREEMPTIVE
from funnelsim.plan.trace import (
    ARRIVED,
    BREACHED,
    ENTERED,
    FINISHED,
    JOINED,
    LEFT,
    NAMES,
    STARTED,
    STOPPED,
    TOUCHED,
    share_tied,
)
from funnelsim.rules.contacts import HAND_RAISED, OPTED_OUT, REFERRED, WAS_CLICKED, WAS_OBSERVED, WAS_SEEN, touch_of

SOURCES = ("poisson", "batches", "leads")
DISCIPLINES = ("fifo", "lifo", "score", "value", "deadline", "priority", "preemptive")
ASSIGNMENTS = ("pooled", "round robin", "least loaded", "sticky")
DEEDS = ("count", "reprioritise", "reassign", "escalate", "pull back")
SHAPES = ("none", "half life", "hyperbolic", "table")
SALES = ("", "new", "renewal", "expansion")
SCALES = ("probability", "odds")
CLOCKS = ("calendar", "business")
WAYS = ("patience", "unreached", "refused", "failed", "balk", "leak", "pull_back", "scored", "raised", "ready")
OUTCOMES = {
    "seen": WAS_SEEN,
    "clicked": WAS_CLICKED,
    "raised a hand": HAND_RAISED,
    "opted out": OPTED_OUT,
    "observed": WAS_OBSERVED,
    "referred somebody": REFERRED,
}
LAWS = ("constant", "table", "empirical", "mixture")

EXPECTED = {
    "event": NAMES,
    "source of arrivals": SOURCES,
    "discipline of starts": DISCIPLINES,
    "assignment of starts": ASSIGNMENTS,
    "deed of breaches": DEEDS,
    "clock of breaches": CLOCKS,
    "exit": ("value", "logit", "table", "rest", *WAYS),
    "shape of response at exits": SHAPES,
    "scale of response at exits": SCALES,
    "clock of work": CLOCKS,
    "clock of delays": CLOCKS,
    "law of work": LAWS,
    "further attempts": ("starts",),
    "stakeholders of": ("delays", "work"),
    "meetings of": ("delays",),
    "work stopped by": ("a better class", "the end of a spell"),
    "team of starts": ("own", "escalated"),
    "touches": (
        "at a rate",
        "of a drip",
        "seen",
        "clicked",
        "raised a hand",
        "opted out",
        "observed",
        "referred somebody",
    ),
    "entries that book": ("new", "renewal", "expansion"),
    "decisions": ("at a discount", "of those who were asked"),
    "open deals": ("in a delay", "in line", "at work"),
    "settings": ("of a threshold", "of a leak", "of a rate"),
    "starts of reps": (
        "at another speed",
        "on the ramp",
        "with skill",
        "who change minds",
        "with one who was taught",
        "of a team that some leave",
    ),
    "rows": ("tied", "alone"),
}


class Coverage:
    """Rows by what they exercised: `counts[topic][kind]`."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.scenarios = 0
        self.touched: set[int] = set()

    def add(self, compiled: Compiled, rows: Rows) -> None:
        """Count the rows of a trace."""
        self.scenarios += 1
        tied = round(share_tied(rows) * len(rows))
        self.counts["rows"] += Counter({"tied": tied, "alone": len(rows) - tied})
        self.touched = set()
        book, segments, teams = Book(compiled), dict[int, int](), dict[int, int]()
        for row in events(rows):
            self.counts["event"][NAMES[row.code]] += 1
            if row.code == ARRIVED:
                segments[row.prospect] = row.detail % book.n_segments
                source = book.sources[book.source_of(row.prospect)]
                self.counts["source of arrivals"][SOURCES[source.kind]] += 1
                self._open(book, row)
                continue
            visit = book.visits[row.stage * book.n_segments + segments[row.prospect]]
            if row.code == ENTERED and (sale := book.stages[row.stage].sale):
                self.counts["entries that book"][SALES[sale]] += 1
            if row.code == TOUCHED:
                self.touched.add(row.prospect)
                self._touch(book, row)
            elif row.code == JOINED:
                teams[row.prospect] = row.detail
            elif row.code == LEFT:
                self._leave(book, row, visit)
            elif row.code == BREACHED:
                self.counts["deed of breaches"][DEEDS[book.tiers[row.detail].do]] += 1
                self.counts["clock of breaches"][CLOCKS[visit.sla_business]] += 1
            elif row.code in (STARTED, STOPPED, FINISHED):
                self._work(book, row, visit, teams.get(row.prospect, NONE))

    def _leave(self, book: Book, row: Event, visit: Any) -> None:
        name = book.compiled.exits[row.detail]
        self.counts["decisions"]["of those who were asked"] += visit.asks != 0 and name.kind != "way"
        self.counts["decisions"]["at a discount"] += visit.discount > 0 and name.kind != "way"
        self.counts["exit"][name.label if name.kind == "way" else name.kind] += 1
        if name.kind != "way" and book.stages[row.stage].team != NONE:
            self.counts["shape of response at exits"][SHAPES[visit.shape]] += 1
            self.counts["scale of response at exits"][SCALES[visit.odds]] += visit.shape > 0

    def _open(self, book: Book, row: Event) -> None:
        deal = book.deal_of(row.prospect)
        if deal is not None:
            team, counts = book.stages[deal.stage].team != NONE, self.counts["open deals"]
            counts["in a delay"] += not team and deal.age > 0
            counts["in line"] += team and deal.age > 0 and deal.worked == 0
            counts["at work"] += team and deal.worked > 0

    def turned(self, compiled: Compiled, settings: Any) -> None:
        """Count the dials that stand elsewhere than where they began, at the ends of buckets."""
        for at, (kind, _) in enumerate(compiled.dials):
            begins = round(float(compiled.plan["dials"]["begins"][at]) * 1e6)
            self.counts["settings"][f"of a {kind}"] += int((settings[..., at] != begins).sum())

    def _touch(self, book: Book, row: Event) -> None:
        touch = book.touches[touch_of(row.detail)]
        self.counts["touches"]["at a rate" if touch.rate > 0 else "of a drip"] += 1
        for name, bit in OUTCOMES.items():
            self.counts["touches"][name] += row.detail & bit > 0

    def _work(self, book: Book, row: Event, visit: Any, team: int) -> None:
        node = book.stages[row.stage]
        if row.code == STARTED:
            rep, starts = book.reps[row.rep], self.counts["starts of reps"]
            starts["at another speed"] += rep.speed != 1
            starts["on the ramp"] += rep.hired <= row.tick < rep.hired + rep.ramp
            starts["of a team that some leave"] += book.teams[team].stays != NONE
            starts["with skill"] += rep.skill != 0
            starts["who change minds"] += book.teams[team].trust != 0
            starts["with one who was taught"] += visit.saves > 0 and row.prospect in self.touched
            self.counts["discipline of starts"][DISCIPLINES[book.teams[team].discipline]] += 1
            self.counts["assignment of starts"][ASSIGNMENTS[book.teams[team].assignment]] += 1
            self.counts["further attempts"]["starts"] += row.detail > 0
            self.counts["team of starts"]["own" if team == node.team else "escalated"] += 1
        elif row.code == STOPPED:
            better = book.teams[team].discipline == PREEMPTIVE and book.reps[row.rep].until != row.tick
            self.counts["work stopped by"]["a better class" if better else "the end of a spell"] += 1
        elif node.team == NONE:
            self.counts["clock of delays"][CLOCKS[node.calendar != NONE]] += 1
            self.counts["stakeholders of"]["delays"] += visit.stakeholders > 1
            self.counts["meetings of"]["delays"] += node.meetings != NONE
        else:
            self.counts["clock of work"][CLOCKS[node.calendar != NONE]] += 1
            self.counts["stakeholders of"]["work"] += visit.stakeholders > 1
            kind = int(book.plan["laws"]["kind"][visit.duration])
            self.counts["law of work"][LAWS[kind]] += 1

    @property
    def share_tied(self) -> float:
        """The share of rows whose tick another prospect's row has too."""
        rows = self.counts["rows"]
        return rows["tied"] / max(1, rows.total())

    def missing(self) -> list[str]:
        """What was never exercised."""
        return [
            f"{topic}: {kind}" for topic, kinds in EXPECTED.items() for kind in kinds if not self.counts[topic][kind]
        ]

    def table(self) -> str:
        """The counts for people."""
        n_rows = self.counts["rows"].total()
        lines = [f"{self.scenarios} scenarios, {n_rows} rows, {self.share_tied:.1%} of them tied"]
        for topic, kinds in EXPECTED.items():
            lines.append(f"  {topic}: " + ", ".join(f"{kind} {self.counts[topic][kind]}" for kind in kinds))
        return "\n".join(lines)
