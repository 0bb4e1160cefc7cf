"""The scenario as a whole: sizes, shares, and times that fit into one another."""

from __future__ import annotations

from funnelsim.core.problems import Problem
from funnelsim.scenario.document import Document
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.units import say
from funnelsim.scenario.window import Window

MOST = {"segments": 100, "channels": 500, "stages": 500, "teams": 500, "calendars": 500, "views": 100}
TOLERANCE = 1e-9
LONGEST = 100 * 366 * 86400.0


def sizes(document: Document) -> list[Problem]:
    """Sections that are too large to be looked at any further."""
    problems: list[Problem] = []
    for section, most in MOST.items():
        written = document.tree.get(section)
        if isinstance(written, dict) and len(written) > most:
            rule = f"a scenario has at most {most} {section}"
            problems.append(document.problem((section,), f"there are {len(written)}", rule))
    return problems


def check_whole(scenario: Scenario, ledger: Ledger, span: Window) -> None:
    """Note empty sections, and shares and times that cannot be."""
    for section in ("channels", "stages", "segments"):
        needed = section != "segments" or ledger.wrote(section)
        if needed and not ledger.names(section):
            ledger.add((section,), "found none", f"a scenario has at least one of its {section}")
    _shares(scenario, ledger)
    _times(scenario, ledger, span)


def _shares(scenario: Scenario, ledger: Ledger) -> None:
    """Shares of segments add up to 1."""
    total = sum(segment.share for segment in scenario.segments.values())
    if scenario.segments and abs(total - 1.0) > TOLERANCE:
        ledger.add(("segments",), f"shares add up to {total:.12g}", "they must add up to 1")
    for name, channel in scenario.channels.items():
        if channel.segments is not None:
            total = sum(channel.segments.values())
            if abs(total - 1.0) > TOLERANCE:
                ledger.add(
                    ("channels", name, "segments"),
                    f"shares add up to {total:.12g}",
                    "they must add up to 1",
                    "a segment that does not come this way may be left out",
                )


def _times(scenario: Scenario, ledger: Ledger, span: Window) -> None:
    """The warm-up ends before the horizon, the horizon holds a tick, and words about leads have leads."""
    replays = any(channel.arrivals.replay is not None for channel in scenario.channels.values())
    if not replays:
        if scenario.start is None:
            ledger.add(
                ("start",),
                "no channel replays a lead list",
                "`first lead` is that of a replay",
                "write a date, such as 2026-01-05",
                needs=(("start",), ("channels",)),
            )
        if scenario.horizon.after_last is not None:
            ledger.add(
                ("horizon",),
                "no channel replays a lead list",
                "`last lead` is that of a replay",
                "write a duration, such as 52 w",
                needs=(("horizon",), ("channels",)),
            )
    length = span.seconds
    if length is None:
        return
    both = (("start",), ("horizon",), ("channels",) if replays else ("start",))
    if length <= 0.0:
        ledger.add(
            ("horizon",),
            "the last lead comes before the start",
            "a scenario runs for some time",
            needs=both,
        )
    elif length > LONGEST:
        ledger.add(
            ("horizon",), f"found {length / 86400 / 365.25:.4g} years", "a horizon is at most 100 years", needs=both
        )
    elif scenario.warmup >= length:
        path = ("warmup",)
        found = f"a warm-up of {say(scenario.warmup)} in a horizon of {say(length)}"
        ledger.add(path, found, "the warm-up must end before the horizon", needs=(path, *both))
    if 0.0 < length < scenario.tick:
        path = ("tick",)
        ledger.add(
            path,
            f"a tick of {say(scenario.tick)} in a horizon of {say(length)}",
            "a horizon has at least one tick",
            needs=(path, *both),
        )
