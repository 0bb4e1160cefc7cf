"""What a model answers to laws, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Final

from attribution.models import CreditModel
from attribution.testing.adapter import UNKNOWN, OfPaths
from attribution.testing.games import GAME_LAWS
from attribution.testing.law import Law, LawBroken
from attribution.testing.laws import FAMILIES, LAWS, chosen, laws_for

WIDTH: Final = 100


@dataclass(frozen=True)
class Answer:
    """Whether a model keeps a law, and what was found."""

    law: str
    passed: bool
    found: str


@dataclass(frozen=True)
class Report:
    """The answers of one model, and the laws it was not asked, with whom they hold of. `print` shows a table."""

    model: str
    rows: tuple[Answer, ...]
    not_asked: tuple[tuple[str, str], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it keeps every law that it was asked."""
        return all(row.passed for row in self.rows)

    def __str__(self) -> str:
        cells = [("law", "kept", "found")]
        cells += [(row.law, "yes" if row.passed else "NO", row.found) for row in self.rows]
        cells += [(name, "", f"not asked: it holds of {whom}") for name, whom in self.not_asked]
        wide = max(len(name) for name, _, _ in cells)
        lines = [f"{self.model}: {sum(row.passed for row in self.rows)} of {len(self.rows)} laws kept"]
        for name, kept, found in cells:
            parts = [part for line in found.splitlines() for part in wrap(line, WIDTH - wide - 8)] or [""]
            lines.append(f"{name:<{wide}}  {kept:<4}  {parts[0]}".rstrip())
            lines += [" " * (wide + 8) + part for part in parts[1:]]
        return "\n".join(lines)


def check_model(
    model: Any,
    laws: Iterable[Law | str] | None = None,
    seed: int = 0,
    *,
    cases: int = 30,
    tolerance: float = 1e-9,
) -> Report:
    """What a credit model answers to laws, each on `cases` small logs that follow from `seed`.

    `model` is a callable of paths, converted, lost and value that returns credit by channel, or a CreditModel. `laws`
    are some of LAWS, by name or as they are; by default those of the families that a model says it is in (`families`),
    or of UNKNOWN. Credits equal up to `tolerance`, relative, are the same. Raises ValueError for a law nobody knows.
    """
    asked = OfPaths(model) if isinstance(model, CreditModel) else model
    wanted = laws_for(*getattr(asked, "families", UNKNOWN)) if laws is None else chosen(laws, LAWS)
    return _report(_name(model), asked, wanted, LAWS, seed, cases, tolerance)


def check_game(
    value: Any, laws: Iterable[Law | str] | None = None, seed: int = 0, *, cases: int = 30, tolerance: float = 1e-9
) -> Report:
    """What a value of games answers to the laws of the Shapley value, as `check_model`.

    `value` is a callable of the worth of every set of channels, an array by the set's bits; it returns what each gets.
    """
    wanted = tuple(GAME_LAWS.values()) if laws is None else chosen(laws, GAME_LAWS)
    return _report(_name(value), value, wanted, GAME_LAWS, seed, cases, tolerance)


def _report(
    name: str, model: Any, wanted: tuple[Law, ...], known: Mapping[str, Law], seed: int, cases: int, tolerance: float
) -> Report:
    rows = tuple(_answer(law, model, seed, cases, tolerance) for law in wanted)
    asked = {law.name for law in wanted}
    others = tuple((law.name, FAMILIES.get(law.family, law.family)) for law in known.values() if law.name not in asked)
    return Report(name, rows, others)


def _answer(law: Law, model: Any, seed: int, cases: int, tolerance: float) -> Answer:
    try:
        law(model, seed=seed, cases=cases, tolerance=tolerance)
    except LawBroken as broken:
        return Answer(law.name, False, str(broken).removeprefix(f"{law.name}: "))
    return Answer(law.name, True, law.says)


def _name(model: Any) -> str:
    inner = getattr(model, "model", model)
    return str(inner.label if isinstance(inner, CreditModel) else getattr(model, "__name__", type(model).__name__))
