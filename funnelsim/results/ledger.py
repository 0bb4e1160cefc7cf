"""The ledger: every cost once, by account (what it was paid for) and by owner (whose budget it comes from).

A channel is marketing's. A team belongs to the owners of the stages in which it works, each stage an equal share; one
that is only escalated to is sales'. A tool says whose it is.
"""

import numpy as np

from funnelsim.results.costs import case_cost, media_cost, people_cost, tool_cost, tools_of
from funnelsim.results.labels import OWNERS
from funnelsim.results.run import Reals, Run, Variable, variable


def ledger(run: Run) -> dict[str, Variable]:
    """What was spent by account, and the same by owner."""
    unit = run.scenario.currency
    return {
        "ledger": variable("replication bucket account", ledger_of(run), unit, "what was spent on the account"),
        "cost_by_owner": variable(
            "replication bucket owner", by_owner(run), unit, "what was spent by the owner: marketing, sales, success"
        ),
    }


def ledger_of(run: Run) -> Reals:
    """What was spent, by replication, bucket and account."""
    media, cases = media_cost(run).sum(axis=2), case_cost(run).sum(axis=2)
    salaries, tools = people_cost(run).sum(axis=2), tool_cost(run).sum(axis=1)
    # In the order of ACCOUNTS.
    return np.stack(np.broadcast_arrays(media, salaries, cases, tools), axis=2)


def by_owner(run: Run) -> Reals:
    """What was spent, by replication, bucket and owner."""
    out = (people_cost(run) + case_cost(run)) @ _owners_of_teams(run)
    out[:, :, OWNERS.index("marketing")] += media_cost(run).sum(axis=2)
    for tool, spent in zip(tools_of(run).values(), tool_cost(run).T, strict=True):
        out[:, :, OWNERS.index(tool.owner)] += spent
    return np.asarray(out)


def _owners_of_teams(run: Run) -> Reals:
    """The share of each team, by row, that each owner has, by column."""
    stages = run.scenario.stages.values()
    out = np.zeros((len(run.compiled.teams), len(OWNERS)))
    for at, team in enumerate(run.compiled.teams):
        theirs = [OWNERS.index(stage.owner) for stage in stages if stage.team == team] or [OWNERS.index("sales")]
        np.add.at(out[at], theirs, 1 / len(theirs))
    return out
