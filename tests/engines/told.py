"""Stories for people: what both engines tell, event by event, of a scenario whose ticks are hours."""

from __future__ import annotations

from typing import Any

from both import Event, assert_equal, events

from funnelsim.plan.addresses import RANK_BITS
from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.plan.trace import BREACHED, FINISHED, JOINED, LEFT, NAMES, STARTED, STOPPED
from funnelsim.scenario import loads

WORK = (STARTED, STOPPED, FINISHED)


def at(channel: str, *hours: int, size: int = 1, **more: Any) -> dict[str, Any]:
    """A channel whose prospects come at these hours, one by one or so many at once."""
    days = [f"2026-01-{5 + hour // 24:02} {hour % 24:02}:00" for hour in hours]
    return {channel: {"arrivals": {"batches": {"at": days, "size": size}}, **more}}


def told(stages: dict[str, Any], teams: dict[str, Any], *shown: int, lost: Any = (), **more: Any) -> list[str]:
    """The story that both engines tell, of the events asked for."""
    whole = {
        "name": "by hand",
        "start": "2026-01-05",
        "horizon": "14 d",
        "tick": "1 h",
        "channels": at("a", 0),
        **more,
        "stages": {**stages, "won": {"terminal": "won"}, "lost": {"terminal": "lost", **dict(lost)}},
        "teams": teams,
    }
    compiled = compile_scenario(loads("name: by hand", whole))
    rows = events(assert_equal(compiled, 1))
    return [line(compiled, row) for row in rows if row.code in shown]


def line(compiled: Compiled, row: Event) -> str:
    """`3 started a1 call by Ann`: an event for people."""
    identities = [source["identity"] >> RANK_BITS for source in compiled.plan["sources"]]
    channel = compiled.channels[identities.index(row.prospect >> RANK_BITS)]
    who = f"{channel}{row.prospect % (1 << RANK_BITS)}"
    words = [str(row.tick), NAMES[row.code], who]
    words += [compiled.stages[row.stage]] if row.stage >= 0 else []
    words += ["by", compiled.reps[row.rep].split(": ")[1]] if row.rep >= 0 else []
    if row.code == LEFT:
        words += ["through", compiled.exits[row.detail].label]
    if row.code == STOPPED:
        words += ["with", str(row.detail), "left"]
    if row.code == BREACHED:
        words += [compiled.tiers[row.detail][1]]
    if row.code == JOINED:
        words += ["at", compiled.teams[row.detail]]
    return " ".join(words)


def call(hours: int, **more: Any) -> dict[str, Any]:
    """The one stage of most stories: some hours of work, then won."""
    return {"call": {"team": "sdr", "duration": f"{hours} h", "exits": {"won": 1, "lost": 0}, **more}}


ANN: dict[str, Any] = {"sdr": {"reps": [{"name": "Ann"}]}}
ANN_AND_BOB: dict[str, Any] = {"sdr": {"reps": [{"name": "Ann"}, {"name": "Bob"}]}}
