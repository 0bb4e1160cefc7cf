"""Journeys worked by hand: the expected value is the whole story, hour by hour, as model.md tells it.

Both engines must tell it. A line is `hour event who where`; prospects are called by their channel, `a` to `e`, and
their rank in it. Ticks are hours, and Monday begins at hour 0.
"""

from __future__ import annotations

from typing import Any

from told import ANN, ANN_AND_BOB, WORK, at, call, told

from funnelsim.plan.trace import ARRIVED, BALKED, ENTERED, JOINED, LEFT, NAMES, RETURNED, STARTED


def test_the_whole_story_of_one() -> None:
    stages = {"think": {"duration": "2 h", "exits": {"hop": 1}}, "hop": {"exits": {"call": 1}}, **call(3)}
    everything = range(len(NAMES))
    assert told(stages, ANN, *everything) == [
        "0 arrived a0",
        "0 entered a0 think",
        "2 finished a0 think",
        "2 left a0 think through hop",
        "2 left a0 hop through call",
        "2 entered a0 hop",
        "2 entered a0 call",
        "2 joined a0 call at sdr",
        "2 started a0 call by Ann",
        "5 finished a0 call by Ann",
        "5 left a0 call through won",
        "5 entered a0 won",
    ]


def test_work_unfinished_at_closing_time_resumes_at_opening() -> None:
    """Three hours from Monday 15:00: two until 17:00, the third on Tuesday; the next begins when it is done."""
    teams = {"sdr": {**ANN["sdr"], "hours": "mon-fri 9-17"}}
    assert told(call(3), teams, *WORK, channels=at("a", 15, 16)) == [
        "15 started a0 call by Ann",
        "34 finished a0 call by Ann",
        "34 started a1 call by Ann",
        "37 finished a1 call by Ann",
    ]


def test_on_the_calendar_clock_work_goes_on_at_night_but_nobody_begins() -> None:
    teams = {"sdr": {**ANN["sdr"], "hours": "mon-fri 9-17"}}
    assert told(call(3, clock="calendar"), teams, *WORK, channels=at("a", 15, 16)) == [
        "15 started a0 call by Ann",
        "18 finished a0 call by Ann",
        "33 started a1 call by Ann",
        "36 finished a1 call by Ann",
    ]


def test_a_rep_freed_at_the_tick_at_which_patience_ends_comes_too_late() -> None:
    assert told(call(3, patience="3 h"), ANN, STARTED, LEFT, channels=at("a", 0, size=2)) == [
        "0 started a0 call by Ann",
        "3 left a0 call through won",
        "3 left a1 call through patience",
    ]
    starts = told(call(3, patience="3 h"), ANN, STARTED, channels=at("a", 0, 1))
    assert starts == ["0 started a0 call by Ann", "3 started a1 call by Ann"]


def test_the_disciplines_take_whom_they_promise() -> None:
    """Ann is busy until 5; of four who wait values are 10, 40, 20, 40, and promises 9, 7, 5 and 3 hours."""
    names = ("poor", "rich", "fair", "wide")
    segments = {
        name: {"share": 0.25, "deal_value": value, "fit": fit}
        for name, value, fit in zip(names, (10, 40, 20, 40), (0.5, 2, 1, 2), strict=True)
    }
    channels: dict[str, Any] = at("a", 0, segments={"poor": 1})
    for hour, (channel, name) in enumerate(zip("bcde", names, strict=True), start=1):
        channels |= at(channel, hour, segments={name: 1})
    promises = dict(zip(names, ("9 h", "7 h", "5 h", "3 h"), strict=True))
    priorities = dict(zip(names, (3, 1, 2, 1), strict=True))
    stages = call(5, priority=priorities, sla={"respond_within": promises, "clock": "calendar"})
    more = {"segments": segments, "score": {"fit": 1}, "channels": channels}
    orders = {
        "fifo": "abcde",
        "lifo": "aedcb",
        "value": "acedb",
        "score": "acedb",
        "priority": "acedb",
        "deadline": "aedcb",
    }
    for queue, order in orders.items():
        teams = {"sdr": {**ANN["sdr"], "queue": queue}}
        wanted = [f"{5 * nth} started {channel}0 call by Ann" for nth, channel in enumerate(order)]
        assert told(stages, teams, STARTED, **more) == wanted, queue


def test_the_better_class_interrupts_and_what_is_left_is_kept() -> None:
    segments = {"normal": {"share": 0.5}, "urgent": {"share": 0.5}}
    channels = {
        **at("a", 0, segments={"normal": 1}),
        **at("b", 2, 4, segments={"urgent": 1}),
        **at("c", 3, segments={"normal": 1}),
    }
    stages = call(4, priority={"normal": 1, "urgent": 0})
    stages["call"]["duration"] = {"normal": "6 h", "urgent": "3 h"}
    teams = {"sdr": {**ANN["sdr"], "queue": "preemptive"}}
    assert told(stages, teams, *WORK, segments=segments, channels=channels) == [
        "0 started a0 call by Ann",
        "2 stopped a0 call by Ann with 4 left",
        "2 started b0 call by Ann",
        "5 finished b0 call by Ann",
        "5 started b1 call by Ann",
        "8 finished b1 call by Ann",
        "8 started a0 call by Ann",
        "12 finished a0 call by Ann",
        "12 started c0 call by Ann",
        "18 finished c0 call by Ann",
    ]


