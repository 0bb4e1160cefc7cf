"""Reps who leave by themselves: a place is filled and empty in turn, an alternating renewal process."""

import numpy as np

import funnelsim as fs
from funnelsim.plan.trace import FINISHED, STARTED, STOPPED

from .evidence import agree, run

STAYS, EMPTY, WEEKS = 20.0, 4.0, 60.0  # weeks

SHOP = f"""
name: shop
start: 2026-01-05
horizon: {WEEKS:g} w
tick: 1 min
channels: {{web: {{arrivals: {{rate: 40 / d}}}}}}
stages:
  call: {{team: sdr, duration: {{exponential: {{mean: 3 h}}}}, exits: {{won: 30%, lost: {{rest: true}}}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
teams:
  sdr:
    reps: 12
    salary: 4000 / mo
    attrition: {{after: {{exponential: {{mean: {STAYS:g} w}}}}, replaced: {{exponential: {{mean: {EMPTY:g} w}}}}}}
"""


def filled(weeks: float) -> float:
    """The mean share of a time from the start in which a place is filled (Cox 1962, Renewal Theory, section 7.1)."""
    leave, come = 1 / STAYS, 1 / EMPTY
    both = leave + come
    return come / both + leave / both * (1 - np.exp(-both * weeks)) / (both * weeks)


def test_a_place_is_filled_as_long_as_renewal_theory_says() -> None:
    ds = fs.simulate(fs.loads(SHOP), replications=400, seed=231)
    hours = ds["capacity"].sum(["bucket", "team"]).values
    agree("slot-hours", hours, 12 * WEEKS * 7 * 24 * filled(WEEKS))
    months = WEEKS * 7 / (365.25 / 12)
    agree("salaries", ds["people_cost"].sum(["bucket", "team"]).values, 12 * 4000 * months * filled(WEEKS))
    assert (ds["utilisation"] <= 1).all()


def test_without_successors_the_team_dies_out() -> None:
    """Twelve who each stay an exponential time: the mean of the rest is that of its survival function."""
    text = SHOP.replace(f", replaced: {{exponential: {{mean: {EMPTY:g} w}}}}", "")
    assert text != SHOP
    ds = fs.simulate(fs.loads(text, {"channels.web.arrivals.rate": "1 / w"}), replications=4000, seed=232)
    expected = 12 * STAYS * (1 - np.exp(-WEEKS / STAYS)) * 7 * 24
    agree("slot-hours", ds["capacity"].sum(["bucket", "team"]).values, expected)


def test_whoever_is_new_is_slow_at_first() -> None:
    """All leave after 10 weeks and come anew 2 weeks later; a ramp of 8 weeks from a half: for the first starts after
    that, work takes twice as long."""
    steady = {"teams.sdr.attrition": {"after": "10 w", "replaced": "2 w"}, "stages.call.duration": "60 min"}
    plain = run(SHOP, steady, seed=233, replications=1, trace=True).outcome.traces[0]
    slow = run(SHOP, {**steady, "teams.sdr.ramp": {"for": "8 w", "from": "50%"}}, seed=233, replications=1, trace=True)
    rows = slow.outcome.traces[0]
    week = 7 * 24 * 60

    def lasts(of: np.ndarray, low: float, high: float) -> float:
        """Mean minutes of work begun in these weeks and not interrupted."""
        ends = {(row["prospect"], row["rep"]): row["tick"] for row in of[of["code"] == FINISHED]}
        begun = of[(of["code"] == STARTED) & (of["tick"] >= low * week) & (of["tick"] < high * week)]
        keys = [(row["prospect"], row["rep"]) for row in begun]
        return float(np.mean([ends[key] - row["tick"] for key, row in zip(keys, begun, strict=True) if key in ends]))

    assert lasts(plain, 0, 9) == lasts(plain, 12.1, 20) == 60
    assert lasts(rows, 0, 9) == 60
    assert 110 < lasts(rows, 12.1, 12.5) < 120
    assert lasts(rows, 20.1, 21.5) == 60


def test_who_leaves_hands_its_work_back() -> None:
    changes = {"stages.call.duration": "30 h", "channels.web.arrivals.rate": "9 / d"}
    runs = run(SHOP, changes, seed=234, replications=1, trace=True)
    rows = runs.outcome.traces[0]
    stopped = rows[rows["code"] == STOPPED]
    assert len(stopped) > 10
    again = {row["prospect"]: row["tick"] for row in rows[rows["code"] == STARTED]}
    assert all(again[row["prospect"]] >= row["tick"] for row in stopped)


def test_nobody_elses_tenure_hangs_on_a_further_rep() -> None:
    """Places are drawn by their names: one more leaves the others as they were."""
    fewer, more = (fs.simulate(fs.loads(SHOP), replications=1, seed=235),
                   fs.simulate(fs.loads(SHOP.replace("reps: 12", "reps: 13")), replications=1, seed=235))  # fmt: skip
    bare = fs.loads(SHOP.replace("reps: 12", "reps: [{name: sdr 13}]"))
    alone = fs.simulate(bare, replications=1, seed=235)
    np.testing.assert_allclose(more["capacity"] - fewer["capacity"], alone["capacity"])
