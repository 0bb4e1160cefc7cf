"""Common random numbers: how much smaller a difference in wins varies with one seed than with two.

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

DAYS = 365.0
OTHER_SEED = 500_000
Wins = Callable[[int, dict[str, Any]], list[float]]

# What changes: its name, the override of the scenario, the argument of the loop, and the factor design measured.
CHANGES: tuple[tuple[str, dict[str, Any], dict[str, Any], int], ...] = (
    ("a sixth SDR", {"teams.sdr.reps": 6}, {"sdrs": 6}, 14),
    ("qualification 40% to 41%", {"stages.qualify.exits.sell": "41%"}, {"passing": 0.41}, 28),
    (
        "patience +10%",
        {"stages.qualify.patience.after.exponential.mean": f"{1.1 * ref.PATIENCE_MEAN:.12g} d"},
        {"patience": 1.1 * ref.PATIENCE_MEAN},
        38,
    ),
    ("a ninth AE", {"teams.ae.reps": 9}, {"aes": 9}, 35),
)


def addressed(replications: int) -> Wins:
    """Wins by funnelsim: every draw addressed by its prospect."""
    from benchmarks import funnelsim_models

    horizon = {"horizon": f"{DAYS:g} d"}
    return lambda seed, change: funnelsim_models.wins(replications, seed, horizon | change)


def one_stream(replications: int) -> Wins:
    """Wins by the loop by hand: every replication draws from one sequential stream."""
    from benchmarks import loop_by_hand

    return lambda seed, change: [float(n) for n in loop_by_hand.wins(DAYS, replications, seed, **change)]


def factors(wins: Wins, changes: list[dict[str, Any]]) -> list[float]:
    """Variance of the difference with two seeds over its variance with one, per change."""
    before = wins(ref.SEED, {})
    found = []
    for place, change in enumerate(changes):
        progress(f"common random numbers: {change}")
        paired = [b - a for a, b in zip(before, wins(ref.SEED, change), strict=True)]
        other = ref.SEED + OTHER_SEED * (place + 1)
        independent = [b - a for a, b in zip(before, wins(other, change), strict=True)]
        found.append(variance(independent) / variance(paired))
    progress("")
    return found


def column(table: Table, label: str, build: Callable[[int], Wins], changes: list[dict[str, Any]], n: int) -> list[str]:
    """One engine's factors as cells; dashes and a note if it cannot run."""
    try:
        return [times(factor) for factor in factors(build(n), changes)]
    except Exception as error:  # a contender that fails must not take the table with it
        table.notes.append(f"{label}: failed: {type(error).__name__}: {error}")
        return ["-"] * len(changes)


def tables(replications: int) -> list[Table]:
    """One row per change, one column per way to draw."""
    title = f"Common random numbers: {replications} replications of {DAYS:g} days, variance of the difference in wins"
    table = Table(title, ("independent seeds over one seed", "one stream", "addressed", "design measured"))
    stream = column(table, "one stream", one_stream, [loop for _, _, loop, _ in CHANGES], replications)
    address = column(table, "addressed", addressed, [keys for _, keys, _, _ in CHANGES], replications)
    for (name, _, _, design), first, second in zip(CHANGES, stream, address, strict=True):
        table.rows.append((name, first, second, f"{design}x"))
    # A ratio of two independent sample variances; its logarithm has a variance of about 4 / (n - 1).
    spread = exp(1.96 * sqrt(4.0 / (replications - 1)))
    table.notes.append(f"Each factor is known to within a factor of {spread:.2f} (95%).")
    return [table]
