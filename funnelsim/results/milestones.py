"""Milestones: how many became leads, MQLs, SALs, SQLs and opportunities, and what each of them cost.

Who comes to a stage with a milestone from one without it has become that, and counts in the bucket in which it does;
who comes back later counts again. A ratio of two milestones is therefore one by period, not by cohort: some of those
who were accepted in a month were handed over in the month before.
"""

from collections.abc import Collection

import numpy as np

from funnelsim.plan.layout import NEW, WON
from funnelsim.results.labels import lost_stages, milestones_of
from funnelsim.results.ledger import by_owner
from funnelsim.results.run import COUNT, HUNDREDTHS, Reals, Run, Variable, ratio, variable


def milestones(run: Run) -> dict[str, Variable]:
    """Counts and costs by milestone, where stages have some; opportunities and their velocity, where some are that."""
    names = milestones_of(run)
    if not names:
        return {}
    counts = np.stack([reached(run, name) for name in names], axis=2)
    spent = by_owner(run).sum(axis=1)
    out = {
        "milestones": variable("replication bucket milestone", counts, COUNT, "prospects who became that"),
        "cost_per_milestone": variable(
            "replication milestone owner",
            ratio(spent[:, None], counts.sum(axis=1)[..., None]),
            run.scenario.currency,
            "what the owner spent, per prospect who became that; added up over owners the whole cost",
        ),
    }
    return out | (_pipeline(run) if "opportunity" in names else {})


def reached(run: Run, milestone: str) -> Reals:
    """How many became that, by replication and bucket."""
    those = {name for name, stage in run.scenario.stages.items() if stage.milestone == milestone}
    columns = [at for at, stage in enumerate(run.compiled.stages) if stage in those]
    came = run.tally["entries"][..., columns].sum(axis=2)
    return np.asarray(came - _took(run, those, those), np.float64)


def _took(run: Run, leaving: Collection[str], to: Collection[str]) -> Reals:
    """How many took an exit from some stages to some stages, by replication and bucket."""
    exits = [at for at, leave in enumerate(run.compiled.exits) if leave.stage in leaving and leave.to in to]
    return np.asarray(run.tally["exits"][..., exits].sum(axis=2), np.float64)


def _pipeline(run: Run) -> dict[str, Variable]:
    """Opportunities opened and decided, and the velocity that practitioners compute from them."""
    opened = reached(run, "opportunity").sum(axis=1)
    won = run.cells("wins").sum(axis=(1, 2, 3))
    lost = _took(run, _under_way(run), lost_stages(run)).sum(axis=1)
    revenue = run.cells("revenue").sum(axis=(1, 2, 3)) / HUNDREDTHS
    cycle = run.tally["cycle_time"].sum(axis=1) * run.day
    rate, value, days = ratio(won, won + lost), ratio(revenue, won), ratio(cycle, won)
    return {
        "opportunities": variable("replication", opened, COUNT, "opportunities opened"),
        "opportunity_win_rate": variable(
            "replication", rate, COUNT, "of the opportunities decided in the period, the share that was won"
        ),
        "pipeline_velocity": variable(
            "replication",
            ratio(opened * rate * value, days),
            f"{run.scenario.currency} / d",
            "opportunities opened x win rate of those decided x mean deal value / mean cycle; it is the sales velocity "
            "where as many are decided as opened",
        ),
    }


def _under_way(run: Run) -> set[str]:
    """The stages in which one can be with an open opportunity: those with the milestone, and what follows them."""
    ends = {
        stage
        for stage, row in zip(run.compiled.stages, run.compiled.plan["stages"], strict=True)
        if row["terminal"] == WON or row["sale"] == NEW
    } | set(lost_stages(run))
    found: set[str] = set()
    ahead = [name for name, stage in run.scenario.stages.items() if stage.milestone == "opportunity"]
    while ahead:
        stage = ahead.pop()
        if stage not in found and stage not in ends:
            found.add(stage)
            ahead += [leave.to for leave in run.compiled.exits if leave.stage == stage]
    return found
