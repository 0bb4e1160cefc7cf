"""Credits of several models side by side: one dataset, by model and channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from attribution.journeys.ragged import Journeys
from attribution.models import ALL, CreditModel

CAVEAT = "Credit shares out conversions that were seen; it does not say what would be lost without a channel."


def credit(
    journeys: Journeys,
    models: Sequence[CreditModel] | None = None,
    *,
    progress: Callable[[str], None] | None = None,
) -> xr.Dataset:
    """The credit of every channel by every model (default: all that the journeys suffice for).

    Variables by `model` and `channel`: `conversions`, `value` and `share` (of the model's own conversions). Attributes
    name the models that were left out and why, and rows of the source that are in no journey. Raises ValueError where a
    model that was asked for cannot be computed.
    """
    wanted, skipped, found = ALL if models is None else models, {}, {}
    for model in wanted:
        if progress is not None:
            progress(model.label)
        try:
            found[model.label] = model.credit(journeys)
        except ValueError as error:
            if models is not None:
                raise
            skipped[model.label] = str(error).partition(": ")[2] or str(error)
    shape = (len(found), len(journeys.channels))
    conversions = np.array([each.conversions for each in found.values()]).reshape(shape)
    value = np.array([each.value for each in found.values()]).reshape(shape)
    total = conversions.sum(1, keepdims=True)
    share = np.divide(conversions, total, out=np.zeros(shape), where=total != 0)
    dims = ("model", "channel")
    return xr.Dataset(
        {
            "conversions": (dims, conversions, {"units": "conversions", "long_name": "conversions credited"}),
            "value": (dims, value, {"units": "currency", "long_name": "value credited"}),
            "share": (dims, share, {"units": "1", "long_name": "share of the conversions credited"}),
        },
        coords={"model": list(found), "channel": list(journeys.channels)},
        attrs={
            "says": CAVEAT,
            "journeys": float(journeys.converted.sum() + journeys.lost.sum()),
            "conversions": journeys.conversions,
            "touches": journeys.n_touches,
            **{f"skipped: {name}": why for name, why in skipped.items()},
            **{f"left out: {why}": n for why, n in journeys.left_out.items()},
        },
    )


def disagreement(credits: xr.Dataset) -> xr.DataArray:
    """The part of all credit that two models place elsewhere, by pair: half the sum of the differences of shares."""
    share = credits["share"]
    other = share.rename(model="other")
    return (abs(share - other).sum("channel") / 2.0).assign_attrs(units="1", long_name="credit placed elsewhere")
