"""Common random numbers: a difference between two policies is known far better than either of them.

The reference funnel over one year: pairs of replications with the same random numbers, and with independent ones.
"""

from collections.abc import Callable

import numpy as np
import pytest

from .evidence import Numbers, run

PAIRS = 200
YEAR = {"horizon": "365 d"}
BASE: dict[str, object] = {}
CHANGES: dict[str, dict[str, object]] = {
    "a sixth SDR": {"teams.sdr.reps": 6},
    "qualification 40% to 41%": {"stages.qualify.exits.sell": "41%"},
    "patience +10%": {"stages.qualify.patience.after": {"exponential": {"mean": f"{1.1 * 0.2054903568508477} d"}}},
    "a ninth AE": {"teams.ae.reps": 9},
}
PROMISED = 10.0


def wins(changes: dict[str, object], seed: int, replications: int = PAIRS) -> Numbers:
    runs = run("reference_funnel", {**YEAR, **changes}, seed=seed, replications=replications)
    return np.asarray(runs.outcome.tally["wins"].sum(axis=(1, 2)), np.float64)


@pytest.fixture(scope="module")
def base() -> Numbers:
    return wins(BASE, 211)


@pytest.fixture(scope="module")
def differences(base: Numbers) -> dict[str, tuple[float, float, float]]:
    """For each change: the difference in wins, and its variance with the same seed and with independent ones."""
    stranger, out = wins(BASE, 212), {}
    for name, change in CHANGES.items():
        changed = wins(change, 211)
        same, other = changed - base, changed - stranger
        out[name] = (float(same.mean()), float(same.var(ddof=1)), float(other.var(ddof=1)))
    return out


def table(base: Numbers, differences: dict[str, tuple[float, float, float]]) -> str:
    """The rows of performance.md's table."""
    lines = [f"wins in a year {base.mean():.0f}, standard deviation {base.std(ddof=1):.1f}; {PAIRS} pairs"]
    lines.append(f"{'change':26}{'more wins':>10}{'variance: same seed':>21}{'independent':>13}{'ratio':>7}")
    for name, (mean, same, other) in differences.items():
        lines.append(f"{name:26}{mean:10.1f}{same:21.0f}{other:13.0f}{other / same:7.1f}")
    return "\n".join(lines)


def test_the_difference_of_two_equal_policies_is_exactly_zero(base: Numbers) -> None:
    assert np.array_equal(wins({"teams.sdr.reps": 5}, 211, replications=20), base[:20])


def test_the_same_seed_makes_the_variance_of_a_difference_ten_times_smaller(
    base: Numbers,
    differences: dict[str, tuple[float, float, float]],
    record_property: Callable[[str, object], None],
) -> None:
    record_property("table", table(base, differences))
    for name, (_, same, other) in differences.items():
        assert other / same >= PROMISED, name
