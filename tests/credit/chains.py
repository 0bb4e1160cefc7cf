"""Chains of channels counted in dictionaries and solved by dense linear equations: what the compiled must equal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Path = tuple[str, ...]
Rows = Sequence[tuple[Path, float, float]]
"""Paths, how many converted, how many were lost."""


def counted(rows: Rows, order: int) -> dict[tuple[Any, Any], float]:
    """Probabilities of steps between `start`, windows of up to `order` channels, `won` and `lost`."""
    steps: dict[tuple[Any, Any], float] = defaultdict(float)
    for path, won, lost in rows:
        windows = [path[:order]] + [path[at - order + 1 : at + 1] for at in range(order, len(path))]
        kept = [each for at, each in enumerate(windows) if at == 0 or each != windows[at - 1]]
        for origin, target in zip(["start", *kept[:-1]], kept, strict=True):
            steps[origin, target] += won + lost
        steps[kept[-1], "won"] += won
        steps[kept[-1], "lost"] += lost
    leaves: dict[Any, float] = defaultdict(float)
    for (origin, _), n in steps.items():
        leaves[origin] += n
    return {step: n / leaves[step[0]] for step, n in steps.items() if n > 0}


def chance(steps: dict[tuple[Any, Any], float], removed: Callable[[Path], bool] = lambda state: False) -> float:
    """P(conversion) from the start, where states that are `removed` lead nowhere: (I - Q) h = r."""
    states = sorted({each for step in steps for each in step if isinstance(each, tuple)})
    at = {state: number for number, state in enumerate(["start", *states])}
    matrix, right = np.eye(len(at)), np.zeros(len(at))
    for (origin, target), p in steps.items():
        if isinstance(origin, tuple) and removed(origin):
            continue
        if target == "won":
            right[at[origin]] += p
        elif target != "lost" and not removed(target):
            matrix[at[origin], at[target]] -= p
    return float(np.linalg.solve(matrix, right)[0])
