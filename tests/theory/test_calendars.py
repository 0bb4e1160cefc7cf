"""Calendars: work stops at closing and resumes at opening, as in a simulation minute by minute, and in the mean."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from funnelsim.plan.trace import ENTERED, FINISHED, JOINED, STARTED

from .evidence import Runs, agree, of_same, one_each, run

START, DAYS = datetime(2026, 1, 5), 120  # a Monday
HOURS = "mon-thu 9-12 13-17:30, fri 8-14"
HOLIDAYS = (date(2026, 1, 6), date(2026, 3, 13))
REPS = 6
OFFSET = 3  # hours by which the team's clock is ahead
SERVED = f"""
name: office
start: {START.date()}
horizon: {DAYS} d
tick: 1 min
channels:
  leads: {{arrivals: {{rate: 30 / d, weekly: [1, 1, 1, 1, 1, 0.4, 0.4]}}}}
stages:
  call:
    team: sdr
    duration: {{lognormal: {{mean: 55 min, cv: 1}}}}
    sla: {{respond_within: 3 h, clock: business}}
    exits: {{won: 100%}}
  won: {{terminal: won}}
teams:
  sdr:
    reps: {REPS}
    hours: {HOURS}
    holidays: [{", ".join(str(day) for day in HOLIDAYS)}]
    utc_offset: {OFFSET} h
"""
ROUND_THE_CLOCK = {"teams.sdr": {"reps": 1, "deals_at_once": 10_000}}


def is_open(minute: int, holidays: tuple[date, ...] = HOLIDAYS) -> bool:
    """Whether the team works in a minute of the scenario; written down once more, in local time."""
    local = START + timedelta(minutes=minute, hours=OFFSET)
    if local.date() in holidays or local.weekday() > 4:
        return False
    at = local.hour * 60 + local.minute
    if local.weekday() == 4:
        return 8 * 60 <= at < 14 * 60
    return 9 * 60 <= at < 12 * 60 or 13 * 60 <= at < 17 * 60 + 30


OPEN = np.array([is_open(minute) for minute in range(DAYS * 1440)])


def minute_by_minute(arrivals: np.ndarray, works: np.ndarray, opened: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Minutes at which each begins and ends, first come first served; -1 if not by the end. Works are in minutes."""
    begins, ends = np.full(arrivals.size, -1), np.full(arrivals.size, -1)
    left = works.astype(int)
    line: list[int] = []
    busy: list[int] = []
    next_one = 0
    for minute in range(opened.size):
        while next_one < arrivals.size and arrivals[next_one] == minute:
            line.append(next_one)
            next_one += 1
        if not opened[minute]:
            continue
        while line and len(busy) < REPS:
            begins[line[0]] = minute
            busy.append(line.pop(0))
        for who in busy:
            left[who] -= 1
            if left[who] == 0:
                ends[who] = minute + 1
        busy = [who for who in busy if left[who] > 0]
    return begins, np.where(ends < opened.size, ends, -1)


@pytest.fixture(scope="module")
def served() -> Runs:
    return run(SERVED, seed=171, replications=3, trace=True)


@pytest.fixture(scope="module")
def works() -> list[np.ndarray]:
    """Minutes of work of each prospect: the same draws, where nobody waits and nothing closes."""
    unhindered = {**ROUND_THE_CLOCK, "horizon": f"{DAYS + 60} d"}
    out = []
    for rows in run(SERVED, unhindered, seed=171, replications=3, trace=True).outcome.traces:
        ended = one_each(rows, FINISHED)
        started = of_same(one_each(rows, STARTED), ended)
        assert (started["tick"] == of_same(one_each(rows, JOINED), ended)["tick"]).all()
        out.append(np.rec.fromarrays([ended["prospect"], ended["tick"] - started["tick"]], names="prospect,minutes"))
    return out


