"""What a customer is worth: lifetime value, its ratio to the cost of winning one, and the time until that is earned.

* `ltv` = margin x mean value of a new deal x (1 + value renewed and expanded / value churned). Each time that a
  customer's deal is up for renewal it is renewed or churns, so of every value that churns so much had been renewed
  before. Where a share r is renewed each time at the same value V, that is margin x V / (1 - r): the formula of
  practitioners, ARPA x gross margin / churn (Skok, SaaS Metrics 2.0, 2013). Where nothing is renewed or expanded, it is
  margin x V. It counts decisions of the period, so a funnel need not be old for it. Nobody churns: no end, and nan.
* `bookings_per_customer` = value of all that is booked / new customers. By renewal-reward (Ross, Stochastic
  Processes, 1996, section 3.6) it is in the long run the value of a customer's life, hence `ltv` / margin; a funnel
  that is young or grows has renewals ahead of it and shows less.
* `payback` = CAC / (margin x V / term): months of 365.25/12 days. The benchmark is 18 (Benchmarkit, 2025).
"""

import numpy as np

from funnelsim.core.ticks import DAY
from funnelsim.results.costs import MONTH_DAYS
from funnelsim.results.ledger import ledger_of
from funnelsim.results.run import COUNT, HUNDREDTHS, Reals, Run, Variable, ratio, variable


def lifetime(run: Run) -> dict[str, Variable]:
    """Lifetime value, bookings a customer and payback, where the scenario says something of its money."""
    terms, unit = run.scenario.money, run.scenario.currency
    if terms is None:
        return {}
    won, new = run.cells("wins").sum(axis=(1, 2, 3)), _booked(run, "revenue")
    later = _booked(run, "renewed") + _booked(run, "expanded")
    value, cac = ratio(new, won), ratio(ledger_of(run).sum(axis=(1, 2)), won)
    ltv = terms.margin * value * (1 + _later(run, later))
    out = {
        "ltv": variable("replication", ltv, unit, "lifetime value: what is left of all that a new customer will book"),
        "ltv_to_cac": variable("replication", ratio(ltv, cac), COUNT, "lifetime value over customer acquisition cost"),
        "bookings_per_customer": variable(
            "replication", ratio(new + later, won), unit, "value of new deals, renewals and expansions per deal won"
        ),
    }
    if terms.term is not None:
        months = terms.term / DAY / MONTH_DAYS
        out["payback"] = variable(
            "replication",
            ratio(cac, terms.margin * value / months),
            "mo",
            "customer acquisition cost over what is left of a customer's first deal in a month",
        )
    return out


def _later(run: Run, later: Reals) -> Reals:
    """Value renewed and expanded for every value that churns; none where no stage books after the first sale."""
    kinds = {stage.sale.kind for stage in run.scenario.stages.values() if stage.sale is not None}
    return ratio(later, _booked(run, "churned")) if kinds & {"renewal", "expansion"} else later


def _booked(run: Run, count: str) -> Reals:
    """A value by replication."""
    return np.asarray(run.cells(count).sum(axis=(1, 2, 3)) / HUNDREDTHS, np.float64)
