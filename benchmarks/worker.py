"""One measurement in a process of its own: `python -m benchmarks.worker MODULE.FUNCTION '{"keyword": value}'`.

Two numbers more, `QUIET_S FASTEST_S`: the timed run begins when a processor is left alone, or after so many seconds;
the other is the fastest probe that is known of this machine.

Prints one line of JSON. Timed is the run alone: not the import, not the compilation (a tiny run, under the keyword
`warm`, comes first), not the reading of the counts. The peak of memory is the process's: interpreter, imports,
compiler and all; `above_mb` is that of the run above what was resident before it, its input. The first call is the
time from the start of the imports to the end of the tiny run.
"""

import gc
import json
import resource
import sys
from importlib import import_module
from math import inf, nan
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks.processors import Speedometer, hold_on

PEERS = {"ciw", "salabim", "cimba", "ChannelAttribution", "mam", "mta"}
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def from_status(name: str) -> float:
    """A size of this process that Linux tells of, in MB (2**20 bytes)."""
    line = next(text for text in STATUS.read_text().splitlines() if text.startswith(name))
    return int(line.split()[1]) / 1024


def peak_mb() -> float:
    """The largest resident size of this process so far, in MB."""
    # Trap: ru_maxrss survives exec, so a child can report the size of its parent. VmHWM starts afresh.
    if STATUS.exists():
        return from_status("VmHWM")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def resident_mb() -> float:
    """What is resident now, in MB; the peak counts from here on. NaN where the system does not let it be reset."""
    gc.collect()
    try:
        CLEAR.write_text("5")
    except OSError:
        return nan
    return from_status("VmRSS")


def measure(name: str, keywords: dict[str, Any], quiet_s: float = 0.0, fastest_s: float = inf) -> dict[str, Any]:
    """What the job `module.function` took and counted; `skipped` with the reason if its package is not installed."""
    module_name, function = name.split(".")
    started = perf_counter()
    try:
        module = import_module(f"benchmarks.{module_name}")
    except ModuleNotFoundError as error:
        if error.name not in PEERS:
            raise
        return {"skipped": f"{error.name} is not installed"}
    build = getattr(module, function)
    warm = keywords.pop("warm", None)
    if warm is not None:
        build(**(keywords | warm)).run()
    first_s = perf_counter() - started

    job = build(**keywords)
    if quiet_s:
        hold_on(Speedometer(fastest_s).await_quiet(quiet_s))
    peak, resident = peak_mb(), resident_mb()
    cpu, wall = process_time(), perf_counter()
    outcome = job.run()
    cpu, wall = process_time() - cpu, perf_counter() - wall
    above = peak_mb() - resident
    peak = max(peak, peak_mb())
    counts: dict[str, Any] = job.tally(outcome)._asdict()
    return {"cpu_s": cpu, "wall_s": wall, "first_s": first_s, "peak_mb": peak, "above_mb": above} | counts


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], json.loads(sys.argv[2]), *map(float, sys.argv[3:]))))
