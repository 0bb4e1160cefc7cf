"""Policies beside a baseline on the same people: one dataset, by policy, measure and replication.

Every draw is addressed by its prospect, so a policy meets the same people, and a pair of replications differs only by
what the policy does. With several policies, intervals of differences hold for all of them at once, each measure by
itself (Bonferroni).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.scenario.model import Scenario
from funnelsim.studies.growing import Growing, Progress
from funnelsim.studies.measures import HIGHER, Measure, margin, measures, months
from funnelsim.studies.paired import Bound, Pair, Sample, bounded, difference, gain
from funnelsim.studies.precise import said
from funnelsim.studies.precision import Precision, precision_of
from funnelsim.studies.stopping import Watch, until_precise
from funnelsim.studies.variants import BASELINE, Policies, Variant, variants

KIND: Final = "comparison"
KEPT: Final = (
    "name", "scenario", "scenario_file", "seed", "first", "replications", "currency", "package_version",
    "stream_version", "measured_from", "measured_until", "created",
)  # fmt: skip
"""Attributes of the baseline's run that a comparison has as well."""
Reals = NDArray[np.float64]


def compare(
    scenario: Scenario,
    policies: Policies | None = None,
    *,
    seed: int,
    replications: int = 100,
    level: float = 0.95,
    precision: Precision | str | None = None,
    measure: str = "wins",
    expected: bool = True,
    threads: int | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> xr.Dataset:
    """The baseline and its policies (default: those of the scenario), run on the same people.

    With `expected`, wins and revenue are sums of chances where nothing but coins is left (rules/expectation.py), and
    the luck of how many prospects came is taken out where their expected number is known.

    With a precision, `2%` or `0.5`, there are as many replications as the differences of a measure need (stopping.py).

    `value`, `difference` (policy less baseline) and their `_low` and `_high` by `policy` and `measure`, the baseline
    first; `gain` says how many times more replications independent runs that count coins would need. `top` and
    `bottom` hold every replication. Money by the month stands in `worth`: what a policy brings, costs and leaves a
    month. Raises ScenarioError with the problems of all policies.
    """
    chosen = variants(scenario, policies)
    scenarios = {BASELINE: scenario} | {each.name: each.scenario for each in chosen}
    crowd = Growing(scenarios, seed, threads, progress, expected)
    if precision is None:
        crowd.grow(replications)
        return compared(crowd.runs, chosen, level)
    wanted = precision_of(precision)
    reached = until_precise(lambda n: _pairs(crowd, n, measure), wanted, level, watch)
    ds = compared(crowd.runs, chosen, level, wanted.floor).assign_attrs(said(reached, wanted, measure))
    for name, numbers in (("half_width", reached.halves), ("needed", reached.needed)):
        # The baseline is not compared with itself.
        ds[name] = ("policy", np.array([0.0, *numbers]))
    return ds


def _pairs(crowd: Growing, more: int, measure: str) -> list[Pair]:
    """Of each policy its measure beside the baseline's, after more replications."""
    crowd.grow(more)
    samples = crowd.samples(measure)
    return [Pair(sample, samples[BASELINE]) for name, sample in samples.items() if name != BASELINE]


def compared(
    runs: Mapping[str, xr.Dataset], chosen: Sequence[Variant], level: float = 0.95, first: int | None = None
) -> xr.Dataset:
    """The comparison of runs that are there, the baseline among them; all have the same seed and replications.

    With `first` spreads are those of the first replications alone, which decided how many there are.
    """
    samples = {name: measures(ds) for name, ds in runs.items()}
    base = samples[BASELINE]
    # What only some have cannot be compared: a team that a policy brings in, a promise that it makes.
    keys = [name for name in base if all(name in each for each in samples.values())]
    order = [BASELINE, *(each.name for each in chosen)]
    shared = 1.0 - (1.0 - level) / max(1, len(chosen))
    control = control_of(runs[BASELINE])
    bounds = {
        name: {key: _bounds(samples[name][key], base[key], level, shared, first, control) for key in keys}
        for name in order
    }
    dims = ("policy", "measure")
    variables: dict[str, Any] = {}
    for place, part in enumerate(("value", "difference")):
        for field, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
            numbers = [[getattr(bounds[name][key][place], field) for key in keys] for name in order]
            variables[part + suffix] = (dims, np.array(numbers), {"units": "as the measure"})
    coins = {name: measures(ds, coins=True) for name, ds in runs.items()}
    gains = [
        [_gain(samples[name][key], base[key], coins[name][key], coins[BASELINE][key], control) for key in keys]
        for name in order
    ]
    about = "times as many replications independent runs that count coins would need"
    variables["gain"] = (dims, np.array(gains), {"units": "1", "long_name": about})
    for field in ("top", "bottom"):
        numbers = [[_numbers(samples[name][key], field) for key in keys] for name in order]
        variables[field] = ((*dims, "replication"), np.array(numbers), {"units": "as the measure"})
    variables |= _worth(runs, chosen, order, shared, first)
    return xr.Dataset(
        variables,
        _coordinates(order, [base[key] for key in keys], chosen, runs),
        _attributes(runs, level, chosen, first),
    )


def _sample(measure: Measure) -> Sample:
    return Sample(measure.top, measure.bottom)


def _gain(own: Measure, base: Measure, own_coins: Measure, base_coins: Measure, control: Reals | None) -> float:
    apart = Pair(_sample(own_coins), _sample(base_coins))
    return gain(Pair(_sample(own), _sample(base)), apart, control)


def _numbers(measure: Measure, field: str) -> Reals:
    found: Reals | None = getattr(measure, field)
    return np.ones(measure.top.size) if found is None else found


def control_of(ds: xr.Dataset) -> Reals | None:
    """By how many more prospects came than are expected, by replication; None where that is not known or not wanted."""
    if "expected_wins" not in ds or np.isnan(ds.attrs["expected_prospects"]):
        return None
    return np.asarray(ds["prospects"].values - ds.attrs["expected_prospects"])


def _bounds(
    measure: Measure, base: Measure, level: float, shared: float, first: int | None, control: Reals | None
) -> tuple[Bound, Bound]:
    """Of the value, and of the difference from the baseline, which is none for the baseline itself."""
    sample = _sample(measure)
    return bounded(sample, level, first), difference(sample, _sample(base), shared, first, control)


def _worth(
    runs: Mapping[str, xr.Dataset],
    chosen: Sequence[Variant],
    order: Sequence[str],
    level: float,
    first: int | None,
) -> dict[str, Any]:
    """What a policy brings, costs and leaves a month, beyond the baseline, by policy and term."""
    base = measures(runs[BASELINE])
    running, control = {each.name: each.cost for each in chosen}, control_of(runs[BASELINE])
    rows = []
    for name in order:
        own, n_months, left = measures(runs[name]), months(runs[name]), margin(runs[name])
        row = []
        for term in TERMS:
            sample, beside = (_by_month(each, term, n_months, left) for each in (own, base))
            bound = difference(sample, beside, level, first, control)
            extra = {"brings": 0.0, "costs": running.get(name, 0.0), "leaves": -running.get(name, 0.0)}[term]
            row.append((bound.value + extra, bound.low + extra, bound.high + extra))
        rows.append(row)
    table = np.array(rows)
    unit = {"units": f"{runs[BASELINE].attrs['currency']} / mo"}
    return {
        f"worth{suffix}": (("policy", "term"), table[:, :, at], unit) for at, suffix in enumerate(("", "_low", "_high"))
    }


TERMS: Final = ("brings", "costs", "leaves")


def _by_month(found: Mapping[str, Measure], term: str, n_months: float, left: float) -> Sample:
    if term == "brings":
        return Sample(left * found["revenue"].top / n_months)
    return Sample((found["cost"] if term == "costs" else found["profit"]).top / n_months)


def _coordinates(
    order: Sequence[str], base: Sequence[Measure], chosen: Sequence[Variant], runs: Mapping[str, xr.Dataset]
) -> dict[str, Any]:
    by_name = {each.name: each for each in chosen}
    return {
        "policy": list(order),
        "says": ("policy", [by_name[name].says if name in by_name else "" for name in order]),
        "changes": ("policy", [_written(by_name.get(name)) for name in order]),
        "once": ("policy", [by_name[name].once if name in by_name else 0.0 for name in order]),
        "measure": [each.name for each in base],
        "title": ("measure", [each.title for each in base]),
        "unit": ("measure", [each.unit for each in base]),
        "better": ("measure", [each.better for each in base]),
        "is_ratio": ("measure", [each.is_ratio for each in base]),
        "term": list(TERMS),
        "replication": runs[BASELINE]["replication"].values,
    }


def _written(variant: Variant | None) -> str:
    """Its changes as a JSON text."""
    return "" if variant is None or variant.changes is None else json.dumps(variant.changes, default=str)


def _attributes(
    runs: Mapping[str, xr.Dataset], level: float, chosen: Sequence[Variant], first: int | None
) -> dict[str, Any]:
    of = runs[BASELINE].attrs
    kept = {name: of[name] for name in KEPT}
    method = "Student's t and jackknife over pairs of replications"
    if first is not None:
        method += f", with the spread of the first {first}"
    elif control_of(runs[BASELINE]) is not None:
        method += ", on a line against the number of prospects, whose mean is known"
    if "expected_wins" in runs[BASELINE]:
        method += "; wins and revenue counted by their chances where only coins are left"
    if len(chosen) > 1:
        method += f"; differences of all {len(chosen)} policies at once, each measure by itself (Bonferroni)"
    return {**kept, "kind": KIND, "title": f"funnelsim: {of['name']}, policies", "level": level, "method": method}


def verdict(ds: xr.Dataset, policy: str, measure: str) -> int:
    """1 if the interval says that a policy is better by a measure, -1 that it is worse, 0 that it does not say."""
    cell = ds.sel(policy=policy, measure=measure)
    better = int(cell["better"])
    if float(cell["difference_low"]) > 0:
        return better
    return -better if float(cell["difference_high"]) < 0 else 0


__all__ = ["BASELINE", "HIGHER", "KIND", "compare", "compared", "verdict"]
