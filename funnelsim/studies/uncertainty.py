"""What is uncertain beside what is random: draws of the assumptions, each run several times, and the variance split.

Draw k runs replications k R, k R + 1, ... of the seed: luck is another one in every draw, so that it averages out and
is never taken for what an assumption does. The variance is split by one-way random effects (Searle, Casella and
McCulloch 1992, chapter 3): between draws stand the assumptions, within them luck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from funnelsim.results.simulate import simulate
from funnelsim.scenario.model import Scenario
from funnelsim.studies.draws import draw_assumptions, with_values
from funnelsim.studies.measures import measures

KIND: Final = "uncertainty"
DRAWS, REPLICATIONS, LUCK_ALONE = 200, 5, 1000
"""How many draws, replications of each, and replications where nothing is uncertain."""
KEPT: Final = ("name", "scenario", "scenario_file", "seed", "currency", "package_version", "stream_version",
               "measured_from", "measured_until", "created")  # fmt: skip
QUANTILES: Final = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""The ends of bands of 95, 80 and 50%, and the median."""
BATCH: Final = 500
Reals = NDArray[np.float64]
Progress = Callable[[int], None]
Taken = Callable[[xr.Dataset], Mapping[str, NDArray[Any]]]


@dataclass(frozen=True)
class Split:
    """Variance between draws and within them, and the share of assumptions in their sum with its interval."""

    between: float
    within: float
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Pool:
    """What was taken of every run, by draw, replication and what follows; the draws; attributes of a run."""

    draws: xr.Dataset
    taken: dict[str, NDArray[Any]]
    attributes: dict[str, Any]

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of draws and of replications of each."""
        first = next(iter(self.taken.values()))
        return first.shape[0], first.shape[1]


def sizes(scenario: Scenario, draws: int | None, replications: int | None) -> tuple[int, int]:
    """Numbers of draws and of replications of each; one draw where nothing is uncertain."""
    if not scenario.assumptions:
        return 1, replications or LUCK_ALONE
    return draws or DRAWS, replications or REPLICATIONS


def runs(scenario: Scenario, draws: int | None, replications: int | None) -> int:
    """How many replications a study of draws runs in all."""
    n, each = sizes(scenario, draws, replications)
    return n * each


def pooled(
    scenario: Scenario,
    take: Taken,
    *,
    draws: int,
    replications: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    batch: int = BATCH,
) -> Pool:
    """Every draw run, and of each dataset what `take` returns, arrays with the replication first."""
    drawn = draw_assumptions(scenario, draws, seed=seed)
    rows: list[dict[str, NDArray[Any]]] = []
    attributes: dict[str, Any] = {}
    for k in range(draws):
        funnel = with_values(scenario, drawn, k) if scenario.assumptions else scenario
        parts = []
        for at in range(0, replications, batch):
            ds = simulate(
                funnel,
                replications=min(batch, replications - at),
                seed=seed,
                first=k * replications + at,
                threads=threads,
                progress=progress,
            )
            attributes = attributes or {name: ds.attrs[name] for name in KEPT}
            parts.append(take(ds))
        rows.append({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    names = [name for name in rows[0] if all(name in row for row in rows)]
    # What was asked about has every assumption at its median; no draw is more it than another.
    attributes |= {"scenario": scenario.model_dump_json(warnings="none")}
    return Pool(drawn, {name: np.stack([row[name] for row in rows]) for name in names}, attributes)


def uncertainty(
    scenario: Scenario,
    *,
    seed: int,
    draws: int | None = None,
    replications: int | None = None,
    level: float = 0.95,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Every measure that is no ratio, by draw of the assumptions and replication, and how its variance is split.

    `value` by `measure`, `draw`, `replication`; `band` by `quantile`, of all pooled; `between` and `within`, variances;
    `share` of the assumptions with `_low` and `_high`; `assumed` by `assumption` and `draw`. Defaults: 200 draws of 5
    replications; without ranges one draw of 1000.
    """
    n, each = sizes(scenario, draws, replications)
    found: dict[str, Any] = {}

    def take(ds: xr.Dataset) -> dict[str, Reals]:
        kept = {name: measure for name, measure in measures(ds).items() if not measure.is_ratio}
        found.update(kept)
        return {name: measure.top for name, measure in kept.items()}

    pool = pooled(scenario, take, draws=n, replications=each, seed=seed, threads=threads, progress=progress)
    names = list(pool.taken)
    values = np.stack([pool.taken[name] for name in names])
    splits = [split(of, level) for of in values]
    bands = np.quantile(values.reshape(len(names), -1), QUANTILES, axis=1).T
    unit = {"units": "as the measure"}
    columns = {
        name: ("measure", np.array([getattr(of, name) for of in splits]), {"units": "the measure's, squared"})
        for name in ("between", "within")
    }
    shares = {
        f"share{suffix}": ("measure", np.array([getattr(of, name) for of in splits]), {"units": "1"})
        for name, suffix in (("share", ""), ("low", "_low"), ("high", "_high"))
    }
    return xr.Dataset(
        {
            "value": (("measure", "draw", "replication"), values, unit),
            "band": (("measure", "quantile"), bands, unit),
            **columns,
            **shares,
            "assumed": pool.draws["value"].transpose("assumption", "draw"),
        },
        {
            "measure": names,
            "unit": ("measure", [found[name].unit for name in names]),
            "title": ("measure", [found[name].title for name in names]),
            "quantile": list(QUANTILES),
            "assumption_unit": ("assumption", pool.draws["unit"].values),
        },
        {**pool.attributes, "kind": KIND, "draws": n, "replications": each, "level": level, "method": METHOD},
    )


