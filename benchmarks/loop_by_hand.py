"""A Numba event loop written by hand for one model at a time: the ceiling that a general kernel is held against.

A binary heap as in heapq, two ring buffers for the queues, draws from one sequential NumPy generator. It knows no
prospect: two bits (what happens next, and whether this is the second visit) are all that this one funnel needs.
Patience is checked when the prospect is reached; the abandonment counts at its own instant.
"""

# Compiled functions take what Numba infers.
# mypy: disable-error-code="no-untyped-def"

from typing import NamedTuple

import numpy as np
from numba import njit

from benchmarks import reference as ref
from benchmarks.reference import Job, Tally, total

DELAY_END, CALL_END, DEAL_END, RETURN = 0, 1, 2, 3
RING = 1 << 16
# Compiled functions take these as constants.
ARRIVAL_GAP, DELAY_MU, SIGMA, DEAL_MU = 1.0 / ref.ARRIVALS_A_DAY, ref.DELAY_MU, ref.SIGMA, ref.DEAL_MU
CALL_MEAN, WIN, RETURN_SHARE, RETURN_AFTER = ref.CALL_MEAN, ref.WIN, ref.RETURN_SHARE, ref.RETURN_AFTER


@njit(cache=True)
def push(times, marks, n, time, mark):
    """Add an event to the heap of n; returns n + 1."""
    hole = n
    while hole > 0:
        parent = (hole - 1) >> 1
        if times[parent] <= time:
            break
        times[hole] = times[parent]
        marks[hole] = marks[parent]
        hole = parent
    times[hole] = time
    marks[hole] = mark
    return n + 1


@njit(cache=True)
def drop_first(times, marks, n):
    """Remove the earliest event of the heap of n; returns n - 1."""
    n -= 1
    time, mark = times[n], marks[n]
    hole, child = 0, 1
    while child < n:
        if child + 1 < n and times[child + 1] < times[child]:
            child += 1
        if time <= times[child]:
            break
        times[hole] = times[child]
        marks[hole] = marks[child]
        hole = child
        child = 2 * hole + 1
    times[hole] = time
    marks[hole] = mark
    return n


@njit(cache=True)
def run_funnel(rng, days, sdrs, aes, passing, patience, times, marks, deadlines, waiting, deals, out):
    """One replication of the reference funnel; writes prospects, events, wins, abandoned, reached into `out`."""
    n = head = tail = deal_head = deal_tail = 0
    free_sdrs, free_aes = sdrs, aes
    prospects = events = wins = abandoned = reached = 0
    arrival = rng.standard_exponential() * ARRIVAL_GAP
    while True:
        if n == 0 or arrival < times[0]:
            if arrival >= days:
                break
            prospects += 1
            events += 1
            delay = np.exp(DELAY_MU + SIGMA * rng.standard_normal())
            n = push(times, marks, n, arrival + delay, DELAY_END)
            arrival += rng.standard_exponential() * ARRIVAL_GAP
            continue
        now = times[0]
        if now >= days:
            break
        mark = marks[0]
        n = drop_first(times, marks, n)
        kind, second = mark & 3, mark & 4
        events += 1
        lost = False

        if kind == RETURN:
            delay = np.exp(DELAY_MU + SIGMA * rng.standard_normal())
            n = push(times, marks, n, now + delay, DELAY_END | 4)

        elif kind == DELAY_END:
            if free_sdrs > 0:
                free_sdrs -= 1
                n = push(times, marks, n, now + rng.standard_exponential() * CALL_MEAN, CALL_END | second)
            else:
                deadlines[tail & (RING - 1)] = now + rng.standard_exponential() * patience
                waiting[tail & (RING - 1)] = second
                tail += 1

        elif kind == CALL_END:
            reached += 1
            free_sdrs += 1
            while free_sdrs > 0 and head < tail:
                deadline, other = deadlines[head & (RING - 1)], waiting[head & (RING - 1)]
                head += 1
                if deadline > now:
                    free_sdrs -= 1
                    n = push(times, marks, n, now + rng.standard_exponential() * CALL_MEAN, CALL_END | other)
                else:
                    events += 1
                    abandoned += 1
                    if other == 0 and rng.random() < RETURN_SHARE:
                        n = push(times, marks, n, deadline + RETURN_AFTER, RETURN)
            if rng.random() >= passing:
                lost = True
            elif free_aes > 0:
                free_aes -= 1
                n = push(times, marks, n, now + np.exp(DEAL_MU + SIGMA * rng.standard_normal()), DEAL_END | second)
            else:
                deals[deal_tail & (RING - 1)] = second
                deal_tail += 1

        else:
            if deal_head < deal_tail:
                other = deals[deal_head & (RING - 1)]
                deal_head += 1
                n = push(times, marks, n, now + np.exp(DEAL_MU + SIGMA * rng.standard_normal()), DEAL_END | other)
            else:
                free_aes += 1
            if rng.random() < WIN:
                wins += 1
            else:
                lost = True

        if lost and second == 0 and rng.random() < RETURN_SHARE:
            n = push(times, marks, n, now + RETURN_AFTER, RETURN)
    out[:] = prospects, events, wins, abandoned, reached