def test_one_who_is_interrupted_waits_in_the_line_of_that_team() -> None:
    """Before, it stood in a line of Bob's own, and came to Ann without standing in any."""
    channels = {
        **at("a", 0, segments={"normal": 1}, enters="greet"),
        **at("b", 3, segments={"urgent": 1}, enters="call"),
    }
    stages = {
        "greet": {"team": "hosts", "duration": "1 h", "exits": {"call": 1}},
        **call(6, priority={"normal": 1, "urgent": 0}),
    }
    stages["call"]["duration"] = {"normal": "6 h", "urgent": "3 h"}
    teams = {
        "hosts": {"reps": [{"name": "Bob"}], "assignment": "round_robin"},
        "sdr": {**ANN["sdr"], "queue": "preemptive"},
    }
    segments = {"normal": {"share": 0.5}, "urgent": {"share": 0.5}}
    assert told(stages, teams, *WORK, segments=segments, channels=channels) == [
        "0 started a0 greet by Bob",
        "1 finished a0 greet by Bob",
        "1 started a0 call by Ann",
        "3 stopped a0 call by Ann with 4 left",
        "3 started b0 call by Ann",
        "6 finished b0 call by Ann",
        "6 started a0 call by Ann",
        "10 finished a0 call by Ann",
    ]


ASSIGNED = call(1)
ASSIGNED["call"]["duration"] = {"long": "9 h", "short": "1 h"}
LONG_FIRST: dict[str, Any] = {
    "segments": {"long": {"share": 0.5}, "short": {"share": 0.5}},
    "channels": {**at("a", 0, segments={"long": 1}), **at("b", 1, 2, 3, segments={"short": 1})},
}


def test_one_pooled_line_leaves_nobody_beside_a_free_rep() -> None:
    assert told(ASSIGNED, ANN_AND_BOB, STARTED, **LONG_FIRST) == [
        "0 started a0 call by Ann",
        "1 started b0 call by Bob",
        "2 started b1 call by Bob",
        "3 started b2 call by Bob",
    ]


def test_in_round_robin_some_wait_for_a_busy_rep() -> None:
    teams = {"sdr": {**ANN_AND_BOB["sdr"], "assignment": "round_robin"}}
    assert told(ASSIGNED, teams, STARTED, **LONG_FIRST) == [
        "0 started a0 call by Ann",
        "1 started b0 call by Bob",
        "3 started b2 call by Bob",
        "9 started b1 call by Ann",
    ]


def test_the_least_loaded_rep_is_the_one_with_most_room() -> None:
    """Bob has three slots, so he has more room until he holds two; at equal room the first is asked, busy or not."""
    reps = [{"name": "Ann"}, {"name": "Bob", "deals_at_once": 3}]
    teams = {"sdr": {"reps": reps, "assignment": "least_loaded"}}
    assert told(call(9), teams, STARTED, channels=at("a", 0, 1, 2, 3, 4)) == [
        "0 started a0 call by Bob",
        "1 started a1 call by Bob",
        "2 started a2 call by Ann",
        "3 started a3 call by Bob",
        "11 started a4 call by Ann",
    ]


def test_a_sticky_prospect_waits_for_the_rep_it_met() -> None:
    """a0 met Ann and comes back while she is busy with a1: it waits for her, although Bob is free."""
    stages = {
        **call(2, exits={"again": 1, "lost": 0}),
        "again": {"team": "sdr", "duration": "1 h", "routing": "1 h", "exits": {"won": 1}},
    }
    reps = [{"name": "Ann"}, {"name": "Bob", "from": "2026-01-05 02:00"}]
    for assignment, ending in (("sticky", "4 started a0 again by Ann"), ("pooled", "3 started a0 again by Bob")):
        teams = {"sdr": {"reps": reps, "assignment": assignment}}
        lines = told(stages, teams, STARTED, channels=at("a", 0, 1))
        assert lines[:2] == ["0 started a0 call by Ann", "2 started a1 call by Ann"]
        assert lines[2] == ending


