"""The scorecard of an agreement: bucket by bucket what was promised and done, and how often each side kept to it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import xarray as xr

from funnelsim.results.estimates import PERCENT, Estimate, of_mean, of_ratio
from funnelsim.results.labels import bucket_labels

SCORE_TITLES: Final[Mapping[str, str]] = {
    "promised": "MQLs promised",
    "delivered": "MQLs delivered",
    "accepted": "accepted",
    "contacted": "contacted in time",
    "marketing": "marketing kept it",
    "sales": "sales kept it",
}

_COUNTS: Final = ("mqls_promised", "mqls_delivered", "mqls_accepted", "contacts_in_time", "contacts_judged")


@dataclass(frozen=True)
class ScoreLine:
    """A time bucket, or all of them, and estimates by those keys of SCORE_TITLES of which the agreement speaks.

    Under a side stands the share of replications in which it kept its promise; over all buckets, of buckets.
    """

    bucket: str
    estimates: Mapping[str, Estimate]


def scorecard_of(ds: xr.Dataset) -> tuple[ScoreLine, ...]:
    """A line for each bucket and one for all; none without an agreement."""
    if "side" not in ds.dims:
        return ()
    columns = _columns(ds)
    counts = [name for name in _COUNTS if name in ds]
    whole = _columns(ds[[*counts, "met"]].sum("bucket").expand_dims("bucket"))
    for side, share in zip(ds["side"].values, of_mean(ds["share_met"], "%", PERCENT), strict=True):
        whole[str(side)] = [share]
    lines = [
        ScoreLine(label, {key: column[at] for key, column in columns.items()})
        for at, label in enumerate(bucket_labels(ds))
    ]
    return (*lines, ScoreLine("all", {key: column[0] for key, column in whole.items()}))


def _columns(ds: xr.Dataset) -> dict[str, list[Estimate]]:
    """Estimates by bucket."""
    out: dict[str, list[Estimate]] = {}
    if "mqls_promised" in ds:
        promised = ds["mqls_promised"].values.tolist()
        out["promised"] = [Estimate(each, math.nan, math.nan, "MQLs") for each in promised]
        out["delivered"] = of_mean(ds["mqls_delivered"], "MQLs")
    if "mqls_accepted" in ds:
        out["accepted"] = of_ratio(ds["mqls_accepted"], ds["mqls_delivered"], "%", PERCENT)
    if "contacts_judged" in ds:
        out["contacted"] = of_ratio(ds["contacts_in_time"], ds["contacts_judged"], "%", PERCENT)
    for side in ds["side"].values:
        out[str(side)] = of_mean(ds["met"].sel(side=side), "%", PERCENT)
    return out
