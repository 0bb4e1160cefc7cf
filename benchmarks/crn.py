"""Common random numbers: how much smaller a difference in wins varies with one seed than with two.

With expected wins, whose coins are not tossed, it varies less again; independent runs of plain wins are what both are
held against.

Beside funnelsim stands the loop by hand, whose replications draw from one stream each: the same seed alone buys
almost nothing there, and that is what addressing the draws is for.
"""

from collections.abc import Callable
from math import exp, sqrt
from statistics import variance
from typing import Any

from benchmarks import reference as ref
from benchmarks.harness import progress
from benchmarks.tables import Table, times

DAYS = 1095.0
OTHER_SEED = 500_000
Wins = Callable[[int, dict[str, Any]], list[float]]

# What changes: its name, the override of the scenario, the argument of the loop, and the factors that were measured
# when this was designed: addressed, and with expected wins.
CHANGES: tuple[tuple[str, dict[str, Any], dict[str, Any], int, int | None], ...] = (
    ("a sixth SDR", {"teams.sdr.reps": 6}, {"sdrs": 6}, 14, 101),
    ("qualification 40% to 41%", {"stages.qualify.exits.sell": "41%"}, {"passing": 0.41}, 28, None),
    (
        "patience +10%",
        {"stages.qualify.patience.after.exponential.mean": f"{1.1 * ref.PATIENCE_MEAN:.12g} d"},
        {"patience": 1.1 * ref.PATIENCE_MEAN},
        38,
        465,
    ),
    ("a ninth AE", {"teams.ae.reps": 9}, {"aes": 9}, 35, None),
)


def addressed(replications: int) -> Wins:
    """Wins by funnelsim: every draw addressed by its prospect."""
    from benchmarks import funnelsim_models

    horizon = {"horizon": f"{DAYS:g} d"}
    return lambda seed, change: funnelsim_models.wins(replications, seed, horizon | change)


def expected(replications: int) -> Wins:
    """Expected wins by funnelsim."""
    from benchmarks import funnelsim_models

    horizon = {"horizon": f"{DAYS:g} d"}
    return lambda seed, change: funnelsim_models.wins(replications, seed, horizon | change, expected=True)


def one_stream(replications: int) -> Wins:
    """Wins by the loop by hand: every replication draws from one sequential stream."""
    from benchmarks import loop_by_hand

    return lambda seed, change: [float(n) for n in loop_by_hand.wins(DAYS, replications, seed, **change)]


def factors(wins: Wins, plain: Wins, changes: list[dict[str, Any]]) -> list[float]:
    """Variance of the difference in plain wins with two seeds over that of these wins with one, per change."""
    before, coins = wins(ref.SEED, {}), plain(ref.SEED, {})
    found = []
    for place, change in enumerate(changes):
        progress(f"common random numbers: {change}")
        paired = [b - a for a, b in zip(before, wins(ref.SEED, change), strict=True)]
        other = ref.SEED + OTHER_SEED * (place + 1)
        independent = [b - a for a, b in zip(coins, plain(other, change), strict=True)]
        found.append(variance(independent) / variance(paired))
    progress("")
    return found


Build = Callable[[int], Wins]


def column(table: Table, label: str, build: Build, plain: Build, changes: list[dict[str, Any]], n: int) -> list[str]:
    """One engine's factors as cells; dashes and a note if it cannot run."""
    try:
        return [times(factor) for factor in factors(build(n), plain(n), changes)]
    except Exception as error:  # a contender that fails must not take the table with it
        table.notes.append(f"{label}: failed: {type(error).__name__}: {error}")
        return ["-"] * len(changes)


def compared(table: Table, changes: list[dict[str, Any]], n: int) -> list[str]:
    """The factors that `funnelsim compare` has: expected wins, on a line against the number of prospects."""
    from benchmarks import funnelsim_models

    try:
        return [times(factor) for factor in funnelsim_models.gains(n, {"horizon": f"{DAYS:g} d"}, changes)]
    except Exception as error:  # a contender that fails must not take the table with it
        table.notes.append(f"compared: failed: {type(error).__name__}: {error}")
        return ["-"] * len(changes)


def tables(replications: int) -> list[Table]:
    """One row per change, one column per way to draw."""
    title = f"Common random numbers: {replications} replications of {DAYS:g} days, variance of the difference in wins"
    heads = ("one stream", "addressed", "expected", "as compared", "design: addressed", "design: expected")
    table = Table(title, ("independent seeds over one seed", *heads))
    loops, keys = [change[2] for change in CHANGES], [change[1] for change in CHANGES]
    stream = column(table, "one stream", one_stream, one_stream, loops, replications)
    address = column(table, "addressed", addressed, addressed, keys, replications)
    chances = column(table, "expected", expected, addressed, keys, replications)
    whole = compared(table, keys, replications)
    for (name, *_, coins, less), *found in zip(CHANGES, stream, address, chances, whole, strict=True):
        table.rows.append((name, *found, f"{coins}x", "-" if less is None else f"{less}x"))
    table.notes.append("Expected wins count no coins of the tail, less what is pending there: no bias at the horizon.")
    table.notes.append(
        "As compared: what funnelsim compare has, which takes out the luck of how many prospects come too."
    )
    # A ratio of two independent sample variances; its logarithm has a variance of about 4 / (n - 1).
    spread = exp(1.96 * sqrt(4.0 / (replications - 1)))
    table.notes.append(f"Each factor is known to within a factor of {spread:.2f} (95%).")
    return [table]
