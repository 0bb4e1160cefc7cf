"""The Shapley value of a game that the user gives: what any set of channels is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from attribution.journeys.ragged import Ints, Journeys, Reals
from attribution.models.credit import Credit, CreditModel, Recount
from attribution.models.sets import MOST
from attribution.models.shapley import MOST_EXACT, sampled, shapley_of

Worth = Callable[..., float]
"""What a set of channels, a frozenset of names, is worth; if it is `told_journeys`, of these journeys."""


@dataclass(frozen=True)
class ShapleyGame(CreditModel):
    """The Shapley value of a game of one's own: `worth` says what a frozenset of names of channels is worth.

    Shapley (1953). With `told_journeys` it is called with the journeys too, `worth(names, journeys)`, and a segment or
    a draw is then a game of its own; without, the game is the same whoever comes. Every set is asked once, for up to 20
    channels; beyond, `permutations` orders are drawn, each with its reverse, and `standard_error` says how far off that
    may be. Shares of the Shapley value hand out conversions and value; they may be negative, and are as they are. What
    the empty set is worth is nobody's.
    """

    name: ClassVar[str] = "shapley_game"
    worth: Worth
    told_journeys: bool = False
    permutations: int = 1000
    seed: int = 0
    called: str = "shapley_game"

    def __post_init__(self) -> None:
        if not callable(self.worth):
            raise ValueError(f"{self.called}: worth is {self.worth!r}; give a function of a frozenset of channels")

    @property
    def label(self) -> str:
        """Its name in tables."""
        return self.called

    def credit(self, journeys: Journeys) -> Credit:
        """The credit of each channel; `shapley`, `standard_error`, `grand` (the worth of all) and `empty` besides."""
        found = self._solved(journeys)
        shares = found["shares"]
        del found["shares"]
        return Credit(shares * journeys.conversions, shares * journeys.total_value, None, found)

    def recount(self, journeys: Journeys) -> Recount:
        """Credits for other counts; a game that knows no journeys is solved once."""
        if self.told_journeys:
            return super().recount(journeys)
        shares = self._solved(journeys)["shares"]

        def counted(converted: Reals, lost: Reals, value: Reals) -> tuple[Reals, Reals]:
            return converted.sum(0)[:, None] * shares, value.sum(0)[:, None] * shares

        return counted

    def _solved(self, journeys: Journeys) -> dict[str, Any]:
        """Shapley values with their errors, and their shares."""
        n, game = len(journeys.channels), _Asked(self, journeys)
        if n > MOST:
            raise ValueError(f"{self.label}: {n} channels; sets are kept for at most {MOST}: group the rare ones")
        whole = np.array([0, (1 << n) - 1])
        if n <= MOST_EXACT:
            found, error = shapley_of(game(np.arange(1 << n))), np.zeros(n)
        else:
            found, error = sampled(game, n, self.permutations, self.seed)
        empty, grand = map(float, game(whole))
        shares = found / found.sum() if found.sum() else np.zeros(n)
        return {"shapley": found, "standard_error": error, "grand": grand, "empty": empty, "shares": shares}


class _Asked:
    """A game by bits of channels, which asks the user's own for each set once."""

    def __init__(self, model: ShapleyGame, journeys: Journeys) -> None:
        self.model, self.journeys = model, journeys
        self.known: dict[int, float] = {}

    def __call__(self, sets: Ints) -> Reals:
        return np.array([self._worth(each) for each in sets.tolist()])

    def _worth(self, bits: int) -> float:
        if bits not in self.known:
            names = frozenset(name for at, name in enumerate(self.journeys.channels) if bits >> at & 1)
            found = self.model.worth(names, self.journeys) if self.model.told_journeys else self.model.worth(names)
            try:
                self.known[bits] = float(found)
            except (TypeError, ValueError):
                self.known[bits] = np.nan
            if not np.isfinite(self.known[bits]):
                told = ", ".join(sorted(names)) or "no channel"
                raise ValueError(f"{self.model.label}: the worth of {told} is {found!r}; it must be a number")
        return self.known[bits]
