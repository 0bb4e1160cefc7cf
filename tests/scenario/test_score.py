"""A score that asks for a quality gets the noise that leads to it; who is expected is who comes."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from funnelsim.plan.compile import compile_scenario
from funnelsim.plan.layout import BATCHES, LEADS
from funnelsim.plan.timeline import timeline_of
from funnelsim.scenario import ScenarioError, load, loads
from funnelsim.scenario.leads import read_leads
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.newcomers import expected, kinds_of, period
from funnelsim.scenario.score_quality import auc

from .places import FULL, SHIPPED, small

INTENT = ("{rate: 5 / d}", "{rate: 5 / d}, intent: {normal: {mean: 0, sd: 0.8}}")
SHAPES = {
    "a rate": "{rate: 5 / d}",
    "a week by day": "{rate: 5 / d, weekly: [1, 2, 3, 4, 5, 0, 0.5]}",
    "a week by hour": f"{{rate: 5 / d, weekly: {[round(0.1 + hour % 37 / 10, 1) for hour in range(168)]}}}",
    "a season": "{rate: 5 / d, season: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}",
    "growth": "{rate: 5 / d, trend: 80% / y}",
    "decline": "{rate: 5 / d, trend: -60% / y}",
    "campaigns": "{rate: 5 / d, pulses: [{from: 2026-02-03 04:30, for: 40 h, times: 9}, {from: 2025-12-30, for: 50 d, "
    "times: 0.5}, {from: 2027-01-01, for: 52 w, times: 3}]}",
    "all at once": "{rate: 5 / d, weekly: [1, 2, 3, 4, 5, 0, 0.5], season: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "
    "trend: 80% / y, pulses: [{from: 2026-02-03 04:30, for: 40 h, times: 9}]}",
    "batches": "{batches: {every: 5 d, size: 7}}",
    "batches from a day on": "{batches: {every: 5 d, size: 7, first: 2026-03-01 12:00}}",
    "batches of dates": "{batches: {at: [2025-12-01, 2026-01-07 10:40, 2026-05-01, 2027-01-06 10:40], size: 7}}",
}


def planned(scenario: Scenario) -> float:
    """Newcomers of the only source by its compiled plan: the cumulative rate at the horizon, or rows."""
    plan, horizon = compile_scenario(scenario).plan, compile_scenario(scenario).timeline.horizon
    source = plan["sources"][0]
    if source["kind"] == LEADS:
        return float(source["count"])
    if source["kind"] == BATCHES:
        return float((plan["batches"]["upto"] - plan["batches"]["begin"]).sum())
    start, rate, before = plan["pieces"][-1].item()
    return float(before + rate * (horizon - start))


@pytest.mark.parametrize("start", ["2026-01-05", "2026-01-07 10:40"])
@pytest.mark.parametrize("shape", SHAPES)
def test_as_many_are_expected_as_the_plan_brings(shape: str, start: str) -> None:
    scenario = loads(small(("{rate: 5 / d}", SHAPES[shape]), ("2026-01-05", f'"{start}"')))
    begin = scenario.start
    assert begin is not None
    found = expected(scenario.channels["web"].arrivals, begin, begin + timedelta(weeks=52))
    print(f"{shape}: {found:.6f}")
    assert found == pytest.approx(planned(scenario), rel=1e-12)
    assert kinds_of(scenario).numbers.tolist() == [found]


def test_a_growing_channel_by_the_integral() -> None:
    """30 a day, a year in which it doubles: 30 x 365.25 / ln 2, but for the steps of a day."""
    arrivals = loads(small(("{rate: 5 / d}", "{rate: 30 / d, trend: 100% / y}"))).channels["web"].arrivals
    found = expected(arrivals, datetime(2026, 1, 5), datetime(2026, 1, 5) + timedelta(days=365.25))
    assert found == pytest.approx(30 * 365.25 / math.log(2) / (1 + math.log(2) / 365.25 / 2), rel=1e-5)


@pytest.mark.parametrize(
    ("start", "horizon"),
    [("first lead", "last lead + 1 w"), ("first lead", "30 d"), ("first lead", "12 mo"), ("2026-02-01", "last lead")],
)
def test_the_period_is_that_of_the_run(start: str, horizon: str, tmp_path: Path) -> None:
    times = ["2026-01-31 13:30", "2026-02-01 08:00", "2026-02-27 09:15", "2026-03-02 23:59"]
    (tmp_path / "leads.csv").write_text("\n".join(["came", *times]) + "\n")
    replay = "{replay: {file: leads.csv, columns: {time: came}}}"
    changes = [("{rate: 5 / d}", replay), ("2026-01-05", start), ("52 w", horizon)]
    scenario = loads(small(*changes), file=tmp_path / "a.yaml")
    channel = scenario.channels["web"].arrivals.replay
    assert channel is not None
    leads = read_leads(channel, segments=("all",))
    timeline = timeline_of(scenario, leads.first, leads.last)
    span = period(scenario, {"web": leads})
    assert (span.start, span.end) == (timeline.start, timeline.end)
    assert kinds_of(scenario).numbers.tolist() == [planned(scenario)]


def test_equal_kinds_are_taken_together() -> None:
    segments = "segments: {a: {share: 25%, fit: 2}, b: {share: 75%, fit: 1}, c: {share: 0%, intent: 9}}\nchannels:"
    channels = "{rate: 5 / d}}\n  twin: {arrivals: {rate: 15 / d}}"
    text = small(("channels:", segments), ("{rate: 5 / d}}", channels))
    assert kinds_of(loads(text)).numbers.tolist() == [20 * 364]
    kinds = kinds_of(loads(text + "score: {intent: 1, fit: 0.5, noise: 1}\n"))
    np.testing.assert_allclose(kinds.numbers, [15 * 364, 5 * 364])
    assert kinds.fits.tolist() == [0.5, 1.0]


def test_a_score_that_asks_for_an_auc_gets_its_noise() -> None:
    score = loads(small(INTENT) + "score: {intent: 1, auc: 75%, half_life: 3 d}\n").score
    assert (score.intent, score.fit, score.auc, score.half_life) == (1, 0, 0.75, 3 * 86400)
    assert score.noise == pytest.approx(0.8)  # a correlation of sin(pi / 4): as much noise as intent
    assert loads(small(INTENT) + "score: {intent: 1, noise: 0.8}\n").score.auc is None


def test_the_plan_knows_the_noise() -> None:
    asked = compile_scenario(loads(small(INTENT) + "score: {intent: 1, auc: 75%}\n")).plan["terms"][0]
    noise = loads(small(INTENT) + "score: {intent: 1, auc: 75%}\n").score.noise
    said = compile_scenario(loads(small(INTENT) + f"score: {{intent: 1, noise: {noise!r}}}\n")).plan["terms"][0]
    assert asked == said
    assert asked["score_noise"] == noise > 0


@pytest.mark.parametrize(
    ("file", "more"),
    [
        (FULL, {}),
        (SHIPPED / "b2b_saas.yaml", {}),
        (SHIPPED / "lead_replay.yaml", {"channels.leads.intent": {"normal": {"mean": 0, "sd": 0.8}}}),
    ],
)
def test_any_file_may_ask_for_one(file: Path, more: dict[str, object]) -> None:
    scenario = load(file, {"score": {"intent": 1, "auc": "62%"}, **more})
    assert auc(kinds_of(scenario), 1, scenario.score.noise) == pytest.approx(0.62, abs=1e-12)


def test_newcomers_of_too_many_kinds_are_refused() -> None:
    channels = "\n".join(f"  c{at}: {{arrivals: {{rate: 1 / d}}, intent: {at / 100}}}" for at in range(200))
    text = small(("channels:", f"channels:\n{channels}")) + "score: {intent: 1, auc: 75%}\n"
    assert loads(text).score.noise > 0  # the small scenario's own channel is like the first
    more = text.replace("intent: 1.99}", "intent: 1.99}\n  more: {arrivals: {rate: 1 / d}, intent: 5}")
    with pytest.raises(ScenarioError, match=r"score\.auc: newcomers are of 201 kinds, by channel and segment"):
        loads(more)


@pytest.mark.parametrize("score", ["intent: 1, fit: 3", "intent: 1, fit: 0.9", "intent: -1, fit: 1"])
def test_the_highest_auc_that_is_offered_can_be_had(score: str) -> None:
    segments = "segments: {a: {share: 60%, fit: 1}, b: {share: 40%, intent: 1}, c: {share: 0%, fit: -5}}\nchannels:"
    text = small(INTENT, ("channels:", segments))
    with pytest.raises(ScenarioError) as caught:
        loads(f"{text}score: {{{score}, auc: 99.99%}}\n")
    (problem,) = caught.value.problems
    most = float(problem.rule.rpartition(" ")[2].removesuffix("%")) if "at most" in problem.rule else 50
    print(problem)
    if most > 50:
        assert loads(f"{text}score: {{{score}, auc: {most}%}}\n").score.noise >= 0
    with pytest.raises(ScenarioError):
        loads(f"{text}score: {{{score}, auc: {most + 0.1:.1f}%}}\n")
