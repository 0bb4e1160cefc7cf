"""Credits of several models side by side: one dataset, by model and channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from attribution.crediting import Credits, credits_of
from attribution.groups import apart
from attribution.journeys.pieces import Pieces
from attribution.journeys.ragged import Journeys, Reals
from attribution.models import CreditModel
from attribution.resampling import COVERS, draws, quantiles

CAVEAT = "Credit shares out conversions that were seen; it does not say what would be lost without a channel."


def credit(
    journeys: Journeys | Pieces,
    models: Sequence[CreditModel] | None = None,
    *,
    by: str | None = None,
    interval: float | None = None,
    resamples: int = 200,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> xr.Dataset:
    """The credit of every channel by every model (default: all that the journeys suffice for).

    Variables by `model` and `channel`: `conversions`, `value` and `share` (of the model's own conversions). Attributes
    name the models that were left out and why, and rows of the source that are in no journey. `by` adds a dimension,
    `segment` or `day`, `week`, `month`, `quarter`, `year` of the journeys' ends: each is credited by itself. With
    `interval`, a level
    in per cent, each variable has one `..._interval` with its ends by `bound`, from `resamples` draws of prospects;
    `progress` is told of each draw, or of each piece. Raises ValueError where a model that was asked for cannot be
    computed.
    """
    if interval is not None and not 0 < interval < 100:
        raise ValueError(f"an interval of {interval:g} per cent; it lies between 0 and 100")
    if by is not None:
        return _credit_by(journeys, models, by, interval, resamples, seed, progress)
    found = credits_of(journeys, models, None if interval is not None else progress)
    drawn = None
    if interval is not None:
        drawn = draws(journeys, found.models, resamples=resamples, seed=seed, progress=progress)
    return _dataset(found, drawn, interval or 0.0)


def _dataset(found: Credits, drawn: tuple[Reals, Reals] | None, level: float) -> xr.Dataset:
    """Credits, and what came out of draws, as a labelled dataset."""
    shape = (len(found.models), len(found.channels))
    conversions = np.array([each.conversions for each in found.found.values()]).reshape(shape)
    value = np.array([each.value for each in found.found.values()]).reshape(shape)
    dims = ("model", "channel")
    variables: dict[str, Any] = {
        "conversions": (dims, conversions, {"units": "conversions", "long_name": "conversions credited"}),
        "value": (dims, value, {"units": "currency", "long_name": "value credited"}),
        "share": (dims, _share(conversions), {"units": "1", "long_name": "share of the conversions credited"}),
    }
    coords: dict[str, Any] = {"model": list(found.found), "channel": list(found.channels)}
    if drawn is not None:
        for name, values in (("conversions", drawn[0]), ("value", drawn[1]), ("share", _share(drawn[0]))):
            about = {**variables[name][2], "level": level, "resamples": values.shape[0], "covers": COVERS}
            about["long_name"] += ", interval"
            variables[f"{name}_interval"] = (("bound", *dims), quantiles(values, level), about)
        coords["bound"] = ["low", "high"]
    return xr.Dataset(variables, coords=coords, attrs=_attributes(found))


def _credit_by(
    journeys: Journeys | Pieces,
    models: Sequence[CreditModel] | None,
    by: str,
    interval: float | None,
    resamples: int,
    seed: int,
    progress: Callable[[int], None] | None,
) -> xr.Dataset:
    """Credits with a dimension more; NaN where a model cannot be computed for a part, but for the whole."""
    if isinstance(journeys, Pieces):
        raise ValueError(f"by {by}: journeys in pieces are credited together; filter the log before it is dealt out")
    whole, parts, groups = credits_of(journeys, models), {}, list(apart(journeys, by))
    for at, (name, part) in enumerate(groups):
        found = credits_of(part, whole.models, strict=False)
        drawn = None if interval is None else draws(part, found.models, resamples=resamples, seed=seed)
        if progress is not None:
            # All groups together are as long as one whole.
            progress(resamples * (at + 1) // len(groups) - resamples * at // len(groups))
        parts[name] = _dataset(found, drawn, interval or 0.0).reindex(model=[model.label for model in whole.models])
    along = xr.concat(list(parts.values()), xr.DataArray(list(parts), dims=by, name=by), combine_attrs="drop")
    for variable in along.data_vars:
        along[variable].attrs = next(iter(parts.values()))[variable].attrs
    return along.assign_attrs(_attributes(whole))


def _attributes(found: Credits) -> dict[str, Any]:
    return {
        "says": CAVEAT,
        "journeys": found.journeys,
        "conversions": found.conversions,
        "touches": found.touches,
        **{f"skipped: {name}": why for name, why in found.skipped.items()},
        **{f"left out: {why}": n for why, n in found.left_out.items()},
        **{f"noticed: {what}": n for what, n in found.noticed.items()},
    }


def _share(conversions: Reals) -> Reals:
    """Of all that a model credits, which may be nothing."""
    total = conversions.sum(-1, keepdims=True)
    return np.asarray(np.divide(conversions, total, out=np.zeros(conversions.shape), where=total != 0))


def disagreement(credits: xr.Dataset) -> xr.DataArray:
    """The part of all credit that two models place elsewhere, by pair: half the sum of the differences of shares.

    NaN beside a model that credits nobody.
    """
    share = credits["share"]
    share = share.where(share.sum("channel") != 0)
    other = share.rename(model="other")
    return (abs(share - other).sum("channel", skipna=False) / 2.0).assign_attrs(
        units="1", long_name="credit placed elsewhere"
    )
