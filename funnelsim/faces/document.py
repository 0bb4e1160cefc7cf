"""A run as one JSON document: metrics with interval and unit, null where there is nothing."""

from collections.abc import Mapping
from typing import Any

import xarray as xr

from funnelsim.faces.values import told
from funnelsim.results.estimates import Estimate
from funnelsim.results.summary import PathLines, Replay, Summary
from funnelsim.results.views import ViewSummary

_SAID = (
    "name", "seed", "first", "replications", "engine", "stream_version", "package_version", "start", "measured_from",
    "measured_until", "currency", "bucket", "tick", "events", "prospects", "most_at_once", "created",
)  # fmt: skip


def document(ds: xr.Dataset, found: Summary, view: ViewSummary | None = None) -> dict[str, Any]:
    """Everything `run` has to say, for programs; `view` only where one was asked for."""
    return {
        "run": {key: ds.attrs[key] for key in _SAID},
        "level": 0.95,
        "totals": _estimates(found.totals),
        "stages": [
            {"stage": line.stage, "kind": line.kind, "team": line.team or None, **_estimates(line.estimates)}
            for line in found.stages
        ],
        "ledger": _estimates(found.ledger),
        "channels": [{"channel": name, **_estimates(row)} for name, row in found.channels.items()],
        "bottleneck": {
            "team": found.bottleneck.team or None,
            "stages": list(found.bottleneck.stages),
            "utilisation": _estimate(found.bottleneck.utilisation),
            "queue_per_win": _estimate(found.bottleneck.queue),
            "sentence": found.bottleneck.sentence,
        },
        "replays": [_replay(replay) for replay in found.replays],
        "agreement": [{"from": line.bucket, **_estimates(line.estimates)} for line in found.scorecard],
        "discovery": [{"stage": line.stage, **_estimates(line.estimates)} for line in found.discovery],
        "reviews": [
            {"moves": line.dial, "first": _estimate(line.first), "last": _estimate(line.last)} for line in found.dials
        ],
        "paths": None if found.paths is None else _paths(found.paths),
        "records": [
            {
                "milestone": line.milestone,
                "true": _estimate(line.true),
                "reported": _estimates(line.reported),
                "unified": _estimate(line.unified),
            }
            for line in found.records
        ],
        **({} if view is None else {"view": _view(view)}),
    }


def _view(view: ViewSummary) -> dict[str, Any]:
    return {
        "name": view.view,
        "words": [
            {
                "word": line.word,
                "stages": list(line.stages),
                "funnel": {**_estimates(line.funnel), "reached_at_most": _estimate(line.at_most)},
                "pipeline": _estimates(line.pipeline),
            }
            for line in view.words
        ],
    }


def _estimates(found: Mapping[str, Estimate]) -> dict[str, Any]:
    return {name: _estimate(each) for name, each in found.items()}


def _estimate(each: Estimate) -> dict[str, Any] | None:
    if not each.known:
        return None
    return told(each)


def _paths(found: PathLines) -> dict[str, Any]:
    return {
        "share_anonymous": _estimate(found.share_anonymous),
        "share_before_sales": _estimate(found.share_before_sales),
        "rep_changes": [{"team": team, "per_prospect": _estimate(each)} for team, each in found.rep_changes.items()],
    }


def _replay(replay: Replay) -> dict[str, Any]:
    return {
        "channel": replay.channel,
        "leads_read": replay.read,
        "leads_outside": replay.skipped,
        "recorded_wins_elsewhen": replay.elsewhen,
        "wins": [
            {"from": line.bucket, "simulated": _estimate(line.simulated), "recorded": line.recorded}
            for line in replay.lines
        ],
        "total": {
            "span": replay.span or None,
            "simulated": _estimate(replay.total.simulated),
            "recorded": replay.total.recorded,
        },
    }
