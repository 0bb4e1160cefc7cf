"""Models with one defect each, as published packages have or had them: negative controls of the suite of laws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attribution.models import Markov, Participation
from attribution.testing import OfPaths

Paths = list[list[str]]
Numbers = list[float]
Credits = dict[str, float]


def linear(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """Right."""
    out = dict.fromkeys(sorted({name for path in paths for name in path}), 0.0)
    for path, n in zip(paths, converted, strict=True):
        for name in path:
            out[name] += n / len(path)
    return out


def alphabetical(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """Ties go to the name that sorts first."""
    out = dict.fromkeys((name for path in paths for name in path), 0.0)
    for path, n in zip(paths, converted, strict=True):
        out[min(path)] += n
    return out


def substring(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """Finds eta in theta."""
    out = dict.fromkeys((name for path in paths for name in path), 0.0)
    for path, n in zip(paths, converted, strict=True):
        inside = [name for name in out if name in " > ".join(path)]
        for name in inside:
            out[name] += n / len(inside)
    return out


def remainder_first(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """Whole conversions, and what is left over to the first key of a dictionary."""
    out = dict.fromkeys((name for path in paths for name in path), 0.0)
    for name, x in linear(paths, converted, lost, value).items():
        out[name] = float(np.floor(x + 1e-9))
    out[next(iter(out))] += sum(converted) - sum(out.values())
    return out


def rows_as_journeys(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """Forgets that a row counts many; scaled to the conversions, so that sums look right."""
    one = linear(paths, [min(n, 1.0) for n in converted], lost, value)
    scale = sum(converted) / sum(one.values())
    return {name: scale * x for name, x in one.items()}


def unseeded(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """Draws, and nobody knows with which seed."""
    rng = np.random.default_rng()
    return {name: x * rng.random() for name, x in linear(paths, converted, lost, value).items()}


def everybody_a_little(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """A hundredth is spread over all names of the table."""
    right = linear(paths, converted, lost, value)
    return {name: 0.99 * x + 0.01 * sum(converted) / len(right) for name, x in right.items()}


def with_a_prior(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """One conversion more for each channel that has any, scaled back."""
    more = {name: x + (x > 0) for name, x in linear(paths, converted, lost, value).items()}
    return {name: x * sum(converted) / sum(more.values()) for name, x in more.items()}


def converters_only(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """A chain without the journeys that did not convert."""
    return OfPaths(Markov(1))(paths, converted, [0.0] * len(lost), value)


def touches_of_all(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """Touches of lost journeys earn as well."""
    both = linear(paths, [n + m for n, m in zip(converted, lost, strict=True)], lost, value)
    return {name: x * sum(converted) / sum(both.values()) for name, x in both.items()}


def pooled(paths: Paths, converted: Numbers, lost: Numbers, value: Numbers) -> Credits:
    """Touches are counted over all converting journeys instead of within each."""
    counts = linear(paths, [n * len(path) for path, n in zip(paths, converted, strict=True)], lost, value)
    return {name: x * sum(converted) / sum(counts.values()) for name, x in counts.items()}


CONTROLS: dict[str, Callable[..., Credits]] = {
    "other_names": alphabetical,
    "names_within_names": substring,
    "order_of_rows": remainder_first,
    "rows_split": rows_as_journeys,
    "asked_again": unseeded,
    "nobody": everybody_a_little,
    "doubling": with_a_prior,
    "adds_up": OfPaths(Participation()),
    "value_adds_up": linear,
    "lost_matter": converters_only,
    "lost_earn_nothing": touches_of_all,
    "logs_add_up": pooled,
}
"""A model that breaks it, by law."""


def marginals(worth: np.ndarray, c: int) -> np.ndarray:
    """What a channel adds to each set without it."""
    sets = np.arange(worth.size)
    without = sets[(sets >> c & 1) == 0]
    return np.asarray(worth[without | 1 << c] - worth[without])


def banzhaf(worth: np.ndarray) -> list[float]:
    """The mean of what it adds to sets, all alike: Banzhaf (1965). It does not add up."""
    return [float(marginals(worth, c).mean()) for c in range(worth.size.bit_length() - 1)]


def one_order(worth: np.ndarray) -> list[float]:
    """What each adds to those before it."""
    return [float(worth[(2 << c) - 1] - worth[(1 << c) - 1]) for c in range(worth.size.bit_length() - 1)]


def equal_parts(worth: np.ndarray) -> list[float]:
    """The same to everybody, whatever it adds."""
    n = worth.size.bit_length() - 1
    return [float(worth[-1]) / n] * n


def by_range(worth: np.ndarray) -> list[float]:
    """A dummy what it adds; of the rest, in proportion to how much what a channel adds varies."""
    added = [marginals(worth, c) for c in range(worth.size.bit_length() - 1)]
    base = np.array([each.min() for each in added])
    spread = np.array([np.ptp(each) for each in added])
    rest = worth[-1] - base.sum()
    return list(base + (rest * spread / spread.sum() if spread.sum() else 0.0))


BROKEN_VALUES: dict[str, Callable[[np.ndarray], list[float]]] = {
    "efficiency": banzhaf,
    "symmetry": one_order,
    "dummy": equal_parts,
    "additivity": by_range,
}
"""A value of games that breaks it and keeps the other three, by law."""
