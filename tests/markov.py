"""Markov chains solved by linear algebra: what textbook formulas are held against."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

import numpy as np
import pytest
from scipy import sparse

TIGHT = 1e-9


def near(value: Any) -> Any:
    """Equal up to rounding."""
    return pytest.approx(value, rel=TIGHT, abs=1e-12)


State = TypeVar("State", bound=Hashable)


def stationary(moves: Callable[[State], Iterable[tuple[State, float]]], start: State) -> dict[State, float]:
    """Stationary distribution of the Markov chain in continuous time that `moves` spans from `start`."""
    index = {start: 0}
    frontier, rows = [start], []
    for state in frontier:
        for after, rate in moves(state):
            if rate > 0:
                if after not in index:
                    index[after] = len(index)
                    frontier.append(after)
                rows.append((index[state], index[after], rate))
    source, target, rates = map(np.array, zip(*rows, strict=True))
    n = len(index)
    generator = sparse.csr_matrix((rates, (target, source)), (n, n)) - sparse.diags(
        np.bincount(source, rates, minlength=n)
    )
    # One balance equation is redundant: p(start) = 1 replaces it, and the sum is made 1 afterwards.
    inner = generator[1:, 1:].tocsc()
    p = np.concatenate([[1.0], sparse.linalg.spsolve(inner, -generator[1:, [0]].toarray().ravel())])
    return dict(zip(index, p / p.sum(), strict=True))


def birth_death(birth: Callable[[int], float], death: Callable[[int], float], top: int) -> dict[int, float]:
    """Stationary distribution of a birth and death process on 0 to `top`."""
    return stationary(lambda n: [(n + 1, birth(n) if n < top else 0.0), (n - 1, death(n) if n > 0 else 0.0)], 0)


MOVES = [[0.0, 0.6, 0.0], [0.2, 0.0, 0.5], [0.0, 0.1, 0.0]]
ENDS = [[0.0, 0.4], [0.0, 0.3], [0.25, 0.65]]  # won, lost
