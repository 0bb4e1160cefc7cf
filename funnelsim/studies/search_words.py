"""What a search comes to in words: what was chosen, what is as good, what was spent, and what is promised."""

from __future__ import annotations

import xarray as xr

from funnelsim.studies.selection import BARRED
from funnelsim.studies.sentences import digits, span


def search_sentence(ds: xr.Dataset) -> str:
    """What was chosen, and what could not be told from it."""
    of = ds.attrs
    kept = f" that keeps {of['limits']}" if of["limits"] else ""
    what = f"{'least' if of['sense'] < 0 else 'most'} {of['wanted']}"
    if not of["chosen"]:
        broken = int((ds["fate"] == BARRED).sum())
        return f"None of the {ds.sizes['candidate']} candidates is chosen: {broken} break a limit ({of['limits']})."
    own = ds.sel(candidate=of["chosen"])
    said = "; ".join(_value(own.sel(measure=name)) for name in map(str, ds["measure"].values))
    rivals = [str(name) for name in ds["candidate"].values[ds["rival"].values]]
    few = "; ".join(rivals[:4]) + (f"; and {len(rivals) - 4} more" if len(rivals) > 4 else "")
    unit = str(ds["unit"].sel(measure=of["wanted"]).values)
    near = f" Less than {digits(of['delta'], of['delta'])} {unit} behind: {few}." if rivals else ""
    return f"Chosen for the {what}{kept}: {of['chosen']} ({said}).{near}"


def _value(cell: xr.Dataset) -> str:
    value, low, high = (float(cell[name]) for name in ("value", "value_low", "value_high"))
    unit = str(cell["unit"].values)
    if low == high:
        return f"{cell['title'].values!s} {digits(value, 0.0)} {unit}"
    return f"{cell['title'].values!s} {digits(value, high - low)} {unit}, {span(low, high)}"


def promise(ds: xr.Dataset) -> str:
    """What is promised, by which procedure, and what it took."""
    of = ds.attrs
    spent = ds["spent"].values
    cost = (
        f"{int(spent.sum()):,} replications on {spent.size} candidates, {int(spent.min())} to {int(spent.max())} each. "
        f"{of['method']}."
    )
    if not of["is_sure"]:
        return f"The ceiling of {of['ceiling']:,} replications ended it: nothing is promised. {cost}"
    unit = str(ds["unit"].sel(measure=of["wanted"]).values)
    told = f"if it is better than the others by at least {digits(of['delta'], of['delta'])} {unit}"
    keeps = f", what lies within {of['tolerances']} of a limit counted either way" if of["limits"] else ""
    return f"With {100 * of['level']:g}% at least the best is chosen, {told}{keeps}. {cost}"
