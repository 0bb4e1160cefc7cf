"""What a run comes to, and what holds the funnel up under each policy of a comparison, in words."""

from __future__ import annotations

import xarray as xr

from funnelsim.results.bottleneck import held_up_by
from funnelsim.results.estimates import Estimate
from funnelsim.results.summary import summary
from funnelsim.studies.compare import BASELINE
from funnelsim.studies.sentences import digits, span


def run_headline(ds: xr.Dataset) -> str:
    """Wins and revenue of the period with their intervals, and what a win cost."""
    totals = summary(ds).totals
    if not totals["wins"].value:
        return f"Nothing is won of {_said(totals['prospects'])} prospects."
    text = f"{_said(totals['wins'])} wins"
    if totals["revenue"].value:
        text += f" worth {_said(totals['revenue'])} {totals['revenue'].unit}"
    text += f" come of {_said(totals['prospects'])} prospects"
    if totals["cost"].value:
        text += f", at {_said(totals['cac'])} {totals['cac'].unit} a win"
    return f"{text}."


def _said(each: Estimate) -> str:
    """`145 (142 to 149)`."""
    if each.half != each.half or each.half <= 1e-9 * abs(each.value):
        return digits(each.value, abs(each.value) / 100)
    return f"{digits(each.value, each.high - each.low)} ({span(each.low, each.high)})"


def held_up(ds: xr.Dataset) -> dict[str, str]:
    """By policy, the baseline first, a sentence on the team that holds the funnel up; the rule is that of a run."""
    return {str(policy): _held_up(ds.sel(policy=policy), str(policy)) for policy in ds["policy"].values}


def _held_up(own: xr.Dataset, policy: str) -> str:
    values = {str(name): float(own["value"].sel(measure=name)) for name in own["measure"].values}
    busy = {name.partition(".")[2]: value for name, value in values.items() if name.startswith("utilisation.")}
    where = "In the baseline" if policy == BASELINE else f"Under {policy}"
    if not busy:
        return f"{where} nobody works, so no team is a bottleneck."
    worst = held_up_by(busy, {team: values[f"queue.{team}"] for team in busy})
    if worst is None:
        most = max(busy, key=lambda team: busy[team])
        return f"{where} no team is a bottleneck: the busiest, {most}, is {busy[most]:.0f}% busy."
    line = values[f"queue.{worst}"]
    full = f"{busy[worst]:.0f}% busy, {digits(line, line / 10)} prospects in line"
    return f"{where} the bottleneck is the team {worst}: {full}."
