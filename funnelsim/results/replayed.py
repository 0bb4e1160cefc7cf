"""Replayed lead lists: how many leads were read, how many fell outside the horizon, and what is recorded of them."""

import numpy as np
from numpy.typing import NDArray

from funnelsim.plan.layout import LEADS
from funnelsim.results.run import COUNT, Run, Variable, variable
from funnelsim.scenario.leads import Leads


def replayed(run: Run) -> tuple[dict[str, Variable], dict[str, Variable]]:
    """Variables over replayed lists, and their coordinate; nothing without one."""
    names = list(run.compiled.leads)
    if not names:
        return {}, {}
    leads = run.compiled.leads
    recorded = [_recorded(run, leads[name], name) for name in names]
    simulated = [_simulated(run, name) for name in names]
    variables = {
        "leads_read": variable("list", [leads[name].times.size for name in names], COUNT, "leads in the list"),
        "leads_skipped": variable(
            "list", [run.compiled.skipped[name] for name in names], COUNT, "leads of the list outside the horizon"
        ),
        "has_outcome": variable(
            "list",
            [int(_has_outcome(run, name)) for name in names],
            COUNT,
            "1 where the list says what became of its leads",
        ),
        "recorded_wins": variable(
            "bucket list",
            np.stack([wins for wins, _ in recorded], axis=1),
            COUNT,
            "wins recorded of the replayed leads",
        ),
        "recorded_wins_elsewhen": variable(
            "list",
            [other for _, other in recorded],
            COUNT,
            "wins recorded of the replayed leads without a date, in the warm-up or after the horizon",
        ),
        "wins_of_list": variable(
            "replication bucket list", np.stack(simulated, axis=2), COUNT, "deals won with the channels of the list"
        ),
    }
    return variables, {"list": (("list",), np.array(names), {"long_name": "channel that replays a lead list"})}


def _has_outcome(run: Run, name: str) -> bool:
    replay = run.scenario.channels[name].arrivals.replay
    return replay is not None and replay.outcome is not None


def _rows(run: Run, name: str) -> NDArray[np.void]:
    """The plan's leads of a list: those inside the horizon."""
    source = run.compiled.plan["sources"][list(run.scenario.channels).index(name)]
    assert source["kind"] == LEADS
    rows: NDArray[np.void] = run.compiled.plan["leads"][source["first"] : source["first"] + source["count"]]
    return rows


def _recorded(run: Run, leads: Leads, name: str) -> tuple[NDArray[np.int64], int]:
    """Recorded wins of the leads inside the horizon by bucket, and those that fall into no bucket."""
    won = leads.won & np.isin(leads.rows, _rows(run, name)["rank"])
    at = leads.won_at[won & ~np.isnat(leads.won_at)]
    starts = np.array([*run.compiled.bucket_starts, run.compiled.timeline.end], "datetime64[s]")
    inside = at[(at >= starts[0]) & (at < starts[-1])]
    counts = np.bincount(np.searchsorted(starts[1:], inside, "right"), minlength=starts.size - 1)
    return counts.astype(np.int64), int(won.sum() - inside.size)


def _simulated(run: Run, name: str) -> NDArray[np.int64]:
    """Wins by replication and bucket of the channels into which a list is divided."""
    labels = np.unique(_rows(run, name)["channel"])
    wins: NDArray[np.int64] = run.cells("wins")[:, :, labels].sum(axis=(2, 3))
    return wins