def test_an_attempt_that_reaches_nobody_costs_its_effort_and_is_made_again() -> None:
    attempts = {"up_to": 3, "reach": 0, "gap": "2 h", "effort": "1 h", "unreached": {"to": "lost"}}
    assert told(call(5, attempts=attempts), ANN, *WORK, JOINED, LEFT) == [
        "0 joined a0 call at sdr",
        "0 started a0 call by Ann",
        "1 finished a0 call by Ann",
        "3 joined a0 call at sdr",
        "3 started a0 call by Ann",
        "4 finished a0 call by Ann",
        "6 joined a0 call at sdr",
        "6 started a0 call by Ann",
        "7 finished a0 call by Ann",
        "7 left a0 call through unreached",
    ]


def test_an_attempt_that_reaches_the_prospect_costs_effort_and_work() -> None:
    attempts = {"up_to": 3, "reach": 1, "gap": "2 h", "effort": "1 h"}
    assert told(call(5, attempts=attempts), ANN, *WORK) == ["0 started a0 call by Ann", "6 finished a0 call by Ann"]


def test_who_finds_the_line_full_walks_off_within_a_tick() -> None:
    channels = at("a", 0, size=4)
    teams = {"sdr": {**ANN["sdr"], "max_queue": 1}}
    assert told(call(9), teams, BALKED, STARTED, LEFT, channels=channels) == [
        "0 balked a2 call",
        "0 balked a3 call",
        "0 started a0 call by Ann",
        "1 left a2 call through balk",
        "1 left a3 call through balk",
        "9 left a0 call through won",
        "9 started a1 call by Ann",
        "18 left a1 call through won",
    ]


def test_a_line_that_is_closed_has_no_free_slots() -> None:
    """Before opening time two come to a line for one: nobody can be taken up at once, so the second is sent off."""
    channels = at("a", 8, size=2)
    teams = {"sdr": {**ANN["sdr"], "max_queue": 1, "hours": "mon-fri 9-17"}}
    assert told(call(1), teams, BALKED, STARTED, channels=channels) == ["8 balked a1 call", "9 started a0 call by Ann"]


def test_the_deals_of_a_rep_who_leaves_come_back_to_the_team() -> None:
    """Ann leaves at 2 with three hours of work undone; Bob comes at 4 and takes it up before who came later."""
    reps = [
        {"name": "Ann", "until": "2026-01-05 02:00"},
        {"name": "Bob", "from": "2026-01-05 04:00"},
    ]
    assert told(call(5), {"sdr": {"reps": reps}}, *WORK, JOINED, channels=at("a", 0, 1)) == [
        "0 joined a0 call at sdr",
        "0 started a0 call by Ann",
        "1 joined a1 call at sdr",
        "2 stopped a0 call by Ann with 3 left",
        "2 joined a0 call at sdr",
        "4 started a0 call by Bob",
        "7 finished a0 call by Bob",
        "7 started a1 call by Bob",
        "12 finished a1 call by Bob",
    ]


def test_who_waits_for_a_rep_who_leaves_is_given_to_another() -> None:
    reps = [{"name": "Ann"}, {"name": "Bob", "until": "2026-01-05 04:00"}]
    teams = {"sdr": {"reps": reps, "assignment": "round_robin"}}
    lines = told(call(3), teams, *WORK, JOINED, channels=at("a", 0, 1, 2, 3))
    assert lines == [
        "0 joined a0 call at sdr",
        "0 started a0 call by Ann",
        "1 joined a1 call at sdr",
        "1 started a1 call by Bob",
        "2 joined a2 call at sdr",
        "3 finished a0 call by Ann",
        "3 joined a3 call at sdr",
        "3 started a2 call by Ann",
        "4 finished a1 call by Bob",
        "4 joined a3 call at sdr",
        "6 finished a2 call by Ann",
        "6 started a3 call by Ann",
        "9 finished a3 call by Ann",
    ]


def test_the_lost_come_back_after_a_while_and_not_too_often() -> None:
    stages = {"think": {"duration": "2 h", "exits": {"won": 0, "lost": 1}}}
    lost = {"recycle": {"to": "think", "after": "10 h", "at_most": 2}}
    assert told(stages, {}, ENTERED, RETURNED, lost=lost) == [
        "0 entered a0 think",
        "2 entered a0 lost",
        "12 returned a0 lost",
        "12 entered a0 think",
        "14 entered a0 lost",
        "24 returned a0 lost",
        "24 entered a0 think",
        "26 entered a0 lost",
    ]


def test_routing_delays_the_way_to_the_team_and_not_the_work() -> None:
    assert told(call(3, routing="2 h"), ANN, ARRIVED, JOINED, STARTED) == [
        "0 arrived a0",
        "2 joined a0 call at sdr",
        "2 started a0 call by Ann",
    ]


def test_a_horizon_in_the_night_leaves_the_work_undone() -> None:
    teams = {"sdr": {**ANN["sdr"], "hours": "mon-fri 9-17"}}
    assert told(call(3), teams, *WORK, channels=at("a", 15), horizon="34 h") == ["15 started a0 call by Ann"]
    assert len(told(call(3), teams, *WORK, channels=at("a", 15), horizon="35 h")) == 2
