"""M/M/1: one rep, Poisson arrivals, exponential work, first come first served."""

import math

import pytest

from funnelsim.core.queueing import mm1_mean_number, mm1_mean_time, mm1_mean_wait

from .evidence import Runs, agree, run

# Half busy; at nine tenths busy it would take 50 million prospects to see an error of 2% in the wait.
RATE, WORK = 0.25, 2.0


@pytest.fixture(scope="module")
def half_busy() -> Runs:
    return run(
        "mm1",
        {"channels.leads.arrivals.rate": "0.25 / h", "stages.call.sla": {"respond_within": "4 h"}},
        seed=1,
        replications=240,
    )


@pytest.fixture(scope="module")
def as_shipped() -> Runs:
    return run("mm1", seed=2, replications=40)


def test_the_mean_wait_is_erlangs(half_busy: Runs) -> None:
    agree("mean wait", half_busy.mean_wait("call"), mm1_mean_wait(RATE, WORK))


def test_the_mean_time_in_the_stage_is_wait_and_work(half_busy: Runs) -> None:
    agree("mean time", half_busy.mean_time("call"), mm1_mean_time(RATE, WORK))


def test_the_mean_number_in_the_stage_is_rho_over_one_minus_rho(half_busy: Runs) -> None:
    agree("mean number", half_busy.mean_number("call"), mm1_mean_number(RATE, WORK))


def test_the_rep_is_busy_for_the_share_rho_of_the_time(half_busy: Runs) -> None:
    agree("utilisation", half_busy.busy("sdr", 1), RATE * WORK)


def test_everyone_who_comes_is_served(half_busy: Runs) -> None:
    agree("wins an hour", half_busy.count("exits", "call", "won") / half_busy.measured, RATE)


def test_a_wait_of_four_hours_or_more_is_as_rare_as_theory_says(half_busy: Runs) -> None:
    late = half_busy.count("breaches", "call") / half_busy.count("starts", "call")
    agree("P(wait > 4 h)", late, RATE * WORK * math.exp(-(1 / WORK - RATE) * 4))


def test_nine_tenths_wait_no_longer_than_the_quantile(half_busy: Runs) -> None:
    nine_tenths = half_busy.outcome.tally["response_quantiles"][:, 0, 4] / 3600
    agree("90% wait", nine_tenths, math.log(RATE * WORK / 0.1) / (1 / WORK - RATE))


def test_the_shipped_scenario_has_the_figures_of_its_first_lines(as_shipped: Runs) -> None:
    wrong = mm1_mean_wait(0.45, 2 * 1.02)
    agree("mean wait", as_shipped.mean_wait("call"), 18.0, wrong=wrong)
    agree("mean time", as_shipped.mean_time("call"), 20.0, wrong=wrong + 2 * 1.02)
    agree("mean number", as_shipped.mean_number("call"), 9.0, wrong=mm1_mean_number(0.45, 2 * 1.02))
    slower = 1 / (2 * 1.02) - 0.45
    nine_tenths = as_shipped.outcome.tally["response_quantiles"][:, 0, 4] / 3600
    agree("90% wait", nine_tenths, 43.9445, wrong=math.log(0.918 / 0.1) / slower)
