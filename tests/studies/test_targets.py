"""A target is read as people say it, lies within the forecast, and its chance has an honest interval."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from scipy import stats

from funnelsim.core.problems import ScenarioError
from funnelsim.studies.targets import chance, target_of

FIRST, END = datetime(2026, 1, 1), datetime(2027, 1, 1)


@pytest.mark.parametrize(
    ("written", "amount"),
    [("4M", 4e6), ("250k", 250e3), ("4,000,000", 4e6), ("$1.5m", 1.5e6), ("2 bn USD", 2e9), ("4_0", 40.0), (7, 7)],
)  # fmt: skip
def test_amounts_are_read_as_people_say_them(written, amount) -> None:
    found = target_of(written, "2026-06-30", "USD", FIRST, END)
    assert (found.amount, found.before, str(found.day)) == (amount, datetime(2026, 7, 1), "2026-06-30")


@pytest.mark.parametrize(
    ("written", "by", "said"),
    [
        ("lots", None, "--target: lots: a target is an amount of money. Write 4M, 250k or 4,000,000 USD"),
        ("4,00", None, "--target: 4,00: a target is an amount of money. Write 4M, 250k or 4,000,000 USD"),
        ("4M EUR", None, "--target: 4M EUR: money is in the scenario's currency, USD. Write 4 USD"),
        ("0", None, "--target: 0: a target is more than 0. Write 4M"),
        ("4M", "31.12.2026", "--by: 31.12.2026: it must be a date or a date-time. Write 2026-12-31"),
        ("4M", "2025-12-31",
         "--by: 2025-12-31: it lies before the first day of the forecast, 2026-01-01. Name a day until 2026-12-31"),
        ("4M", "2027-01-01",
         "--by: 2027-01-01: it lies beyond the last day of the forecast, 2026-12-31. "
         "Write --horizon '13 mo', or an earlier day"),
        (None, "2026-05-01", "--by: 2026-05-01: a day without a target. Write --target 4M as well"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_target_is_refused_with_the_way_out(written, by, said) -> None:
    with pytest.raises(ScenarioError) as caught:
        target_of(written, by, "USD", FIRST, END)
    assert [str(problem) for problem in caught.value.problems] == [said]


def test_the_last_day_is_the_default_and_is_not_beyond() -> None:
    assert target_of("4M", None, "USD", FIRST, END) == target_of("4M", "2026-12-31", "USD", FIRST, END)
    assert target_of(None, None, "USD", FIRST, END) is None


def test_without_draws_the_interval_is_that_of_wilson() -> None:
    reached = np.zeros((1, 80), bool)
    reached[0, :30] = True
    found, wanted = chance(reached), stats.binomtest(30, 80).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))


def test_the_interval_covers_a_chance_that_hangs_on_the_draw_and_without_the_design_effect_does_not() -> None:
    rng, n, hits, naive = np.random.default_rng(7), 1000, 0, 0
    for _ in range(n):
        reached = rng.random((60, 10)) < rng.beta(0.6, 0.3, (60, 1))
        found, alone = chance(reached), chance(reached.reshape(1, -1))
        hits += found.low <= 2 / 3 <= found.high
        naive += alone.low <= 2 / 3 <= alone.high
    z = (hits / n - 0.95) / np.sqrt(0.95 * 0.05 / n)
    print(f"coverage {hits / n:.3f}, z = {z:.2f}; {naive / n:.3f} if every replication counted")
    assert abs(z) < 4
    assert naive / n < 0.8


def test_where_all_runs_agree_each_draw_counts_once() -> None:
    assert chance(np.ones((40, 5), bool)) == chance(np.ones((1, 40), bool))
