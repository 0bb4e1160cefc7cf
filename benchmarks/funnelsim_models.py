"""funnelsim as a contender, through its public API alone: `load`, `loads`, `simulate` and the dataset it returns.

The reference funnel and the example come from the shelf; the M/M/c queues and the pure delay are written here, for
nobody wants them on a shelf.
"""

from collections.abc import Mapping
from typing import Any

import funnelsim as fs
from benchmarks import reference as ref
from benchmarks.reference import Job, Tally

MINUTES_OF_SERVICE = 10
ARRIVALS_A_DAY = 1000

QUEUE = """
name: M/M/{servers}
start: 2026-01-05
horizon: {hours} h
bucket: quarter
channels: {{source: {{arrivals: {{rate: {rate} / h}}}}}}
stages:
  serve: {{team: desk, duration: {{exponential: {{mean: {minutes} min}}}}, exits: {{won: 100%}}}}
  won: {{terminal: won}}
teams: {{desk: {{reps: {servers}}}}}
"""

DELAY = """
name: pure delay
start: 2026-01-05
horizon: {days} d
bucket: quarter
channels: {{source: {{arrivals: {{rate: {rate} / d}}}}}}
stages:
  wait: {{duration: {{exponential: {{mean: {hours} h}}}}, exits: {{won: 100%}}}}
  won: {{terminal: won}}
"""

# Where the answers stand in the dataset.
WINS, ABANDONED, REACHED, WAIT = "wins", "abandoned", "served", "mean_wait"


def count(dataset: Any, name: str, **where: str) -> int:
    """A count of the dataset over everything; 0 if it has none of that name."""
    return int(dataset[name].sel(**where).sum()) if name in dataset else 0


def simulate(scenario: Any, replications: int, seed: int, engine: str, threads: int) -> Any:
    """The dataset of one call."""
    return fs.simulate(scenario, replications=replications, seed=seed, threads=threads, engine=engine)


def read(dataset: Any) -> Tally:
    """The counts that the tables compare."""
    return Tally(
        prospects=int(dataset.attrs["prospects"]),
        events=int(dataset.attrs["events"]),
        wins=count(dataset, WINS),
        abandoned=count(dataset, ABANDONED),
        reached=count(dataset, REACHED, stage="qualify") if "qualify" in dataset["stage"] else 0,
    )


def shelf(
    scenario: str, replications: int, seed: int, horizon: str | None = None, engine: str = "kernel", threads: int = 1
) -> Job:
    """A scenario of the shelf over a horizon such as `365 d`, or over its own."""
    loaded = fs.load(scenario, overrides={} if horizon is None else {"horizon": horizon})
    return Job(lambda: simulate(loaded, replications, seed, engine, threads), read)


def funnel(days: float, replications: int, seed: int, engine: str = "kernel", threads: int = 1) -> Job:
    """The reference funnel."""
    return shelf("reference_funnel", replications, seed, f"{days:g} d", engine, threads)


def variant(days: float, replications: int, seed: int, overrides: dict[str, Any]) -> Job:
    """The reference funnel with some values changed."""
    loaded = fs.load("reference_funnel", overrides={**overrides, "horizon": f"{days:g} d"})
    return Job(lambda: simulate(loaded, replications, seed, "kernel", 1), read)


def queue(servers: int, customers: int, replications: int, seed: int, engine: str = "kernel") -> Job:
    """The M/M/c queue over the time in which `customers` are expected; its waits are given in mean services."""
    rate = ref.LOAD * servers * 60.0 / MINUTES_OF_SERVICE
    hours = round(customers / rate)
    text = QUEUE.format(servers=servers, hours=hours, rate=f"{rate:g}", minutes=MINUTES_OF_SERVICE)
    loaded = fs.loads(text)
    return Job(lambda: simulate(loaded, replications, seed, engine, 1), read_queue)


def read_queue(dataset: Any) -> Tally:
    """The same with the mean wait, of hours made mean services."""
    hours = float(dataset[WAIT].sel(stage="serve").mean())
    return read(dataset)._replace(mean_wait=hours * 60.0 / MINUTES_OF_SERVICE)


def delay(pending: int, arrivals: int, seed: int, engine: str = "kernel") -> Job:
    """A pure delay with a mean of `pending` prospects in flight, `arrivals` of them over the horizon."""
    hours = 24.0 * pending / ARRIVALS_A_DAY
    text = DELAY.format(days=arrivals // ARRIVALS_A_DAY, rate=ARRIVALS_A_DAY, hours=f"{hours:g}")
    loaded = fs.loads(text)
    return Job(lambda: simulate(loaded, 1, seed, engine, 1), read)


def wins(replications: int, seed: int, changes: Mapping[str, object], expected: bool = False) -> list[float]:
    """Wins of every replication of the reference funnel with `changes` as overrides: counted by coins, or expected."""
    scenario = fs.load("reference_funnel", overrides=changes)
    dataset = fs.simulate(scenario, replications=replications, seed=seed, threads=1, expected=expected)
    return [float(value) for value in dataset["expected_wins" if expected else "wins"].values]


def gains(replications: int, overrides: dict[str, object], changes: list[dict[str, object]]) -> list[float]:
    """How many times fewer replications `compare` needs for a difference in wins than independent runs, per change."""
    from funnelsim.scenario.loading import load
    from funnelsim.studies.compare import compare

    scenario = load("reference_funnel", overrides)
    policies = {f"change {place}": change for place, change in enumerate(changes)}
    found = compare(scenario, policies, seed=ref.SEED, replications=replications)["gain"].sel(measure="wins")
    return [float(found.sel(policy=name)) for name in policies]