METHOD: Final = "one-way random effects, assumptions between draws and luck within; jackknife over draws (Arvesen 1969)"


def split(values: Reals, level: float = 0.95) -> Split:
    """The variance of values by draw and replication, split; nan where there are too few of one.

    The interval comes from the jackknife over draws of the logarithm of the ratio of mean squares (Arvesen 1969),
    which holds for skewed values as well, where the F interval does not.
    """
    from scipy.special import stdtrit

    n, each = values.shape
    nothing = float("nan")
    if n < 3 or each < 2:
        within = float(values.var(axis=1, ddof=1).mean()) if each > 1 else nothing
        return Split(nothing if n > 1 else 0.0, within, *((nothing,) * 3 if n > 1 else (0.0,) * 3))
    means, squares = values.mean(axis=1), ((values - values.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    between = each * means.var(ddof=1)
    within = squares.sum() / (n * (each - 1))
    if within == 0.0 or between == 0.0:
        share = nothing if within == between else float(within == 0.0)
        return Split(float(between / each), float(within), share, share, share)
    deviations = means - means.mean()
    left = each * ((deviations**2).sum() - deviations**2 * n / (n - 1)) / (n - 2)
    theta, without = np.log(between / within), np.log(left / ((squares.sum() - squares) / ((n - 1) * (each - 1))))
    pseudo = n * theta - (n - 1) * without
    half = float(stdtrit(n - 1, (1 + level) / 2)) * pseudo.std(ddof=1) / np.sqrt(n)
    shares = [_share(float(np.exp(at)), each) for at in (theta, pseudo.mean() - half, pseudo.mean() + half)]
    return Split(max(0.0, float(between - within) / each), float(within), *shares)


def _share(ratio: float, each: int) -> float:
    """The share of assumptions that a ratio of mean squares says."""
    return max(0.0, (ratio - 1.0) / (ratio - 1.0 + each))


def sentences(ds: xr.Dataset) -> list[str]:
    """Of each measure how much of its variance comes from what is not known, and how much from luck."""
    found = []
    for name in map(str, ds["measure"].values):
        row = ds.sel(measure=name)
        share, low, high = (100 * float(row[f"share{end}"]) for end in ("", "_low", "_high"))
        said = f"{share:.0f}% of the variance comes from the assumptions ({low:.0f} to {high:.0f}%), the rest is luck"
        found.append(f"{row['title'].values}: {said if share == share else 'how its variance is split is not known'}.")
    return found
