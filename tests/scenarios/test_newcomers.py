"""How many prospects come on the average is known beforehand, of every scenario in which nobody brings others."""

from __future__ import annotations

import math

import numpy as np
import pytest

from funnelsim.results.simulate import simulate
from funnelsim.scenario import shelf
from funnelsim.scenario.loading import load

UNKNOWN = {"customer_success", "ecommerce_low_touch", "silo_vs_aligned", "web3_partnership"}
"""Customers bring others, or reviews move how many come."""


@pytest.mark.parametrize("name", sorted(shelf.shipped()))
def test_as_many_come_as_are_expected(name: str) -> None:
    ds = simulate(load(name), replications=40, seed=5)
    expected, found = float(ds.attrs["expected_prospects"]), ds["prospects"].values.astype(float)
    if name in UNKNOWN:
        assert math.isnan(expected)
        return
    error = found.std(ddof=1) / np.sqrt(found.size)
    z = (found.mean() - expected) / error if error else 0.0 if found.mean() == expected else math.inf
    print(f"{name}: {found.mean():.1f} of {expected:.1f}, z {z:+.2f}")
    assert abs(z) < 4
    assert error < 0.02 * expected
