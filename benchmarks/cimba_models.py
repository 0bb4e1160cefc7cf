"""The reference funnel and the M/M/c queue in Cimba Python, the nearest peer: Numba-compiled models on a C engine.

Three styles, because they differ five- to sevenfold: a process per prospect (as in SimPy), the reps as processes
that serve a store of deadlines, and events alone. The last two know no prospect; a second visit is a sign or another
event.
"""

# Cimba's own decorators are untyped.
# mypy: disable-error-code="untyped-decorator"

import cimba as cb
from cimba import random

from benchmarks import reference as ref
from benchmarks.reference import Job, Tally

RING = 1 << 12
PATIENCE_ENDED = 7
# Compiled model code takes these as constants.
ARRIVAL_GAP, DELAY_MU, SIGMA, DEAL_MU = 1.0 / ref.ARRIVALS_A_DAY, ref.DELAY_MU, ref.SIGMA, ref.DEAL_MU
CALL_MEAN, PATIENCE_MEAN, PASS, WIN = ref.CALL_MEAN, ref.PATIENCE_MEAN, ref.PASS, ref.WIN
RETURN_SHARE, RETURN_AFTER, LOAD = ref.RETURN_SHARE, ref.RETURN_AFTER, ref.LOAD


class Counted(cb.Model):
    """What every style counts, and the end of the trial."""

    days: cb.Param[float] = 1.0
    n_prospects: int = 0
    n_events: int = 0
    n_wins: int = 0
    n_abandoned: int = 0
    n_reached: int = 0
    prospects: cb.Output[int]
    events: cb.Output[int]
    wins: cb.Output[int]
    abandoned: cb.Output[int]
    reached: cb.Output[int]

    @cb.process
    def horizon(self) -> None:
        cb.hold(self.days)
        cb.end_trial()

    @cb.on_end
    def count(self) -> None:
        self.prospects = self.n_prospects
        self.events = self.n_events
        self.wins = self.n_wins
        self.abandoned = self.n_abandoned
        self.reached = self.n_reached


class ProspectFunnel(Counted):
    """The funnel whose every prospect is a process."""

    sdrs: cb.Resource = cb.Resource(capacity=ref.N_SDRS)
    aes: cb.Resource = cb.Resource(capacity=ref.N_AES)

    @cb.process
    def arrivals(self) -> None:
        while True:
            cb.hold(random.exponential(ARRIVAL_GAP))
            self.n_prospects += 1
            self.n_events += 1
            cb.spawn(Prospect, funnel=self)


class Prospect(cb.Model):
    """The life of one prospect; patience is a timer that interrupts the wait."""

    funnel: cb.Ref[ProspectFunnel]

    @cb.process
    def life(self) -> None:
        funnel = self.funnel
        me = cb.this_process()
        visit = 1
        while True:
            cb.hold(random.lognormal(DELAY_MU, SIGMA))
            funnel.n_events += 1
            me.timer_set(random.exponential(PATIENCE_MEAN), PATIENCE_ENDED)
            won = False
            if funnel.sdrs.acquire() == 0:
                me.timers_clear()
                cb.hold(random.exponential(CALL_MEAN))
                funnel.sdrs.release()
                funnel.n_events += 1
                funnel.n_reached += 1
                if random.uniform() < PASS:
                    funnel.aes.acquire()
                    cb.hold(random.lognormal(DEAL_MU, SIGMA))
                    funnel.aes.release()
                    funnel.n_events += 1
                    won = random.uniform() < WIN
            else:
                funnel.n_abandoned += 1
                funnel.n_events += 1
            if won:
                funnel.n_wins += 1
            if won or visit == 2 or random.uniform() >= RETURN_SHARE:
                break
            visit = 2
            cb.hold(RETURN_AFTER)
            funnel.n_events += 1


