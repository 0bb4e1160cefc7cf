"""The tail of a graph: stages from whose entry on nothing but coins decides whether a prospect wins in this pass.

A stage is in the tail if nobody gives up there, and the chances of its exits are known at entry: no patience, no full
line, no attempts, leaks or handovers, no tier that takes prospects away, no effect of the response time, of earlier
visits or of a rep's skill, no discovery, no sale and no discount. Intent may decide where neither touches nor reps
change it any more. Waiting is allowed: it changes when, not whether. What is left out without need costs sharpness,
never truth.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.rows import NUMBER
from funnelsim.plan.layout import BAND, ESCALATE, GOING_ON, NEW, NO_EFFECT, NONE, NOTHING, PULL_BACK, WAY, WON

_Arrays = Mapping[str, NDArray[Any]]
_WAYS_OUT: Final = (
    "patience", "patience_exit", "unreached_exit", "failed_exit", "leak_exit", "scored_exit", "raised_exit",
    "ready_exit", "balk_exit", "leak_dial", "enough_dial",
)  # fmt: skip
_NOUGHTS: Final = ("up_to", "asks", "discount", "leak")


def mark_tail(arrays: _Arrays) -> NDArray[np.void]:
    """The tail stages, as `tail_of`, and their visits marked, with those whose decisions lead there or to a win."""
    tail, stages = tail_of(arrays), arrays["stages"]
    counts = (stages["terminal"] == WON) | (stages["sale"] == NEW)
    counts[tail] = True
    visits = arrays["visits"].reshape(stages.size, -1)
    visits["tail"][tail] = 1
    visits["weighs"][(_steps(arrays) & counts).any(axis=1)] = 1
    return tail.view(NUMBER)


def tail_of(arrays: _Arrays) -> NDArray[np.int64]:
    """The tail stages from which a win can be reached, each after those that its exits lead to."""
    steps = _steps(arrays)
    stages, calm = arrays["stages"], _calm(arrays)
    calm &= ~np.diag(_closure(steps & calm & calm[:, None]))
    ends = (stages["terminal"] == WON) | (stages["sale"] == NEW)
    wins = (steps & ends).any(axis=1)
    beyond = _closure(steps & calm & calm[:, None])
    calm &= wins | (beyond & wins).any(axis=1)
    # Whom more stages follow comes later: what follows a stage follows all that lead to it.
    order = np.argsort((beyond & calm).sum(axis=1), kind="stable")
    return np.asarray(order[calm[order]], np.int64)


def varies(arrays: _Arrays, tail: NDArray[np.int64]) -> bool:
    """Whether the chance of a win from some tail stage differs among the prospects of a segment, or what it brings is
    not the deal's value."""
    stages, exits = arrays["stages"], _exits_of(arrays)
    stakes = arrays["stakes"].view(np.float64).reshape(arrays["exits"].size, -1)
    for stage in tail:
        rows = arrays["exits"][exits[stage]]
        if (rows["intent"] != 0).any() or (rows["kind"] == BAND).any() or (stakes[exits[stage]] != 0).any():
            return True
        if (stages["sale"][rows["to"]] == NEW).any():
            return True
    return False


def _exits_of(arrays: _Arrays) -> list[NDArray[np.int64]]:
    """The rows of each stage's exits, of all segments."""
    n_segments = arrays["segments"].size
    n_exits = arrays["exits"].size // n_segments
    first = np.append(arrays["stages"]["first_exit"], n_exits)
    begins = n_exits * np.arange(n_segments)[:, None]
    return [(begins + np.arange(a, b)).ravel() for a, b in pairwise(first)]


def _steps(arrays: _Arrays) -> NDArray[np.bool_]:
    """Whether an exit leads from a stage to a stage."""
    n = arrays["stages"].size
    out = np.zeros((n, n), bool)
    for stage, rows in enumerate(_exits_of(arrays)):
        out[stage, arrays["exits"]["to"][rows]] = True
    return out


def _closure(steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether some path leads from a stage to a stage (Warshall 1962)."""
    out = steps.copy()
    for middle in range(len(out)):
        out |= out[:, middle, None] & out[middle]
    return out


def _calm(arrays: _Arrays) -> NDArray[np.bool_]:
    """Whether each stage, for itself, may be in the tail."""
    stages, teams = arrays["stages"], arrays["teams"]
    visits = arrays["visits"].reshape(stages.size, -1)
    calm: NDArray[np.bool_] = (stages["terminal"] == GOING_ON) & (stages["sale"] == NOTHING)
    for column in _WAYS_OUT:
        calm &= (visits[column] == NONE).all(axis=1)
    for column in _NOUGHTS:
        calm &= (visits[column] == 0).all(axis=1)
    calm &= (visits["shape"] == NO_EFFECT).all(axis=1)
    limited = np.append(teams["max_queue"] != NONE, False)
    calm &= ~limited[stages["team"]]
    calm &= ~_stirred(arrays)
    for stage, rows in enumerate(_exits_of(arrays)):
        exits = arrays["exits"][rows]
        exits = exits[exits["kind"] != WAY]
        calm[stage] &= not ((exits["skill"] != 0) | (exits["visits"] != 0)).any()
        for visit in visits[stage]:
            calm[stage] &= _keeps(arrays["tiers"], visit, limited)
    return calm


def _stirred(arrays: _Arrays) -> NDArray[np.bool_]:
    """Whether intent may change in each stage, by touches or talks, and matters there or further on; everywhere, if
    what touches have left fades."""
    teams, touches = arrays["teams"], arrays["touches"]
    by_channel = touches["source"] == NONE
    reaches = arrays["reaches"].view(np.int64).reshape(arrays["stages"].size, touches.size)
    changes: NDArray[np.bool_] = (reaches[:, by_channel] != 0).any(axis=1)
    # Whom a tier escalates is talked to by another team.
    talks = np.append(teams["trust"] != 0, False)
    changes |= talks[arrays["stages"]["team"]] | (talks.any() and arrays["tiers"].size > 0)
    changes |= (touches["half_life"][by_channel] > 0).any()
    matters = np.array([(arrays["exits"]["intent"][rows] != 0).any() for rows in _exits_of(arrays)])
    further: NDArray[np.bool_] = (_closure(_steps(arrays)) & matters).any(axis=1)
    return changes & (matters | further)


def _keeps(tiers: NDArray[np.void], visit: np.void, limited: NDArray[np.bool_]) -> bool:
    """Whether no tier of a visit sends prospects elsewhere, or to a team whose line may be full."""
    own = tiers[visit["first_tier"] : visit["first_tier"] + visit["n_tiers"]]
    escalated = own["to"][own["do"] == ESCALATE]
    return not ((own["do"] == PULL_BACK).any() or limited[escalated].any())
