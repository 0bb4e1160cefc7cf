"""Who came, where they went, and what share of them: counts, conversion by cohort and by period, losses.

Two conversions that must not be mixed: by cohort follows those born in a bucket wherever time takes them; by period
looks at everybody who left a stage in a bucket, whenever born.
"""

import numpy as np
from numpy.typing import NDArray

from funnelsim.plan.layout import LOST
from funnelsim.results.labels import lost_stages, reasons, terminals
from funnelsim.results.run import COUNT, Run, Variable, ratio, variable

_WAYS = {
    "abandoned": ("patience", "prospects who gave up waiting"),
    "unreached": ("unreached", "prospects whom no attempt reached"),
    "refused": ("refused", "prospects to whom a stakeholder said no"),
    "failed": ("failed", "prospects who seemed to have too little of what was asked for"),
    "leaked": ("leak", "prospects who got lost on their way to the team"),
    "scored": ("scored", "prospects handed over for their score"),
    "hand_raised": ("raised", "prospects handed over for raising a hand"),
    "ready": ("ready", "prospects handed over for a hand-raise with a score"),
    "balked": ("balk", "prospects who found the line full and went away"),
    "pulled_back": ("pull_back", "prospects pulled back after a breach of the SLA"),
}


def flows(run: Run) -> dict[str, Variable]:
    """Prospects, entries, exits, conversion and losses."""
    t = run.tally
    out = {
        "prospects": variable("replication", t["born"].sum(axis=(1, 2)), COUNT, "prospects born after the warm-up"),
        "prospects_by": variable(
            "replication bucket channel segment", run.cells("born"), COUNT, "prospects by bucket of birth and origin"
        ),
        "entries": variable(
            "replication bucket stage", t["entries"], COUNT, "entries into the stage, returns included"
        ),
        "entries_by": variable(
            "replication stage channel segment", run.cells("entries_by"), COUNT, "entries into the stage by origin"
        ),
        "reached": variable(
            "replication bucket stage", t["reached"], COUNT, "prospects born in the bucket who reached the stage"
        ),
        "reached_by": variable(
            "replication stage channel segment",
            run.cells("reached_by"),
            COUNT,
            "prospects born after the warm-up who reached the stage, by origin",
        ),
        "exits": variable("replication bucket exit", t["exits"], COUNT, "prospects who took the exit"),
    }
    return out | _conversion(run) | _ways(run) | _losses(run)


def _conversion(run: Run) -> dict[str, Variable]:
    """By cohort: of those who reached a stage, who reached the next. By period: of those who left, who went on."""
    t = run.tally
    chain = chain_of(run)
    following = np.full(len(run.compiled.stages), -1)
    following[chain[:-1]] = chain[1:]
    reached = t["reached"]
    went = np.where(following >= 0, reached[..., following], 0)
    cohort = np.where(following >= 0, ratio(went, reached), np.nan)
    ahead, left = onwards(run), left_by_stage(run, np.ones(len(run.compiled.exits), bool))
    return {
        "cohort_reach": variable(
            "replication bucket stage",
            ratio(reached, t["born"].sum(axis=2)[..., None]),
            COUNT,
            "by cohort: share of those born in the bucket who reached the stage before the horizon",
        ),
        "cohort_conversion": variable(
            "replication bucket stage",
            cohort,
            COUNT,
            "by cohort: prospects born in the bucket who reached the next stage of the file, over those who reached "
            "this one; above 1 where some enter the next stage from elsewhere",
        ),
        "left": variable("replication bucket stage", left, COUNT, "prospects who left the stage"),
        "went_on": variable(
            "replication bucket stage", left_by_stage(run, ahead), COUNT, "prospects who left for a later stage"
        ),
        "period_conversion": variable(
            "replication bucket stage",
            ratio(left_by_stage(run, ahead), left),
            COUNT,
            "by period: of those who left the stage in the bucket, whenever born, the share that went to a later stage",
        ),
    }


def chain_of(run: Run) -> NDArray[np.int64]:
    """The stages of the file in order, without the lost ones."""
    return np.flatnonzero(np.array(terminals(run)) != LOST)


def onwards(run: Run) -> NDArray[np.bool_]:
    """The exits that lead to a later stage of the file that is not lost."""
    place = {name: at for at, name in enumerate(run.compiled.stages)}
    lost = set(lost_stages(run))
    return np.array([e.to not in lost and place[e.to] > place[e.stage] for e in run.compiled.exits], bool)


def left_by_stage(run: Run, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Prospects who took one of the exits, by replication, bucket and stage."""
    place = {name: at for at, name in enumerate(run.compiled.stages)}
    exits = run.tally["exits"]
    out = np.zeros((*exits.shape[:2], len(place)), np.int64)
    for at, leaving in enumerate(run.compiled.exits):
        if kept[at]:
            out[..., place[leaving.stage]] += exits[..., at]
    return out


def _ways(run: Run) -> dict[str, Variable]:
    """Those who left by rule instead of being served, and what share of those whose wait ended had given up."""
    out = {}
    for name, (label, long_name) in _WAYS.items():
        kept = np.array([e.kind == "way" and e.label == label for e in run.compiled.exits], bool)
        out[name] = variable("replication stage", left_by_stage(run, kept).sum(axis=1), COUNT, long_name)
    served = run.tally["responses"].sum(axis=1)
    resolved = served + out["abandoned"][1] + out["pulled_back"][1]
    out["served"] = variable("replication stage", served, COUNT, "visits that a rep responded to")
    out["abandonment"] = variable(
        "replication stage",
        ratio(out["abandoned"][1], resolved),
        COUNT,
        "share of those who joined the line, and whose wait ended, that gave up",
    )
    return out


def _losses(run: Run) -> dict[str, Variable]:
    """Losses by reason, their shares, and who is still under way at the end."""
    lost, names = set(lost_stages(run)), reasons(run)
    exits = run.tally["exits"].sum(axis=1)
    losses = np.zeros((run.n, len(names)), np.int64)
    for at, leaving in enumerate(run.compiled.exits):
        if leaving.to in lost:
            losses[:, names.index(leaving.reason or leaving.to)] += exits[:, at]
    return {
        "losses": variable(
            "replication reason", losses, COUNT, "prospects lost for the reason, later returns included"
        ),
        "loss_share": variable(
            "replication reason", ratio(losses, losses.sum(axis=1, keepdims=True)), COUNT, "share of losses by reason"
        ),
        "open_at_end": variable(
            "replication stage", run.tally["open_at_end"], COUNT, "prospects in the stage at the end"
        ),
        "cooling_at_end": variable(
            "replication", run.tally["cooling_at_end"], COUNT, "lost prospects who would come back after the end"
        ),
    }
