"""What discovery made of prospects: how many had enough of what was asked for, and how many seemed to."""

from funnelsim.plan.features import HIDDEN
from funnelsim.results.run import COUNT, Run, Variable, ratio, variable


def discovery(run: Run) -> dict[str, Variable]:
    """Counts by stage, precision and recall; nothing where no attribute is hidden."""
    if not int(run.compiled.plan["terms"][0]["uses"]) & HIDDEN:
        return {}
    t = run.tally
    asked, able, qualified, rightly = (
        t[name].sum(axis=1) for name in ("discoveries", "able", "qualified", "rightly_qualified")
    )
    dims = "replication stage"
    return {
        "discoveries": variable(dims, asked, COUNT, "prospects who were asked for what nobody sees"),
        "able": variable(dims, able, COUNT, "of those asked, who have enough of it"),
        "qualified": variable(dims, qualified, COUNT, "of those asked, who seemed to have enough of it"),
        "rightly_qualified": variable(dims, rightly, COUNT, "of those asked, who seemed to have enough, and have"),
        "precision": variable(dims, ratio(rightly, qualified), COUNT, "share of the qualified who have enough"),
        "recall": variable(dims, ratio(rightly, able), COUNT, "share of those who have enough that was qualified"),
    }
