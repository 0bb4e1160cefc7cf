"""What would have to be true: the value of each assumption from which on another policy is the one to choose.

Every assumption is moved over its range by itself, the others at their medians, on the same people. The policy that
leaves most a month is the one to choose; where that changes, the assumption turns. Between the points that were run,
differences are taken to be straight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.results.simulate import simulate
from funnelsim.scenario.loading import with_values
from funnelsim.scenario.model import Scenario
from funnelsim.studies.measures import measures, months
from funnelsim.studies.paired import Sample, difference
from funnelsim.studies.sentences import digits, span
from funnelsim.studies.tornado import KEPT, Progress, assumed
from funnelsim.studies.variants import BASELINE, Policies, Variant, variants

KIND: Final = "turning points"
LEVELS: Final = (0.005, 0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 0.995)
"""Where in its law an assumption is tried."""
MIDDLE: Final = LEVELS.index(0.5)
Reals = NDArray[np.float64]


def turning_points(
    scenario: Scenario,
    policies: Policies | None = None,
    *,
    seed: int,
    replications: int = 50,
    level: float = 0.95,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """For each assumption where the policy to choose changes, the turn nearest to its median: `turns_at`, with the ends
    of its interval, and `to`, the policy beyond it; nan and empty where it does not.

    `leaves` is what each policy leaves a month, by policy, assumption and point; `at` the values that were tried. The
    attribute `chosen` names the policy at the medians. Raises ScenarioError where nothing is assumed with a range, and
    with the problems of all policies.
    """
    items = assumed(scenario)
    variants(scenario, policies)
    levels = np.array(LEVELS)
    at = np.stack([each.quantile(levels) for each in items])
    leaves: list[list[Reals]] = []
    about: dict[str, Any] = {}
    for row, each in enumerate(items):
        by_point = []
        for value in at[row]:
            moved = with_values(scenario, {each.path: float(value)})
            found, about = _leaves(moved, variants(moved, policies), replications, seed, threads, progress)
            by_point.append(found)
        leaves.append(by_point)
    # By policy, assumption, point and replication.
    table = np.moveaxis(np.array(leaves), 2, 0)
    return _dataset(table, at, items, [BASELINE, *(each.name for each in variants(scenario, policies))], about, level)


def runs(scenario: Scenario, policies: Policies | None) -> int:
    """How many runs the turning points of a scenario take."""
    return len(scenario.assumptions) * len(LEVELS) * (1 + len(variants(scenario, policies)))


def _leaves(
    scenario: Scenario,
    chosen: list[Variant],
    replications: int,
    seed: int,
    threads: int | None,
    progress: Progress | None,
) -> tuple[Reals, dict[str, Any]]:
    """What the baseline and each policy leave a month, by policy and replication."""
    rows, about = [], {}
    for each in (Variant(BASELINE, scenario), *chosen):
        ds = simulate(
            each.scenario, replications=replications, seed=seed, threads=threads, progress=progress, expected=True
        )
        rows.append(measures(ds)["profit"].top / months(ds) - each.cost)
        about = {name: ds.attrs[name] for name in KEPT}
    return np.array(rows), about


@dataclass(frozen=True)
class Turn:
    """Where the policy to choose changes, with the ends of its interval, and the policy beyond."""

    at: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    to: int = -1


def turn_of(leaves: Reals, at: Reals, level: float) -> Turn:
    """The turn nearest to the middle, from what policies leave by policy, point and replication; points ascend."""
    best = leaves.mean(-1).argmax(0)
    chosen = int(best[MIDDLE])
    for step in range(1, at.size):
        for here, there in ((MIDDLE + step - 1, MIDDLE + step), (MIDDLE - step + 1, MIDDLE - step)):
            if 0 <= there < at.size and best[there] != chosen and best[here] == chosen:
                return _between(leaves, at, chosen, int(best[there]), level)
    return Turn()


def _between(leaves: Reals, at: Reals, one: int, other: int, level: float) -> Turn:
    """Where two policies leave the same: the crossing nearest to the middle, and those of the ends of intervals."""
    bounds = [difference(Sample(leaves[one, point]), Sample(leaves[other, point]), level) for point in range(at.size)]
    crossing = _crossing(at, np.array([each.value for each in bounds]))
    ends = [
        _crossing(at, np.array(numbers)) for numbers in ([each.low for each in bounds], [each.high for each in bounds])
    ]
    # An end that lies nowhere in what was tried is not known.
    low, high = (np.nanmin(ends), np.nanmax(ends)) if np.isfinite(ends).all() else (float("nan"), float("nan"))
    return Turn(crossing, float(low), float(high), other)


def _crossing(x: Reals, y: Reals) -> float:
    """Where a broken line crosses 0, nearest to the middle point; nan if it does not."""
    found = [
        float(x[at] + (x[at + 1] - x[at]) * y[at] / (y[at] - y[at + 1]))
        for at in range(x.size - 1)
        if y[at] * y[at + 1] <= 0 and y[at] != y[at + 1]
    ]
    return min(found, key=lambda each: abs(each - x[MIDDLE])) if found else float("nan")


def _dataset(
    table: Reals, at: Reals, items: tuple[Any, ...], names: list[str], about: dict[str, Any], level: float
) -> xr.Dataset:
    turns = [turn_of(table[:, row], at[row], level) for row in range(len(items))]
    money = f"{about['currency']} / mo"
    chosen = names[int(table[:, 0, MIDDLE].mean(-1).argmax())]
    own = {"units": "as the assumption"}
    variables = {
        "turns_at": ("assumption", [each.at for each in turns], own),
        "turns_at_low": ("assumption", [each.low for each in turns], own),
        "turns_at_high": ("assumption", [each.high for each in turns], own),
        "to": ("assumption", [names[each.to] if each.to >= 0 else "" for each in turns]),
        "leaves": (("policy", "assumption", "point"), table.mean(-1), {"units": money}),
        "at": (("assumption", "point"), at, own),
    }
    coords = {
        "assumption": [each.path for each in items],
        "unit": ("assumption", [each.unit for each in items]),
        "centre": ("assumption", [each.centre for each in items]),
        "policy": names,
        "point": list(LEVELS),
    }
    title = f"funnelsim: {about['name']}, what would have to be true"
    return xr.Dataset(variables, coords, {**about, "kind": KIND, "title": title, "chosen": chosen, "level": level})


def sentences(ds: xr.Dataset) -> list[str]:
    """What would have to be true, an assumption a sentence; those that change nothing together in the last one."""
    chosen, firm, out = ds.attrs["chosen"], [], []
    for name in map(str, ds["assumption"].values):
        row = ds.sel(assumption=name)
        if not str(row["to"].values):
            firm.append(name)
            continue
        turn, low, high = (float(row[key]) for key in ("turns_at", "turns_at_low", "turns_at_high"))
        unit, centre = str(row["unit"].values), float(row["centre"])
        side = "above" if turn > centre else "below"
        known = f" ({span(low, high)})" if low == low else ""
        width = high - low if low == low else abs(turn - centre) / 10
        out.append(
            f"{name}: {row['to'].values} instead of {chosen} {side} {digits(turn, width)} {unit}{known}; "
            f"{digits(centre, width)} is assumed.".replace("  ", " ")
        )
    if firm:
        out.append(f"{chosen} stays the one to choose over the whole range of {', '.join(firm)}.")
    return out
