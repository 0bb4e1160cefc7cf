"""What a comparison says in plain words: only what its intervals allow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import xarray as xr

from funnelsim.studies.compare import BASELINE, verdict

MOST: Final = 3
"""Measures that a sentence names."""
FIRST: Final = ("wins", "revenue", "profit")


@dataclass(frozen=True)
class Worth:
    """What a policy brings, costs and leaves a month, each with the ends of its interval, and when it has paid for
    itself: months until what it costs once is back, nan if it never is or nothing is paid once."""

    brings: tuple[float, float, float]
    costs: tuple[float, float, float]
    leaves: tuple[float, float, float]
    once: float
    months_to_pay: float
    unit: str


def worth(ds: xr.Dataset, policy: str) -> Worth:
    """The worth of a policy."""
    own = ds.sel(policy=policy)
    terms = {
        term: tuple(float(own[name].sel(term=term)) for name in ("worth", "worth_low", "worth_high"))
        for term in ("brings", "costs", "leaves")
    }
    once, (leaves, low, _) = float(own["once"]), terms["leaves"]
    months = once / leaves if once > 0 and low > 0 else math.nan
    return Worth(terms["brings"], terms["costs"], terms["leaves"], once, months, str(ds["worth"].attrs["units"]))  # type: ignore[arg-type]


def headline(ds: xr.Dataset) -> str:
    """What the comparison comes to: the policy that leaves most, if an interval says that it leaves anything."""
    names = [str(name) for name in ds["policy"].values if name != BASELINE]
    if not names:
        return "There is no policy to compare."
    best = max(names, key=lambda name: worth(ds, name).leaves[0])
    return sentence(ds, best)


def sentence(ds: xr.Dataset, policy: str) -> str:
    """What changes under a policy, and whether it pays."""
    changes = [said for name in FIRST[:2] if (said := _change(ds, policy, name))]
    what = " and ".join(changes) if changes else "wins and revenue do not differ"
    return f"{policy}: {what}. {_pays(ds, policy)}"


def _change(ds: xr.Dataset, policy: str, measure: str) -> str:
    """`4.9 more wins (4.4 to 5.3)`, or that the interval does not say; nothing where nothing differs."""
    cell = ds.sel(policy=policy, measure=measure)
    value, low, high = (float(cell[name]) for name in ("difference", "difference_low", "difference_high"))
    if value == low == high == 0.0:
        return ""
    unit = "wins" if measure == "wins" else str(cell["unit"].values) + " of revenue"
    if math.isnan(low):
        return f"{digits(abs(value), abs(value))} {'more' if value > 0 else 'fewer'} {unit} in one replication"
    if verdict(ds, policy, measure) == 0:
        return f"no difference in {measure} that is known ({span(low, high)} {cell['unit'].values})"
    more = "more" if value > 0 else "fewer" if measure == "wins" else "less"
    ends = sorted((abs(low), abs(high)))
    return f"{digits(abs(value), ends[1] - ends[0])} {more} {unit} ({span(*ends)})"


def _pays(ds: xr.Dataset, policy: str) -> str:
    """Whether it pays."""
    found = worth(ds, policy)
    leaves, low, high = found.leaves
    brings, costs = found.brings[0], found.costs[0]
    width = high - low
    brought = f"It {'brings' if brings >= 0 else 'loses'} {digits(abs(brings), width)}"
    money = f"{brought} and {'costs' if costs >= 0 else 'saves'} {digits(abs(costs), width)} {found.unit}"
    if math.isnan(low):
        return f"{money}; one replication does not say how sure that is."
    if low > 0:
        back = (
            "" if math.isnan(found.months_to_pay) else f", which pays back in {digits(found.months_to_pay, 1)} months"
        )
        return f"{money}: it pays, by {digits(leaves, width)} a month ({span(low, high)}){back}."
    if high < 0:
        return f"{money}: it does not pay, by {digits(-leaves, width)} a month ({span(-high, -low)} short)."
    if leaves == low == high:
        return f"{money}: it leaves what the baseline leaves."
    return f"{money}: whether it pays is not known ({span(low, high)} a month)."


def span(low: float, high: float) -> str:
    """`4.4 to 5.3`, with as many digits as the width asks for."""
    return f"{digits(low, high - low)} to {digits(high, high - low)}"


def digits(value: float, width: float) -> str:
    """A number with two digits of the width of its interval; thousands apart."""
    if not math.isfinite(value):
        return "unknown"
    if value == width == 0:
        return "0"
    # No more than two digits of the width, and no fewer than the value's first.
    # A width that comes from rounding is none.
    scale = width if width > 1e-9 * abs(value) and math.isfinite(width) else max(abs(value), 1.0) / 100
    last = min(6, 1 - math.floor(math.log10(scale)))
    return f"{round(value, last) + 0.0:,.{max(0, last)}f}"