class RepFunnel(Counted):
    """The funnel whose reps are processes; a waiting prospect is its deadline, negative on a second visit."""

    to_call: cb.Store[float]
    to_close: cb.Store[int]

    @cb.process
    def arrivals(self) -> None:
        while True:
            cb.hold(random.exponential(ARRIVAL_GAP))
            self.n_prospects += 1
            self.n_events += 1
            cb.schedule(self.first_ready, random.lognormal(DELAY_MU, SIGMA))

    @cb.event
    def first_ready(self) -> None:
        self.n_events += 1
        self.to_call.put(cb.now() + random.exponential(PATIENCE_MEAN))

    @cb.event
    def returned(self) -> None:
        self.n_events += 1
        cb.schedule(self.second_ready, random.lognormal(DELAY_MU, SIGMA))

    @cb.event
    def second_ready(self) -> None:
        self.n_events += 1
        self.to_call.put(-cb.now() - random.exponential(PATIENCE_MEAN))

    @cb.function
    def lost(self, second: int, overdue: float) -> None:
        if second == 0 and random.uniform() < RETURN_SHARE:
            cb.schedule(self.returned, RETURN_AFTER - overdue)

    @cb.process(copies=ref.N_SDRS)
    def sdr(self) -> None:
        while True:
            deadline = self.to_call.get()
            second = 1 if deadline < 0.0 else 0
            overdue = cb.now() - abs(deadline)
            if overdue > 0.0:
                self.n_events += 1
                self.n_abandoned += 1
                self.lost(second, overdue)
            else:
                cb.hold(random.exponential(CALL_MEAN))
                self.n_events += 1
                self.n_reached += 1
                if random.uniform() < PASS:
                    self.to_close.put(second)
                else:
                    self.lost(second, 0.0)

    @cb.process(copies=ref.N_AES)
    def ae(self) -> None:
        while True:
            second = self.to_close.get()
            cb.hold(random.lognormal(DEAL_MU, SIGMA))
            self.n_events += 1
            if random.uniform() < WIN:
                self.n_wins += 1
            else:
                self.lost(second, 0.0)


class EventFunnel(Counted):
    """The funnel in events alone: free reps are counts, queues are rings."""

    free_sdrs: int = ref.N_SDRS
    free_aes: int = ref.N_AES
    deadlines: cb.Array[float] = cb.Array(RING)
    waiting: cb.Array[int] = cb.Array(RING)
    head: int = 0
    tail: int = 0
    deals: cb.Array[int] = cb.Array(RING)
    deal_head: int = 0
    deal_tail: int = 0

    @cb.on_start
    def start(self) -> None:
        cb.schedule(self.arrive, random.exponential(ARRIVAL_GAP))

    @cb.event
    def arrive(self) -> None:
        self.n_prospects += 1
        self.n_events += 1
        cb.schedule(self.first_ready, random.lognormal(DELAY_MU, SIGMA))
        cb.schedule(self.arrive, random.exponential(ARRIVAL_GAP))

    @cb.event
    def returned(self) -> None:
        self.n_events += 1
        cb.schedule(self.second_ready, random.lognormal(DELAY_MU, SIGMA))

    @cb.event
    def first_ready(self) -> None:
        self.ready(0)

    @cb.event
    def second_ready(self) -> None:
        self.ready(1)

    @cb.function
    def ready(self, second: int) -> None:
        self.n_events += 1
        if self.free_sdrs > 0:
            self.free_sdrs -= 1
            self.call(second)
        else:
            self.deadlines[self.tail & (RING - 1)] = cb.now() + random.exponential(PATIENCE_MEAN)
            self.waiting[self.tail & (RING - 1)] = second
            self.tail += 1

    @cb.function
    def call(self, second: int) -> None:
        if second == 0:
            cb.schedule(self.first_called, random.exponential(CALL_MEAN))
        else:
            cb.schedule(self.second_called, random.exponential(CALL_MEAN))

    @cb.event
    def first_called(self) -> None:
        self.called(0)

    @cb.event
    def second_called(self) -> None:
        self.called(1)

    @cb.function
    def called(self, second: int) -> None:
        self.n_events += 1
        self.n_reached += 1
        self.free_sdrs += 1
        while self.free_sdrs > 0 and self.head < self.tail:
            overdue = cb.now() - self.deadlines[self.head & (RING - 1)]
            other = self.waiting[self.head & (RING - 1)]
            self.head += 1
            if overdue > 0.0:
                self.n_events += 1
                self.n_abandoned += 1
                self.lost(other, overdue)
            else:
                self.free_sdrs -= 1
                self.call(other)
        if random.uniform() >= PASS:
            self.lost(second, 0.0)
        elif self.free_aes > 0:
            self.free_aes -= 1
            self.close(second)
        else:
            self.deals[self.deal_tail & (RING - 1)] = second
            self.deal_tail += 1

    @cb.function
    def close(self, second: int) -> None:
        if second == 0:
            cb.schedule(self.first_closed, random.lognormal(DEAL_MU, SIGMA))
        else:
            cb.schedule(self.second_closed, random.lognormal(DEAL_MU, SIGMA))

    @cb.event
    def first_closed(self) -> None:
        self.closed(0)

    @cb.event
    def second_closed(self) -> None:
        self.closed(1)

    @cb.function
    def closed(self, second: int) -> None:
        self.n_events += 1
        if self.deal_head < self.deal_tail:
            self.deal_head += 1
            self.close(self.deals[(self.deal_head - 1) & (RING - 1)])
        else:
            self.free_aes += 1
        if random.uniform() < WIN:
            self.n_wins += 1
        else:
            self.lost(second, 0.0)

    @cb.function
    def lost(self, second: int, overdue: float) -> None:
        if second == 0 and random.uniform() < RETURN_SHARE:
            cb.schedule(self.returned, RETURN_AFTER - overdue)


