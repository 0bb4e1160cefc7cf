"""What pictures show, computed: bars of the funnel, queues over time, wins beside recorded ones; with 95% intervals.

Of broken promises by weekday and hour there are means alone.
"""

import numpy as np
import xarray as xr

from funnelsim.results.estimates import PERCENT, of_ratio
from funnelsim.results.intervals import mean_bounds, rows
from funnelsim.results.run import ratio
from funnelsim.results.summary import replays_of


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
    shown = ds.isel(stage=ds["stage_team"].values != "")
    bounds = mean_bounds(rows(shown["queue_length"]))
    columns = {name: (("bucket", "stage"), getattr(bounds, name)) for name in ("mean", "low", "high")}
    edges = [*ds["bucket"].values, np.datetime64(str(ds.attrs["measured_until"]), "ns")]
    return xr.Dataset(columns, {"stage": shown["stage"].values, "edges": ("edge", np.array(edges))})


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
