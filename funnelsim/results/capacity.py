"""What teams could do and did: open slot-hours on each team's own clock, and the share of them that was busy."""

import numpy as np

from funnelsim.engines.journal import Clock
from funnelsim.plan.features import PEOPLE
from funnelsim.results.run import COUNT, Reals, Run, Variable, ratio, variable
from funnelsim.results.tenure import by_bucket


def capacity(run: Run) -> dict[str, Variable]:
    """Utilisation of teams and reps: busy slot-time over slots times open time while employed."""
    by_rep = open_slot_hours(run)
    by_team = by_rep @ membership(run)
    total, own = by_team.sum(axis=1), by_rep.sum(axis=1)
    busy, rep_busy = run.tally["busy_area"] * run.hour, run.tally["rep_busy"] * run.hour
    return {
        "capacity": per_place("bucket team", by_team, "h", "open slot-hours of employed reps"),
        "busy": variable("replication bucket team", busy, "h", "busy slot-hours on the team's own clock"),
        "utilisation_by_bucket": variable(
            "replication bucket team",
            ratio(busy, by_team),
            COUNT,
            "busy share of the team's open slot-hours, by bucket",
        ),
        "utilisation": variable(
            "replication team", ratio(busy.sum(axis=1), total), COUNT, "busy share of open slot-hours"
        ),
        "rep_utilisation": variable(
            "replication rep", ratio(rep_busy, own), COUNT, "busy share of the rep's open slot-hours"
        ),
        "starts_by_team": variable(
            "replication bucket team", run.tally["team_starts"], COUNT, "times the team took a prospect up"
        ),
        **_league(run),
        "rep_starts": variable("replication rep", run.tally["rep_starts"], COUNT, "times the rep took a prospect up"),
    }


def _league(run: Run) -> dict[str, Variable]:
    """What came of each rep's work, where reps differ."""
    if not int(run.compiled.plan["terms"][0]["uses"]) & PEOPLE:
        return {}
    done, passed = run.tally["rep_done"], run.tally["rep_passed"]
    return {
        "rep_done": variable("replication rep", done, COUNT, "times the rep's work led to a decision"),
        "rep_passed": variable("replication rep", ratio(passed, done), COUNT, "share of them that was not lost by it"),
    }


def per_place(dims: str, values: Reals, unit: str, long_name: str) -> Variable:
    """A variable that has replications, its first axis, only where these differ in who was employed when."""
    if values.shape[0] == 1:
        return variable(dims, values[0], unit, long_name)
    return variable(f"replication {dims}", values, unit, long_name)


def open_slot_hours(run: Run) -> Reals:
    """Open hours times slots of each place while it is filled, by replication (or 1), bucket and place."""
    plan = run.compiled.plan
    clocks = [Clock(plan, calendar) for calendar in plan["teams"]["calendar"]]
    hours = by_bucket(run, lambda rep, ticks: clocks[plan["reps"]["team"][rep]].read(ticks).astype(np.float64))
    return np.asarray(hours * plan["reps"]["slots"] * run.hour)


def membership(run: Run) -> Reals:
    """1 where a rep, by row, belongs to a team, by column."""
    teams = run.compiled.plan["reps"]["team"]
    return np.asarray(teams[:, None] == np.arange(len(run.compiled.teams)), np.float64)


def employed_days(run: Run) -> Reals:
    """Calendar days on which a place is filled, by replication (or 1), bucket and place."""
    return by_bucket(run, lambda _, ticks: ticks.astype(np.float64)) * run.day
