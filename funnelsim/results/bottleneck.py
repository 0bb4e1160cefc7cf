"""Which team holds the funnel up.

The rule: among the teams that are more than 70% busy, the one whose queue holds the most prospect-time per win. Below
70% waiting comes from chance and from closing hours, and one more rep would help little; so if no team is busier than
that, or nobody waits for those who are, no team is a bottleneck.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import xarray as xr

from funnelsim.results.estimates import NOTHING, PERCENT, Estimate, of_mean, of_ratio

BUSY: Final = 70.0
"""Percent."""


@dataclass(frozen=True)
class Bottleneck:
    """A team and its stages, its utilisation in percent, and prospect-days in its queue per win; no team is ''."""

    team: str
    stages: tuple[str, ...]
    utilisation: Estimate
    queue: Estimate
    sentence: str


def bottleneck(ds: xr.Dataset) -> Bottleneck:
    """The team that holds the funnel up, and one sentence that says so."""
    teams = [str(name) for name in ds["team"].values]
    if not teams:
        return Bottleneck("", (), NOTHING, NOTHING, "No team is a bottleneck: nobody works in this funnel.")
    busy = dict(zip(teams, of_mean(ds["utilisation"], "%", PERCENT), strict=True))
    waiting = {team: _waiting(ds, team) for team in teams}
    worst = held_up_by({team: each.value for team, each in busy.items()}, waiting)
    if worst is None:
        return _none(busy)
    stages = tuple(str(stage) for stage in ds["stage"].values[ds["stage_team"].values == worst])
    queue = _per_win(ds, worst)
    held = (
        f"{queue.value:.3g} prospect-days per win"
        if queue.known
        else f"{waiting[worst]:.3g} prospects, and nothing is won"
    )
    busy_text = f"{busy[worst].value:.0f}% busy"
    sentence = f"The bottleneck is the team {worst} ({', '.join(stages)}): {busy_text}, its queue holds {held}."
    return Bottleneck(worst, stages, busy[worst], queue, sentence)


def held_up_by(busy: Mapping[str, float], waiting: Mapping[str, float]) -> str | None:
    """The team that holds a funnel up, from percent busy and prospects in line by team; None if none does."""
    crowded = [team for team in busy if busy[team] > BUSY and waiting[team] > 0]
    return max(crowded, key=lambda team: waiting[team]) if crowded else None


def _of_team(ds: xr.Dataset, team: str) -> xr.DataArray:
    """Mean number of prospects in line for a team, by replication."""
    return ds["queue_length_mean"].isel(stage=ds["stage_team"].values == team).sum("stage")


def _waiting(ds: xr.Dataset, team: str) -> float:
    return float(_of_team(ds, team).mean())


def _per_win(ds: xr.Dataset, team: str) -> Estimate:
    """Prospect-days in a team's queue per win."""
    days = float(ds["bucket_days"].sum())
    return of_ratio(_of_team(ds, team) * days, ds["wins"], "d")[0]


def _none(busy: dict[str, Estimate]) -> Bottleneck:
    known = {team: each for team, each in busy.items() if each.known}
    if not known:
        return Bottleneck("", (), NOTHING, NOTHING, "No team is a bottleneck: no team works in the period.")
    busiest = max(known, key=lambda team: known[team].value)
    most = known[busiest]
    why = f"the busiest, {busiest}, is {most.value:.0f}% busy" + (
        " and nobody waits for it" if most.value > BUSY else ""
    )
    return Bottleneck("", (), most, NOTHING, f"No team is a bottleneck: {why}.")
