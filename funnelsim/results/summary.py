"""What a run comes to: one line a stage, totals, channels, the bottleneck, and replayed lists beside their record.

Rates and mean times are ratios of means over replications, quantiles are means of each replication's quantile.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from funnelsim.results.bottleneck import Bottleneck, bottleneck
from funnelsim.results.estimates import NOTHING, PERCENT, Estimate, in_fitting_unit, of_mean, of_ratio
from funnelsim.results.labels import bucket_labels
from funnelsim.results.scorecard import ScoreLine, scorecard_of

STAGE_TITLES: Final[Mapping[str, str]] = {
    "entered": "entered",
    "conversion": "conversion",
    "time_median": "median time",
    "time_p90": "p90 time",
    "response_median": "median response",
    "response_mean": "mean response",
    "sla": "within SLA",
    "utilisation": "utilisation",
    "queue": "in line",
}
TOTAL_TITLES: Final[Mapping[str, str]] = {
    "prospects": "prospects",
    "wins": "wins",
    "win_rate": "wins per prospect",
    "revenue": "revenue",
    "cost": "cost",
    "cac": "cost per win (CAC)",
    "cost_per_mql": "cost per MQL",
    "cost_per_sql": "cost per SQL",
    "cost_per_opportunity": "cost per opportunity",
    "deal_value": "mean deal",
    "roi": "return on cost (ROI)",
    "ltv": "lifetime value (LTV)",
    "ltv_to_cac": "LTV / CAC",
    "payback": "payback",
    "cycle_mean": "mean cycle",
    "cycle_median": "median cycle",
    "sales_velocity": "sales velocity",
    "score_auc": "score: AUC against intent",
}


@dataclass(frozen=True)
class StageLine:
    """A stage, its kind (open, won), its team, and estimates by the keys of STAGE_TITLES."""

    stage: str
    kind: str
    team: str
    estimates: Mapping[str, Estimate]


@dataclass(frozen=True)
class ReplayLine:
    """A time bucket: simulated wins, and wins recorded in the list (None: it says nothing of outcomes)."""

    bucket: str
    simulated: Estimate
    recorded: int | None


@dataclass(frozen=True)
class Replay:
    """A replayed list: rows read, rows out of the horizon, wins recorded at other times, and its lines.

    `total` covers only the span, from the first to the last bucket with a recorded win: before and after it the list
    says nothing. Where nothing is recorded the span is empty and the total that of all buckets.
    """

    channel: str
    read: int
    skipped: int
    elsewhen: int
    lines: tuple[ReplayLine, ...]
    span: str
    total: ReplayLine


@dataclass(frozen=True)
class PathLines:
    """Engagements before a prospect is known, the way that is gone before the first talk, and by team the changes of
    rep per prospect."""

    share_anonymous: Estimate
    share_before_sales: Estimate
    rep_changes: Mapping[str, Estimate]


@dataclass(frozen=True)
class RecordLine:
    """A milestone: how many reached it, how many records each system has of it, and what all systems together know."""

    milestone: str
    true: Estimate
    reported: Mapping[str, Estimate]
    unified: Estimate


@dataclass(frozen=True)
class DiscoveryLine:
    """What a stage's questions made of prospects, by what is shown of it."""

    stage: str
    estimates: Mapping[str, Estimate]


@dataclass(frozen=True)
class DialLine:
    """What reviews have moved: where it stood when the first bucket ended, and at the end."""

    dial: str
    first: Estimate
    last: Estimate


@dataclass(frozen=True)
class Summary:
    """All that `run` prints; there are no `paths` and no `records` where no trace was looked at."""

    stages: tuple[StageLine, ...]
    totals: Mapping[str, Estimate]
    ledger: Mapping[str, Estimate]
    channels: Mapping[str, Mapping[str, Estimate]]
    bottleneck: Bottleneck
    replays: tuple[Replay, ...]
    scorecard: tuple[ScoreLine, ...]
    paths: PathLines | None
    records: tuple[RecordLine, ...]
    discovery: tuple[DiscoveryLine, ...]
    dials: tuple[DialLine, ...]


def summary(ds: xr.Dataset) -> Summary:
    """The summary of a dataset."""
    return Summary(
        _stages(ds),
        _totals(ds),
        _ledger(ds),
        _channels(ds),
        bottleneck(ds),
        replays_of(ds),
        scorecard_of(ds),
        _paths(ds),
        _records(ds),
        _discovery(ds),
        _dials(ds),
    )


