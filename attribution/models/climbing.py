"""Climbing a likelihood by steps that never go down, with leaps where steps are short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attribution.journeys.ragged import Reals

Step = Callable[[Reals], tuple[float, Reals]]
"""From the logarithms of parameters: their log-likelihood, and the logarithms of some that are no less likely."""


@dataclass(frozen=True)
class Climb:
    """Where a climb ended: logarithms of parameters, log-likelihoods on the way, sweeps made, and whether it rests."""

    theta: Reals
    trace: tuple[float, ...]
    rounds: int
    converged: bool


def climb(step: Step, start: Reals, low: Reals, high: Reals, *, tolerance: float, rounds: int) -> Climb:
    """Step upwards until a step changes the log-likelihood by less than `tolerance` of it, at most `rounds` times.

    Every second step leaps along the last two (Varadhan and Roland, 2008, scheme S3) and is taken back where that
    is less likely than where it came from: the log-likelihood never decreases.
    """
    here = start
    value, there = step(here)
    trace, done = [value], 1
    while done < rounds:
        ahead_value, ahead = step(there)
        trace.append(ahead_value)
        done += 1
        if ahead_value - value <= tolerance * max(1.0, abs(ahead_value)):
            return Climb(there, tuple(trace), done, True)
        here_next = _leap(here, there, ahead, low, high)
        value, beyond = step(here_next)
        done += 1
        if not value >= ahead_value:
            here_next = ahead
            value, beyond = step(ahead)
            done += 1
        trace.append(value)
        here, there = here_next, beyond
    return Climb(here, tuple(trace), done, False)


def _leap(here: Reals, there: Reals, ahead: Reals, low: Reals, high: Reals) -> Reals:
    """Further along two steps; a parameter of 0, whose logarithm is infinite, stays there."""
    moves = np.isfinite(here) & np.isfinite(there) & np.isfinite(ahead)
    first = there[moves] - here[moves]
    bend = ahead[moves] - there[moves] - first
    size = float(np.sqrt(bend @ bend))
    length = max(1.0, float(np.sqrt(first @ first)) / size) if size > 0 else 1.0
    out = ahead.copy()
    out[moves] = np.clip(here[moves] + 2.0 * length * first + length**2 * bend, low[moves], high[moves])
    return out
