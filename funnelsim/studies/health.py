"""Whether a result can be relied on: warm-up, replications, intervals, queues; each judged and said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.results.estimates import PERCENT
from funnelsim.results.intervals import Bounds, mean_bounds, rows
from funnelsim.studies.compare import BASELINE
from funnelsim.studies.measures import counted
from funnelsim.studies.sentences import digits, span

Reals = NDArray[np.float64]
GOOD, DOUBTFUL, POOR = "good", "doubtful", "poor"
QUEUE, QUEUES = "Queue of ", "Queues"
"""Names of checks: of one team, and of all where only means are known."""
DRIFT: Final = 0.05
"""Share of the mean by which the halves of a period may differ before the warm-up is doubted."""
PRECISE, ROUGH = 0.05, 0.10
"""Relative half-widths of wins up to which there are enough replications, or nearly."""
FEW: Final = 10
"""Replications below which an interval rests on the shape of what it averages."""
FULL: Final = 97.0
"""Percent busy from which on a team has no time left to catch up."""
GROWTH: Final = 0.25
"""Growth of a queue over the period, as a share of its mean, from which on it is no accident of the season."""


@dataclass(frozen=True)
class Check:
    """What was looked at, how it is (good, doubtful, poor), and why, in a sentence or two."""

    name: str
    state: str
    says: str


def health(ds: xr.Dataset) -> tuple[Check, ...]:
    """The checks that a dataset allows, by its kind; none for a kind that says nothing of its replications."""
    kind = str(ds.attrs.get("kind", "run"))
    if kind == "run":
        return (warm_up(ds), replications(counted(ds, "wins")), intervals(ds), *queues(ds))
    if kind == "comparison":
        wins = ds["top"].sel(policy=BASELINE, measure="wins").values
        return (replications(wins), intervals(ds), *busy_teams(ds))
    return ()


def warm_up(ds: xr.Dataset) -> Check:
    """Whether the funnel was as full in the second half of the period as in the first: an empty start fills up."""
    name = "Warm-up"
    half = ds.sizes["bucket"] // 2
    if half == 0:
        return Check(name, DOUBTFUL, "The period is one time bucket, so its halves cannot be compared.")
    days = ds["bucket_days"].values
    open_now = ds["work_in_process"].isel(stage=ds["stage_kind"].values == "open").sum("stage")
    levels = rows(open_now)
    first, second = (
        np.average(levels[:, part], axis=1, weights=days[part]) for part in (slice(half), slice(-half, None))
    )
    mean = float(levels.mean())
    if mean == 0:
        return Check(name, GOOD, "Nobody is ever under way: there is nothing to fill.")
    bound = mean_bounds((second - first) / mean)
    value, low, high = (PERCENT * float(each) for each in (bound.mean, bound.low, bound.high))
    compared = "Prospects under way, second half of the period against the first"
    if np.isnan(low):
        return Check(name, DOUBTFUL, f"{compared}: {value:+.1f}%; one replication does not say how sure that is.")
    said = f"{compared}: {value:+.1f}% ({low:+.1f} to {high:+.1f})"
    if abs(value) <= PERCENT * DRIFT or low <= 0 <= high:
        return Check(name, GOOD, f"{said}: the funnel neither fills nor empties.")
    way = "filling" if value > 0 else "emptying"
    return Check(name, DOUBTFUL, f"{said}: it is still {way}. Unless demand does that, make warmup: longer.")


def replications(wins: Reals) -> Check:
    """Whether the interval of wins is narrow enough to plan with."""
    name, n, bound = "Replications", wins.size, mean_bounds(np.asarray(wins, float))
    mean, half = float(bound.mean), float(bound.high - bound.low) / 2
    if n < 2:
        return Check(name, POOR, "One replication has no interval; run at least 20.")
    if mean == 0:
        return Check(name, DOUBTFUL, f"In {n:,} replications nothing is won.")
    share = half / mean
    said = f"{n:,} replications give wins to within {PERCENT * share:.1f}%"
    if share <= PRECISE:
        return Check(name, GOOD, f"{said}.")
    needed = int(np.ceil(n * (share / PRECISE) ** 2))
    return Check(name, DOUBTFUL if share <= ROUGH else POOR, f"{said}; about {needed:,} would give 5%.")


def intervals(ds: xr.Dataset) -> Check:
    """How intervals are made, and whether there are enough replications for that."""
    n, of_pairs = int(ds.attrs["replications"]), "kind" in ds.attrs
    name = "Intervals of differences" if of_pairs else "Intervals"
    level = PERCENT * float(ds.attrs.get("level", 0.95))
    method = str(ds.attrs.get("method", "Student's t over replications, jackknife for ratios of means"))
    said = f"{level:g}% intervals from {n:,} independent replications: {method}."
    if n < FEW:
        return Check(name, DOUBTFUL, f"{said} Below {FEW} they rest on the shape of what is averaged.")
    return Check(name, GOOD, said)


def queues(ds: xr.Dataset) -> tuple[Check, ...]:
    """For each team whether its queue grows or its time runs out; the worst part of the period counts, not its mean."""
    teams = [str(name) for name in ds["team"].values]
    return tuple(_queue(ds, team, len(teams)) for team in teams) or (
        Check(QUEUES, GOOD, "Nobody works in this funnel, so nobody waits in line."),
    )


def _queue(ds: xr.Dataset, team: str, n_teams: int) -> Check:
    """A team's queue and time."""
    name = f"{QUEUE}{team}"
    line = rows(ds["queue_length"].isel(stage=ds["stage_team"].values == team).sum("stage"))
    busy = PERCENT * float(ds["utilisation"].sel(team=team).mean())
    by_bucket = PERCENT * rows(ds["utilisation_by_bucket"].sel(team=team))
    open_then = ~np.isnan(by_bucket).all(axis=0)
    worst = float(by_bucket[:, open_then].mean(axis=0).max(initial=0.0))
    full = int((by_bucket[:, open_then].mean(axis=0) >= FULL).sum())
    growth, mean = growth_of(line, ds["bucket_days"].values, n_teams), float(line.mean())
    bucket = ds.attrs["bucket"]
    said = f"{busy:.0f}% busy (up to {worst:.0f}% in a {bucket}), {digits(mean, mean / 10)} in line on average"
    gained, low, high = (float(each) for each in (growth.mean, growth.low, growth.high))
    if low > 0 and gained > max(1.0, GROWTH * mean):
        more = f"queue grows by {digits(gained, high - low)} over the period ({span(low, high)})"
        if worst >= FULL:
            return Check(name, POOR, f"{team} is overloaded: its {more}; {said}.")
        return Check(name, DOUBTFUL, f"The {more}; {said}.")
    if full:
        state = POOR if busy >= FULL else DOUBTFUL
        return Check(name, state, f"{team} is overloaded in {full} of {open_then.sum()} {bucket}s; {said}.")
    return Check(name, GOOD, f"{said}; it does not grow.")


