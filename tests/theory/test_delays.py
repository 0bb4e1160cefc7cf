"""Delays without a team: how many are inside is Poisson, with a steady rate (M/G/infinity) or not (M_t/G/infinity)."""

import numpy as np
import pytest
from scipy import stats

from funnelsim.core.queueing import mginf_mean_number, mginf_number_pmf, mtginf_mean_number

from .evidence import Runs, agree, agree_counts, run

SIGMA = np.sqrt(np.log(2))  # lognormal with cv 1
DELAY = stats.lognorm(SIGMA, scale=2 / np.sqrt(2))  # mean 2, in days
WEEK = [1.2, 1.2, 1.1, 1.1, 1.0, 0.3, 0.3]
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def inside_at(days: int, rate: float, factors: list[float]) -> float:
    """Mean number inside so many days after an empty start on a Monday; rate per day."""
    rates = [rate * factors[day % 7] for day in range(days)]
    return mtginf_mean_number(float(days), [float(day) for day in range(days + 1)], rates, lambda u: float(DELAY.sf(u)))


def squares(sample: np.ndarray) -> np.ndarray:
    """Squared distances from the mean; their mean is the variance, without bias."""
    return np.asarray((sample - sample.mean()) ** 2 * sample.size / (sample.size - 1))


@pytest.fixture(scope="module")
def steady() -> Runs:
    short = {"horizon": "14 d", "warmup": "0 d", "channels.leads.arrivals.rate": "10 / d"}
    return run("mginf", short, seed=101, replications=12_000)


def test_the_mean_number_inside_is_rate_times_delay() -> None:
    runs = run("mginf", seed=102, replications=16)
    assert mginf_mean_number(50, 2) == 100
    agree("mean number", runs.mean_number("nurture"), 100.0)
    agree("mean time", runs.mean_time("nurture"), 48.0)


def test_at_one_instant_mean_and_variance_of_the_number_are_equal(steady: Runs) -> None:
    inside = steady.count("open_at_end", "nurture")
    mean = inside_at(14, 10, [1] * 7)
    assert mean == pytest.approx(20, rel=0.01)
    agree("mean number after 14 days", inside, mean)
    # The variance of a variance: 2% of it would take ten times as many runs.
    agree("variance after 14 days", squares(inside), mean, wrong=1.1 * mean)


def test_at_one_instant_the_number_is_poisson(steady: Runs) -> None:
    inside = steady.outcome.tally["open_at_end"][:, 0]
    mean, low, high = inside_at(14, 10, [1] * 7), 9, 32
    counts = np.bincount(np.clip(inside, low, high))[low:]

    def expected(mean: float) -> np.ndarray:
        shares = [mginf_number_pmf(n, mean) for n in range(200)]
        return inside.size * np.array([sum(shares[: low + 1]), *shares[low + 1 : high], sum(shares[high:])])

    agree_counts("P(n inside)", counts, expected(mean), expected(1.02 * mean), of_one_total=True)


def test_the_number_follows_the_days_of_the_week() -> None:
    runs = run("mtginf", {"horizon": "20 w"}, seed=103, replications=120)
    days = runs.outcome.tally["stage_area"][:, :, 0] * runs.compiled.timeline.tick / 86_400
    assert days.shape[1] == 12 * 7
    figures = (69.2059, 92.6225, 102.225, 105.018, 104.314, 85.6242, 60.9911)  # of the file's first lines
    for day, (name, expected) in enumerate(zip(DAYS, figures, strict=True)):
        agree(f"{name}, mean number", days[:, day::7].mean(axis=1), expected)
    agree("week, mean number", days.mean(axis=1), 50 * sum(WEEK) / 7 * 2)


@pytest.mark.parametrize(("weekday", "figure"), [(1, 83.3561), (6, 70.7497)])
def test_at_midnight_the_number_is_poisson_with_the_mean_of_eick_massey_and_whitt(weekday: int, figure: float) -> None:
    days = 21 + weekday
    mean = inside_at(days, 50, WEEK)
    assert mean == pytest.approx(figure, rel=0.002)
    runs = run("mtginf", {"horizon": f"{days} d", "warmup": "0 d"}, seed=104 + weekday, replications=2000)
    inside = runs.count("open_at_end", "nurture")
    agree(f"{DAYS[weekday]} 0:00, mean number", inside, mean)
    agree(f"{DAYS[weekday]} 0:00, variance", squares(inside), mean, wrong=1.25 * mean)
