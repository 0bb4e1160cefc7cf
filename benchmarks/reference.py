"""The models every engine runs here, in numbers: the reference funnel and the M/M/c queue.

It knows parameters and what is counted; it imports nothing, so that a worker weighs only its own engine.
"""

from collections.abc import Callable
from math import log, nan, sqrt
from typing import Any, NamedTuple

# The reference funnel; times in days.
ARRIVALS_A_DAY = 50.0
DELAY_MEAN = 2.0
N_SDRS = 5
CALL_MEAN = 0.09
PATIENCE_MEAN = 0.2054903568508477
PASS = 0.4
N_AES = 8
DEAL_MEAN = 1.0 / 3.0
WIN = 0.25
RETURN_SHARE = 0.3
RETURN_AFTER = 30.0
DAYS = 1095.0

# A lognormal with coefficient of variation 1 has sigma**2 = log(2) and median mean / sqrt(2).
SIGMA = sqrt(log(2.0))
DELAY_MU = log(DELAY_MEAN / sqrt(2.0))
DEAL_MU = log(DEAL_MEAN / sqrt(2.0))

# The M/M/c queues: mean service time 1, each server busy 90% of the time.
LOAD = 0.9
CUSTOMERS = 100_000

SEED = 7


class Tally(NamedTuple):
    """What a run counted, summed over its replications; `mean_wait` is a mean over customers."""

    prospects: int
    events: int
    wins: int = 0
    abandoned: int = 0
    reached: int = 0
    mean_wait: float = nan


class Credited(NamedTuple):
    """What models credited: conversions, or shares of them, by model and channel; nothing for one that has none."""

    touches: int
    credits: dict[str, dict[str, float]]


class Job(NamedTuple):
    """A run ready to start: `run()` is timed, `tally(what run returned)` (a named tuple) is not."""

    run: Callable[[], Any]
    tally: Callable[[Any], Any]


def total(tallies: list[Tally]) -> Tally:
    """The tallies of several replications as one."""
    return Tally(
        prospects=sum(t.prospects for t in tallies),
        events=sum(t.events for t in tallies),
        wins=sum(t.wins for t in tallies),
        abandoned=sum(t.abandoned for t in tallies),
        reached=sum(t.reached for t in tallies),
        mean_wait=sum(t.mean_wait for t in tallies) / len(tallies),
    )