def growth_of(line: Reals, days: Reals, n_teams: int = 1) -> Bounds:
    """What a queue gains from the first to the last bucket by the straight line through it, least squares in each
    replication; at 95% for all teams at once (Bonferroni)."""
    middle = np.cumsum(days) - days / 2
    away = middle - middle.mean()
    squares = float((away**2).sum())
    slopes = line @ away / squares if squares else np.zeros(line.shape[0])
    return mean_bounds(slopes * (middle[-1] - middle[0]), 1 - 0.05 / max(1, n_teams))


def busy_teams(ds: xr.Dataset) -> tuple[Check, ...]:
    """Teams that a comparison knows by their means only: those without time left, by policy."""
    names = [str(name) for name in ds["measure"].values if str(name).startswith("utilisation.")]
    found: list[str] = []
    for policy in map(str, ds["policy"].values):
        over = [name for name in names if float(ds["value"].sel(policy=policy, measure=name)) >= FULL]
        found += [f"{name.partition('.')[2]} under {policy}" for name in over]
    means = "A comparison holds means of the period only; whether a queue grows is told by a run beside it."
    if found:
        return (Check(QUEUES, POOR, f"Overloaded, {FULL:g}% busy or more: {_listed(found)}. {means}"),)
    return (Check(QUEUES, GOOD, f"No team is {FULL:g}% busy under any policy. {means}"),) if names else ()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
