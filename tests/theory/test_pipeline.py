"""The open pipeline: what is left of a duration has the conditional law given its age; a forecast covers what comes."""

from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

from funnelsim.plan.trace import FINISHED, STARTED

from .evidence import Numbers, agree, one_each, run

DAY = 24.0
SIZE = 2000

OPEN = f"""
name: open
start: 2026-01-05
horizon: 400 d
channels: {{web: {{arrivals: {{rate: 1 / y}}}}}}
stages:
  decision: {{duration: {{exponential: {{mean: 10 d}}}}, exits: {{won: 50%, lost: {{rest: true}}}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
pipeline: {{deals: [{{stage: decision, age: 8 d, count: {SIZE}}}]}}
"""
LAWS: dict[str, tuple[Any, Any]] = {
    "exponential": ({"exponential": {"mean": "10 d"}}, stats.expon(scale=10)),
    "gamma": ({"gamma": {"mean": "10 d", "cv": 0.5}}, stats.gamma(4, scale=2.5)),
    "weibull, ageing": ({"weibull": {"shape": 2, "scale": "12 d"}}, stats.weibull_min(2, scale=12)),
    "weibull, ever longer": ({"weibull": {"shape": 0.7, "scale": "6 d"}}, stats.weibull_min(0.7, scale=6)),
    "lognormal": ({"lognormal": {"median": "9 d", "sigma": 0.6}}, stats.lognorm(0.6, scale=9)),
    "uniform": ({"uniform": {"low": "2 d", "high": "20 d"}}, stats.uniform(2, 18)),
    "triangular": ({"triangular": {"low": "1 d", "mode": "6 d", "high": "16 d"}}, stats.triang(1 / 3, 1, 15)),
}


def left_over(changes: dict[str, Any], seed: int, replications: int = 20) -> Numbers:
    """Days from the start until each deal is decided, by replication."""
    runs = run(OPEN, changes, seed=seed, replications=replications, trace=True)
    out = []
    for rows in runs.outcome.traces:
        rows = rows[rows["prospect"] >> np.uint64(40) == rows["prospect"][0] >> np.uint64(40)]
        out.append(one_each(rows, FINISHED)["tick"] / (24 * 3600))
    assert all(each.size == SIZE for each in out)
    return np.array(out)


def mean_left(law: Any, age: float) -> float:
    """E(T - age | T > age): the integral of the survival function beyond the age, over that at the age."""
    beyond, _ = integrate.quad(law.sf, age, law.ppf(1 - 1e-12), limit=200)
    return float(beyond / law.sf(age))


@pytest.mark.parametrize("name", LAWS)
def test_what_is_left_has_the_conditional_mean_and_law(name: str) -> None:
    written, law = LAWS[name]
    days = left_over({"stages.decision.duration": written}, seed=211)
    agree("mean days left", days.mean(1), mean_left(law, 8.0))
    found = stats.kstest(days[0], lambda x: 1 - law.sf(8.0 + x) / law.sf(8.0))
    print(f"Kolmogorov-Smirnov {found.statistic:.4f}, p = {found.pvalue:.3f}")
    assert found.pvalue > 6e-5
    fresh = stats.kstest(days[0], law.cdf)
    assert fresh.pvalue < 1e-6 or name == "exponential", "age would not be seen"


def test_the_exponential_law_has_no_memory_and_the_others_have() -> None:
    """Negative control of the mean: drawn anew, what is left of a uniform law would be 11 days, not 6."""
    assert mean_left(LAWS["exponential"][1], 8.0) == pytest.approx(10.0)
    assert mean_left(LAWS["uniform"][1], 8.0) == pytest.approx(6.0)
    fresh = left_over({"stages.decision.duration": LAWS["uniform"][0], "pipeline.deals.0.age": "0 d"}, seed=211)
    agree("mean days, of age 0", fresh.mean(1), 11.0)


def test_parts_of_a_mixture_count_by_how_likely_they_last() -> None:
    """Three in four take 2 days on average, one 20: of those still there after 8, nearly all are slow ones."""
    parts = [{"weight": 0.75, "exponential": {"mean": "2 d"}}, {"weight": 0.25, "exponential": {"mean": "20 d"}}]
    days = left_over({"stages.decision.duration": {"mixture": parts}}, seed=212)
    quick, slow = 0.75 * np.exp(-8 / 2), 0.25 * np.exp(-8 / 20)
    agree("mean days left", days.mean(1), float((2 * quick + 20 * slow) / (quick + slow)))


def test_values_seen_count_where_they_are_longer_than_the_age() -> None:
    days = left_over({"stages.decision.duration": {"empirical": {"values": ["3 d", "9 d", "10 d", "15 d"]}}}, seed=213)
    assert set(np.round(days, 6).ravel()) == {1.0, 2.0, 7.0}
    agree("mean days left", days.mean(1), 10 / 3)


def test_who_should_be_gone_goes_at_the_next_tick() -> None:
    days = left_over({"stages.decision.duration": "5 d"}, seed=214, replications=1)
    assert (days * 24 * 3600 == 1).all()


def test_the_slowest_of_a_committee_is_known_to_take_longer() -> None:
    """E(max - age | max > age) of three exponential draws, from 1 - F**3 by inclusion and exclusion."""
    changes = {"stages.decision.approvals": {"stakeholders": 3, "agree": "100%"}}
    days = left_over(changes, seed=215, replications=40)
    x = np.exp(-8 / 10)
    beyond = 10 * (3 * x - 3 * x**2 / 2 + x**3 / 3)
    agree("mean days left", days.mean(1), float(beyond / (1 - (1 - x) ** 3)))


