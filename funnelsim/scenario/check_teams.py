"""Teams: somebody uses them, somebody works in them, at some time, and their queue has what it sorts by."""

from __future__ import annotations

from datetime import datetime

from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario, Stage, Team
from funnelsim.scenario.moments import say_moment
from funnelsim.scenario.window import Window

MOST_REPS = 10_000
MOST_SLOTS = 1_000_000


def check_teams(scenario: Scenario, ledger: Ledger, span: Window) -> None:
    """Note every team that nobody uses, that never works, or whose queue has nothing to sort by."""
    for name, team in scenario.teams.items():
        stages = {each: stage for each, stage in scenario.stages.items() if stage.team == name}
        escalated = any(
            tier.do == "escalate" and tier.to == name
            for stage in scenario.stages.values()
            if stage.sla is not None
            for tier in stage.sla.on_breach
        )
        if not stages and not escalated and ledger.names("stages"):
            users: list[Path] = [("stages", each, key) for each in ledger.names("stages") for key in ("team", "sla")]
            ledger.add(
                ("teams", name),
                "no stage has this team",
                "a team works somewhere",
                f"write team: {name} in a stage, or remove it",
                needs=users,
            )
        _hours(name, team, ledger)
        _reps(name, team, ledger, span)
        _attrition(name, team, ledger)
        _queue(name, team, stages, scenario, ledger)
        if team.queue == "preemptive" and team.assignment != "pooled":
            path: Path = ("teams", name, "assignment")
            ledger.add(
                path,
                f"found {team.assignment} beside queue: preemptive",
                "interrupted work goes back to one common line",
                "write assignment: pooled, or queue: priority",
                needs=(path, ("teams", name, "queue")),
            )


def _attrition(name: str, team: Team, ledger: Ledger) -> None:
    """Reps of a team are one kind: segments of prospects say nothing of them."""
    for key in ("after", "replaced"):
        law = getattr(team.attrition, key, None)
        if law is not None and len(law.values()) > 1:
            path: Path = ("teams", name, "attrition", key)
            ledger.add(path, "it differs by segment", "a rep has no segment", "write one time for all", needs=(path,))


def _hours(name: str, team: Team, ledger: Ledger) -> None:
    """Hours come from the team or from a calendar, not from both."""
    at: Path = ("teams", name)
    if team.calendar is not None:
        for key in ("hours", "holidays", "utc_offset"):
            if ledger.wrote("teams", name, key):
                ledger.add(
                    (*at, key),
                    f"calendar {team.calendar} has its own",
                    "hours come from one place",
                    f"remove {key}, or calendar",
                    needs=((*at, "calendar"), (*at, key)),
                )
        return
    for key in ("holidays", "utc_offset"):
        if ledger.wrote("teams", name, key) and not ledger.wrote("teams", name, "hours"):
            ledger.add(
                (*at, key),
                "the team has no hours",
                f"{key} goes with hours",
                "write hours: mon-fri 9-17",
                needs=((*at, "hours"), (*at, key)),
            )


def _reps(name: str, team: Team, ledger: Ledger, span: Window) -> None:
    """There is somebody, not too many, and at some time one of them works."""
    path: Path = ("teams", name, "reps")
    if not team.reps:
        ledger.add(path, "there are no reps", "a team that never works is none", "write reps: 1, or remove the team")
        return
    slots = sum(rep.slots for rep in team.reps)
    if len(team.reps) > MOST_REPS:
        ledger.add(path, "there are too many reps", f"a team has at most {MOST_REPS}")
    if slots > MOST_SLOTS:
        ledger.add(path, f"there are {slots} slots in all", f"a team has at most {MOST_SLOTS}")
    seen: set[str] = set()
    for rep in team.reps:
        if rep.name in seen:
            ledger.add(path, f"two reps are called {rep.name}", "reps have different names")
            break
        seen.add(rep.name)
    backwards = [(r.name, r.start, r.until) for r in team.reps if r.start and r.until and r.until <= r.start]
    for name_of, start, until in backwards[:1]:
        found = f"{name_of} is there from {say_moment(start)} until {say_moment(until)}"
        ledger.add(path, found, "`until` is after `from`")
    if not backwards and len(team.reps) <= MOST_REPS and not _ever_works(team, span):
        found = "nobody ever works"
        if span.start is not None and span.end is not None:
            found += f" from {say_moment(span.start)} to {say_moment(span.end)}"
        rule = "a team works at some time within the horizon"
        remedy = "look at reps (from, until), hours and holidays"
        needs = [path, *((("teams", name, key)) for key in ("hours", "calendar", "holidays", "utc_offset"))]
        needs += [("start",), ("horizon",), ("calendars", team.calendar or "")]
        ledger.add(("teams", name), found, rule, remedy, needs=needs)


def _ever_works(team: Team, span: Window) -> bool:
    """Whether some rep is there at an open hour of the window."""
    windows = {(rep.start, rep.until) for rep in team.reps}
    return any(_open_within(team, _later(start, span.start), _earlier(until, span.end)) for start, until in windows)


def _later(a: datetime | None, b: datetime | None) -> datetime | None:
    """The later of two instants, of which either may be unknown."""
    return max(a, b) if a is not None and b is not None else a or b


def _earlier(a: datetime | None, b: datetime | None) -> datetime | None:
    """The earlier of two instants, of which either may be unknown."""
    return min(a, b) if a is not None and b is not None else a or b


def _open_within(team: Team, start: datetime | None, end: datetime | None) -> bool:
    """Whether the team has an open hour from start to end; an unknown bound is no bound."""
    if team.hours.spans == ():
        return False
    if start is None or end is None:
        return True
    return start < end and team.hours.opens_between(start, end)


def _queue(name: str, team: Team, stages: dict[str, Stage], scenario: Scenario, ledger: Ledger) -> None:
    """The discipline has something to sort by."""
    path: Path = ("teams", name, "queue")
    users: list[Path] = [("stages", each, "team") for each in ledger.names("stages")]
    if team.queue == "deadline":
        for each, stage in stages.items():
            if stage.sla is None:
                ledger.add(
                    path,
                    f"stage {each} has no sla",
                    "the earliest deadline first needs a deadline everywhere",
                    f"write stages.{each}.sla, or another queue",
                    needs=[path, *users, ("stages", each, "sla")],
                )
    weights = scenario.score
    if team.queue == "score" and weights.intent == weights.fit == weights.noise == 0.0:
        ledger.add(
            path,
            "all weights of the score are 0",
            "the highest score first needs scores",
            "write score: {intent: 1, fit: 1, noise: 0.5}, or another queue",
            needs=(path, ("score",)),
        )
    valued = any(segment.deal_value is not None for segment in scenario.segments.values())
    listed = any(
        channel.arrivals.replay is not None and channel.arrivals.replay.columns.value is not None
        for channel in scenario.channels.values()
    )
    if team.queue == "value" and not valued and not listed:
        ledger.add(
            path,
            "no deal has a value",
            "the highest value first needs values",
            "give a segment a deal_value, or another queue",
            needs=(path, ("segments",), ("channels",)),
        )