class MM1(cb.Model):
    """A source, a store of arrival instants and one server."""

    customers: cb.Param[int] = 1
    gap: cb.Param[float] = 1.0
    line: cb.Store[float]
    started: int = 0
    waited: float = 0.0
    mean_wait: cb.Output[float]

    @cb.process
    def source(self) -> None:
        while True:
            cb.hold(random.exponential(self.gap))
            self.line.put(cb.now())

    @cb.function
    def serve(self) -> None:
        while True:
            # The get waits: only what is read after it is of now.
            arrived = self.line.get()
            self.waited += cb.now() - arrived
            self.started += 1
            if self.started == self.customers:
                cb.end_trial()
            cb.hold(random.exponential(1.0))

    @cb.process
    def server(self) -> None:
        self.serve()

    @cb.on_end
    def read(self) -> None:
        self.mean_wait = self.waited / self.started


class MM10(MM1):
    """The same with ten servers."""

    @cb.process(copies=10)
    def server(self) -> None:
        self.serve()


def funnel_job(model: Counted, days: float, replications: int, seed: int) -> Job:
    """Replications of a funnel in one experiment with one worker."""
    model.days = days
    experiment = cb.Experiment(model, replications=replications, seed=seed)

    def read(results: cb.Results) -> Tally:
        found = results[model]
        fields = (found.prospects, found.events, found.wins, found.abandoned, found.reached)
        return Tally(*(int(samples.values.sum()) for samples in fields))

    return Job(lambda: experiment.run(workers=1), read)


def funnel_of_prospects(days: float, replications: int, seed: int) -> Job:
    """A process per prospect."""
    return funnel_job(ProspectFunnel(), days, replications, seed)


def funnel_of_reps(days: float, replications: int, seed: int) -> Job:
    """A process per rep."""
    return funnel_job(RepFunnel(), days, replications, seed)


def funnel_of_events(days: float, replications: int, seed: int) -> Job:
    """Events alone."""
    return funnel_job(EventFunnel(), days, replications, seed)


def queue(servers: int, customers: int, replications: int, seed: int) -> Job:
    """Replications of M/M/1 or M/M/10 in one experiment with one worker."""
    model = {1: MM1, 10: MM10}[servers]()
    model.customers, model.gap = customers, 1.0 / (LOAD * servers)
    experiment = cb.Experiment(model, replications=replications, seed=seed)

    def read(results: cb.Results) -> Tally:
        n = customers * replications
        return Tally(n, 2 * n, mean_wait=float(results[model].mean_wait.values.mean()))

    return Job(lambda: experiment.run(workers=1), read)
