"""What each model says of journeys by its definition alone: the yardstick of every package, ours among them.

Plain loops and a set of linear equations for each removed channel: nothing of this is fast, and nothing of it is shared
with any contender. Journeys of one path are counted together first. Shapley values come from the worth of every set of
channels up to twelve channels; beyond, from equal shares among the channels of a journey, which they are exactly.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from math import comb

import numpy as np
from numpy.typing import NDArray

from benchmarks.touches import DAY_US, Touches

Path = tuple[int, ...]
State = tuple[int, ...]
Paths = dict[Path, tuple[int, int]]
"""How many journeys of a path converted, and how many did not."""
Credits = NDArray[np.float64]
HALF_LIFE_US = 7 * DAY_US
MOST_SETS = 12
START: State = ()


def paths_of(drawn: Touches) -> Paths:
    """The paths of journeys with their counts."""
    counts: dict[Path, list[int]] = defaultdict(lambda: [0, 0])
    for begin, end, converted in zip(drawn.offsets[:-1], drawn.offsets[1:], drawn.converted, strict=True):
        counts[tuple(drawn.channel[begin:end].tolist())][not converted] += 1
    return {path: (won, lost) for path, (won, lost) in counts.items()}


def exact(drawn: Touches, models: Iterable[str]) -> dict[str, dict[str, float]]:
    """The share of each channel by model and name."""
    paths, n = paths_of(drawn), len(drawn.channels)
    made = {
        "first": lambda: by_place(paths, n, 0),
        "last": lambda: by_place(paths, n, -1),
        "linear": lambda: linear(paths, n),
        "time_decay": lambda: time_decay(drawn),
        "markov_1": lambda: removal(paths, n, 1),
        "markov_2": lambda: removal(paths, n, 2),
        "markov_3": lambda: removal(paths, n, 3),
        "shapley": lambda: shapley(paths, n),
        "shao_li": lambda: shao_li(paths, n),
    }
    found = {model: made[model]() for model in models}
    return {model: dict(zip(drawn.channels, (row / row.sum()).tolist(), strict=True)) for model, row in found.items()}


def by_place(paths: Paths, n: int, place: int) -> Credits:
    """All to the touch at a place."""
    out = np.zeros(n)
    for path, (won, _) in paths.items():
        out[path[place]] += won
    return out


def linear(paths: Paths, n: int) -> Credits:
    """The same to every touch."""
    out = np.zeros(n)
    for path, (won, _) in paths.items():
        for channel in path:
            out[channel] += won / len(path)
    return out


def time_decay(drawn: Touches) -> Credits:
    """Half as much to a touch as to one that came a half-life later."""
    out = np.zeros(len(drawn.channels))
    for begin, end, converted in zip(drawn.offsets[:-1], drawn.offsets[1:], drawn.converted, strict=True):
        if converted:
            weights = 0.5 ** ((drawn.time[end - 1] - drawn.time[begin:end]) / HALF_LIFE_US)
            np.add.at(out, drawn.channel[begin:end], weights / weights.sum())
    return out


def steps_of(paths: Paths, order: int) -> tuple[Counter[tuple[State, State]], Counter[State], Counter[State]]:
    """How often one state follows another, and how often each is the last one: in all, and before a conversion."""
    steps: Counter[tuple[State, State]] = Counter()
    ends: Counter[State] = Counter()
    converts: Counter[State] = Counter()
    for path, (won, lost) in paths.items():
        windows = [path[max(0, at - order) : at] for at in range(min(order, len(path)), len(path) + 1)]
        for frm, to in pairwise([START, *windows]):
            if frm != to:
                steps[frm, to] += won + lost
        ends[windows[-1]] += won + lost
        converts[windows[-1]] += won
    return steps, ends, converts


def removal(paths: Paths, n: int, order: int) -> Credits:
    """Removal effects of channels: a state that holds the channel leads nowhere."""
    steps, ends, converts = steps_of(paths, order)
    states = {state: at for at, state in enumerate({START: 0} | {to: 0 for _, to in steps})}
    moves, leaves, hits = np.zeros((len(states), len(states))), np.zeros(len(states)), np.zeros(len(states))
    for (frm, to), count in steps.items():
        moves[states[frm], states[to]] = count
    for state, count in ends.items():
        leaves[states[state]], hits[states[state]] = count, converts[state]
    of = moves.sum(1) + leaves
    p, converts_now = moves / of[:, None], hits / of
    whole = np.linalg.solve(np.eye(len(states)) - p, converts_now)[0]
    effects = np.zeros(n)
    for channel in range(n):
        kept = np.array([channel not in state for state in states])
        rest = np.linalg.solve(np.eye(int(kept.sum())) - p[np.ix_(kept, kept)], converts_now[kept])[0]
        effects[channel] = (whole - rest) / whole
    return effects


def shapley(paths: Paths, n: int) -> Credits:
    """The game in which a set of channels is worth the conversions of the journeys inside it."""
    by_set: Counter[frozenset[int]] = Counter()
    for path, (won, _) in paths.items():
        by_set[frozenset(path)] += won
    out = np.zeros(n)
    if n > MOST_SETS:
        for held, won in by_set.items():
            for channel in held:
                out[channel] += won / len(held)
        return out
    bits = {sum(1 << channel for channel in held): won for held, won in by_set.items()}
    worth = [sum(won for held, won in bits.items() if held & ~outer == 0) for outer in range(1 << n)]
    for inner in range(1 << n):
        size = inner.bit_count()
        for channel in range(n):
            if not inner >> channel & 1:
                out[channel] += (worth[inner | 1 << channel] - worth[inner]) / (n * comb(n - 1, size))
    return out


def shao_li(paths: Paths, n: int) -> Credits:
    """A channel's rate and half of what its pairs add to the rates of both, over those who converted."""
    won_by, of = np.zeros((2, n, n))
    for path, (won, lost) in paths.items():
        held = list(set(path))
        won_by[np.ix_(held, held)] += won
        of[np.ix_(held, held)] += won + lost
    rate = np.divide(won_by, of, out=np.zeros((n, n)), where=of > 0)
    out = np.zeros(n)
    for path, (won, _) in paths.items():
        held = sorted(set(path))
        for i in held:
            pairs = sum(rate[i, j] - rate[i, i] - rate[j, j] for j in held if j != i)
            out[i] += won * (rate[i, i] + (pairs / (2 * (len(held) - 1)) if len(held) > 1 else 0.0))
    return out
