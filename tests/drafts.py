"""A scenario while it is drawn at random: the bytes that decide, and the pieces that all its parts share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Tree = dict[str, Any]


WEEKS = (
    "mon-fri 9-17",
    "mon-thu 9-12 13-17:30, fri 9-15",
    "mon-sun 8-20",
    "mon-fri 22-6",
    "sun-thu 8-13 14-18",
    "tue 10-11, thu-sat 7-19:20",
    "mon-sun 0-24",
)


LAWS = (
    "constant",
    "exponential",
    "gamma",
    "erlang",
    "weibull",
    "lognormal",
    "triangular",
    "pert",
    "uniform",
    "empirical",
    "mixture",
)


@dataclass
class Draft:
    """A scenario while it is drawn: the bytes that decide, and what its later parts must know of its earlier ones."""

    entropy: bytes
    start: datetime = datetime.min
    hours: int = 0
    segments: tuple[str, ...] = ()
    calendars: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    valued: bool = False
    stages: tuple[str, ...] = ()
    teams: dict[str, Tree] = field(default_factory=dict)
    read: int = 0

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included; the lowest once the bytes are used up."""
        word = self.entropy[self.read : self.read + 2]
        self.read += 2
        return low + int.from_bytes(word, "big") % (high - low + 1)

    def one(self, *choices: Any) -> Any:
        """One of several values."""
        return choices[self.whole(0, len(choices) - 1)]

    def chance(self, percent: int) -> bool:
        """Whether something is there, in about so many of a hundred drafts."""
        return self.whole(0, 99) >= 100 - percent

    def some(self, *choices: Any) -> list[Any]:
        """Some of several values, or all, or none, in their order."""
        return [choice for choice in choices if self.chance(50)]

    def each(self, make: Callable[[], Any], percent: int = 20) -> Any:
        """A value for everybody, or one for each segment."""
        if len(self.segments) < 2 or not self.chance(percent):
            return make()
        keys = (*self.segments[:-1], self.one(self.segments[-1], "default"))
        return {key: make() for key in keys}

    def instant(self, low: int = 0, high: int | None = None) -> datetime:
        """An hour of the horizon, now and then some minutes past it."""
        after = self.whole(low, self.hours if high is None else high)
        return self.start + timedelta(hours=after, minutes=self.one(0, 0, 0, 10))


def hours(draft: Draft) -> Tree:
    out: Tree = {"hours": draft.one(*WEEKS, "always")}
    if draft.chance(40):
        days = sorted({(draft.start + timedelta(days=draft.whole(0, 20))).date().isoformat() for _ in range(2)})
        out["holidays"] = days
    if draft.chance(40):
        out["utc_offset"] = draft.one("1 h", "-5 h", "5.5 h", "-11 h")
    return out


def hours_long(draft: Draft, most: int) -> str:
    return f"{draft.whole(1, most)} h"


def law(draft: Draft, most: int, nested: bool = True) -> Any:
    """A distribution of durations of a few hours, at most about `most`."""
    if draft.chance(40):
        return hours_long(draft, most)
    family = draft.one(*(LAWS if nested else LAWS[:-1]))
    mean, low = hours_long(draft, most), draft.whole(0, 3)
    if family == "mixture":
        weights = draft.one((0.5, 0.5), (0.9, 0.1), (0.3, 0.7))
        return {"mixture": [{"weight": w, **_as_tree(law(draft, most, nested=False))} for w in weights]}
    parameters: dict[str, Tree] = {
        "constant": {"value": mean},
        "exponential": {draft.one("mean", "median"): mean},
        "gamma": {"mean": mean, "cv": draft.one(0.5, 1.5)},
        "erlang": {"mean": mean, "k": draft.one(2, 3)},
        "weibull": {"scale": mean, "shape": draft.one(0.8, 2)},
        "lognormal": {"median": mean, "sigma": draft.one(0.5, 1)},
        "triangular": {"low": f"{low} h", "mode": f"{low + 1} h", "high": f"{low + 5} h"},
        "pert": {"low": f"{low} h", "mode": f"{low + 1} h", "high": f"{low + 5} h"},
        "uniform": {"low": f"{low} h", "high": f"{low + 3} h"},
        "empirical": {"values": [f"{draft.whole(1, most)} h" for _ in range(3)]},
    }
    return {family: parameters[family]}


def _as_tree(written: Any) -> Tree:
    return written if isinstance(written, dict) else {"constant": written}


def percent(draft: Draft, low: int, high: int) -> str:
    return f"{draft.whole(low, high)}%"
