"""What it brought and cost: wins, revenue, costs by what they are paid for, and what follows from them.

`roi` and `roas` count the value of new deals, whole: neither what is left of it (`margin`) nor what renewals bring.
"""

from funnelsim.results.capacity import per_place
from funnelsim.results.costs import case_cost, media_cost, people_cost, tool_cost
from funnelsim.results.ledger import ledger_of
from funnelsim.results.run import COUNT, HUNDREDTHS, Run, Variable, ratio, variable


def money(run: Run) -> dict[str, Variable]:
    """Wins, revenue, costs, cost per win and per lead, and sales velocity."""
    unit = run.scenario.currency
    wins, revenue = run.cells("wins"), run.cells("revenue") / HUNDREDTHS
    media, by_bucket = media_cost(run), ledger_of(run).sum(axis=2)
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
        "people_cost": per_place("bucket team", people_cost(run), unit, "salaries of the team"),
        "case_cost": variable("replication bucket team", case_cost(run), unit, "what the team is paid by the case"),
        "tool_cost": variable("bucket tool", tool_cost(run), unit, "cost of the tool"),
        "cost": variable("replication", spent, unit, "media, salaries, cases and tools"),
        "cost_by_bucket": variable(
            "replication bucket", by_bucket, unit, "media, salaries, cases and tools in the bucket"
        ),
        "cac": variable("replication", ratio(spent, won), unit, "customer acquisition cost: cost per deal won"),
        "cost_per_lead": variable(
            "replication channel", ratio(media.sum(axis=1), born), unit, "media cost per prospect of the channel"
        ),
        "roas": variable(
            "replication channel",
            ratio(revenue.sum(axis=(1, 3)), media.sum(axis=1)),
            COUNT,
            "return on advertising spend: value of the deals won of those the channel brought, over its media cost",
        ),
        "roi": variable("replication", ratio(earned - spent, spent), COUNT, "return: (revenue - cost) / cost"),
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
