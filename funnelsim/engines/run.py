"""Many replications by the kernel: threads take them in turn, each with a store of its own.

The result depends on scenario, seed and replication alone: not on threads, on chunks, or on where a run was taken up
again.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.rows import Frame
from funnelsim.engines.kernel import replicate, replicate_plain
from funnelsim.engines.store import FULL, Store
from funnelsim.engines.tallies import Tally
from funnelsim.plan.features import is_plain
from funnelsim.plan.trace import ROW, in_order

_SLOTS, _ROOM, _ROWS = 1024, 4096, 1 << 14


@dataclass(frozen=True)
class Outcome:
    """Counts by name, the replication first, and one trace a replication if they were asked for."""

    tally: Tally
    traces: tuple[NDArray[np.void], ...] = ()


def run_kernel(
    plan: Frame,
    *,
    seed: int,
    replications: int,
    first: int = 0,
    threads: int = 1,
    trace: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Outcome:
    """Run replications first, first + 1, ... of a plan; `progress` is told how many were just finished."""
    run = replicate_plain if is_plain(plan) and not trace else replicate
    tally = Tally(plan["terms"][0], replications)
    traces: list[NDArray[np.void]] = [np.zeros(0, ROW)] * (replications if trace else 0)
    chunks, lock, stop = _chunks(replications, threads), threading.Lock(), threading.Event()

    def work() -> None:
        store = Store(plan["terms"][0], _SLOTS, _ROOM, _ROWS if trace else 0)
        while not stop.is_set():
            with lock:
                chunk = next(chunks, None)
            if chunk is None:
                return
            for at in range(*chunk):
                where = tally.address + at * tally.stride
                while run(plan.address, store.address, where, np.uint64(seed), first + at) == FULL:
                    store = Store(plan["terms"][0], 2 * store.slots, 2 * store.room, 2 * store.rows)
                if trace:
                    traces[at] = in_order(store.frame["trace"][: int(store.state["rows"])])
                if stop.is_set():
                    return
            if progress is not None:
                progress(chunk[1] - chunk[0])

    with ThreadPoolExecutor(threads) as pool:
        tasks = [pool.submit(work) for _ in range(threads)]
        try:
            while wait(tasks, timeout=0.2).not_done:
                pass
        finally:
            stop.set()
        for task in tasks:
            task.result()
    return Outcome(tally, tuple(traces))


def _chunks(replications: int, threads: int) -> Iterator[tuple[int, int]]:
    """Runs of replications, small enough to share out and to report."""
    size = max(1, min(64, replications // (32 * threads)))
    return ((at, min(at + size, replications)) for at in range(0, replications, size))
