"""What is wrong with something a person wrote: the place, what was found, what must hold, and the way out.

It knows nothing of funnels and never decides whether something is wrong.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

MOST_SHOWN = 200
"""Problems that the text of an error lists; the error itself holds all of them."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `str()` is the line a person reads.

    `line` counts from 1 and is None where no line is to blame; `key` is dotted (`stages.demo.exits`) and empty for
    the file as a whole.
    """

    file: str
    line: int | None
    key: str
    found: str
    rule: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        said = "; ".join(part for part in (self.found, self.rule) if part)
        remedy = f". {self.remedy[0].upper()}{self.remedy[1:]}" if self.remedy else ""
        return _one_line(": ".join(part for part in (place, self.key, said + remedy) if part))


class ScenarioError(Exception):
    """All problems of one scenario at once, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        n = len(self.problems)
        head = "1 problem" if n == 1 else f"{n} problems"
        more = [f"  and {n - MOST_SHOWN} more"] if n > MOST_SHOWN else []
        return "\n".join([f"{head}:", *(f"  {problem}" for problem in self.problems[:MOST_SHOWN]), *more])


def _one_line(text: str) -> str:
    """The text without anything a terminal would not print as it stands."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The valid name closest to a misspelt one, or None when none comes near."""
    folded = {choice.lower().replace("-", "_"): choice for choice in choices}
    found = difflib.get_close_matches(str(name)[:80].lower().replace("-", "_"), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(name: str, choices: Iterable[str], most: int = 12) -> str:
    """The way out of a misspelt name: the nearest valid one, else the valid ones when they are few."""
    choices = list(choices)
    near = nearest(name, choices)
    if near is not None:
        return f"did you mean {near[:80]}?"
    if not choices:
        return ""
    shown = ", ".join(choice[:80] for choice in choices[:most])
    return f"known here: {shown}" + (f" and {len(choices) - most} more" if len(choices) > most else "")
