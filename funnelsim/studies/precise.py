"""A run that is made as long as its precision asks for, and how a dataset says so."""

from __future__ import annotations

import math

import xarray as xr

from funnelsim.scenario.model import Scenario
from funnelsim.studies.growing import Growing, Progress
from funnelsim.studies.paired import Bound, Sample, bounded
from funnelsim.studies.precision import Precision, precision_of
from funnelsim.studies.stopping import PROCEDURE, RELATIVE, Reached, Watch, until_precise

RUN = "run"


def simulate_until(
    scenario: Scenario,
    precision: Precision | str,
    *,
    seed: int,
    measure: str = "wins",
    level: float = 0.95,
    threads: int | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> xr.Dataset:
    """The dataset of a run whose measure is as precise as is asked for, `2%` or `0.5`; attributes say how it got there.

    ScenarioError for a measure that the run does not have, ValueError for a precision that is none.
    """
    wanted = precision_of(precision)
    # A run shows wins as they fell.
    crowd = Growing({RUN: scenario}, seed, threads, progress, expected=False)

    def more(n: int) -> list[Sample]:
        crowd.grow(n)
        return [crowd.samples(measure)[RUN]]

    reached = until_precise(more, wanted, level, watch)
    bound = bounded(crowd.samples(measure)[RUN], level, wanted.floor)
    ds = crowd.runs[RUN].assign_attrs(**said(reached, wanted, measure), **_ends(bound, level))
    return ds.assign(half_width=reached.halves[0], needed=reached.needed[0])


def _ends(bound: Bound, level: float) -> dict[str, float]:
    ends = {"value": bound.value, "low": bound.low, "high": bound.high, "level": level}
    return {f"precision_{name}": each for name, each in ends.items()}


def said(reached: Reached, precision: Precision, measure: str) -> dict[str, str | int]:
    """Attributes that say what was asked for, how it was sought and whether it was reached."""
    return {
        "precision": str(precision),
        "precision_of": measure,
        "precision_met": int(all(reached.met)),
        "precision_floor": precision.floor,
        "precision_ceiling": precision.ceiling,
        "precision_stages": ", ".join(str(n) for n in reached.sizes),
        "procedure": RELATIVE if precision.relative else PROCEDURE,
    }


def precision_sentence(ds: xr.Dataset) -> str:
    """Whether a dataset is as precise as was asked for, and how far it is where it is not; empty where nobody asked."""
    of = ds.attrs
    if "precision" not in of:
        return ""
    what, stages = f"{of['precision_of']} to within {of['precision']}", of["precision_stages"]
    spent = f"{of['replications']:,} replications"
    if of["precision_met"]:
        return f"{what}: reached with {spent} (stages: {stages}). {of['procedure']}."
    where = "the ceiling" if of["replications"] >= of["precision_ceiling"] else "for more would not do"
    return f"{what}: not reached with {spent}, {where}: {'; '.join(_short(ds))}. {of['procedure']}."


def _short(ds: xr.Dataset) -> list[str]:
    """Of what is not precise enough the half-width it has, and what it would need."""
    names = [str(name) for name in ds["policy"].values] if "policy" in ds["needed"].dims else [""]
    found = []
    for name, half, needed in zip(names, ds["half_width"].values.flat, ds["needed"].values.flat, strict=True):
        if needed > ds.attrs["replications"]:
            said = f"the half-width is {half:.3g}; {_reach(needed)}" if math.isfinite(half) else "it has no value"
            found.append(f"{name}: {said}".removeprefix(": "))
    return found


def _reach(needed: float) -> str:
    return f"about {float(f'{needed:.2g}'):,.0f} replications would do" if needed < math.inf else "no number would do"
