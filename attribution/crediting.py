"""Credits by many models: of journeys in memory at once, of those in pieces as each comes by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from attribution.journeys.alike import joined, merged
from attribution.journeys.pieces import Pieces
from attribution.journeys.ragged import Journeys
from attribution.models import ALL, Credit, CreditModel
from attribution.models.credit import called_once
from attribution.models.sets import MOST, set_table


@dataclass(frozen=True)
class Credits:
    """What models credit, by label; why others could not; and how much they were given."""

    channels: tuple[str, ...]
    models: tuple[CreditModel, ...]
    found: dict[str, Credit]
    skipped: dict[str, str]
    journeys: float
    conversions: float
    touches: int
    left_out: dict[str, int]
    noticed: dict[str, int]


def credits_of(
    source: Journeys | Pieces,
    models: Sequence[CreditModel] | None = None,
    progress: Callable[[int], None] | None = None,
    *,
    strict: bool | None = None,
) -> Credits:
    """The credits of all models that the journeys suffice for, or of those named; `progress` is told of each piece.

    Raises ValueError where a model that was named cannot be computed, unless it is not `strict`.
    """
    total = _Total(ALL if models is None else called_once(models), models is not None if strict is None else strict)
    if isinstance(source, Journeys):
        total.add(source, total.models)
        return total.credits(source.channels)
    by_path: Journeys | None = None
    total.refuse([model for model in total.models if model.reads == "journeys"], "it is fitted to all journeys at once")
    for piece in source:
        total.add(piece, [model for model in total.models if model.reads == "conversions"])
        paths = merged(piece)
        by_path = paths if by_path is None else merged(joined(by_path, paths))
        if progress is not None:
            progress(1)
    if by_path is not None:
        total.run(by_path, [model for model in total.models if model.reads in ("paths", "sets")])
    return total.credits(source.channels)


class _Total:
    """Credits that are summed up over pieces."""

    def __init__(self, models: tuple[CreditModel, ...], strict: bool) -> None:
        self.models, self.strict = models, strict
        self.found: dict[str, Credit] = {}
        self.skipped: dict[str, str] = {}
        self.journeys, self.conversions, self.touches = 0.0, 0.0, 0
        self.left_out: Counter[str] = Counter()
        self.noticed: Counter[str] = Counter()

    def add(self, piece: Journeys, models: Sequence[CreditModel]) -> None:
        """Count a piece, and what models credit in it."""
        self.journeys += float(piece.converted.sum() + piece.lost.sum())
        self.conversions += piece.conversions
        self.touches += piece.n_touches
        self.left_out.update(piece.left_out)
        self.noticed.update(piece.noticed)
        self.run(piece, models)

    def run(self, piece: Journeys, models: Sequence[CreditModel]) -> None:
        """Add what models credit."""
        for journeys, alike in _passes(piece, [model for model in models if model.label not in self.skipped]):
            self._run_together(journeys, alike)

    def _run_together(self, journeys: Journeys, models: Sequence[CreditModel]) -> None:
        try:
            found = _together(models, journeys)
        except ValueError as error:
            if len(models) > 1:
                # One of them cannot: so each by itself.
                for model in models:
                    self._run_together(journeys, [model])
            elif self.strict:
                raise
            else:
                self.refuse(models, str(error).partition(": ")[2] or str(error))
            return
        for model, credit in zip(models, found, strict=True):
            before = self.found.get(model.label)
            if before is not None:
                credit = Credit(before.conversions + credit.conversions, before.value + credit.value)
            self.found[model.label] = credit

    def refuse(self, models: Sequence[CreditModel], why: str) -> None:
        """Leave models out. Raises ValueError where they were named."""
        for model in models:
            if self.strict:
                raise ValueError(f"{model.label}: {why}")
            self.skipped[model.label] = why
            self.found.pop(model.label, None)

    def credits(self, channels: tuple[str, ...]) -> Credits:
        """What was found, in the order in which models were asked for."""
        used = tuple(model for model in self.models if model.label in self.found)
        found = {model.label: self.found[model.label] for model in used}
        counts = self.journeys, self.conversions, self.touches
        return Credits(channels, used, found, self.skipped, *counts, dict(self.left_out), dict(self.noticed))


def _passes(journeys: Journeys, models: Sequence[CreditModel]) -> Iterator[tuple[Journeys, list[CreditModel]]]:
    """Models that are worked out together, and the journeys they do it from: of sets of channels one journey each."""
    passes: dict[Any, list[CreditModel]] = {}
    for model in models:
        # What journeys lack for one of them they lack for all.
        passes.setdefault((_family(model), model.reads, model.needs), []).append(model)
    has_bits = len(journeys.channels) <= MOST
    sets = None
    for (_, reads, _), alike in passes.items():
        if reads == "sets" and has_bits:
            sets = set_table(journeys).distinct(journeys.channels) if sets is None else sets
            yield sets, alike
        else:
            yield journeys, alike


def _together(models: Sequence[CreditModel], journeys: Journeys) -> list[Credit]:
    """The credit by each of some models of one family, in the way of the family if it has one."""
    family = _family(models[0])
    way = family.together if "together" in vars(family) else CreditModel.together
    return way(models, journeys)


def _family(model: CreditModel) -> type[CreditModel]:
    """The class that says how the credit is worked out: a model with a `credit` of its own is a family of its own."""
    return next(kind for kind in type(model).__mro__ if "credit" in vars(kind))
