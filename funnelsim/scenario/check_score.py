"""The score: that some noise gives it the quality it is asked to have."""

from __future__ import annotations

import math

from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.window import Window

_PATH = ("score", "auc")
_NEEDS = ("score", "segments", "channels", "start", "horizon")


def check_score(scenario: Scenario, ledger: Ledger, span: Window) -> None:
    """Note an AUC that no noise leads to, with the range of those that can be had."""
    wanted = scenario.score.auc
    if wanted is None or not ledger.sound(*((each,) for each in _NEEDS)) or not (span.seconds or 0.0) > 0.0:
        return
    from funnelsim.scenario.newcomers import kinds_of  # here: numpy
    from funnelsim.scenario.score_quality import MOST_KINDS, best_auc, noise_for

    kinds, weight = kinds_of(scenario), scenario.score.intent
    n = kinds.numbers.size
    if not math.isfinite(kinds.numbers.sum()):
        return  # too many come: the channels are to blame
    if n == 0:
        rule = "an auc is that of those who come at a rate, in batches or from a list"
        ledger.add(_PATH, "no such newcomers are expected", rule, "write noise instead")
    elif n > MOST_KINDS:
        found = f"newcomers are of {n} kinds, by channel and segment"
        ledger.add(_PATH, found, f"an auc is worked out for at most {MOST_KINDS}", "write noise instead")
    elif not kinds.sds.any() and len(set(kinds.means)) == 1:
        remedy = "write intent: {normal: {mean: 0, sd: 0.8}} into a channel"
        ledger.add(_PATH, "all newcomers have the same intent", "a score tells who has more", remedy)
    elif noise_for(kinds, weight, wanted) is None:
        _unreachable(wanted, best_auc(kinds, weight), ledger)


def _unreachable(wanted: float, best: float, ledger: Ledger) -> None:
    """Note what can be had instead."""
    most = math.floor(best * 1000.0) / 10.0
    if most <= 50.0:
        found = "with these weights and any noise it is 50% at most, which is chance"
        ledger.add(_PATH, found, "a score tells who has more intent", "raise the weight of intent")
        return
    rule = f"with these weights an auc lies above 50%, which is chance, and is at most {most:g}%"
    ledger.add(_PATH, f"found {wanted * 100:g}%", rule)
