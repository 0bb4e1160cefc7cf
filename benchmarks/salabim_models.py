"""The reference funnel in salabim: a component per prospect, its resources, tracing and monitors switched off."""

from collections.abc import Iterator
from random import Random
from typing import Any

import salabim as sim  # type: ignore[import-untyped]

from benchmarks import reference as ref
from benchmarks.reference import Job, Tally, total


class Arrivals(sim.Component):  # type: ignore[misc]  # salabim is untyped
    """Poisson arrivals, each the start of a prospect's own process."""

    def process(self) -> Iterator[Any]:
        env = self.env
        while True:
            yield self.hold(env.rng.expovariate(ref.ARRIVALS_A_DAY))
            env.n["prospects"] += 1
            Prospect()


class Prospect(sim.Component):  # type: ignore[misc]  # salabim is untyped
    """The life of one prospect: delay, call, deal, and at most one return."""

    def process(self) -> Iterator[Any]:
        env = self.env
        rng, n = env.rng, env.n
        for visit in (1, 2):
            yield self.hold(rng.lognormvariate(ref.DELAY_MU, ref.SIGMA))
            n["delay_ends"] += 1
            yield self.request(env.sdrs, fail_delay=rng.expovariate(1.0 / ref.PATIENCE_MEAN))
            if self.failed():
                n["abandoned"] += 1
            else:
                yield self.hold(rng.expovariate(1.0 / ref.CALL_MEAN))
                self.release(env.sdrs)
                n["calls"] += 1
                if rng.random() < ref.PASS:
                    yield self.request(env.aes)
                    yield self.hold(rng.lognormvariate(ref.DEAL_MU, ref.SIGMA))
                    self.release(env.aes)
                    n["deals"] += 1
                    if rng.random() < ref.WIN:
                        n["wins"] += 1
                        return
            if visit == 2 or rng.random() >= ref.RETURN_SHARE:
                return
            yield self.hold(ref.RETURN_AFTER)
            n["returns"] += 1


def simulate_funnel(days: float, seed: int) -> Tally:
    """One replication of the reference funnel."""
    env = sim.Environment(trace=False, yieldless=False, random_seed=seed)
    env.rng = Random(seed)
    env.n = n = dict.fromkeys(("prospects", "delay_ends", "calls", "abandoned", "deals", "wins", "returns"), 0)
    env.sdrs = sim.Resource("sdrs", capacity=ref.N_SDRS, monitor=False)
    env.aes = sim.Resource("aes", capacity=ref.N_AES, monitor=False)
    Arrivals()
    env.run(till=days)
    return Tally(n["prospects"], sum(n.values()) - n["wins"], n["wins"], n["abandoned"], n["calls"])


def funnel(days: float, replications: int, seed: int) -> Job:
    """Replications of the reference funnel, one after the other."""
    return Job(lambda: [simulate_funnel(days, seed + r) for r in range(replications)], total)
