"""Paths: what journeys say as a whole. Who is anonymous how long, when sales comes in, who changes hands.

`anonymous` and `before_sales` read a table of journeys, whether a simulator or a warehouse wrote it; changes of rep
are read from a trace, for journeys do not name reps.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from funnelsim.plan.compile import Compiled
from funnelsim.plan.trace import STARTED
from funnelsim.results.run import COUNT, Variable, ratio, variable

NAMES: Final = (
    "engagements", "anonymous_engagements", "share_anonymous", "deals_after_talk", "before_sales_sum",
    "share_before_sales", "taken_up", "rep_changes", "rep_changes_per_prospect",
)  # fmt: skip
_WHO: Final = ["replication", "prospect"]
Counts = NDArray[np.int64]


class Share(NamedTuple):
    """A part, and the whole of which it is a part."""

    part: float
    whole: float

    @property
    def value(self) -> float:
        """The share; nan where there is nothing to divide by."""
        return self.part / self.whole if self.whole else float("nan")


def anonymous(journeys: pa.Table, since: np.datetime64 | None = None) -> Share:
    """Of the engagements of those who said who they are, those from before they said it: a share in [0, 1].

    An engagement is an arrival or a touch that was seen; those before `since` are left out. The touch at which somebody
    becomes known is not anonymous. Those who never say who they are have no part in it: nobody could ask for them.
    """
    frame = journeys.select([*_WHO, "time", "kind", "outcome", "known"]).to_pandas()
    seen = frame["kind"].isin(["arrival", "touch"]) & (frame["outcome"] != "sent")
    told = frame.groupby(_WHO)["known"].transform("any").astype(bool)
    counted = seen & told & _from(frame["time"], since)
    return Share(float((counted & ~frame["known"]).sum()), float(counted.sum()))


def before_sales(journeys: pa.Table, since: np.datetime64 | None = None) -> Share:
    """Of the time from a prospect's arrival to its first deal, what was gone before a rep first took it up, in [0, 1]:
    the sum of these shares over deals, and the number of deals.

    Deals that nobody from sales had a hand in are left out, and so are deals before `since`.
    """
    frame = journeys.select([*_WHO, "time", "kind"]).to_pandas()
    first = frame.groupby([*_WHO, "kind"], observed=True)["time"].min().unstack("kind")
    deals = first.reindex(columns=["arrival", "sales", "conversion"]).astype("datetime64[us]").dropna()
    deals = deals[(deals["sales"] < deals["conversion"]) & _from(deals["conversion"], since)]
    gone = (deals["sales"] - deals["arrival"]) / (deals["conversion"] - deals["arrival"])
    return Share(float(gone.sum()), float(len(gone)))


def _from(times: Any, since: np.datetime64 | None) -> Any:
    """Whether each time of a column is not before an instant."""
    return times.notna() if since is None else times >= since


def rep_changes(compiled: Compiled, trace: NDArray[np.void]) -> tuple[Counts, Counts]:
    """By team: how often a prospect was taken up by another rep of the team than the time before, 0 or more, and how
    many prospects the team took up; both after the warm-up."""
    starts = trace[trace["code"] == STARTED]
    teams = compiled.plan["reps"]["team"][starts["rep"]]
    order = np.lexsort([starts["tick"], teams, starts["prospect"]])
    starts, teams, n = starts[order], teams[order], len(compiled.teams)
    inside = starts["tick"] >= compiled.timeline.warmup
    again = (starts["prospect"][1:] == starts["prospect"][:-1]) & (teams[1:] == teams[:-1])
    other = again & (starts["rep"][1:] != starts["rep"][:-1]) & inside[1:]
    # The first start within the period, of each prospect and team.
    fresh = inside.copy()
    fresh[1:] &= ~(again & inside[:-1])
    return np.bincount(teams[1:][other], minlength=n), np.bincount(teams[fresh], minlength=n)


class Paths:
    """The measures of one replication after the other."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.since = np.datetime64(compiled.timeline.when(compiled.timeline.warmup), "us")
        self.rows: list[tuple[Share, Share, Counts, Counts]] = []

    def add(self, journeys: pa.Table, trace: NDArray[np.void]) -> None:
        """Measure one replication."""
        shares = anonymous(journeys, self.since), before_sales(journeys, self.since)
        self.rows.append((*shares, *rep_changes(self.compiled, trace)))

    def variables(self) -> dict[str, Variable]:
        """What was measured, by replication."""
        engaged, gone = (np.array([row[at] for row in self.rows], np.float64) for at in (0, 1))
        changes, taken = (np.stack([row[at] for row in self.rows]) for at in (2, 3))
        before, deals, each = gone[:, 0], gone[:, 1], "replication team"
        return {
            "engagements": variable(
                "replication", engaged[:, 1], COUNT, "arrivals and touches seen, of those who said who they are"
            ),
            "anonymous_engagements": variable(
                "replication", engaged[:, 0], COUNT, "engagements from before the prospect said who it is"
            ),
            "share_anonymous": variable(
                "replication", ratio(*engaged.T), COUNT, "share of engagements from before the prospect said who it is"
            ),
            "deals_after_talk": variable("replication", deals, COUNT, "prospects won whom a rep had taken up before"),
            "before_sales_sum": variable(
                "replication", before, COUNT, "shares of the way to a deal gone before a rep took it up, added up"
            ),
            "share_before_sales": variable(
                "replication", ratio(before, deals), COUNT, "share of the way to a deal gone before a rep took it up"
            ),
            "taken_up": variable(each, taken, COUNT, "prospects whom the team took up"),
            "rep_changes": variable(each, changes, COUNT, "times the team took one up by another rep than before"),
            "rep_changes_per_prospect": variable(
                each, ratio(changes, taken), COUNT, "changes of rep per prospect whom the team took up"
            ),
        }
