"""A refusal: why one value cannot be what its place asks for, before anyone knows the file and the line.

Readers of values raise refusals; `problems_of` in translate.py gives them a place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Loc = tuple[str | int, ...]


class Refusal(ValueError):  # noqa: N818 - it is said to people, as a noun
    """What was found, what must hold and the way out; `at` is the path below the value that was read."""

    def __init__(self, found: str, rule: str = "", remedy: str = "", at: Loc = ()) -> None:
        super().__init__(found)
        self.found, self.rule, self.remedy, self.at = found, rule, remedy, at

    def below(self, *at: str | int) -> Refusal:
        """The same refusal, one or more steps further from the root."""
        return Refusal(self.found, self.rule, self.remedy, at + self.at)


@dataclass(frozen=True)
class Surroundings:
    """What a value must know of its file: names of segments (None: not known) and currency (empty: not known)."""

    segments: tuple[str, ...] | None = None
    currency: str = "USD"


def segments_of(tree: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The names of the segments that a file defines; None where it does not say them properly."""
    written = tree.get("segments", {"all": None})
    return tuple(written) if isinstance(written, dict) else None


def surroundings(context: object) -> Surroundings:
    """The surroundings in a pydantic context, or those of a value read on its own."""
    return context if isinstance(context, Surroundings) else Surroundings()


def as_validation_error(refusals: Iterable[Refusal], also: ValidationError | None = None) -> ValidationError:
    """Refusals, and the errors pydantic found beside them, as one pydantic error with their paths."""
    details = [
        InitErrorDetails(type=PydanticCustomError("refused", "refused", {"error": r}), loc=r.at, input=None)
        for r in refusals
    ]
    if also is not None:
        for error in also.errors(include_url=False):
            context = error.get("ctx", {})
            kind: Any = error["type"]
            if kind == "refused":
                kind = PydanticCustomError("refused", "refused", context)
            details.append(InitErrorDetails(type=kind, loc=error["loc"], input=error["input"], ctx=context))
    return ValidationError.from_exception_data("scenario", details)


def show(value: object) -> str:
    """A value as a person wrote it, cut to a readable length."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping with the keys " + ", ".join(map(str, list(value)[:6])) if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, float | int):
        return f"{value:g}" if isinstance(value, float) else cut(repr_int(value))
    return f'"{cut(str(value))}"'


def repr_int(value: int) -> str:
    """The digits of a whole number, or their count where there are too many to print."""
    return str(value) if value.bit_length() < 200 else f"a number of {int(value.bit_length() * 0.30103)} digits"


def cut(text: str, most: int = 60) -> str:
    """A text of at most `most` characters, on one line."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= most else line[: most - 1] + "…"
