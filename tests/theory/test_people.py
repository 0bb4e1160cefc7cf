"""People who differ: speed, the ramp of those who are new, skill, trust; leaks on the way to them, and those who were
taught before."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import funnelsim as fs
from funnelsim.plan.trace import FINISHED, STARTED, STOPPED

from .evidence import Runs, agree, run

HOUR, DAY = 3600, 86_400

FUNNEL = """
name: people
start: 2026-01-05
horizon: 200 d
channels:
  list: {arrivals: {batches: {every: 6 h, size: 1}}}
stages:
  call: {team: sdr, duration: 1 h, exits: {won: {logit: -1, intent: 1, skill: 1}, lost: {rest: true}}}
  won: {terminal: won}
  lost: {terminal: lost}
teams: {sdr: {reps: 1}}
"""


def people(changes: dict[str, Any], seed: int = 321, replications: int = 1, trace: bool = False) -> Runs:
    return run(FUNNEL, changes, seed=seed, replications=replications, trace=trace)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def spells(runs: Runs) -> tuple[Any, Any]:
    """When each work began, and how many ticks it took."""
    rows = runs.outcome.traces[0]
    begun, ended = rows[rows["code"] == STARTED], rows[rows["code"] == FINISHED]
    assert begun.size - ended.size in (0, 1)
    return begun["tick"][: ended.size], ended["tick"] - begun["tick"][: ended.size]


@pytest.mark.parametrize(("speed", "ticks"), [("150%", 2400), ("50%", 7200), (1, 3600), ("70%", 5143)])
def test_work_takes_its_time_over_the_speed(speed: Any, ticks: int) -> None:
    _, took = spells(people({"teams.sdr.speed": speed}, trace=True))
    assert took.size > 700
    assert (took == ticks).all()


def test_one_on_the_ramp_gets_up_to_speed_in_a_straight_line() -> None:
    """Hired on day 20, at 40% of a speed of 125%, full after 100 days: each hour of work takes 1 / speed."""
    rep = {"name": "new", "from": "2026-01-25"}
    changes = {"teams.sdr": {"reps": [rep], "speed": "125%", "ramp": {"for": "100 d", "from": "40%"}}}
    begun, took = spells(people(changes, trace=True))
    days = begun / DAY - 20
    speed = 1.25 * (0.4 + 0.6 * np.clip(days / 100, 0, 1))
    np.testing.assert_array_equal(took, np.floor(HOUR / speed + 0.5))
    assert took.max() > 1.9 * HOUR
    assert took.min() == 2880


def test_those_who_were_there_before_the_start_are_up_to_speed() -> None:
    _, took = spells(people({"teams.sdr.ramp": "20 w"}, trace=True))
    assert (took == HOUR).all()


def test_what_is_left_of_work_is_kept_at_normal_speed() -> None:
    """Ten hours of work: the first rep does two of them in four hours and leaves, the second does eight in four."""
    first = {"name": "slow", "speed": "50%", "until": "2026-01-05 04:00"}
    second = {"name": "fast", "speed": 2, "from": "2026-01-05 04:00"}
    changes = {
        "stages.call.duration": "10 h",
        "teams.sdr.reps": [first, second],
        "channels.list.arrivals.batches": {"at": ["2026-01-05"], "size": 1},
    }
    rows = people(changes, trace=True).outcome.traces[0]
    told = [(int(row["code"]), int(row["tick"]) / HOUR, int(row["rep"])) for row in rows if row["rep"] >= 0]
    assert told == [(STARTED, 0, 0), (STOPPED, 4, 0), (STARTED, 4, 1), (FINISHED, 8, 1)]
    assert rows["detail"][rows["code"] == STOPPED].tolist() == [8 * HOUR]


def test_results_by_rep_recover_the_order_of_skill() -> None:
    """Round robin gives each the same cases; the share that each wins is the sigmoid of -1 and the skill."""
    skills = [0.6, -0.8, 0.0, 1.2]
    reps = [{"name": f"r{at}", "skill": skill} for at, skill in enumerate(skills)]
    changes = {
        "channels.list.arrivals": {"rate": "40 / d"},
        "teams.sdr": {"reps": reps, "assignment": "round_robin"},
    }
    ds = fs.simulate(fs.loads(FUNNEL, changes), replications=300, seed=322)
    passed = ds["rep_passed"]
    for at, skill in enumerate(skills):
        agree(f"P(won | skill {skill})", passed[:, at].values, sigmoid(-1 + skill))
    np.testing.assert_array_equal(np.argsort(passed.mean("replication")), np.argsort(skills))


def test_a_team_that_people_do_not_trust_lowers_what_comes_after() -> None:
    changes: dict[str, Any] = {
        "stages.call.exits": {"offer": 1},
        "stages.offer": {"duration": "1 d", "exits": {"won": {"logit": 0.5, "intent": 1}, "lost": {"rest": True}}},
        "channels.list.arrivals": {"rate": "15 / d"},
        "teams.sdr": {"reps": 3, "trust": -0.7},
    }
    for trust in (-0.7, 0):
        changes["teams.sdr"]["trust"] = trust
        runs = people(changes, 323, 100)
        won, lost = (runs.count("exits", "offer", label) for label in ("won", "lost"))
        agree(f"P(won), trust {trust}", won / (won + lost), sigmoid(0.5 + trust))


def test_a_share_leaks_on_its_way_to_the_team() -> None:
    changes = {"stages.call.leak": "8%", "channels.list.arrivals": {"rate": "40 / d"}, "teams.sdr.reps": 4}
    runs = people(changes, 324, 60)
    agree("P(leaked)", runs.share("call", "leak"), 0.08)
    assert (runs.count("joins", "call") + runs.count("exits", "call", "leak") == runs.count("entries", "call")).all()


def test_those_whom_touches_have_taught_take_less_of_a_rep_s_time() -> None:
    """Three quarters of a lesson a mail, four mails of which each is seen half of the time; two lessons save 60%."""
    changes = {
        "channels.mail": {"touches": {"drip": ["1 d", "2 d", "3 d", "4 d"], "seen": "50%", "teaches": 0.75}},
        "stages.think": {"duration": "5 d", "exits": {"call": 1}},
        "stages.call.taught": {"saves": "60%", "enough": 2},
        "channels.list": {"arrivals": {"rate": "20 / d"}, "enters": "think"},
        "teams.sdr.reps": 4,
    }
    chances = [math.comb(4, n) / 16 for n in range(5)]
    works = [1 - 0.6 * min(1, 0.75 * n / 2) for n in range(5)]
    runs = people(changes, 325, 40, trace=True)
    hours = np.array([_mean_work(rows) for rows in runs.outcome.traces])
    agree("hours of work", hours, sum(chance * work for chance, work in zip(chances, works, strict=True)))
    took = np.unique(np.concatenate([_work(rows) for rows in runs.outcome.traces]))
    np.testing.assert_array_equal(took, sorted({round(HOUR * work) for work in works}))


def _work(rows: Any) -> Any:
    """Ticks of work with each prospect that was finished."""
    begun, ended = rows[rows["code"] == STARTED], rows[(rows["code"] == FINISHED) & (rows["rep"] >= 0)]
    since = dict(zip(begun["prospect"].tolist(), begun["tick"].tolist(), strict=True))
    return np.array([row["tick"] - since[int(row["prospect"])] for row in ended])


def _mean_work(rows: Any) -> float:
    return float(_work(rows).mean() / HOUR)


def test_a_machine_is_paid_by_the_case() -> None:
    team = {"reps": 1, "per_case": 1.1, "salary": "100 / mo"}
    changes = {"teams.sdr": team, "channels.list.arrivals": {"rate": "9 / d"}}
    ds = fs.simulate(fs.loads(FUNNEL, changes), replications=3, seed=326)
    starts = ds["rep_starts"].sum("rep")
    np.testing.assert_allclose(ds["case_cost"].sum(["bucket", "team"]), 1.1 * starts)
    np.testing.assert_allclose(ds["cost"], 1.1 * starts + float(ds["people_cost"].sum()))
    assert float(ds["cost"].mean()) > 1.9 * float(ds["people_cost"].sum())
