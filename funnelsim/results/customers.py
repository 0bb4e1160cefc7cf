"""After the sale: renewals, expansions, churn, and what is kept of a customer's value; referrals and their loop.

Referrals over prospects never exceed 1, even where each prospect brings two: who was referred is a prospect too, and
those who came last have brought nobody yet. Whether a loop feeds itself is a question for `loop.looked_ahead`.
"""

from funnelsim.plan.features import REFERRALS, SALES
from funnelsim.results.run import COUNT, HUNDREDTHS, Run, Variable, ratio, variable


def customers(run: Run) -> dict[str, Variable]:
    """Renewals and churn where stages book something before the end; the gain of the loop where customers refer."""
    uses = int(run.compiled.plan["terms"][0]["uses"])
    out: dict[str, Variable] = {}
    if uses & SALES:
        out |= _kept(run)
    if uses & REFERRALS:
        born, referred = run.cells("born").sum(axis=(1, 2, 3)), run.tally["referred"].sum(axis=(1, 2))
        out["loop_gain"] = variable(
            "replication",
            ratio(referred, born),
            COUNT,
            "referrals over prospects: what one prospect brings where numbers are steady, and less where they grow",
        )
    return out


def _kept(run: Run) -> dict[str, Variable]:
    unit, dims = run.scenario.currency, "replication bucket channel segment"
    renewed, expanded, churned = (run.cells(name) / HUNDREDTHS for name in ("renewed", "expanded", "churned"))
    names = ("due", "kept", "renewed", "expanded", "churned")
    due, kept, again, grown, gone = (run.cells(name).sum(axis=(1, 2, 3)) / HUNDREDTHS for name in names)
    return {
        "renewals": variable(dims, run.cells("renewals"), COUNT, "renewals, by origin"),
        "expansions": variable(dims, run.cells("expansions"), COUNT, "expansions, by origin"),
        "churns": variable(dims, run.cells("churns"), COUNT, "customers lost, by origin"),
        "renewed": variable(dims, renewed, unit, "value booked by renewals"),
        "expanded": variable(dims, expanded, unit, "value booked by expansions"),
        "churned": variable(dims, churned, unit, "value of the deals of customers lost"),
        "grr": variable(
            "replication",
            ratio(kept, due + gone),
            COUNT,
            "gross revenue retention: value kept, of what was up for renewal",
        ),
        "nrr": variable(
            "replication",
            ratio(again + grown, due + gone),
            COUNT,
            "net revenue retention: value renewed and expanded, of what was up for renewal",
        ),
        "bookings": variable(
            "replication",
            run.cells("revenue").sum(axis=(1, 2, 3)) / HUNDREDTHS + again + grown,
            unit,
            "value of new deals, renewals and expansions",
        ),
    }
