"""Where reviews have moved thresholds, leaks and rates."""

from funnelsim.results.run import COUNT, Run, Variable, variable

MILLION = 1e6


def feedback(run: Run) -> dict[str, Variable]:
    """The setting of every dial at the end of each bucket; nothing where no review is held."""
    if not run.compiled.dials:
        return {}
    settings = run.tally["settings"] / MILLION
    name = "what reviews have moved, at the end of the bucket: a score, a share, or a multiple of a rate"
    return {"setting": variable("replication bucket dial", settings, COUNT, name)}
