"""How well the score of newcomers tells their intent."""

from funnelsim.results.run import COUNT, Run, Variable, variable
from funnelsim.scenario.newcomers import kinds_between
from funnelsim.scenario.score_quality import MOST_KINDS, auc


def score_quality(run: Run) -> dict[str, Variable]:
    """The AUC of the score, a number of the scenario and not of chance; nothing where newcomers have no score.

    Left out where newcomers are of too many kinds to look at all pairs.
    """
    score, timeline = run.scenario.score, run.compiled.timeline
    if score.intent == score.fit == score.noise == 0.0:
        return {}
    kinds = kinds_between(run.scenario, run.compiled.leads, timeline.start, timeline.end)
    if not 0 < kinds.numbers.size <= MOST_KINDS:
        return {}
    name = "chance that of two newcomers the one with more intent also has the higher score"
    return {"score_auc": variable("", auc(kinds, score.intent, score.noise), COUNT, name)}
