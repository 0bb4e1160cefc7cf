"""What pictures show, computed: bars of the funnel, queues and work over time, responses, reps; with 95% intervals.

Of broken promises by weekday and hour there are means alone.
"""

import json
from typing import Any

import numpy as np
import xarray as xr

from funnelsim.results.estimates import PERCENT, of_ratio
from funnelsim.results.intervals import Bounds, mean_bounds, ratio_bounds, rows
from funnelsim.results.run import ratio
from funnelsim.results.summary import replays_of
from funnelsim.scenario.units import say


def funnel_bars(ds: xr.Dataset) -> xr.Dataset:
    """Prospects who reached each stage that is not lost: `mean`, `low`, `high`; `conversion` to the next in percent."""
    shown = ds.isel(stage=ds["stage_kind"].values != "lost")
    reached = shown["reached"].sum("bucket")
    bounds = mean_bounds(rows(reached))
    conversion = np.full(bounds.mean.size, np.nan)
    if conversion.size > 1:
        steps = of_ratio(reached.isel(stage=slice(1, None)), reached.isel(stage=slice(None, -1)), "%", PERCENT)
        conversion[:-1] = [step.value for step in steps]
    columns = {"mean": bounds.mean, "low": bounds.low, "high": bounds.high, "conversion": conversion}
    kinds = {"kind": ("stage", shown["stage_kind"].values)}
    return xr.Dataset({name: ("stage", values) for name, values in columns.items()}, {"stage": shown["stage"], **kinds})


def queue_curves(ds: xr.Dataset) -> xr.Dataset:
    """Prospects in line by bucket for each stage with a team: `mean`, `low`, `high`, and the `edges` of the buckets."""
    return _over_time(ds, ds.isel(stage=ds["stage_team"].values != "")["queue_length"])


def work_curves(ds: xr.Dataset) -> xr.Dataset:
    """Prospects in each stage that is no end, as `queue_curves` has those in line."""
    return _over_time(ds, ds.isel(stage=ds["stage_kind"].values == "open")["work_in_process"])


def _over_time(ds: xr.Dataset, levels: xr.DataArray) -> xr.Dataset:
    edges = [*ds["bucket"].values, np.datetime64(str(ds.attrs["measured_until"]), "ns")]
    coords = {"stage": levels["stage"].values, "edges": ("edge", np.array(edges))}
    return xr.Dataset(_columns(mean_bounds(rows(levels)), "bucket", "stage"), coords)


def _columns(bounds: Bounds, *dims: str, factor: float = 1.0) -> dict[str, Any]:
    return {name: (dims, getattr(bounds, name) * factor) for name in ("mean", "low", "high")}


def rep_bars(ds: xr.Dataset) -> xr.Dataset:
    """The busy share of each rep's open hours in percent: `mean`, `low`, `high`, and the rep's `team`."""
    bounds = mean_bounds(rows(ds["rep_utilisation"]))
    coords = {"rep": ds["rep"].values, "team": ("rep", ds["rep_team"].values)}
    return xr.Dataset(_columns(bounds, "rep", factor=PERCENT), coords)


def response_curves(ds: xr.Dataset) -> xr.Dataset:
    """For each stage where a rep responded, the response time in hours by `quantile`: `mean`, `low`, `high`; what the
    stage promises as `promise`, `judged` visits a replication and the percentage `within` it with its ends.

    `promised` is the promised time in hours where it runs on the clock of response times, the calendar's, and is the
    same for everybody, else nan.
    """
    shown = ds.isel(stage=ds["served"].sum("replication").values > 0)
    times = shown["response_time_quantile"].transpose("replication", "stage", "quantile")
    within, breaches = (shown[name].sum("bucket") for name in ("within_sla", "breaches"))
    shares = ratio_bounds(rows(within), rows(within + breaches))
    stages = json.loads(ds.attrs["scenario"])["stages"]
    promises = [_promise(stages[str(name)].get("sla")) for name in shown["stage"].values]
    columns = {
        **_columns(mean_bounds(rows(times)), "stage", "quantile"),
        **{f"within{end}": (("stage",), getattr(shares, name) * PERCENT)
           for end, name in (("", "mean"), ("_low", "low"), ("_high", "high"))},
        "judged": (("stage",), (within + breaches).mean("replication").values),
        "promised": (("stage",), np.array([hours for hours, _ in promises], float)),
    }  # fmt: skip
    said = ("stage", np.array([words for _, words in promises], "U"))
    coords = {"stage": shown["stage"].values, "quantile": ds["quantile"].values, "promise": said}
    return xr.Dataset(columns, coords)


def _promise(sla: dict[str, Any] | None) -> tuple[float, str]:
    """Hours on the calendar, nan where that is not one number; and the promise in words."""
    if sla is None:
        return np.nan, ""
    within = sla["respond_within"]
    times = sorted({within["everyone"], *within["named"].values()} - {None})
    longest = f" to {say(times[-1])}" if len(times) > 1 else ""
    one = len(times) == 1 and sla["clock"] == "calendar"
    return times[0] / 3600 if one else np.nan, f"within {say(times[0])}{longest} ({sla['clock']} time)"


def percent(shares: xr.DataArray) -> xr.DataArray:
    """Shares in percent."""
    return shares * PERCENT


def recorded_lists(ds: xr.Dataset) -> list[str]:
    """The replayed lists that say of a win when it was."""
    return [replay.channel for replay in replays_of(ds) if replay.span]


def wins_curves(ds: xr.Dataset, name: str) -> xr.Dataset:
    """Wins of a replayed list by bucket: simulated `mean`, `low`, `high`, and `recorded`, nan where nothing is."""
    (replay,) = (replay for replay in replays_of(ds) if replay.channel == name)
    simulated = [line.simulated for line in replay.lines]
    columns = {
        "mean": [each.value for each in simulated],
        "low": [each.low for each in simulated],
        "high": [each.high for each in simulated],
        "recorded": [np.nan if line.recorded is None else line.recorded for line in replay.lines],
    }
    labels = [line.bucket for line in replay.lines]
    return xr.Dataset({key: ("bucket", np.array(values)) for key, values in columns.items()}, {"bucket": labels})


def broken_by_hour(ds: xr.Dataset) -> xr.Dataset:
    """For each stage with an SLA, by weekday and hour of coming: promises `judged` a replication, and the `share` of
    them that was broken, nan where none was judged; both in the whole period as `judged_in_all`, `share_in_all`."""
    shown = ds.isel(stage=ds["stage_sla"].values != "")
    dims = ("replication", "stage", "weekday", "hour")
    judged, broken = (
        shown[f"sla_{name}_by_hour"].transpose(*dims).values.mean(axis=0, dtype=np.float64)
        for name in ("judged", "broken")
    )
    whole, whole_broken = judged.sum(axis=(1, 2)), broken.sum(axis=(1, 2))
    columns = {
        "judged": (dims[1:], judged),
        "share": (dims[1:], ratio(broken, judged)),
        "judged_in_all": (dims[1:2], whole),
        "share_in_all": (dims[1:2], ratio(whole_broken, whole)),
    }
    return xr.Dataset(columns, {name: shown[name] for name in ("stage", "stage_sla", "weekday", "hour")})
