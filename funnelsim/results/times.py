"""How long things took: times in stage, waits, responses, routing, cycles, and the numbers in stage and in line.

Means are of what ended in the period; a prospect that still waits at the end is in no mean. Sums stand beside the
means, so that a ratio of means over replications can be formed.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from funnelsim.results.flows import left_by_stage
from funnelsim.results.run import COUNT, Run, Variable, ratio, variable


def times(run: Run) -> dict[str, Variable]:
    """All times, in hours; cycles in days."""
    return _in_stage(run) | _waiting(run) | _promises(run) | _levels(run) | _cycles(run)


def _by_stage(run: Run, name: str) -> NDArray[Any]:
    """A count by replication and stage."""
    total: NDArray[Any] = run.tally[name].sum(axis=1)
    return total


def _in_stage(run: Run) -> dict[str, Variable]:
    left = left_by_stage(run, np.ones(len(run.compiled.exits), bool)).sum(axis=1)
    spent = _by_stage(run, "stage_time") * run.hour
    return {
        "time_in_stage_sum": variable("replication stage", spent, "h", "time in stage of all who left it"),
        "time_in_stage_mean": variable(
            "replication stage", ratio(spent, left), "h", "mean time in stage of those who left"
        ),
        "time_in_stage_quantile": variable(
            "replication stage quantile",
            run.tally["stage_quantiles"] * run.hour,
            "h",
            "quantile of the time in stage of those who left; exact to 3%",
        ),
    }


def _waiting(run: Run) -> dict[str, Variable]:
    starts, responses = _by_stage(run, "starts"), _by_stage(run, "responses")
    waited = _by_stage(run, "waited") * run.hour
    responded = _by_stage(run, "response_time") * run.hour
    routed = _by_stage(run, "routing_time") * run.hour
    return {
        "starts": variable(
            "replication stage", starts, COUNT, "times a rep took a prospect up, attempts and resumptions"
        ),
        "wait_sum": variable("replication stage", waited, "h", "time in line of all who were taken up"),
        "mean_wait": variable("replication stage", ratio(waited, starts), "h", "mean time in line of those taken up"),
        "response_time_sum": variable("replication stage", responded, "h", "response times added up"),
        "response_time_mean": variable(
            "replication stage",
            ratio(responded, responses),
            "h",
            "mean time from joining the line to the first response of a rep",
        ),
        "response_time_quantile": variable(
            "replication stage quantile",
            run.tally["response_quantiles"] * run.hour,
            "h",
            "quantile of the response time; exact to 3%",
        ),
        "routing_time_sum": variable("replication stage", routed, "h", "systems' delay before the line, added up"),
        "routing_time_mean": variable(
            "replication stage",
            ratio(routed, np.where(starts > 0, _by_stage(run, "entries") - _balked(run), 0)),
            "h",
            "mean systems' delay before the line, of the visits begun that were not turned away",
        ),
    }


def _balked(run: Run) -> NDArray[np.int64]:
    """Visits turned away by a full line, by replication and stage."""
    kept = np.array([e.kind == "way" and e.label == "balk" for e in run.compiled.exits], bool)
    return np.asarray(left_by_stage(run, kept).sum(axis=1))


def _promises(run: Run) -> dict[str, Variable]:
    within, breaches = run.tally["within_sla"], run.tally["breaches"]
    totals = within.sum(axis=1), breaches.sum(axis=1)
    return {
        "within_sla": variable("replication bucket stage", within, COUNT, "responses within the promised time"),
        "breaches": variable(
            "replication bucket stage", breaches, COUNT, "visits whose promised response time was broken"
        ),
        "sla_attainment": variable(
            "replication stage",
            ratio(totals[0], totals[0] + totals[1]),
            COUNT,
            "share of visits answered within the promised time, of those judged",
        ),
        "breaches_by_tier": variable("replication bucket tier", run.tally["tiers"], COUNT, "SLA tiers that came due"),
    }


def _levels(run: Run) -> dict[str, Variable]:
    """Time averages of numbers of prospects, by bucket and over the period."""
    days = run.bucket_days[:, None]
    line, there = run.tally["line_area"] * run.day, run.tally["stage_area"] * run.day
    whole = run.bucket_days.sum()
    of_those_who_left = _by_stage(run, "stage_time") * run.day
    return {
        "queue_length": variable("replication bucket stage", line / days, COUNT, "prospects in line, time average"),
        "queue_length_mean": variable(
            "replication stage", line.sum(axis=1) / whole, COUNT, "prospects in line, time average over the period"
        ),
        "work_in_process": variable(
            "replication bucket stage", there / days, COUNT, "prospects in stage, time average"
        ),
        "work_in_process_mean": variable(
            "replication stage", there.sum(axis=1) / whole, COUNT, "prospects in stage, time average over the period"
        ),
        "work_in_process_by_flow": variable(
            "replication stage",
            of_those_who_left / whole,
            COUNT,
            "prospects in stage by Little's law: those who left a day, times their mean days there; what is there in a "
            "stage that neither fills nor empties",
        ),
    }


def _cycles(run: Run) -> dict[str, Variable]:
    spent, wins = run.tally["cycle_time"].sum(axis=1) * run.day, run.tally["wins"].sum(axis=(1, 2))
    return {
        "cycle_sum": variable("replication", spent, "d", "time from birth to win of all wins"),
        "cycle_mean": variable("replication", ratio(spent, wins), "d", "mean time from birth to win"),
        "cycle_quantile": variable(
            "replication quantile",
            run.tally["cycle_quantiles"] * run.day,
            "d",
            "quantile of the time from birth to win; exact to 3%",
        ),
    }
