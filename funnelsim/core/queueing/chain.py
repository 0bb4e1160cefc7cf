"""Chain: a prospect's way through stages until it is absorbed (won, lost), as an absorbing Markov chain.

Only where it goes, not when. Odds that depend on time, visits or intent are beyond it, except for a limited
number of returns, which become stages of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class Absorption(NamedTuple):
    """Where a chain ends and what it visits on the way."""

    visits: NDArray[np.float64]  # (stage,) mean number per prospect
    probabilities: NDArray[np.float64]  # (end,) they add up to 1


def absorbing_chain(moves: ArrayLike, ends: ArrayLike, start: ArrayLike) -> Absorption:
    """Mean visits v = start (I - Q)^-1 to each stage and probabilities v R of each end.

    moves Q[i, j]: probability that stage j follows i; ends R[i, e]: that end e does; each row of both adds up
    to 1. start[i]: probability that a prospect begins in i. No units.
    Source: Kemeny and Snell (1960), section 3.2.
    """
    import numpy as np

    totals = np.sum(moves, axis=1) + np.sum(ends, axis=1)
    wrong = np.flatnonzero(abs(totals - 1) > 1e-9)
    if wrong.size:
        stage = int(wrong[0])
        raise ValueError(f"stage {stage}: probabilities add up to {totals[stage]:.10g}; they must add up to 1")
    visits = expected_visits(moves, start)
    return Absorption(visits, visits @ np.asarray(ends, dtype=float))


def expected_visits(moves: ArrayLike, start: ArrayLike) -> NDArray[np.float64]:
    """Mean visits v to each stage, from v = start + v Q; ValueError if somebody could stay for ever.

    Units: those of `start` (shares give visits, rates give rates).
    Source: Kemeny and Snell (1960), section 3.2.
    """
    import numpy as np

    q = np.asarray(moves, dtype=float)
    stuck = np.flatnonzero(~can_leave(q))
    if stuck.size:
        raise ValueError(f"stage {stuck[0]}: nobody who comes here ever leaves; give it or a stage after it an exit")
    visits: NDArray[np.float64] = np.linalg.solve(np.eye(len(q)) - q.T, np.asarray(start, dtype=float))
    return visits


def can_leave(q: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For each stage, whether some path leads out of the chain; q[i, j] the probabilities of moves.

    Raises ValueError for a probability below 0 or a row above 1.
    Source: Kemeny and Snell (1960), section 2.4.
    """
    if (q < 0).any() or (q.sum(axis=1) > 1 + 1e-9).any():
        raise ValueError(f"moves are {q.tolist()}; each must be at least 0 and each row must add up to at most 1")
    leaves: NDArray[np.bool_] = q.sum(axis=1) < 1 - 1e-12
    for _ in range(len(q)):
        leaves = leaves | ((q > 0) & leaves).any(axis=1)
    return leaves


def recycled_chain(
    moves: Sequence[Sequence[float]],
    ends: Sequence[Sequence[float]],
    *,
    end: int,
    to: int,
    share: float,
    at_most: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Moves and ends of the chain in which a share of those at `end` begins again in `to`, at most n times.

    Stage i after g returns is stage g * len(moves) + i. No units; 0 <= share <= 1. Give the result to
    `absorbing_chain`; `visits.reshape(at_most + 1, -1)` counts by returns.
    Source: Kemeny and Snell (1960), section 3.2, on the expanded chain.
    """
    import numpy as np

    q, r = np.asarray(moves, dtype=float), np.asarray(ends, dtype=float)
    again = np.zeros_like(q)
    again[:, to] = share * r[:, end]
    final = r.copy()
    final[:, end] *= 1 - share
    returns = np.eye(at_most + 1, k=1)  # from g returns to g + 1
    return (
        np.kron(np.eye(at_most + 1), q) + np.kron(returns, again),
        np.vstack([final] * at_most + [r]),
    )
