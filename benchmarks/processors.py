"""The processors of this machine, and how fast each is just now.

A virtual processor may share its core with somebody else's, which takes a third of its speed away, and from some
programs more than from others; that comes and goes within seconds, or stays for minutes.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from time import perf_counter, sleep

PROBES, PROBE_TURNS = 5, 100_000
UNDISTURBED = 1.2
"""A processor is left alone if a probe takes no longer than this many times the fastest."""
PAUSE_S = 0.05


def processors() -> list[int]:
    """The processors that this process may use, as far as the system tells."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def hold_on(chosen: Sequence[int]) -> None:
    """Have this process, and those that it starts, run on the chosen processors; on any if there are none."""
    if chosen:
        os.sched_setaffinity(0, chosen)


@contextmanager
def held_on(chosen: Sequence[int]) -> Iterator[None]:
    """The same within this."""
    before = processors()
    hold_on(chosen)
    try:
        yield
    finally:
        hold_on(before)


def probe(processor: int) -> float:
    """Seconds that a short loop takes on a processor, the least of a few."""
    seconds = []
    with held_on([processor]):
        for _ in range(PROBES):
            started = perf_counter()
            for _ in range(PROBE_TURNS):
                pass
            seconds.append(perf_counter() - started)
    return min(seconds)


class Speedometer:
    """Remembers the fastest probe that it has seen, or was told of, in seconds."""

    def __init__(self, fastest_s: float = inf) -> None:
        self.fastest_s = fastest_s

    def _fastest(self) -> tuple[list[int], float]:
        """The processor that is fastest now, and its probe; none if the system does not tell of any."""
        probes = {processor: probe(processor) for processor in processors()}
        found = sorted(probes, key=lambda processor: probes[processor])[:1]
        seconds = probes[found[0]] if found else inf
        self.fastest_s = min(self.fastest_s, seconds)
        return found, seconds

    def quietest(self) -> list[int]:
        """The processor that is fastest now."""
        return self._fastest()[0]

    def await_quiet(self, limit_s: float) -> list[int]:
        """The same, as soon as it is left alone, or else after `limit_s` seconds."""
        started = perf_counter()
        found, seconds = self._fastest()
        while seconds > UNDISTURBED * self.fastest_s and perf_counter() - started < limit_s:
            sleep(PAUSE_S)
            found, seconds = self._fastest()
        return found
