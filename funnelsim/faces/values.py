"""Numbers as JSON documents have them: null where there is no number."""

import math
from typing import TYPE_CHECKING, Any

from funnelsim.results.estimates import Estimate

if TYPE_CHECKING:
    import xarray as xr


def known(each: Any) -> float | None:
    """A number, or nothing: JSON has no nan and no infinity."""
    number = float(each)
    return number if math.isfinite(number) else None


def told(each: Estimate) -> dict[str, Any]:
    """An estimate with the ends of its interval and its unit."""
    return {"value": known(each.value), "low": known(each.low), "high": known(each.high), "unit": each.unit}


def ends(row: "xr.Dataset", name: str) -> list[float | None]:
    """A variable of a study with its `_low` and `_high`, where one value is left of each."""
    return [known(row[f"{name}{end}"]) for end in ("", "_low", "_high")]