WORKED = {
    "stages.decision": {"team": "ae", "duration": {"weibull": {"shape": 2, "scale": "12 d"}}, "exits": {"won": 1},
                        "patience": {"after": {"weibull": {"shape": 2, "scale": "12 d"}}, "to": "lost"}},
    "teams": {"ae": {"reps": SIZE}},
}  # fmt: skip


def test_work_that_was_begun_goes_on_where_it_stopped() -> None:
    deals = [{"stage": "decision", "worked": "8 d", "count": SIZE}]
    days = left_over({**WORKED, "pipeline.deals": deals}, seed=216)
    agree("mean days left", days.mean(1), mean_left(LAWS["weibull, ageing"][1], 8.0))


def test_who_has_waited_has_less_patience_left() -> None:
    """The only rep is busy for long: whoever waits gives up, sooner for having waited for 8 days."""
    runs = run(
        OPEN,
        {**WORKED, "teams.ae.reps": 1, "stages.decision.duration": "300 d"},
        seed=217,
        replications=20,
        trace=False,
    )
    hours = (runs.hours("stage_time", "decision") - 300 * DAY) / (SIZE - 1)
    agree("mean days until they give up", hours / DAY, mean_left(LAWS["weibull, ageing"][1], 8.0))


def test_who_has_waited_longest_is_first() -> None:
    deals = [{"stage": "decision", "age": f"{at} d"} for at in range(1, 30)]
    changes = {**WORKED, "teams.ae.reps": 1, "stages.decision.duration": "1 h", "pipeline.deals": deals}
    changes["stages.decision"] = {"team": "ae", "duration": "1 h", "exits": {"won": "50%", "lost": "50%"}}
    rows = run(OPEN, changes, seed=218, replications=1, trace=True).outcome.traces[0]
    ranks = rows["prospect"][rows["code"] == STARTED] & np.uint64(2**40 - 1)
    assert ranks.tolist()[:29] == list(range(29, 0, -1))


FUNNEL = """
name: funnel
start: 2026-01-05
horizon: 60 w
channels: {web: {arrivals: {rate: 3 / d}}}
stages:
  talk: {duration: {gamma: {mean: 20 d, cv: 0.6}}, exits: {offer: 50%, lost: {rest: true}}}
  offer: {duration: {weibull: {shape: 1.6, scale: 40 d}}, exits: {won: 40%, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
"""
TODAY = 52 * 7 * 24 * 3600
AHEAD = "8 w"


def snapshot(rows: np.ndarray, tick: int) -> tuple[list[dict[str, Any]], np.ndarray]:
    """The deals that are open at a tick, as a scenario says them, and who they are."""
    rows = rows[(rows["tick"] < tick) & (rows["stage"] >= 0)]
    order = np.lexsort([np.arange(rows.size), rows["prospect"]])
    last = rows[order][np.append(rows["prospect"][order][1:] != rows["prospect"][order][:-1], True)]
    there = last[last["stage"] < 2]
    names = ("talk", "offer")
    deals = [{"stage": names[row["stage"]], "age": f"{tick - row['tick']} s"} for row in there]
    return deals, there["prospect"]


def test_a_forecast_from_the_open_pipeline_covers_what_becomes_of_it() -> None:
    """Of 60 years, the wins of the next 8 weeks among the deals that are open then: within the 90% interval of a
    forecast from stage and age in 90% of the years. Without ages it would be too late."""
    truth = run(FUNNEL, {"horizon": "60 w"}, seed=219, replications=60, trace=True)
    inside, late = [], []
    for at, rows in enumerate(truth.outcome.traces):
        deals, who = snapshot(rows, TODAY)
        won = rows["prospect"][(rows["stage"] == 2) & (rows["tick"] < TODAY + 8 * 7 * 24 * 3600)]
        actual = np.isin(who, won).sum()
        forecast = _forecast(deals, at)
        low, high = np.quantile(forecast, [0.05, 0.95])
        inside.append(low <= actual <= high)
        late.append(_forecast([{**deal, "age": "0 s"} for deal in deals], at).mean() - actual)
    share, bias = float(np.mean(inside)), np.asarray(late)
    z = bias.mean() / (bias.std(ddof=1) / np.sqrt(bias.size))
    print(f"90% intervals that cover: {share:.1%} of {len(inside)}; without ages {bias.mean():.1f} wins, z = {z:.1f}")
    low, high = stats.binom.ppf([3e-5, 1 - 3e-5], 60, 0.9) / 60
    assert low <= share <= high
    assert z < -4


def _forecast(deals: list[dict[str, Any]], seed: int) -> Numbers:
    """Wins of the open deals in the weeks ahead, by replication."""
    changes = {"horizon": AHEAD, "channels.web.on": False, "pipeline": {"deals": deals}}
    return run(FUNNEL, changes, seed=1000 + seed, replications=200).count("wins", 1)


def test_gamma_survival_is_what_scipy_says() -> None:
    """The expected values above come from scipy: one of them worked by hand, from the incomplete gamma function."""
    beyond = 10 * special.gammaincc(5, 8 / 2.5) - 8 * special.gammaincc(4, 8 / 2.5)
    assert mean_left(LAWS["gamma"][1], 8.0) == pytest.approx(beyond / special.gammaincc(4, 8 / 2.5), rel=1e-9)