def _stages(ds: xr.Dataset) -> tuple[StageLine, ...]:
    shown = ds.isel(stage=ds["stage_kind"].values != "lost")
    columns = {
        "entered": of_mean(shown["entries"].sum("bucket"), "prospects"),
        "conversion": _conversion(shown),
        "time_median": of_mean(_quantile(shown["time_in_stage_quantile"], 0.5), "h"),
        "time_p90": of_mean(_quantile(shown["time_in_stage_quantile"], 0.9), "h"),
        "response_median": of_mean(_quantile(shown["response_time_quantile"], 0.5), "h"),
        "response_mean": of_ratio(shown["response_time_sum"], shown["served"], "h"),
        "sla": _attainment(shown),
        "utilisation": _utilisation(shown),
        "queue": of_mean(shown["queue_length_mean"], "prospects"),
    }
    for names in (("time_median", "time_p90"), ("response_median", "response_mean")):
        n = len(columns[names[0]])
        both = in_fitting_unit([*columns[names[0]], *columns[names[1]]])
        columns[names[0]], columns[names[1]] = both[:n], both[n:]
    lines = []
    for at, stage in enumerate(shown["stage"].values):
        team = str(shown["stage_team"].values[at])
        row = {name: column[at] for name, column in columns.items()}
        if not team:
            row["queue"] = NOTHING
        lines.append(StageLine(str(stage), str(shown["stage_kind"].values[at]), team, row))
    return tuple(lines)


def _quantile(da: xr.DataArray, q: float) -> xr.DataArray:
    return da.isel(quantile=int(np.argmin(np.abs(da["quantile"].values - q))))


def _conversion(shown: xr.Dataset) -> list[Estimate]:
    """By cohort: of those who reached a stage, the share that reached the next; nothing for the last."""
    reached = shown["reached"].sum("bucket")
    if reached.sizes["stage"] < 2:
        return [NOTHING] * reached.sizes["stage"]
    here, following = reached.isel(stage=slice(None, -1)), reached.isel(stage=slice(1, None))
    return [*of_ratio(following, here, "%", PERCENT), NOTHING]


def _attainment(shown: xr.Dataset) -> list[Estimate]:
    within, breaches = shown["within_sla"].sum("bucket"), shown["breaches"].sum("bucket")
    return of_ratio(within, within + breaches, "%", PERCENT)


def _utilisation(shown: xr.Dataset) -> list[Estimate]:
    by_team = dict(zip(shown["team"].values, of_mean(shown["utilisation"], "%", PERCENT), strict=True))
    return [by_team.get(team, NOTHING) for team in shown["stage_team"].values]


def _totals(ds: xr.Dataset) -> dict[str, Estimate]:
    money = str(ds.attrs["currency"])
    cycle = in_fitting_unit(
        [
            of_ratio(ds["cycle_sum"] * 24, ds["wins"], "h")[0],
            of_mean(_quantile(ds["cycle_quantile"], 0.5) * 24, "h")[0],
        ]
    )
    return {
        "prospects": of_mean(ds["prospects"], "prospects")[0],
        "wins": of_mean(ds["wins"], "deals")[0],
        "win_rate": of_ratio(ds["wins"], ds["prospects"], "%", PERCENT)[0],
        "revenue": of_mean(ds["revenue"], money)[0],
        "cost": of_mean(ds["cost"], money)[0],
        "cac": of_ratio(ds["cost"], ds["wins"], money)[0],
        **_costs_of_milestones(ds),
        "deal_value": of_ratio(ds["revenue"], ds["wins"], money)[0],
        **_of_terms(ds),
        "cycle_mean": cycle[0],
        "cycle_median": cycle[1],
        "sales_velocity": of_mean(ds["sales_velocity"], f"{money} / d")[0],
        "score_auc": _score_auc(ds),
    }


def _score_auc(ds: xr.Dataset) -> Estimate:
    """The quality of the score, which is no estimate and has no interval."""
    return Estimate(float(ds["score_auc"]) * PERCENT, math.nan, math.nan, "%") if "score_auc" in ds else NOTHING


def _costs_of_milestones(ds: xr.Dataset) -> dict[str, Estimate]:
    """The whole cost per MQL, SQL and opportunity; nothing where no stage has the milestone."""
    known = [str(name) for name in ds["milestone"].values] if "milestone" in ds.dims else []
    return {
        f"cost_per_{name}": of_ratio(
            ds["cost"], ds["milestones"].sel(milestone=name).sum("bucket"), str(ds.attrs["currency"])
        )[0]
        if name in known
        else NOTHING
        for name in ("mql", "sql", "opportunity")
    }


def _of_terms(ds: xr.Dataset) -> dict[str, Estimate]:
    """Return, lifetime value and payback; nothing where the scenario says nothing of its money."""
    units = {"ltv": str(ds.attrs["currency"]), "ltv_to_cac": "", "payback": "months"}
    found = {name: of_mean(ds[name], unit)[0] if name in ds else NOTHING for name, unit in units.items()}
    roi = of_ratio(ds["revenue"] - ds["cost"], ds["cost"], "%", PERCENT)[0] if "ltv" in ds else NOTHING
    return {"roi": roi, **found}


def _ledger(ds: xr.Dataset) -> dict[str, Estimate]:
    """What was spent, by account; nothing where the scenario says nothing of its money."""
    if "ltv" not in ds:
        return {}
    spent = of_mean(ds["ledger"].sum("bucket"), str(ds.attrs["currency"]))
    return dict(zip([str(name) for name in ds["account"].values], spent, strict=True))


