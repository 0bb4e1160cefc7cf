"""What was spent: media by channel, salaries and cases by team, tools.

A channel's fixed cost, a rep's salary and a tool run by the month of 365.25/12 days, pro rata over each bucket. A
replayed list spends by the leads it sends: its fixed cost falls on its labels in proportion.
"""

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.ticks import DAY, MONTH
from funnelsim.plan.layout import LEADS
from funnelsim.results.capacity import employed_days, membership
from funnelsim.results.run import Reals, Run, ratio
from funnelsim.results.touches import by_channel
from funnelsim.scenario.money import Tool

MONTH_DAYS = MONTH / DAY


def people_cost(run: Run) -> Reals:
    """Salaries by replication (or 1), bucket and team, for the days on which each rep is employed."""
    salaries = np.array([team.salary for team in run.scenario.teams.values()])
    return np.asarray(employed_days(run) / MONTH_DAYS @ membership(run) * salaries)


def case_cost(run: Run) -> Reals:
    """What is paid for each start of work, by replication, bucket and team."""
    each = np.array([team.per_case for team in run.scenario.teams.values()])
    return np.asarray(run.tally["team_starts"] * each)


def tools_of(run: Run) -> dict[str, Tool]:
    """The tools of a scenario, by name."""
    return {} if run.scenario.money is None else run.scenario.money.tools


def tool_cost(run: Run) -> Reals:
    """What tools cost, by bucket and tool."""
    monthly = np.array([tool.cost for tool in tools_of(run).values()])
    return np.asarray(run.bucket_days[:, None] / MONTH_DAYS * monthly)


def media_cost(run: Run) -> Reals:
    """What the channels cost, by replication, bucket and channel of the results."""
    born = run.cells("born").sum(axis=3)
    months = run.bucket_days / MONTH_DAYS
    replayed = {name: leads_by_label(run, at) for at, name in _replays(run)}
    own = born - sum(replayed.values(), np.zeros_like(born[0]))
    out = np.zeros(born.shape)
    out += _of_touches(run)
    for name, channel in run.scenario.channels.items():
        cost = channel.cost
        if not channel.on:
            continue
        each = cost.per_lead + cost.per_visit * cost.visits_per_lead
        if name in replayed:
            sent = replayed[name]
            share = ratio(sent.sum(axis=0), sent.sum())
            out += cost.fixed * months[:, None] * np.nan_to_num(share) + each * sent
        else:
            label = run.compiled.channels.index(name)
            out[:, :, label] += cost.fixed * months + each * own[:, :, label]
    return out


def _of_touches(run: Run) -> Reals:
    """What touches and clicks cost, by replication, bucket and channel of the results."""
    each = [run.scenario.channels.get(name) for name in run.compiled.channels]
    per_touch = np.array([0.0 if channel is None else channel.cost.per_touch for channel in each])
    per_click = np.array([0.0 if channel is None else channel.cost.per_click for channel in each])
    out: Reals = by_channel(run, "sent") * per_touch + by_channel(run, "clicked") * per_click
    return out


def _replays(run: Run) -> list[tuple[int, str]]:
    """Number and name of the channels that replay a list."""
    kinds = run.compiled.plan["sources"]["kind"]
    return [(at, name) for at, name in enumerate(run.scenario.channels) if kinds[at] == LEADS]


def leads_by_label(run: Run, source: int) -> NDArray[np.int64]:
    """Leads of a replayed list after the warm-up, by bucket and channel of the results."""
    row, edges = run.compiled.plan["sources"][source], run.edges
    leads = run.compiled.plan["leads"][row["first"] : row["first"] + row["count"]]
    leads = leads[leads["tick"] >= edges[0]]
    out = np.zeros((edges.size - 1, len(run.compiled.channels)), np.int64)
    np.add.at(out, (np.searchsorted(edges[1:], leads["tick"], "right"), leads["channel"]), 1)
    return out
