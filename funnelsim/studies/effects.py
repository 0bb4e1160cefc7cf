"""Differences of a comparison beside each other: each as a share of what the baseline has.

The baseline counts as known: the interval of a share is that of the difference, over the baseline's value.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from funnelsim.studies.compare import BASELINE, verdict


def effects(ds: xr.Dataset, policy: str) -> xr.Dataset:
    """By measure what a policy changes, in percent of the baseline: `mean`, `low`, `high`, nan where the baseline has
    nothing; the differences themselves, and `verdict` (1 better, -1 worse, 0 not known)."""
    own, base = ds.sel(policy=policy), np.abs(ds["value"].sel(policy=BASELINE).values)
    whole = np.where(base > 0, base, np.nan)
    names = {"mean": "difference", "low": "difference_low", "high": "difference_high"}
    shares = {name: ("measure", 100 * own[of].values / whole) for name, of in names.items()}
    found = [verdict(ds, policy, str(measure)) for measure in ds["measure"].values]
    kept = own[[*names.values()]].drop_vars(["policy", "says", "changes", "once"], errors="ignore")
    return kept.assign({**shares, "verdict": ("measure", np.array(found))})
