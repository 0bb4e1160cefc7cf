"""Little's law: what is counted over time is what each prospect spent, added up, to the tick.

L = lambda W holds path by path: the area under a number is the sum of the individuals' times within it (Little 1961,
Stidham 1974). The sums are over the trace, one prospect and one visit at a time.
"""

import itertools

import numpy as np
import pytest

from funnelsim.chance.calendars import ALWAYS
from funnelsim.core.rows import Frame
from funnelsim.plan.trace import ENTERED, FINISHED, JOINED, LEFT, STARTED, STOPPED
from funnelsim.scenario import load
from funnelsim.scenario.shelf import shipped

from .evidence import Runs, run

EVERYTHING = """
name: everything that moves a prospect
start: 2026-01-05
horizon: 40 w
warmup: 5 w
tick: 10 min
bucket: month
segments:
  small: {share: 70%, deal_value: 1000}
  large: {share: 30%, deal_value: 9000, intent: 0.5}
channels:
  inbound: {arrivals: {rate: 16 / d, weekly: [1.2, 1.2, 1.1, 1.1, 1.0, 0.3, 0.3]}}
  webinar: {arrivals: {batches: {every: 4 w, size: 120}}, enters: qualify}
stages:
  nurture: {duration: {lognormal: {mean: 2 d, cv: 1}}, exits: {qualify: 70%, lost: {rest: true}}}
  qualify:
    team: sdr
    routing: 20 min
    duration: {exponential: {mean: 50 min}}
    priority: {small: 1, large: 0}
    attempts: {up_to: 3, reach: 60%, gap: 1 d, effort: 10 min, unreached: {to: lost, reason: no response}}
    patience: {exponential: {mean: 4 d}}
    balk: {to: lost, reason: no capacity}
    sla:
      respond_within: 2 h
      on_breach:
        - {after: 4 h, do: reprioritise}
        - {after: 1 d, do: escalate, to: ae}
        - {after: 4 d, do: pull_back, to: nurture}
    exits: {demo: 50%, nurture: 20%, lost: {rest: true, reason: unqualified}}
  demo:
    team: ae
    duration: {gamma: {mean: 5 h, cv: 1}}
    priority: {small: 1, large: 0}
    exits: {won: {logit: -1, intent: 1, visits: -0.2}, demo: 10%, lost: {rest: true, reason: competitor}}
  won: {terminal: won}
  lost: {terminal: lost, recycle: {to: nurture, after: 20 d, share: 40%, at_most: 2}}
teams:
  sdr:
    reps: [{name: Ann, until: 2026-04-15}, {name: Bo, from: 2026-03-01}, {count: 2}]
    hours: mon-fri 9-17
    holidays: [2026-05-01]
    queue: priority
    max_queue: 60
  ae: {reps: 3, deals_at_once: 2, hours: mon-fri 8-18, queue: preemptive}
"""
VARIANTS: dict[str, dict[str, object]] = {
    "as written": {},
    "own lines": {"teams.sdr.assignment": "round_robin", "teams.ae": {"reps": 3, "assignment": "least_loaded"}},
    "no warm-up": {"warmup": "0 w", "bucket": "week", "teams.ae.assignment": "sticky", "teams.ae.queue": "fifo"},
    "crowded": {"channels.inbound.arrivals.rate": "40 / d", "teams.sdr.queue": "preemptive", "tick": "1 h"},
}


@pytest.fixture(scope="module", params=VARIANTS)
def runs(request: pytest.FixtureRequest) -> Runs:
    return run(EVERYTHING, VARIANTS[request.param], seed=181, replications=2, trace=True)


def edges(runs: Runs) -> np.ndarray:
    """Ticks at which the buckets begin, and the horizon."""
    return np.array([runs.compiled.timeline.warmup, *runs.compiled.plan["marks"]])


