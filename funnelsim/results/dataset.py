"""One labelled dataset a run: every metric with its unit and long name, and all that is needed to run it again."""

from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import xarray as xr

from funnelsim.chance.streams import STREAM_VERSION
from funnelsim.plan.newcomers import expected_newcomers
from funnelsim.results.agreement import agreement
from funnelsim.results.capacity import capacity
from funnelsim.results.customers import customers
from funnelsim.results.discovery import discovery
from funnelsim.results.expectation import expectation
from funnelsim.results.feedback import feedback
from funnelsim.results.flows import flows
from funnelsim.results.labels import coordinates
from funnelsim.results.ledger import ledger
from funnelsim.results.lifetime import lifetime
from funnelsim.results.milestones import milestones
from funnelsim.results.money import money
from funnelsim.results.replayed import replayed
from funnelsim.results.run import COUNT, Run, Variable, variable
from funnelsim.results.score_quality import score_quality
from funnelsim.results.times import times
from funnelsim.results.touches import touches

_OF_MONEY = (money, expectation, ledger, milestones, customers, lifetime)


def dataset_of(run: Run) -> xr.Dataset:
    """The dataset of a run."""
    variables: dict[str, Variable] = {}
    for part in (flows, times, capacity, touches, discovery, feedback, *_OF_MONEY, agreement, score_quality):
        variables |= part(run)
    variables |= _engine_counts(run)
    lists, list_names = replayed(run)
    coords = coordinates(run) | list_names
    dataset = xr.Dataset({**variables, **lists}, coords=coords)
    return dataset.assign_attrs(_attributes(run))


def package_version() -> str:
    """The version of this package."""
    try:
        return version("funnelsim")
    except PackageNotFoundError:
        return "0+unknown"


def _engine_counts(run: Run) -> dict[str, Variable]:
    totals = run.tally["totals"]
    return {
        "events": variable("replication", totals[:, 0], COUNT, "events, warm-up included"),
        "prospects_in_all": variable("replication", totals[:, 1], COUNT, "prospects, warm-up included"),
        "most_at_once": variable("replication", totals[:, 2], COUNT, "most prospects in flight at once"),
    }


def _attributes(run: Run) -> dict[str, str | int | float]:
    """Inputs, seed and versions; times as in the scenario, without a zone."""
    timeline, totals = run.compiled.timeline, run.tally["totals"]
    return {
        "name": run.scenario.name,
        "title": f"funnelsim: {run.scenario.name}",
        "scenario": run.scenario.model_dump_json(warnings="none"),
        "scenario_file": source_text(run.scenario.file),
        "seed": run.seed,
        "first": run.first,
        "replications": run.n,
        "engine": run.engine,
        "stream_version": STREAM_VERSION,
        "package_version": package_version(),
        "start": timeline.start.isoformat(),
        "measured_from": timeline.when(timeline.warmup).isoformat(),
        "measured_until": timeline.end.isoformat(),
        "horizon": timeline.horizon,
        "tick": timeline.tick,
        "currency": run.scenario.currency,
        "bucket": run.scenario.bucket,
        "events": int(totals[:, 0].sum()),
        "prospects": int(totals[:, 1].sum()),
        "expected_prospects": expected_newcomers(run.scenario, run.compiled.plan, timeline.warmup, timeline.horizon),
        "most_at_once": int(totals[:, 2].max(initial=0)),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def source_text(file: Path | None) -> str:
    """The text of the scenario's file, empty where there is none; overrides are only in `scenario`."""
    try:
        return "" if file is None else file.read_text("utf-8", errors="replace")
    except OSError:
        return ""
