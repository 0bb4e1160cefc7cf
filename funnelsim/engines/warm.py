"""Compile every kernel and keep it: `python -m funnelsim.engines.warm`, once on a machine and version."""

import sys
import time

from funnelsim.core.jit import cache_folder
from funnelsim.core.linking import announcing


def warm() -> None:
    """Compile what is not cached yet, by running small scenarios in both engines."""
    from funnelsim.engines.run import run_kernel
    from funnelsim.engines.story import Story, Tables
    from funnelsim.plan.compile import compile_scenario
    from funnelsim.scenario import load

    plan = compile_scenario(load("erlang_a", {"horizon": "2 d", "warmup": "0 d"})).plan
    for trace in (False, True):
        run_kernel(plan, seed=1, replications=1, trace=trace)
    Story(Tables(plan), 1, 0).run()


if __name__ == "__main__":
    started = time.perf_counter()
    said = f"compiling the kernels for this machine, once, into {cache_folder()}"
    with announcing(lambda: print(said, file=sys.stderr)):
        warm()
    print(f"kernels ready after {time.perf_counter() - started:.1f} s", file=sys.stderr)
