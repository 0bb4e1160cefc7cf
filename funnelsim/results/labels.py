"""The names along the dimensions of a dataset: stages, exits, buckets and the rest."""

import json
from collections.abc import Sequence
from typing import Any, Final, get_args

import numpy as np
import xarray as xr

from funnelsim.core.ticks import HOUR
from funnelsim.engines.tallies import QUANTILES
from funnelsim.plan.compile import Compiled
from funnelsim.plan.layout import GOING_ON, WON
from funnelsim.results.costs import tools_of
from funnelsim.results.run import Run, Variable
from funnelsim.results.views import PREFIX
from funnelsim.scenario.fields import Milestone, Owner
from funnelsim.scenario.views import views_of

_TERMINALS = ("open", "won", "lost")
ACCOUNTS: Final = ("media", "salaries", "cases", "tools")
OWNERS: Final[tuple[str, ...]] = get_args(get_args(Owner)[0])
MILESTONES: Final[tuple[str, ...]] = get_args(get_args(Milestone)[0])


def coordinates(run: Run) -> dict[str, Variable]:
    """All coordinates; those that share a dimension's name are its labels."""
    compiled = run.compiled
    exits = compiled.exits
    teams = run.compiled.plan["reps"]["team"]
    dials = [f"{kind} of {name}" for kind, name in compiled.dials]
    return {
        **({"dial": _names("dial", dials, "what reviews move")} if dials else {}),
        "replication": _along("replication", np.arange(run.first, run.first + run.n), "number of the replication"),
        "bucket": _along("bucket", np.array(compiled.bucket_starts, "datetime64[ns]"), "start of the time bucket"),
        "bucket_days": (("bucket",), run.bucket_days, {"units": "days", "long_name": "length of the time bucket"}),
        "stage": _names("stage", compiled.stages, "stage"),
        "stage_kind": _names("stage", [_TERMINALS[int(t)] for t in terminals(run)], "open, won or lost"),
        "stage_team": _names("stage", [_name_of(compiled.teams, t) for t in _stages(run, "team")], "team of the stage"),
        "exit": _names("exit", exit_labels(compiled), "exit: stage and label"),
        "exit_stage": _names("exit", [e.stage for e in exits], "stage of the exit"),
        "exit_to": _names("exit", [e.to for e in exits], "stage the exit leads to"),
        "exit_reason": _names("exit", [e.reason for e in exits], "reason noted"),
        "exit_kind": _names("exit", [e.kind for e in exits], "logit, table, rest, or way: taken by rule"),
        "channel": _names("channel", compiled.channels, "channel"),
        "segment": _names("segment", compiled.segments, "segment"),
        "team": _names("team", compiled.teams, "team"),
        "rep": _names("rep", compiled.reps, "rep: team and name"),
        "rep_team": _names("rep", [compiled.teams[t] for t in teams], "team of the rep"),
        "tier": _names("tier", tier_labels(compiled), "SLA tier: stage, segment, deed and time"),
        "tier_stage": _names("tier", [place.split(": ")[0] for place, _ in compiled.tiers], "stage of the tier"),
        "tier_deed": _names("tier", [deed for _, deed in compiled.tiers], "what is done"),
        "reason": _names("reason", reasons(run), "reason of a loss"),
        **_of_money(run),
        "quantile": _along("quantile", np.array(QUANTILES), "quantile"),
    } | _views(run)


def _views(run: Run) -> dict[str, Variable]:
    """A coordinate a view: each stage's word; the attribute `words` has them in order, as a JSON list."""
    out = {}
    for view, words in views_of(run.scenario).items():
        word_of = {stage: word for word, stages in words.items() for stage in stages}
        dims, names, attrs = _names("stage", [word_of[stage] for stage in run.compiled.stages], f"word of {view}")
        out[f"{PREFIX}{view}"] = dims, names, {**attrs, "words": json.dumps(list(words), ensure_ascii=False)}
    return out


def _of_money(run: Run) -> dict[str, Variable]:
    """Accounts, owners and tools; milestones and sides where there are some."""
    agreed, milestones = run.scenario.agreement, milestones_of(run)
    out = {
        "account": _names("account", ACCOUNTS, "what is paid for"),
        "owner": _names("owner", OWNERS, "whose budget it is"),
        "tool": _names("tool", list(tools_of(run)), "tool"),
    }
    if milestones:
        out["milestone"] = _names("milestone", milestones, "what a prospect has become")
    if agreed is not None:
        out["side"] = _names("side", agreed.sides, "who promises")
    return out


def terminals(run: Run) -> list[int]:
    """Whether each stage goes on, is won or is lost."""
    return _stages(run, "terminal")


def milestones_of(run: Run) -> list[str]:
    """The milestones that some stage has, from lead to opportunity."""
    found = {stage.milestone for stage in run.scenario.stages.values()}
    return [name for name in MILESTONES if name in found]


def reasons(run: Run) -> list[str]:
    """Reasons of exits into lost stages, each once, in the order of the file."""
    lost = set(lost_stages(run))
    return list(dict.fromkeys(e.reason or e.to for e in run.compiled.exits if e.to in lost))


def bucket_labels(ds: xr.Dataset) -> list[str]:
    """Buckets by their month, or by the day on which they begin."""
    cut = 7 if ds.attrs["bucket"] == "month" else 10
    return [str(start)[:cut] for start in ds["bucket"].values]


def lost_stages(run: Run) -> list[str]:
    """Terminal stages of those who are lost."""
    kinds = zip(run.compiled.stages, terminals(run), strict=True)
    return [stage for stage, kind in kinds if kind not in (GOING_ON, WON)]


def exit_labels(compiled: Compiled) -> list[str]:
    """Exits by stage and label."""
    return _distinct([f"{leaving.stage} -> {leaving.label}" for leaving in compiled.exits])


def tier_labels(compiled: Compiled) -> list[str]:
    """SLA tiers by stage, segment, what is done and after how long."""
    after = compiled.plan["tiers"]["after"] * (compiled.timeline.tick / HOUR)
    tiers = zip(compiled.tiers, after.tolist(), strict=True)
    return _distinct([f"{place}: {deed} after {hours:g} h" for (place, deed), hours in tiers])


def _stages(run: Run, column: str) -> list[int]:
    found: list[int] = run.compiled.plan["stages"][column].tolist()
    return found


def _name_of(names: Sequence[str], at: int) -> str:
    return names[at] if at >= 0 else ""


def _along(dimension: str, values: Any, long_name: str) -> Variable:
    return (dimension,), values, {"long_name": long_name}


def _names(dimension: str, names: Sequence[str], long_name: str) -> Variable:
    return (dimension,), np.array(list(names), dtype="<U1" if not names else None), {"long_name": long_name}


def _distinct(labels: Sequence[str]) -> list[str]:
    """Labels as they are; one that stood before gets its turn behind it."""
    seen: dict[str, int] = {}
    out = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        out.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return out
