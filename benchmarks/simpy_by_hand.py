"""The reference funnel and the M/M/c queue as a good SimPy user would write them for exactly this purpose.

One generator process per prospect, `simpy.Resource` for the two teams, `random.Random` for the draws (faster than
NumPy one draw at a time). Nothing is general: no plan, no log, no tallies beyond what the tables compare. A request
that is granted at once is neither yielded nor given a patience: that saves an event each.
"""

from collections.abc import Generator
from random import Random
from typing import Any

import simpy

from benchmarks import reference as ref
from benchmarks.reference import Job, Tally, total

Story = Generator[simpy.Event, Any, None]


class Funnel:
    """One replication: the teams, the draws and the counts that its prospects share."""

    def __init__(self, seed: int) -> None:
        self.env = simpy.Environment()
        self.rng = Random(seed)
        self.sdrs = simpy.Resource(self.env, ref.N_SDRS)
        self.aes = simpy.Resource(self.env, ref.N_AES)
        self.prospects = self.delay_ends = self.calls = self.abandoned = self.deals = self.wins = self.returns = 0

    def arrivals(self) -> Story:
        """Poisson arrivals, each the start of a prospect's own process."""
        while True:
            yield self.env.timeout(self.rng.expovariate(ref.ARRIVALS_A_DAY))
            self.prospects += 1
            self.env.process(self.prospect())

    def prospect(self) -> Story:
        """The life of one prospect: delay, call, deal, and at most one return; patience runs as a timeout."""
        env, rng = self.env, self.rng
        for visit in (1, 2):
            yield env.timeout(rng.lognormvariate(ref.DELAY_MU, ref.SIGMA))
            self.delay_ends += 1
            call = self.sdrs.request()
            if not call.triggered:
                yield call | env.timeout(rng.expovariate(1.0 / ref.PATIENCE_MEAN))
            if not call.triggered:
                call.cancel()
                self.abandoned += 1
            else:
                yield env.timeout(rng.expovariate(1.0 / ref.CALL_MEAN))
                self.sdrs.release(call)
                self.calls += 1
                if rng.random() < ref.PASS:
                    yield from self.deal()
                    if rng.random() < ref.WIN:
                        self.wins += 1
                        return
            if visit == 2 or rng.random() >= ref.RETURN_SHARE:
                return
            yield env.timeout(ref.RETURN_AFTER)
            self.returns += 1

    def prospect_checked(self) -> Story:
        """The same life with patience checked when the prospect is reached: no timeout, no condition event."""
        env, rng = self.env, self.rng
        for visit in (1, 2):
            yield env.timeout(rng.lognormvariate(ref.DELAY_MU, ref.SIGMA))
            self.delay_ends += 1
            overdue = 0.0
            call = self.sdrs.request()
            if not call.triggered:
                deadline = env.now + rng.expovariate(1.0 / ref.PATIENCE_MEAN)
                yield call
                overdue = max(env.now - deadline, 0.0)
            if overdue:
                self.sdrs.release(call)
                self.abandoned += 1
            else:
                yield env.timeout(rng.expovariate(1.0 / ref.CALL_MEAN))
                self.sdrs.release(call)
                self.calls += 1
                if rng.random() < ref.PASS:
                    yield from self.deal()
                    if rng.random() < ref.WIN:
                        self.wins += 1
                        return
            if visit == 2 or rng.random() >= ref.RETURN_SHARE:
                return
            yield env.timeout(ref.RETURN_AFTER - overdue)
            self.returns += 1

    def deal(self) -> Story:
        """The work of an account executive."""
        request = self.aes.request()
        if not request.triggered:
            yield request
        yield self.env.timeout(self.rng.lognormvariate(ref.DEAL_MU, ref.SIGMA))
        self.aes.release(request)
        self.deals += 1

    def run(self, days: float) -> Tally:
        """Run to the horizon and count."""
        self.env.process(self.arrivals())
        self.env.run(until=days)
        events = self.prospects + self.delay_ends + self.calls + self.abandoned + self.deals + self.returns
        return Tally(self.prospects, events, self.wins, self.abandoned, self.calls)


class CheckedFunnel(Funnel):
    """The funnel whose patience is checked when the prospect is reached."""

    prospect = Funnel.prospect_checked


class Queue:
    """An M/M/c queue: a source, a store and c servers that never end."""

    def __init__(self, servers: int, customers: int, seed: int) -> None:
        self.env = simpy.Environment()
        self.rng = Random(seed)
        self.line = simpy.Store(self.env)
        self.servers, self.customers = servers, customers
        self.started, self.waited = 0, 0.0
        self.done = self.env.event()

    def source(self) -> Story:
        """Poisson arrivals; a customer is the instant of its arrival."""
        rate = ref.LOAD * self.servers
        while True:
            yield self.env.timeout(self.rng.expovariate(rate))
            self.line.put(self.env.now)

    def server(self) -> Story:
        """Serves the line, one customer after the other."""
        while True:
            arrived = yield self.line.get()
            self.waited += self.env.now - arrived
            self.started += 1
            if self.started == self.customers:
                self.done.succeed()
            yield self.env.timeout(self.rng.expovariate(1.0))

    def run(self) -> Tally:
        """Run until the last customer starts its service."""
        self.env.process(self.source())
        for _ in range(self.servers):
            self.env.process(self.server())
        self.env.run(until=self.done)
        return Tally(self.customers, 2 * self.customers, mean_wait=self.waited / self.customers)


def funnel(days: float, replications: int, seed: int) -> Job:
    """Replications of the reference funnel, one after the other."""
    return Job(lambda: [Funnel(seed + r).run(days) for r in range(replications)], total)


def funnel_checked(days: float, replications: int, seed: int) -> Job:
    """The same with patience checked when the prospect is reached."""
    return Job(lambda: [CheckedFunnel(seed + r).run(days) for r in range(replications)], total)


def queue(servers: int, customers: int, replications: int, seed: int) -> Job:
    """Replications of the M/M/c queue, one after the other."""
    return Job(lambda: [Queue(servers, customers, seed + r).run() for r in range(replications)], total)
