"""The four laws that only the Shapley value keeps, over games: what every set of channels is worth, by its bits.

Shapley (1953). A value takes `2**n` worths, that of the empty set 0, and returns what each of `n` channels gets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from attribution.testing.law import Finding, Law, LawBroken, same, told

Value = Callable[[Any], Sequence[float]]
GAME_LAWS: Final[dict[str, Law]] = {}
"""Laws by name."""


@dataclass(frozen=True)
class Game:
    """What each set of channels is worth; a set is a number whose bits are its channels."""

    worth: tuple[int, ...]

    @property
    def n(self) -> int:
        """Number of channels."""
        return len(self.worth).bit_length() - 1

    def __str__(self) -> str:
        sets = (f"{{{', '.join(str(c) for c in range(self.n) if s >> c & 1)}}}" for s in range(len(self.worth)))
        told = ", ".join(f"{name} {worth}" for name, worth in zip(sets, self.worth, strict=True))
        return f"  {self.n} channels: {told}"


def drawn_games(seed: int, n: int) -> Iterator[Game]:
    """`n` games, small ones first, of one to four channels."""
    for at in range(n):
        rng = np.random.default_rng([seed, at])
        worth = rng.integers(0, 12, 1 << (1 + 4 * at // n))
        yield Game((0, *(int(each) for each in worth[1:])))


def smaller_games(game: Game) -> Iterator[Game]:
    """Games without one of the channels, and with a set worth less."""
    if game.n > 1:
        for c in range(game.n):
            yield Game(tuple(worth for s, worth in enumerate(game.worth) if not s >> c & 1))
    for s, worth in enumerate(game.worth):
        for less in sorted({0, 1, worth - 1}):
            if s > 0 and 0 <= less < worth:
                yield Game((*game.worth[:s], less, *game.worth[s + 1 :]))


def _law(says: str) -> Callable[[Finding], Finding]:
    def kept(finding: Finding) -> Finding:
        name = finding.__name__
        GAME_LAWS[name] = Law(name, says, "games", finding, drawn_games, smaller_games)
        return finding

    return kept


def _of(value: Value, worth: Sequence[int]) -> list[float]:
    """What each channel gets. Raises LawBroken where that is no answer."""
    found = [float(each) for each in value(np.array(worth, float))]
    if len(found) != Game(tuple(worth)).n:
        raise LawBroken(f"it returned {len(found)} numbers for {Game(tuple(worth)).n} channels")
    return found


@_law("What channels get adds up to what all of them together are worth.")
def efficiency(value: Value, game: Game, tolerance: float) -> str:
    total = sum(_of(value, game.worth))
    return "" if same(total, game.worth[-1], tolerance) else f"all get {told(total)} of {game.worth[-1]}"


@_law("Channels that add the same to every set get the same.")
def symmetry(value: Value, game: Game, tolerance: float) -> str:
    if game.n < 2:
        return ""
    swapped = [s & ~3 | (s & 1) << 1 | s >> 1 & 1 for s in range(len(game.worth))]
    found = _of(value, [worth + game.worth[other] for worth, other in zip(game.worth, swapped, strict=True)])
    if same(found[0], found[1], tolerance):
        return ""
    return f"added to itself with 0 and 1 exchanged, 0 gets {told(found[0])} and 1 gets {told(found[1])}"


@_law("A channel that adds the same to every set, be it nothing, gets just that.")
def dummy(value: Value, game: Game, tolerance: float) -> str:
    for adds in (0, 3):
        found = _of(value, [*game.worth, *(worth + adds for worth in game.worth)])[-1]
        if not same(found, adds, tolerance):
            return f"one more channel, which adds {adds} to every set, gets {told(found)}"
    return ""


@_law("Of two games at once a channel gets the sum of what it gets of each.")
def additivity(value: Value, game: Game, tolerance: float) -> str:
    other = [0, *(1 + 5 * s % 7 for s in range(1, len(game.worth)))]
    apart = [sum(both) for both in zip(_of(value, game.worth), _of(value, other), strict=True)]
    together = _of(value, [sum(both) for both in zip(game.worth, other, strict=True)])
    for c, (one, whole) in enumerate(zip(apart, together, strict=True)):
        if not same(one, whole, tolerance):
            return f"with the game worth {', '.join(map(str, other))} added, {c} gets {told(whole)}, apart {told(one)}"
    return ""
