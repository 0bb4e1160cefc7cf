"""The agreement between marketing and sales, bucket by bucket: what was promised, what was done, and who kept to it.

What is promised in a time is promised pro rata of each bucket's days. Acceptance is by period: those accepted in a
bucket over those handed over in it, so that where sales takes weeks to decide it lags behind, and can be above 1. A
side keeps its promise in a bucket in which nothing speaks against it: who was to contact nobody has kept it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.ticks import DAY
from funnelsim.results.labels import milestones_of
from funnelsim.results.milestones import reached
from funnelsim.results.run import COUNT, Run, Variable, ratio, variable
from funnelsim.scenario.agreement import MarketingPromise, SalesPromise
from funnelsim.scenario.check_agreement import ACCEPTING

Flags = NDArray[np.bool_]
ROUNDING: Final = 1e-9


def agreement(run: Run) -> dict[str, Variable]:
    """Promises and deeds of both sides, who kept to it, and the alarm of rejections; nothing without an agreement."""
    agreed = run.scenario.agreement
    if agreed is None:
        return {}
    out: dict[str, Variable] = {}
    kept = []
    if agreed.marketing is not None:
        out |= _marketing(run, agreed.marketing)
        kept.append(_met_by_marketing(out, agreed.marketing))
    if agreed.sales is not None:
        out |= _sales(run)
        kept.append(_met_by_sales(out, agreed.sales))
    if agreed.marketing is not None and agreed.marketing.accepted is not None:
        rejected = _below(out["acceptance"], agreed.marketing.accepted)
        alarm = rejected & kept[-1] if agreed.sales is not None else rejected
        out["rejections_alarm"] = variable(
            "replication",
            alarm.mean(axis=1),
            COUNT,
            "share of buckets in which sales accepted less than was promised, although it kept its own promise",
        )
    met = np.stack(kept, axis=2)
    return out | {
        "met": variable("replication bucket side", met, COUNT, "whether the side kept its promise in the bucket"),
        "share_met": variable(
            "replication side", met.mean(axis=1), COUNT, "share of buckets in which the side kept its promise"
        ),
    }


def _marketing(run: Run, promise: MarketingPromise) -> dict[str, Variable]:
    """MQLs promised and delivered, and those accepted."""
    promised, delivered = promise.mqls * DAY * run.bucket_days, reached(run, "mql")
    out = {
        "mqls_promised": variable("bucket", promised, COUNT, "MQLs that marketing promised"),
        "mqls_delivered": variable("replication bucket", delivered, COUNT, "MQLs that marketing handed over"),
        "mql_attainment": variable(
            "replication bucket", ratio(delivered, promised), COUNT, "MQLs handed over, of those promised"
        ),
    }
    accepting = [name for name in ACCEPTING if name in milestones_of(run)]
    if accepting:
        accepted = reached(run, accepting[0])
        out["mqls_accepted"] = variable("replication bucket", accepted, COUNT, "prospects whom sales accepted")
        out["acceptance"] = variable(
            "replication bucket",
            ratio(accepted, delivered),
            COUNT,
            "by period: accepted in the bucket over handed over in it",
        )
    return out


def _met_by_marketing(found: dict[str, Variable], promise: MarketingPromise) -> Flags:
    """Whether enough were handed over, and enough of them accepted."""
    enough = ~_below(found["mql_attainment"], 1.0)
    return enough if promise.accepted is None else enough & ~_below(found["acceptance"], promise.accepted)


def _sales(run: Run) -> dict[str, Variable]:
    """Responses judged and those in time, of all stages with an SLA."""
    within, breaches = (run.tally[name].sum(axis=2) for name in ("within_sla", "breaches"))
    return {
        "contacts_judged": variable(
            "replication bucket", within + breaches, COUNT, "visits whose promised response time was kept or broken"
        ),
        "contacts_in_time": variable("replication bucket", within, COUNT, "those of them in which it was kept"),
        "contacted_in_time": variable(
            "replication bucket", ratio(within, within + breaches), COUNT, "share of them in which it was kept"
        ),
    }


def _met_by_sales(found: dict[str, Variable], promise: SalesPromise) -> Flags:
    """Whether enough were contacted in time."""
    return ~_below(found["contacted_in_time"], promise.contacted)


def _below(found: Variable, promised: float) -> Flags:
    """Where less was done than promised; nowhere where there was nothing to do."""
    # Seven days at 8 / w are 8 only to rounding.
    return np.asarray(found[1] < promised * (1 - ROUNDING), np.bool_)
