"""What it brought and cost: wins, revenue, media, people, and what follows from them.

A channel's fixed cost and a rep's salary run by the month of 365.25/12 days, pro rata over each bucket. A replayed list
spends by the leads it sends: its fixed cost falls on its labels in proportion.
"""

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.ticks import DAY, MONTH
from funnelsim.plan.layout import LEADS
from funnelsim.results.capacity import employed_days, membership
from funnelsim.results.run import COUNT, Reals, Run, Variable, ratio, variable
from funnelsim.results.touches import by_channel

MONTH_DAYS = MONTH / DAY
HUNDREDTHS = 100.0


def money(run: Run) -> dict[str, Variable]:
    """Wins, revenue, costs, cost per win and per lead, and sales velocity."""
    unit = run.scenario.currency
    wins, revenue = run.cells("wins"), run.cells("revenue") / HUNDREDTHS
    media, people, cases = media_cost(run), people_cost(run), case_cost(run)
    by_bucket = media.sum(axis=2) + people.sum(axis=1) + cases.sum(axis=2)
    won, earned, spent = wins.sum(axis=(1, 2, 3)), revenue.sum(axis=(1, 2, 3)), by_bucket.sum(axis=1)
    born = run.cells("born").sum(axis=(1, 3))
    cycle = ratio(run.tally["cycle_time"].sum(axis=1) * run.day, won)
    return {
        "wins": variable("replication", won, COUNT, "deals won"),
        "wins_by_bucket": variable("replication bucket", wins.sum(axis=(2, 3)), COUNT, "deals won in the bucket"),
        "wins_by": variable("replication bucket channel segment", wins, COUNT, "deals won, by origin"),
        "revenue": variable("replication", earned, unit, "value of the deals won"),
        "revenue_by_bucket": variable(
            "replication bucket", revenue.sum(axis=(2, 3)), unit, "value of the deals won in the bucket"
        ),
        "revenue_by": variable(
            "replication bucket channel segment", revenue, unit, "value of the deals won, by origin"
        ),
        "media_cost": variable("replication bucket channel", media, unit, "cost of the channel"),
        "people_cost": variable("bucket team", people, unit, "salaries of the team"),
        "case_cost": variable("replication bucket team", cases, unit, "what the team is paid by the case"),
        "cost": variable("replication", spent, unit, "media, salaries and cases"),
        "cost_by_bucket": variable("replication bucket", by_bucket, unit, "media, salaries and cases in the bucket"),
        "cac": variable("replication", ratio(spent, won), unit, "customer acquisition cost: cost per deal won"),
        "cost_per_lead": variable(
            "replication channel", ratio(media.sum(axis=1), born), unit, "media cost per prospect of the channel"
        ),
        "win_rate": variable(
            "replication", ratio(won, born.sum(axis=1)), COUNT, "deals won per prospect of the period"
        ),
        "deal_value": variable("replication", ratio(earned, won), unit, "mean value of the deals won"),
        "sales_velocity": variable(
            "replication",
            ratio(earned, cycle),
            f"{unit} / d",
            "opportunities x win rate x mean deal value / mean cycle; opportunities x win rate are the wins",
        ),
    }


def people_cost(run: Run) -> Reals:
    """Salaries by bucket and team, for the days on which each rep is employed."""
    salaries = np.array([team.salary for team in run.scenario.teams.values()])
    return np.asarray(employed_days(run) / MONTH_DAYS @ membership(run) * salaries)


def case_cost(run: Run) -> Reals:
    """What is paid for each start of work, by replication, bucket and team."""
    each = np.array([team.per_case for team in run.scenario.teams.values()])
    return np.asarray(run.tally["team_starts"] * each)


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
