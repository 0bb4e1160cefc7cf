"""M/M/c (Erlang C): several reps with one queue; how long one waits, and how many are answered in time."""

import pytest

from funnelsim.core.queueing import (
    mmc_mean_queue,
    mmc_mean_time,
    mmc_mean_wait,
    mmc_p_wait,
    mmc_wait_cdf,
    mmc_wait_quantile,
)

from .evidence import Runs, agree, run

RATE, WORK, REPS = 0.2, 10.0, 3  # two thirds busy
SMALLER = {"channels.leads.arrivals.rate": f"{RATE} / h", "teams.sdr.reps": REPS}
LATER = {1: 1.0, 2: 2.0, 3: 5.0, 4: 10.0}  # tier: hours; tier 0 is the SLA itself


@pytest.fixture(scope="module")
def runs() -> Runs:
    tiers = [{"after": f"{hours} h", "do": "count"} for hours in LATER.values()]
    sla = {"respond_within": "1 s", "on_breach": tiers}
    return run("mmc", {**SMALLER, "stages.call.sla": sla}, seed=11, replications=480)


def test_the_share_of_those_who_wait_is_erlangs_c(runs: Runs) -> None:
    agree("P(wait)", runs.count("breaches", "call") / runs.count("starts", "call"), mmc_p_wait(RATE, WORK, REPS))


def test_the_mean_wait_is_erlangs(runs: Runs) -> None:
    agree("mean wait", runs.mean_wait("call"), mmc_mean_wait(RATE, WORK, REPS))
    agree("mean time", runs.mean_time("call"), mmc_mean_time(RATE, WORK, REPS))
    agree("mean queue", runs.mean_queue("call"), mmc_mean_queue(RATE, WORK, REPS))


def test_the_reps_are_busy_for_the_share_rho_of_the_time(runs: Runs) -> None:
    agree("utilisation", runs.busy("sdr", REPS), RATE * WORK / REPS)


@pytest.mark.parametrize(("tier", "hours"), LATER.items())
def test_longer_waits_are_exponentially_rare(runs: Runs, tier: int, hours: float) -> None:
    late = runs.count("tiers", tier) / runs.count("starts", "call")
    agree(f"P(wait > {hours} h)", late, 1 - mmc_wait_cdf(hours, RATE, WORK, REPS))


def test_the_attained_sla_is_the_chance_of_a_shorter_wait() -> None:
    runs = run("mmc", {**SMALLER, "stages.call.sla": {"respond_within": "2 h"}}, seed=12, replications=48)
    attained = runs.count("within_sla", "call") / runs.count("starts", "call")
    agree("SLA attainment", attained, mmc_wait_cdf(2.0, RATE, WORK, REPS))


def test_the_shipped_scenario_has_the_figures_of_its_first_lines() -> None:
    runs = run("mmc", {"stages.call.sla": {"respond_within": "1 s"}}, seed=13, replications=30)
    more = 10 * 1.02
    p_wait = runs.count("breaches", "call") / runs.count("starts", "call")
    quantiles = runs.outcome.tally["response_quantiles"][:, 0] / 3600
    agree("P(wait)", p_wait, 0.668732, wrong=mmc_p_wait(0.9, more, 10))
    agree("mean wait", runs.mean_wait("call"), 6.68732, wrong=mmc_mean_wait(0.9, more, 10))
    agree("mean queue", runs.mean_queue("call"), 6.01858, wrong=mmc_mean_queue(0.9, more, 10))
    agree("50% wait", quantiles[:, 2], 2.90775, wrong=mmc_wait_quantile(0.5, 0.9, more, 10))
    agree("90% wait", quantiles[:, 4], 19.0021, wrong=mmc_wait_quantile(0.9, 0.9, more, 10))