def time_within(begins: np.ndarray, ends: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Ticks between begin and end that fall into each bucket, of all together."""
    return np.array([(ends.clip(a, b) - begins.clip(a, b)).sum() for a, b in itertools.pairwise(marks)])


def intervals(rows: np.ndarray, begin: int, ends: tuple[int, ...], horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows of one code, and the tick of the same prospect's next row of any of these codes; else the horizon."""
    kept = rows[np.isin(rows["code"], (begin, *ends))]
    kept = kept[np.argsort(kept["prospect"], kind="stable")]
    following = np.append(kept["tick"][1:], horizon)
    last = np.append(kept["prospect"][1:] != kept["prospect"][:-1], True)
    ending = np.where(last, horizon, following)
    begun = kept["code"] == begin
    return kept[begun], ending[begun]


def business_clock(plan: Frame, calendar: int, horizon: int) -> np.ndarray:
    """Open ticks before each tick."""
    row = plan["calendars"][calendar]
    if row["first"] == ALWAYS:
        return np.arange(horizon + 1)
    opened = np.zeros(horizon + 1, np.int64)
    for span in plan["spans"][row["first"] : row["first"] + row["count"]]:
        opened[span["open"] + 1 : span["close"] + 1] = 1
    return np.cumsum(opened)


def times_in_stage(runs: Runs, rows: np.ndarray, stage: int) -> tuple[np.ndarray, np.ndarray]:
    """Ticks of entry and of leaving of every visit to a stage; the horizon for those who have not left."""
    visits = rows[(rows["stage"] == stage) & np.isin(rows["code"], (ENTERED, LEFT))]
    visits = visits[np.lexsort([visits["code"] == LEFT, visits["visit"], visits["prospect"]])]
    entered = visits["code"] == ENTERED
    left = np.append(~entered[1:], False)[entered]
    same = np.append(visits["prospect"][1:], 0)[entered] == visits["prospect"][entered]
    assert same[left].all()
    following = np.append(visits["tick"][1:], 0)[entered]
    return visits["tick"][entered], np.where(left, following, runs.compiled.timeline.horizon)


def stage_areas(runs: Runs, rows: np.ndarray) -> np.ndarray:
    """(bucket, stage): what each visit spent there, added up."""
    marks, n_stages = edges(runs), len(runs.compiled.stages)
    terminal = runs.compiled.plan["stages"]["terminal"] > 0
    spent = [time_within(*times_in_stage(runs, rows, stage), marks) for stage in range(n_stages)]
    return np.array(spent).T * ~terminal


def test_the_area_under_a_stage_is_what_its_visitors_spent_there(runs: Runs) -> None:
    for rows, area in zip(runs.outcome.traces, runs.outcome.tally["stage_area"], strict=True):
        assert (area[:, :3].sum(axis=0) > 0).all()
        assert np.array_equal(area, stage_areas(runs, rows))


def test_one_visit_left_out_would_break_the_identity(runs: Runs) -> None:
    rows = runs.outcome.traces[0]
    someone = rows["prospect"][rows["code"] == ENTERED][-1]
    assert not np.array_equal(runs.outcome.tally["stage_area"][0], stage_areas(runs, rows[rows["prospect"] != someone]))


def test_the_area_under_a_line_is_what_everybody_waited_there(runs: Runs) -> None:
    marks, horizon = edges(runs), runs.compiled.timeline.horizon
    for rows, area in zip(runs.outcome.traces, runs.outcome.tally["line_area"], strict=True):
        joined, until = intervals(rows, JOINED, (STARTED, LEFT), horizon)
        for stage in range(len(runs.compiled.stages)):
            here = joined["stage"] == stage
            assert np.array_equal(area[:, stage], time_within(joined["tick"][here], until[here], marks))
        assert area.sum() > 0


def test_the_busy_area_is_what_was_worked_on_each_one_in_open_hours(runs: Runs) -> None:
    marks, horizon = edges(runs), runs.compiled.timeline.horizon
    plan = runs.compiled.plan
    for rows, area in zip(runs.outcome.traces, runs.outcome.tally["busy_area"], strict=True):
        begun, until = intervals(rows, STARTED, (FINISHED, STOPPED), horizon)
        for team in range(len(runs.compiled.teams)):
            clock = business_clock(plan, plan["teams"]["calendar"][team], horizon)
            here = plan["reps"]["team"][begun["rep"]] == team
            worked = time_within(clock[begun["tick"][here]], clock[until[here]], clock[marks])
            assert np.array_equal(area[:, team], worked)
        assert area.sum() > 0


def test_the_time_of_those_who_left_is_theirs(runs: Runs) -> None:
    marks, horizon = edges(runs), runs.compiled.timeline.horizon
    for rows, times in zip(runs.outcome.traces, runs.outcome.tally["stage_time"], strict=True):
        for stage in range(3):
            entered, left = times_in_stage(runs, rows, stage)
            gone = left < horizon
            at = np.searchsorted(marks, left[gone], side="right") - 1
            spent = (left - entered)[gone][at >= 0]
            assert np.array_equal(times[:, stage], np.bincount(at[at >= 0], spent, marks.size - 1).astype(np.int64))


@pytest.mark.parametrize("name", shipped())
def test_it_holds_for_every_shipped_scenario(name: str) -> None:
    changes = {"horizon": "120 d"} | ({} if load(name).pipeline else {"warmup": "30 d"})
    runs = run(name, changes, seed=182, replications=1, trace=True)
    assert runs.outcome.tally["stage_area"].sum() > 0
    assert np.array_equal(runs.outcome.tally["stage_area"][0], stage_areas(runs, runs.outcome.traces[0]))
