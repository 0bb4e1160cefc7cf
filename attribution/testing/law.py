"""A law: what must hold, of whom, and the search for the smallest case in which it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

SMALLER_AT_MOST: Final = 400
"""Cases that are tried to make a counterexample smaller."""

Finding = Callable[[Any, Any, float], str]
"""What is wrong with the answers of a model to a case, by more than a tolerance; empty if nothing is."""


class LawBroken(AssertionError):  # noqa: N818 (it is told as what happened, not as an error)
    """A model breaks a law; the message tells the smallest case that was found."""


@dataclass(frozen=True)
class Law:
    """A law over cases: `law(model)` returns nothing where it holds, else raises LawBroken.

    `finding` says what is wrong in a case; `draw` gives cases, small ones first, by seed and number; `smaller` those
    one step smaller than one. A law that holds `somewhere` is broken only if something is wrong in every case.
    """

    name: str
    says: str
    family: str
    finding: Finding
    draw: Callable[[int, int], Iterator[Any]]
    smaller: Callable[[Any], Iterator[Any]]
    somewhere: bool = False

    def __call__(self, model: Any, *, seed: int = 0, cases: int = 30, tolerance: float = 1e-9) -> None:
        """Raises LawBroken where `model` breaks the law on one of `cases` cases.

        Two credits are equal if they differ by at most `tolerance`, relative to the larger of them and 1.
        """
        first: tuple[str, str, Any] | None = None
        for case in self.draw(seed, cases):
            kind, text = self._outcome(model, case, tolerance)
            if not kind and self.somewhere:
                return
            if kind and not self.somewhere:
                text, case = self._smallest(model, case, kind, text, tolerance)
                raise LawBroken(f"{self.name}: {text}\n{case}")
            first = first or (kind, text, case)
        if self.somewhere and first is not None:
            raise LawBroken(f"{self.name}: in {cases} cases of {cases}, {first[1]}; the first of them:\n{first[2]}")

    def _outcome(self, model: Any, case: Any, tolerance: float) -> tuple[str, str]:
        """The kind of what is wrong, empty if nothing is, and what it is in words."""
        try:
            text = self.finding(model, case, tolerance)
        except Exception as error:  # whatever a stranger's model raises is an answer
            return type(error).__name__, str(error) if isinstance(error, LawBroken) else f"it raised {error!r}"
        return "differs" if text else "", text

    def _smallest(self, model: Any, case: Any, kind: str, text: str, tolerance: float) -> tuple[str, Any]:
        """The same kind of counterexample, as small as steps downwards lead."""
        left, found = SMALLER_AT_MOST, True
        while found:
            found = False
            for each in self.smaller(case):
                if left == 0:
                    return text, case
                left -= 1
                # Another kind of failure, as of a model that cannot do without much, is another matter.
                now, words = self._outcome(model, each, tolerance)
                if now == kind:
                    case, text, found = each, words, True
                    break
        return text, case


def told(credit: float) -> str:
    """A credit in words, without the dust of rounding."""
    return f"{round(credit, 9) + 0.0:.6g}"


def same(one: float, other: float, tolerance: float) -> bool:
    """Whether two credits are equal up to rounding; what is not a number equals nothing."""
    return abs(one - other) <= tolerance * max(1.0, abs(one), abs(other))