@njit(cache=True)
def run_queue(rng, servers, gap, customers, times, marks, arrivals):
    """The mean wait of the first `customers` of an M/M/c queue with mean service 1 and mean arrival gap `gap`."""
    n = head = tail = started = 0
    free = servers
    waited = 0.0
    arrival = rng.standard_exponential() * gap
    while started < customers:
        if n == 0 or arrival < times[0]:
            if free > 0:
                free -= 1
                started += 1
                n = push(times, marks, n, arrival + rng.standard_exponential(), 0)
            else:
                arrivals[tail & (RING - 1)] = arrival
                tail += 1
            arrival += rng.standard_exponential() * gap
        else:
            now = times[0]
            n = drop_first(times, marks, n)
            if head < tail:
                waited += now - arrivals[head & (RING - 1)]
                head += 1
                started += 1
                n = push(times, marks, n, now + rng.standard_exponential(), 0)
            else:
                free += 1
    return waited / customers


@njit(cache=True)
def run_delay(rng, gap, mean, until, times, marks):
    """The number of arrivals and of ends of an M/G/infinity delay (exponential) until `until`."""
    n = born = ended = 0
    arrival = rng.standard_exponential() * gap
    while True:
        if n == 0 or arrival < times[0]:
            if arrival >= until:
                break
            born += 1
            n = push(times, marks, n, arrival + rng.standard_exponential() * mean, 0)
            arrival += rng.standard_exponential() * gap
        else:
            if times[0] >= until:
                break
            ended += 1
            n = drop_first(times, marks, n)
    return born, ended


def simulate_funnel(
    days: float,
    seed: int,
    sdrs: int = ref.N_SDRS,
    aes: int = ref.N_AES,
    passing: float = ref.PASS,
    patience: float = ref.PATIENCE_MEAN,
) -> Tally:
    """One replication of the reference funnel, or of one that differs in a number."""
    out = np.zeros(5, np.int64)
    heap = np.empty(RING), np.empty(RING, np.int64)
    rings = np.empty(RING), np.empty(RING, np.int64), np.empty(RING, np.int64)
    run_funnel(np.random.default_rng(seed), float(days), sdrs, aes, passing, patience, *heap, *rings, out)
    return Tally(*out.tolist())


def simulate_queue(servers: int, customers: int, seed: int) -> Tally:
    """One replication of the M/M/c queue from empty."""
    gap = 1.0 / (ref.LOAD * servers)
    heap = np.empty(RING), np.empty(RING, np.int64)
    wait = run_queue(np.random.default_rng(seed), servers, gap, customers, *heap, np.empty(RING))
    return Tally(customers, 2 * customers, mean_wait=wait)


def funnel(days: float, replications: int, seed: int) -> Job:
    """Replications of the reference funnel, one after the other."""
    return Job(lambda: [simulate_funnel(days, seed + r) for r in range(replications)], total)


def queue(servers: int, customers: int, replications: int, seed: int) -> Job:
    """Replications of the M/M/c queue, one after the other."""
    return Job(lambda: [simulate_queue(servers, customers, seed + r) for r in range(replications)], total)


def delay(pending: int, arrivals: int, seed: int) -> Job:
    """An M/G/infinity delay with a mean of `pending` in flight; time is counted in arrivals."""

    def run() -> Tally:
        capacity = 2 * pending + 1024
        heap = np.empty(capacity), np.empty(capacity, np.int64)
        born, ended = run_delay(np.random.default_rng(seed), 1.0, float(pending), float(arrivals), *heap)
        return Tally(born, born + ended)

    return Job(run, lambda tally: tally)


class Spread(NamedTuple):
    """Mean and standard deviation over replications: what every engine must agree with."""

    replications: int
    wins: tuple[float, float]
    abandoned: tuple[float, float]
    mean_wait: tuple[float, float]


def moments(values: list[float]) -> tuple[float, float]:
    """Mean and sample standard deviation."""
    return float(np.mean(values)), float(np.std(values, ddof=1))


def spread(model: str, replications: int, seed: int, days: float = ref.DAYS, customers: int = ref.CUSTOMERS) -> Job:
    """How wins, share of abandonment and mean wait vary between replications of this loop."""

    def read(tallies: list[Tally]) -> Spread:
        wins = [float(t.wins) for t in tallies]
        shares = [t.abandoned / max(t.abandoned + t.reached, 1) for t in tallies]
        return Spread(len(tallies), moments(wins), moments(shares), moments([t.mean_wait for t in tallies]))

    def run() -> list[Tally]:
        seeds = range(seed, seed + replications)
        if model == "funnel":
            return [simulate_funnel(days, s) for s in seeds]
        return [simulate_queue(10 if model == "mm10" else 1, customers, s) for s in seeds]

    return Job(run, read)


def wins(days: float, replications: int, seed: int, **change: float) -> list[int]:
    """Wins of every replication of a funnel that differs in `change`, from one stream per replication."""
    return [simulate_funnel(days, seed + r, **change).wins for r in range(replications)]  # type: ignore[arg-type]