def by_hand(rows: np.ndarray, work: np.ndarray, opened: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who came, in order, and when the simulation minute by minute begins and ends with each."""
    came = one_each(rows, ENTERED)
    came = came[np.lexsort([came["prospect"], came["tick"]])]
    minutes = work["minutes"][np.searchsorted(work["prospect"], came["prospect"])]
    return came["prospect"], *minute_by_minute(came["tick"], minutes, opened)


def ticks_of(rows: np.ndarray, code: int, who: np.ndarray) -> np.ndarray:
    """The tick of each prospect's event of a code; -1 without one."""
    found = one_each(rows, code)
    at = np.searchsorted(found["prospect"], who).clip(max=found.size - 1)
    return np.where(found["prospect"][at] == who, found["tick"][at], -1)


def test_work_across_nights_weekends_and_holidays_is_that_of_a_simulation_minute_by_minute(
    served: Runs, works: list[np.ndarray]
) -> None:
    for rows, work in zip(served.outcome.traces, works, strict=True):
        who, begins, ends = by_hand(rows, work, OPEN)
        assert np.array_equal(ticks_of(rows, STARTED, who), begins)
        assert np.array_equal(ticks_of(rows, FINISHED, who), ends)
        overnight = (ends > 0) & (ends - begins > 12 * 60)
        print(f"{who.size} prospects, {overnight.sum()} of them worked on across a night; all begin and end as by hand")
        assert overnight.sum() > 100


def test_a_forgotten_holiday_would_have_been_noticed(served: Runs, works: list[np.ndarray]) -> None:
    wrong = np.array([is_open(minute, HOLIDAYS[1:]) for minute in range(DAYS * 1440)])
    rows = served.outcome.traces[0]
    who, begins, _ = by_hand(rows, works[0], wrong)
    assert not np.array_equal(ticks_of(rows, STARTED, who), begins)


def test_a_promise_in_business_hours_is_kept_if_fewer_minutes_were_open(served: Runs) -> None:
    open_minutes = np.concatenate([[0], np.cumsum(OPEN)])
    for at, rows in enumerate(served.outcome.traces):
        started = one_each(rows, STARTED)
        joined = of_same(one_each(rows, JOINED), started)
        kept = open_minutes[started["tick"]] - open_minutes[joined["tick"]] < 180
        assert served.count("within_sla", "call")[at] == kept.sum()
        assert 0.1 < kept.mean() < 0.9


def test_busy_time_is_counted_on_the_teams_own_clock(served: Runs) -> None:
    open_minutes = np.concatenate([[0], np.cumsum(OPEN)])
    for at, rows in enumerate(served.outcome.traces):
        started = one_each(rows, STARTED)
        ends = ticks_of(rows, FINISHED, started["prospect"])
        ends = np.where(ends < 0, OPEN.size, ends)
        assert served.count("busy_area", "sdr")[at] == (open_minutes[ends] - open_minutes[started["tick"]]).sum()


def test_a_delay_in_business_time_counts_open_minutes_only() -> None:
    text = SERVED[: SERVED.index("teams:")].replace("    team: sdr\n", "    clock: business\n    calendar: office\n")
    text = text.replace("    sla: {respond_within: 3 h, clock: business}\n", "").replace("cv: 1", "cv: 2")
    calendar = f"hours: '{HOURS}', holidays: [{', '.join(map(str, HOLIDAYS))}], utc_offset: {OFFSET} h"
    text = text.replace("channels:", f"calendars: {{office: {{{calendar}}}}}\nchannels:")
    always = text.replace("clock: business\n    calendar: office", "clock: calendar")
    rows, free = (run(each, seed=172, replications=1, trace=True).outcome.traces[0] for each in (text, always))
    opened = np.flatnonzero(OPEN)
    ended = one_each(rows, FINISHED)
    entered, unhindered = of_same(one_each(rows, ENTERED), ended), of_same(one_each(free, FINISHED), ended)
    minutes = unhindered["tick"] - entered["tick"]
    first = np.searchsorted(opened, entered["tick"])
    assert np.array_equal(ended["tick"], opened[first + minutes - 1] + 1)
    assert (ended["tick"] > unhindered["tick"]).sum() > 1000


def test_who_comes_at_any_hour_waits_half_the_squared_gaps_of_the_week() -> None:
    # Nobody queues, so one waits for the next opening: four nights of 16 h and a weekend of 64 h in 168 h. Measured
    # from a second after an opening to a second after another: no wait is cut off and no opening is missed.
    overrides = {
        "start": "2026-01-05 09:00",
        "tick": "1 s",
        "warmup": f"{28 * 86_400 + 1} s",
        "horizon": f"{392 * 86_400 + 1} s",
        "channels.leads.arrivals": {"rate": "30 / d"},
        "stages.call.sla": {"respond_within": "1 s", "clock": "calendar"},
        "teams.sdr": {"reps": 1, "deals_at_once": 10_000, "hours": "mon-fri 9-17"},
    }
    runs = run(SERVED, overrides, seed=173, replications=80)
    agree("mean wait", runs.mean_wait("call"), (4 * 16**2 + 64**2) / 2 / 168)
    agree("P(at once)", runs.count("within_sla", "call") / runs.count("starts", "call"), 40 / 168)
    agree("hours of work a day", runs.hours("busy_area", "sdr") / 364, 30 * 55 / 60)
