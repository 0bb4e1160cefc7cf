"""Intervals hold what is known of textbook funnels as often as their level says: means, ratios, differences, and where
replications were added until intervals were narrow enough.

Four hundred repetitions with FUNNELSIM_LONG=1, a hundred and twenty otherwise; the table is printed. Expected values:
the headers of scenarios/textbook, and Poisson counts. Measures whose expectation is exact, or warm-ups beyond which
nothing is left of the empty start.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass

from funnelsim.results.simulate import simulate
from funnelsim.scenario.loading import load
from funnelsim.studies.measures import measures
from funnelsim.studies.paired import Pair, Sample, bounded
from funnelsim.studies.precision import Precision
from funnelsim.studies.stopping import Estimator, until_precise

LONG = os.environ.get("FUNNELSIM_LONG", "") == "1"
REPEATED = 400 if LONG else 120
FIXED = 20
"""Replications of an interval that does not choose."""
POOL = 80
"""Replications that lie ready for each repetition."""
QUICK = {"bucket": "quarter"}


@dataclass(frozen=True)
class Known:
    """A measure of a textbook funnel whose expectation is known; of a pair the difference from what is changed."""

    name: str
    changes: dict[str, object]
    measure: str
    expected: float
    policy: dict[str, object] | None = None
    absolute: float = 0.0
    """A half-width that takes some 20 to 40 replications."""
    relative: float = 0.0


DELAY = {"horizon": "50 d", "warmup": "30 d"}
"""Of 20 days 50 / d are measured: 1,000 wins, Poisson. Of a lognormal delay of 2 d, 1e-6 are left after 30 days."""
MIXED = DELAY | {"stages.nurture.exits": {"won": "40%", "lost": "60%"}, "stages.lost": {"terminal": "lost"}}
MORE = MIXED | {"stages.nurture.exits": {"won": "44%", "lost": "56%"}}
LATER = MIXED | {"stages.nurture.duration": {"exponential": {"mean": "3 d"}}}
KNOWN = (
    Known("mginf", DELAY, "wins", 1000.0, absolute=12.0, relative=0.012),
    Known("mginf", MIXED, "wins", 400.0, MORE, absolute=2.5, relative=0.06),
    Known("mginf", MIXED, "wins", 400.0, LATER, absolute=5.0),
    Known("mm1", {"channels.leads.arrivals.rate": "0.25 / h", "horizon": "260 d", "warmup": "20 d"}, "utilisation.sdr",
          50.0, absolute=0.6, relative=0.012),
    Known("mm1", {"channels.leads.arrivals.rate": "0.25 / h", "horizon": "260 d", "warmup": "20 d"}, "queue.sdr",
          0.5, absolute=0.025, relative=0.05),
    Known("mmc", {"horizon": "300 d", "channels.leads.arrivals.rate": "0.7 / h"}, "utilisation.sdr",
          70.0, absolute=0.7, relative=0.01),
    Known("erlang_a", {"horizon": "60 d", "warmup": "10 d"}, "abandoned.call", 10.4643, absolute=0.4, relative=0.04),
    Known("erlang_a", {"horizon": "60 d", "warmup": "10 d"}, "utilisation.sdr", 80.5822, absolute=0.5, relative=0.006),
)  # fmt: skip
FEW = (KNOWN[0], KNOWN[1], KNOWN[6])


def drawn(known: Known) -> Callable[[int, int], Estimator]:
    """The estimator of replications from, to, out of all that are drawn beforehand."""
    runs = []
    for changes in (known.changes, known.policy):
        if changes is not None:
            ds = simulate(load(known.name, QUICK | changes), replications=REPEATED * POOL, seed=20)
            found = measures(ds)[known.measure]
            runs.append((found.top, found.bottom))

    def part(start: int, end: int) -> Estimator:
        cut = [Sample(top[start:end], None if below is None else below[start:end]) for top, below in runs]
        return cut[0] if len(cut) == 1 else Pair(cut[1], cut[0])

    return part


def held_fixed(part: Callable[[int, int], Estimator], expected: float) -> float:
    """The share of intervals from 20 replications that hold the truth."""
    bounds = [bounded(part(at * POOL, at * POOL + FIXED), 0.95) for at in range(REPEATED)]  # type: ignore[arg-type]
    return sum(each.low <= expected <= each.high for each in bounds) / REPEATED


def held_stopped(part: Callable[[int, int], Estimator], expected: float, precision: Precision) -> tuple[float, float]:
    """The share of intervals that hold the truth where replications were added until precise, and how many it took."""
    hits, spent = 0, 0
    for at in range(REPEATED):
        start, done = at * POOL, 0

        def more(n: int, start: int = start) -> list[Estimator]:
            nonlocal done
            done += n
            return [part(start, start + done)]

        reached = until_precise(more, precision)
        hits += abs(part(start, start + reached.n).value - expected) <= reached.halves[0]
        spent += reached.n
    return hits / REPEATED, spent / REPEATED


def rows_of(known: Known) -> list[tuple[str, float, float]]:
    """What is covered, with 20 replications and with those that a precision asks for: its name, share, replications."""
    part = drawn(known)
    expected = known.expected
    if known.policy is not None:
        expected = 40.0 if known.policy is MORE else 0.0
    title = f"{known.name} {known.measure}" + (", difference" if known.policy is not None else "")
    rows = [(title, held_fixed(part, expected), float(FIXED))]
    for half, relative in ((known.absolute, False), (known.relative, True)):
        if half:
            held, spent = held_stopped(part, expected, Precision(half, relative, ceiling=POOL))
            rows.append((f"{title}, to within {half:.1%}" if relative else f"{title}, to within {half}", held, spent))
    return rows


def test_nineteen_in_twenty_hold_it(record_property: Callable[[str, object], None]) -> None:
    error = math.sqrt(0.95 * 0.05 / REPEATED)
    rows = [row for known in (KNOWN if LONG else FEW) for row in rows_of(known)]
    lines = [f"{'what':60}{'replications':>13}{'held':>8}{'z':>6}"]
    lines += [f"{name:60}{spent:13.1f}{held:8.1%}{(held - 0.95) / error:+6.1f}" for name, held, spent in rows]
    print("\n".join(lines))
    record_property("table", "\n".join(lines))
    assert all(abs(held - 0.95) < 4 * error for _, held, _ in rows)
    if LONG:
        pooled = sum(held for _, held, _ in rows) / len(rows)
        assert 0.93 <= pooled <= 0.97
        assert [name for name, held, _ in rows if not 0.93 <= held <= 0.97] == []


def test_a_wrong_expectation_is_not_held() -> None:
    """Negative control: 2% more wins than there are."""
    held = held_fixed(drawn(KNOWN[0]), 1020.0)
    print(f"held: {held:.1%}")
    assert held < 0.5
