"""Credits of several models side by side: one dataset, by model and channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from attribution.journeys.ragged import Journeys, Reals
from attribution.models import ALL, CreditModel
from attribution.resampling import COVERS, draws, quantiles

CAVEAT = "Credit shares out conversions that were seen; it does not say what would be lost without a channel."


def credit(
    journeys: Journeys,
    models: Sequence[CreditModel] | None = None,
    *,
    interval: float | None = None,
    resamples: int = 200,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> xr.Dataset:
    """The credit of every channel by every model (default: all that the journeys suffice for).

    Variables by `model` and `channel`: `conversions`, `value` and `share` (of the model's own conversions). Attributes
    name the models that were left out and why, and rows of the source that are in no journey. With `interval`, a level
    in per cent, each variable has one `..._interval` with its ends by `bound`, from `resamples` draws of prospects;
    `progress` is told of each draw. Raises ValueError where a model that was asked for cannot be computed.
    """
    wanted, skipped, found = ALL if models is None else models, {}, {}
    used: list[CreditModel] = []
    for model in wanted:
        try:
            found[model.label] = model.credit(journeys)
            used.append(model)
        except ValueError as error:
            if models is not None:
                raise
            skipped[model.label] = str(error).partition(": ")[2] or str(error)
    shape = (len(found), len(journeys.channels))
    conversions = np.array([each.conversions for each in found.values()]).reshape(shape)
    value = np.array([each.value for each in found.values()]).reshape(shape)
    dims = ("model", "channel")
    variables: dict[str, Any] = {
        "conversions": (dims, conversions, {"units": "conversions", "long_name": "conversions credited"}),
        "value": (dims, value, {"units": "currency", "long_name": "value credited"}),
        "share": (dims, _share(conversions), {"units": "1", "long_name": "share of the conversions credited"}),
    }
    coords: dict[str, Any] = {"model": list(found), "channel": list(journeys.channels)}
    if interval is not None:
        if not 0 < interval < 100:
            raise ValueError(f"an interval of {interval:g} per cent; it lies between 0 and 100")
        drawn = draws(journeys, used, resamples=resamples, seed=seed, progress=progress)
        for name, values in (("conversions", drawn[0]), ("value", drawn[1]), ("share", _share(drawn[0]))):
            about = {**variables[name][2], "level": interval, "resamples": resamples, "covers": COVERS}
            about["long_name"] += ", interval"
            variables[f"{name}_interval"] = (("bound", *dims), quantiles(values, interval), about)
        coords["bound"] = ["low", "high"]
    return xr.Dataset(
        variables,
        coords=coords,
        attrs={
            "says": CAVEAT,
            "journeys": float(journeys.converted.sum() + journeys.lost.sum()),
            "conversions": journeys.conversions,
            "touches": journeys.n_touches,
            **{f"skipped: {name}": why for name, why in skipped.items()},
            **{f"left out: {why}": n for why, n in journeys.left_out.items()},
        },
    )


def _share(conversions: Reals) -> Reals:
    """Of all that a model credits, which may be nothing."""
    total = conversions.sum(-1, keepdims=True)
    return np.asarray(np.divide(conversions, total, out=np.zeros(conversions.shape), where=total != 0))


def disagreement(credits: xr.Dataset) -> xr.DataArray:
    """The part of all credit that two models place elsewhere, by pair: half the sum of the differences of shares."""
    share = credits["share"]
    other = share.rename(model="other")
    return (abs(share - other).sum("channel") / 2.0).assign_attrs(units="1", long_name="credit placed elsewhere")