def _channels(ds: xr.Dataset) -> dict[str, dict[str, Estimate]]:
    """Prospects, wins, revenue and cost by channel."""
    money = str(ds.attrs["currency"])
    prospects = ds["prospects_by"].sum(["bucket", "segment"])
    cost = ds["media_cost"].sum("bucket")
    columns = {
        "prospects": of_mean(prospects, "prospects"),
        "wins": of_mean(ds["wins_by"].sum(["bucket", "segment"]), "deals"),
        "revenue": of_mean(ds["revenue_by"].sum(["bucket", "segment"]), money),
        "cost": of_mean(cost, money),
        "cost_per_lead": of_ratio(cost, prospects, money),
    }
    names = [str(name) for name in ds["channel"].values]
    return {name: {key: column[at] for key, column in columns.items()} for at, name in enumerate(names)}


def replays_of(ds: xr.Dataset) -> tuple[Replay, ...]:
    """Replayed lists beside their record."""
    if "list" not in ds.dims:
        return ()
    return tuple(_replay(ds.isel(list=at), str(name)) for at, name in enumerate(ds["list"].values))


def _replay(ds: xr.Dataset, name: str) -> Replay:
    """Simulated wins of a list by bucket, beside those recorded."""
    labels, wins = bucket_labels(ds), ds["wins_of_list"]
    counts = ds["recorded_wins"].values.tolist()
    known = np.flatnonzero(counts) if bool(ds["has_outcome"]) else np.zeros(0, np.int64)
    first, last = (int(known[0]), int(known[-1]) + 1) if known.size else (0, len(labels))
    recorded = [n if known.size and first <= at < last else None for at, n in enumerate(counts)]
    lines = tuple(ReplayLine(*row) for row in zip(labels, of_mean(wins, "deals"), recorded, strict=True))
    span = f"{labels[first]} to {labels[last - 1]}" if known.size else ""
    whole = of_mean(wins.isel(bucket=slice(first, last)).sum("bucket"), "deals")[0]
    total = ReplayLine("total", whole, sum(counts) if known.size else None)
    read, skipped, elsewhen = (int(ds[key]) for key in ("leads_read", "leads_skipped", "recorded_wins_elsewhen"))
    return Replay(name, read, skipped, elsewhen, lines, span, total)


def _discovery(ds: xr.Dataset) -> tuple[DiscoveryLine, ...]:
    """The stages that asked somebody for what nobody sees."""
    if "discoveries" not in ds:
        return ()
    columns = {
        "asked": of_mean(ds["discoveries"], "prospects"),
        "qualified": of_ratio(ds["qualified"], ds["discoveries"], "%", PERCENT),
        "precision": of_ratio(ds["rightly_qualified"], ds["qualified"], "%", PERCENT),
        "recall": of_ratio(ds["rightly_qualified"], ds["able"], "%", PERCENT),
    }
    rows = (
        DiscoveryLine(str(stage), {name: column[at] for name, column in columns.items()})
        for at, stage in enumerate(ds["stage"].values)
    )
    return tuple(row for row in rows if row.estimates["asked"].value > 0)


_OF_DIALS: Final = {"threshold": (1.0, "points"), "leak": (PERCENT, "%"), "rate": (1.0, "times")}


def _dials(ds: xr.Dataset) -> tuple[DialLine, ...]:
    """What reviews have moved."""
    if "setting" not in ds:
        return ()
    first, last = (of_mean(ds["setting"].isel(bucket=at), "") for at in (0, -1))
    out = []
    for at, name in enumerate(ds["dial"].values):
        factor, unit = _OF_DIALS[str(name).split(" of ")[0]]
        out.append(DialLine(str(name), first[at].times(factor, unit), last[at].times(factor, unit)))
    return tuple(out)


def _paths(ds: xr.Dataset) -> PathLines | None:
    """Measures of paths; None where no trace was looked at."""
    if "share_anonymous" not in ds:
        return None
    unknown = of_ratio(ds["anonymous_engagements"], ds["engagements"], "%", PERCENT)[0]
    gone = of_ratio(ds["before_sales_sum"], ds["deals_after_talk"], "%", PERCENT)[0]
    changes = of_ratio(ds["rep_changes"], ds["taken_up"], "changes")
    return PathLines(unknown, gone, dict(zip([str(team) for team in ds["team"].values], changes, strict=True)))


def _records(ds: xr.Dataset) -> tuple[RecordLine, ...]:
    """Milestones that somebody reached or some system records."""
    if "reported" not in ds:
        return ()
    true, unified = (of_mean(ds[name], "prospects") for name in ("happened", "unified"))
    by_system = {str(name): of_mean(ds["reported"].sel(system=name), "records") for name in ds["system"].values}
    lines = [
        RecordLine(str(name), true[at], {side: each[at] for side, each in by_system.items()}, unified[at])
        for at, name in enumerate(ds["record"].values)
    ]
    return tuple(line for line in lines if line.true.value > 0 or any(each.known for each in line.reported.values()))


def _bucket_labels(ds: xr.Dataset) -> list[str]:
    """Buckets by their month, or by the day on which they begin."""
    cut = 7 if ds.attrs["bucket"] == "month" else 10
    return [str(start)[:cut] for start in ds["bucket"].values]
