"""What a forecast says in plain words: only what its bands and intervals allow."""

from __future__ import annotations

import math
from datetime import date
from typing import Final

import xarray as xr

from funnelsim.studies.forecast import last_day

HALF: Final = 0.5
SURE: Final = 0.95
UNITS: Final = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))


def forecast_sentence(ds: xr.Dataset) -> str:
    """Revenue with its 80% band, the chance of the target, and where most of what is not known comes from."""
    band = ds["total_band"].sel(measure="revenue").isel(month=-1)
    low, middle, high = (float(band.sel(quantile=q)) for q in (0.1, 0.5, 0.9))
    money = str(ds.attrs["currency"])
    said = [f"Revenue over {_time(ds)}: {short(middle)} {money} (80%: {_ends(low, high)})"]
    if "chance" in ds:
        chance, least, most = (float(ds[f"chance{suffix}"]) for suffix in ("", "_low", "_high"))
        of = f"the chance of {short(ds.attrs['target'])} by {ds.attrs['by']}"
        said.append(f"{of} is {percent(chance)} ({percent(least)} to {percent(most)})")
    return "; ".join([*said, source_of_doubt(ds)]) + "."


def source_of_doubt(ds: xr.Dataset) -> str:
    """Where most of what is not known comes from, if the intervals say so."""
    if not ds.sizes["assumption"]:
        return "no number has a range, so all that varies is luck"
    most, least = float(ds["assumptions_share_high"]), float(ds["assumptions_share_low"])
    names = [str(name) for name in ds["assumption"].values]
    order = sorted(range(len(names)), key=lambda at: -_known(float(ds["explained"][at])))
    top = ds.isel(assumption=order[0])
    if most < HALF:
        return "most of what is not known is luck"
    if float(top["explained_low"]) > HALF:
        return f"most of what is not known comes from {names[order[0]]}"
    if float(top["comes_first"]) >= SURE:
        ends = f"{percent(float(top['explained_low']))} to {percent(float(top['explained_high']))}"
        share = percent(float(top["explained"]))
        return f"{names[order[0]]} matters most, with {share} of the variance ({ends})"
    if least > HALF:
        return "most of what is not known comes from the assumptions, and none of them stands out"
    return "what it hangs on most is not known: no assumption stands out"


def _known(x: float) -> float:
    return -1.0 if math.isnan(x) else x


def _time(ds: xr.Dataset) -> str:
    """The length of a forecast: `12 months`, or the days from the first to the last."""
    first, last = date.fromisoformat(str(ds["month"].values[0])[:10]), last_day(ds)
    after = date.fromordinal(last.toordinal() + 1)
    months = (after.year - first.year) * 12 + after.month - first.month
    if after.day == first.day and months:
        return "1 month" if months == 1 else f"{months} months"
    return f"{(after - first).days} days"


def short(value: float) -> str:
    """`5.4M`, `250k`, `87`: three digits at most before the unit, and no zeros behind the point."""
    for size, unit in UNITS:
        if abs(value) >= 0.9995 * size:
            return f"{float(f'{value / size:.3g}'):g}{unit}"
    return f"{value:.3g}"


def _ends(low: float, high: float) -> str:
    return f"{short(low)} to {short(high)}"


def percent(share: float) -> str:
    """`97%`; near the ends never rounded to what is not known: above 99.9%, below 0.1%."""
    if math.isnan(share):
        return "unknown"
    value = 100.0 * share
    if 0.0 < value < 0.1:
        return "less than 0.1%"
    if 99.9 < value < 100.0:
        return "more than 99.9%"
    return f"{value:.1f}%".replace(".0%", "%") if value < 1 or value > 99 else f"{value:.0f}%"
