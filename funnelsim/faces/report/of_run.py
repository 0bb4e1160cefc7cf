"""What a page says of a run: its pictures, each with the table behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import xarray as xr

from funnelsim import plots
from funnelsim.faces.report.drawing import picture
from funnelsim.faces.report.parts import Picture, Section, Table, bounded, number, table
from funnelsim.results import curves as results
from funnelsim.results.flow_map import flow_map
from funnelsim.results.labels import bucket_labels
from funnelsim.results.summary import STAGE_TITLES, TOTAL_TITLES, summary


def sections(ds: xr.Dataset) -> list[Section]:
    """Totals and stages in tables, and the pictures."""
    return [
        Section("totals", "The funnel in numbers", tables=(_stages(ds),), folded=(_totals(ds),)),
        Section("pictures", "The funnel in pictures", pictures=tuple(pictures(ds))),
    ]


def _stages(ds: xr.Dataset) -> Table:
    lines = summary(ds).stages
    keys = [key for key in STAGE_TITLES if any(line.estimates[key].known for line in lines)]
    units = {key: next(line.estimates[key].unit for line in lines if line.estimates[key].known) for key in keys}
    head = ["stage", *(f"{STAGE_TITLES[key]} ({units[key]})" for key in keys)]
    rows = [[line.stage, *(line.estimates[key] for key in keys)] for line in lines]
    return table("Stages, means of a replication with 95% intervals", head, rows)


def _totals(ds: xr.Dataset) -> Table:
    totals = summary(ds).totals
    rows = [[TOTAL_TITLES[key], totals[key], totals[key].unit] for key in TOTAL_TITLES if totals[key].known]
    return table("Totals of the period", ["measure", "mean with 95% interval", "unit"], rows)


def pictures(ds: xr.Dataset) -> Iterator[Picture]:
    """Those that the run has something for."""
    yield _funnel(ds)
    yield _flow(ds)
    if (ds["stage_team"].values != "").any():
        yield _over_time(ds, "queues")
    yield _over_time(ds, "work_in_process")
    if float(ds["served"].sum()) > 0:
        yield _responses(ds)
    if ds.sizes["rep"]:
        yield _utilisation(ds)
    if "sla_judged_by_hour" in ds:
        yield from (_heat(ds, str(stage)) for stage in results.broken_by_hour(ds)["stage"].values)
    yield from (_wins(ds, name) for name in results.recorded_lists(ds))


def _funnel(ds: xr.Dataset) -> Picture:
    bars = results.funnel_bars(ds)
    rows = [
        [str(bars["stage"].values[at]), bounded(bars.isel(stage=at)), number(bars["conversion"][at])]
        for at in range(bars.sizes["stage"])
    ]
    behind = table("Prospects of the period who reached each stage", ["stage", "prospects", "went on (%)"], rows)
    alt = f"Bars of those who reached each stage, {_ends(behind)}, with the share that reached the next."
    caption = "How many of those born in the period reached each stage by its end"
    return picture(lambda: plots.funnel(ds), caption, alt, behind)


def _ends(behind: Table) -> str:
    """From the first row to the last, in words."""
    if not behind.rows:
        return "of which there are none"
    (first, many, *_), (last, few, *_) = behind.rows[0], behind.rows[-1]
    return f"from {many.text} in {first.text} to {few.text} in {last.text}"


def _flow(ds: xr.Dataset) -> Picture:
    ways = flow_map(ds)
    rows = [
        [*(str(ways[name].values[at]) for name in ("of", "to")), bounded(ways.isel(way=at))]
        for at in range(ways.sizes["way"])
    ]
    behind = table("Who went where in the period", ["from", "to", "prospects"], rows)
    alt = "Bands between the stages as wide as what flows, losses falling below, those who come back from the left."
    caption = "Where prospects went in the period, whenever they were born; losses below, returns in green"
    return picture(lambda: plots.flow(ds), caption, alt, behind, is_wide=ways.sizes["stage"] > 6)


def _over_time(ds: xr.Dataset, name: str) -> Picture:
    curves = results.queue_curves(ds) if name == "queues" else results.work_curves(ds)
    what = "in line" if name == "queues" else "in stage"
    names = [str(stage) for stage in curves["stage"].values]
    rows = [
        [label, *(bounded(curves.isel(bucket=at, stage=stage)) for stage in range(len(names)))]
        for at, label in enumerate(bucket_labels(ds))
    ]
    title = f"Prospects {what}, averages of the {ds.attrs['bucket']}"
    behind = table(title, ["from", *names], rows)
    alt = f"Lines over time of the prospects {what} for each stage, with bands of 95%."
    is_printed = name == "queues"
    return picture(lambda: getattr(plots, name)(ds), f"{title}, with 95% bands", alt, behind, is_printed=is_printed)


def _responses(ds: xr.Dataset) -> Picture:
    curves = results.response_curves(ds)
    shares = [f"{100 * level:.0f}% by (h)" for level in curves["quantile"].values]
    rows = []
    for at in range(curves.sizes["stage"]):
        own = curves.isel(stage=at)
        kept = bounded(own, "within", "within_low", "within_high")
        times = [bounded(own.isel(quantile=place)) for place in range(len(shares))]
        rows.append([str(own["stage"].values), *times, str(own["promise"].values), kept, number(own["judged"])])
    head = ["stage", *shares, "promised", "kept (%)", "judged"]
    behind = table("Response times by calendar, and promises kept", head, rows)
    alt = "Lines of the share of prospects answered by each time, for each stage with a team."
    caption = "How soon prospects are answered, six quantiles of each stage, and how far promises are kept"
    return picture(lambda: plots.responses(ds), caption, alt, behind)


def _utilisation(ds: xr.Dataset) -> Picture:
    bars = results.rep_bars(ds)
    rows = [
        [str(bars["rep"].values[at]), str(bars["team"].values[at]), bounded(bars.isel(rep=at))]
        for at in range(bars.sizes["rep"])
    ]
    behind = table("Busy share of each rep's open hours", ["rep", "team", "busy (%)"], rows)
    alt = f"Bars of the busy share of each rep, {_of_reps(behind.rows)}."
    return picture(lambda: plots.utilisation(ds), "How busy each rep is", alt, behind, is_printed=False)


def _of_reps(rows: Sequence[Sequence[object]]) -> str:
    return f"{len(rows)} reps, with intervals"


def _heat(ds: xr.Dataset, stage: str) -> Picture:
    found = results.broken_by_hour(ds).sel(stage=stage)
    hours = [f"{hour}:00" for hour in found["hour"].values]
    rows = []
    for at, day in enumerate(found["weekday"].values):
        own = found.isel(weekday=at)
        rows.append([str(day), *(number(share) for share in results.percent(own["share"]).values)])
        rows.append([f"{day}, judged", *(number(judged) for judged in own["judged"].values)])
    behind = table(f"{stage}: promises broken (%), and how many were judged", ["", *hours], rows)
    alt = f"A map of weekdays and hours with the share of promises of {stage} that were broken."
    caption = f"When promises of {stage} are broken, by when the prospect came"
    return picture(lambda: plots.heat(ds, stage), caption, alt, behind, is_wide=True)


def _wins(ds: xr.Dataset, name: str) -> Picture:
    curves = results.wins_curves(ds, name)
    rows = [
        [str(curves["bucket"].values[at]), bounded(curves.isel(bucket=at)), number(curves["recorded"][at])]
        for at in range(curves.sizes["bucket"])
    ]
    behind = table(f"Wins of {name}", ["from", "simulated (deals)", "recorded (deals)"], rows)
    alt = "Bars of the wins that the list records, with simulated wins and their intervals."
    return picture(lambda: plots.wins(ds, name), f"Wins of {name}, simulated and recorded", alt, behind)
