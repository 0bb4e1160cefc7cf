"""Promises to respond and what a breach does, worked by hand hour by hour; see `test_stories`."""

from __future__ import annotations

from typing import Any

from told import ANN, ANN_AND_BOB, WORK, at, call, told

from funnelsim.plan.trace import BREACHED, ENTERED, JOINED, LEFT, STARTED


def promised(*tiers: dict[str, str]) -> dict[str, Any]:
    return {"sla": {"respond_within": "2 h", "clock": "calendar", "on_breach": list(tiers)}}


def test_a_breach_is_counted_and_the_late_are_moved_up() -> None:
    """Last come, first served; a1 waits since 1 and is moved to the front at 4, before a3 and a2."""
    stages = call(5, **promised({"after": "3 h", "do": "reprioritise"}))
    teams = {"sdr": {**ANN["sdr"], "queue": "lifo"}}
    assert told(stages, teams, BREACHED, STARTED, channels=at("a", 0, 1, 3, 4), horizon="7 h") == [
        "0 started a0 call by Ann",
        "3 breached a1 call count",
        "4 breached a1 call reprioritise",
        "5 breached a2 call count",
        "5 started a1 call by Ann",
        "6 breached a2 call reprioritise",
        "6 breached a3 call count",
    ]


def test_a_response_at_the_tick_of_the_promise_is_late() -> None:
    """Within two hours means before the second hour is over."""
    two = at("a", 0, size=2)
    assert told(call(2, **promised()), ANN, BREACHED, channels=two) == ["2 breached a1 call count"]
    assert told(call(1, **promised()), ANN, BREACHED, channels=two) == []


def test_who_is_reassigned_goes_to_another_rep_and_keeps_its_place() -> None:
    """c0 waits for Ann since 2, and after three hours it is taken from her: in Bob's line it stands before c1, who came
    at 4. At 7 c1 in its turn is taken from Bob, just too early."""
    stages = call(6, **promised({"after": "3 h", "do": "reassign"}))
    stages["call"]["duration"] = {"long": "9 h", "middle": "5 h", "short": "1 h"}
    more = {
        "segments": {"long": {"share": 0.25}, "middle": {"share": 0.25}, "short": {"share": 0.5}},
        "channels": {
            **at("a", 0, segments={"long": 1}),
            **at("b", 1, segments={"middle": 1}),
            **at("c", 2, 4, segments={"short": 1}),
        },
    }
    teams = {"sdr": {**ANN_AND_BOB["sdr"], "assignment": "round_robin"}}
    assert told(stages, teams, STARTED, BREACHED, **more) == [
        "0 started a0 call by Ann",
        "1 started b0 call by Bob",
        "4 breached c0 call count",
        "5 breached c0 call reassign",
        "6 breached c1 call count",
        "6 started c0 call by Bob",
        "7 breached c1 call reassign",
        "9 started c1 call by Ann",
    ]


def test_who_is_escalated_is_worked_by_the_other_team() -> None:
    stages = call(9, **promised({"after": "4 h", "do": "escalate", "to": "boss"}))
    teams = {**ANN, "boss": {"reps": [{"name": "Zoe"}]}}
    assert told(stages, teams, *WORK, JOINED, BREACHED, channels=at("a", 0, 1)) == [
        "0 joined a0 call at sdr",
        "0 started a0 call by Ann",
        "1 joined a1 call at sdr",
        "3 breached a1 call count",
        "5 breached a1 call escalate",
        "5 joined a1 call at boss",
        "5 started a1 call by Zoe",
        "9 finished a0 call by Ann",
        "14 finished a1 call by Zoe",
    ]


def test_who_is_pulled_back_returns_to_the_stage_before() -> None:
    nurture = {"nurture": {"duration": "5 h", "exits": {"call": 1}}}
    stages = {**nurture, **call(9, **promised({"after": "4 h", "do": "pull_back", "to": "nurture"}))}
    channels = {**at("a", 0, enters="call"), **at("b", 1, enters="call")}
    assert told(stages, ANN, LEFT, STARTED, ENTERED, channels=channels) == [
        "0 entered a0 call",
        "0 started a0 call by Ann",
        "1 entered b0 call",
        "5 left b0 call through pull_back",
        "5 entered b0 nurture",
        "9 left a0 call through won",
        "9 entered a0 won",
        "10 left b0 nurture through call",
        "10 entered b0 call",
        "10 started b0 call by Ann",
        "19 left b0 call through won",
        "19 entered b0 won",
    ]


def test_an_sla_on_the_business_clock_rests_at_night() -> None:
    """Two business hours from Monday 16:00: one until closing, the other on Tuesday, so 10:00 is the breach."""
    stages = call(9, sla={"respond_within": "2 h", "clock": "business"})
    teams = {"sdr": {**ANN["sdr"], "hours": "mon-fri 9-17"}}
    assert told(stages, teams, BREACHED, channels=at("a", 15, 16)) == ["34 breached a1 call count"]
