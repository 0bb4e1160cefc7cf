"""What teams could do and did: open slot-hours on each team's own clock, and the share of them that was busy."""

import numpy as np

from funnelsim.engines.journal import Clock
from funnelsim.plan.features import PEOPLE
from funnelsim.results.run import COUNT, Reals, Run, Variable, ratio, variable


def capacity(run: Run) -> dict[str, Variable]:
    """Utilisation of teams and reps: busy slot-time over slots times open time while employed."""
    by_rep = open_slot_hours(run)
    by_team = by_rep @ membership(run)
    busy, rep_busy = run.tally["busy_area"] * run.hour, run.tally["rep_busy"] * run.hour
    return {
        "capacity": variable("bucket team", by_team, "h", "open slot-hours of employed reps"),
        "busy": variable("replication bucket team", busy, "h", "busy slot-hours on the team's own clock"),
        "utilisation_by_bucket": variable(
            "replication bucket team",
            ratio(busy, by_team),
            COUNT,
            "busy share of the team's open slot-hours, by bucket",
        ),
        "utilisation": variable(
            "replication team", ratio(busy.sum(axis=1), by_team.sum(axis=0)), COUNT, "busy share of open slot-hours"
        ),
        "rep_utilisation": variable(
            "replication rep", ratio(rep_busy, by_rep.sum(axis=0)), COUNT, "busy share of the rep's open slot-hours"
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


def open_slot_hours(run: Run) -> Reals:
    """Open hours times slots of each rep while employed, by bucket and rep."""
    plan, edges = run.compiled.plan, run.edges
    out = np.zeros((edges.size - 1, len(run.compiled.reps)))
    for at, rep in enumerate(plan["reps"]):
        clock = Clock(plan, plan["teams"]["calendar"][rep["team"]])
        begin, end = np.maximum(edges[:-1], rep["start"]), np.minimum(edges[1:], rep["until"])
        here = np.where(begin < end, clock.read(end) - clock.read(np.minimum(begin, end)), 0)
        out[:, at] = here * rep["slots"] * run.hour
    return out


def membership(run: Run) -> Reals:
    """1 where a rep, by row, belongs to a team, by column."""
    teams = run.compiled.plan["reps"]["team"]
    return np.asarray(teams[:, None] == np.arange(len(run.compiled.teams)), np.float64)


def employed_days(run: Run) -> Reals:
    """Calendar days of employment, by bucket and rep."""
    reps, edges = run.compiled.plan["reps"], run.edges
    begin = np.maximum(edges[:-1, None], reps["start"][None])
    end = np.minimum(edges[1:, None], reps["until"][None])
    return np.asarray(np.maximum(0, end - begin) * run.day)
