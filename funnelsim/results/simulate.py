"""From a scenario to its dataset: compiles it, runs an engine, and has the counts put in order."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.core.rows import Frame
from funnelsim.engines.run import Outcome
from funnelsim.plan.compile import Compiled, compile_scenario
from funnelsim.results.dataset import dataset_of
from funnelsim.results.run import Run
from funnelsim.scenario.model import Scenario

if TYPE_CHECKING:
    from funnelsim.results.traced import Traced

Engine = Literal["kernel", "simpy"]
Progress = Callable[[int], None]
ROOM = 64 << 20
"""Bytes of traces that are held at once."""


def simulate(
    scenario: Scenario,
    *,
    replications: int = 100,
    seed: int,
    threads: int | None = None,
    engine: Engine = "kernel",
    first: int = 0,
    progress: Progress | None = None,
    trace: str | Path | None = None,
    journeys: str | Path | None = None,
    records: str | Path | None = None,
    traced: bool = False,
    expected: bool = False,
) -> xr.Dataset:
    """The dataset of replications first, first + 1, ... of a scenario.

    It depends on scenario, seed and replications alone, not on engine or threads (default: all processors this process
    may use). `progress` is told how many replications were just finished. `trace` is a Parquet file for all events,
    `journeys` one for the journeys of all prospects (`attribution.journeys` reads it), `records` one for what the
    teams' systems hold; CSV for a name that ends in .csv. With `traced`, or with the file that goes with them, come the
    variables that only traces tell: those of paths, of records, and of promises by weekday and hour. With `expected`
    come `expected_wins` and `expected_revenue`: sums of chances in place of coins, with the same means and less luck.
    """
    _check(replications, seed, threads, engine, first)
    compiled = compile_scenario(scenario, expected)
    threads = threads or available()
    wanted = {"trace": trace, "journeys": journeys, "records": records}
    files = {name: Path(file) for name, file in wanted.items() if file is not None}
    parts: list[Mapping[str, NDArray[Any]]] = []
    with ExitStack() as stack:
        told = _told_by_traces(stack, scenario, compiled, seed, files, traced)
        keeps = told is not None
        for at, outcome in outcomes(compiled, replications, seed, threads, engine, first, progress, keeps):
            parts.append(outcome.tally.arrays)
            if told is not None:
                for number, rows in enumerate(outcome.traces):
                    told.write(at + number, rows)
    tally = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    dataset = dataset_of(Run(scenario, compiled, tally, seed, first, engine))
    return dataset if told is None else told.added_to(dataset)


def _told_by_traces(
    stack: ExitStack, scenario: Scenario, compiled: Compiled, seed: int, files: Mapping[str, Path], numbers: bool
) -> "Traced | None":
    """What takes in the traces; None where nobody wants them."""
    if not files and not numbers:
        return None
    from funnelsim.results.traced import Traced

    return Traced(stack, files, numbers, scenario, compiled, seed)


def available() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check(replications: int, seed: int, threads: int | None, engine: str, first: int) -> None:
    """Refuse what cannot be run."""
    if replications < 1:
        raise ValueError(f"replications: found {replications}; there must be at least 1")
    if first < 0:
        raise ValueError(f"first: found {first}; replications are numbered from 0")
    if threads is not None and threads < 1:
        raise ValueError(f"threads: found {threads}; there must be at least 1")
    if not 0 <= seed < 1 << 63:
        raise ValueError(f"seed: found {seed}; it must lie between 0 and 2**63 - 1")
    if engine not in ("kernel", "simpy"):
        raise ValueError(f"engine: found {engine!r}; it must be 'kernel' or 'simpy'")


def outcomes(
    compiled: Compiled,
    replications: int,
    seed: int,
    threads: int,
    engine: str,
    first: int,
    progress: Progress | None,
    traced: bool,
) -> Iterator[tuple[int, Outcome]]:
    """Outcomes with the number of their first replication: all at once, or in turns where traces take room."""
    from funnelsim.engines.run import run_kernel

    at, end = first, first + replications
    turn = 1 if engine == "simpy" else threads if traced else replications
    while at < end:
        n = min(turn, end - at)
        if engine == "simpy":
            outcome = _told(compiled.plan, seed, at)
            if progress is not None:
                progress(1)
        else:
            outcome = run_kernel(
                compiled.plan, seed=seed, replications=n, first=at, threads=threads, trace=traced, progress=progress
            )
        yield at, outcome
        at += n
        if traced and engine == "kernel":
            largest = max(1, max(rows.nbytes for rows in outcome.traces))
            turn = max(threads, min(64 * threads, ROOM // largest))


def _told(plan: Frame, seed: int, replication: int) -> Outcome:
    """One replication by SimPy, counted from its trace."""
    from funnelsim.engines.recount import recount
    from funnelsim.engines.story import Story, Tables

    trace = Story(Tables(plan), seed, replication).run()
    return Outcome(recount(plan, [trace], seed=seed, first=replication), (trace,))
