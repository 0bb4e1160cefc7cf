"""The mechanisms of a funnel, each with an assertion of its direction and size, and a control that must fail it.

The table is `mechanisms.yaml`: 70 rows, one a mechanism. A row that has no assertion says what it still `needs`. A row
with `than` compares policies on the same people: its value is a ratio of `when` to `than`, or, where `than` lists
several, to the largest of them. The control lays `off` over all of them, which switches the mechanism off: then the
value must leave the range, else the assertion could not fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import numpy as np
import xarray as xr
from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from funnelsim.results import paths, records
from funnelsim.results.simulate import simulate
from funnelsim.scenario.loading import load

TABLE: Final = Path(__file__).with_name("mechanisms.yaml")
SEED: Final = 2026
TOLD_BY_TRACES: Final = frozenset((*paths.NAMES, *records.NAMES))
"""Variables that a run has only if its traces are looked at."""
Values = dict[str, str | int | float | bool | list[Any] | dict[str, Any]]


class Entry(BaseModel):
    """Any part of the table: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Quantity(Entry):
    """A variable of the results, at some labels, added up over the rest.

    Labels are those of a dimension, or of a coordinate along one: `{stage: demo}`, `{stage: [qualify, demo]}`,
    `{view_AIDA: Desire}`.
    """

    of: str
    at: dict[str, str | float | list[str]] = Field(default_factory=dict)

    def read(self, ds: xr.Dataset) -> float:
        """Its mean over replications; those in which there is nothing of it are left out."""
        found = ds[self.of]
        for name, label in self.at.items():
            found = found.sel({name: label}) if name in found.dims else _along(found, name, label)
        rest = [dim for dim in found.dims if dim != "replication"]
        numbers = found.sum(rest, skipna=True).values if rest else found.values
        numbers = np.atleast_1d(numbers)
        return float(np.mean(numbers[~np.isnan(numbers)])) if (~np.isnan(numbers)).any() else float("nan")

    def __str__(self) -> str:
        labels = [" + ".join(label) if isinstance(label, list) else str(label) for label in self.at.values()]
        return " ".join([self.of, *labels])


def _along(found: xr.DataArray, name: str, label: str | float | list[str]) -> xr.DataArray:
    """Where a coordinate that is no dimension has one of the labels; each of them must be there."""
    labels = found[name].values.tolist()
    wanted = label if isinstance(label, list) else [label]
    for each in wanted:
        if each not in labels:
            raise KeyError(f"{name}: found {each!r}; it must be one of {', '.join(map(str, dict.fromkeys(labels)))}")
    return found.isel({found[name].dims[0]: np.isin(labels, wanted)})


class Measure(Quantity):
    """A quantity, or a ratio of two."""

    per: Quantity | None = None

    def read(self, ds: xr.Dataset) -> float:
        """The quantity, or its mean over that of the other; nan where there is nothing to divide by."""
        top = super().read(ds)
        if self.per is None:
            return top
        bottom = self.per.read(ds)
        return top / bottom if bottom else float("nan")

    @property
    def needs_traces(self) -> bool:
        """Whether a run has it only if its traces are looked at."""
        return self.of in TOLD_BY_TRACES or (self.per is not None and self.per.of in TOLD_BY_TRACES)

    def __str__(self) -> str:
        return super().__str__() if self.per is None else f"{super().__str__()} / {self.per}"


class Mechanism(Entry):
    """One row: what the mechanism is, and the assertion that shows it; or what the row still needs."""

    row: int = Field(ge=1, le=70)
    mechanism: str
    needs: str = ""
    scenario: str = ""
    measure: Measure | None = None
    when: Values = Field(default_factory=dict)
    than: Values | Annotated[tuple[Values, ...], Field(min_length=2)] | None = None
    within: tuple[float, float] | None = None
    off: Values = Field(default_factory=dict)
    replications: int = 20

    @model_validator(mode="after")
    def _whole(self) -> Mechanism:
        asserts = bool(self.scenario and self.measure and self.within and self.off)
        if asserts == bool(self.needs):
            raise ValueError(f"row {self.row}: a row has scenario, measure, within and off, or says what it needs")
        if self.within is not None and self.within[0] >= self.within[1]:
            raise ValueError(f"row {self.row}: the range {self.within} is empty")
        return self

    @property
    def said(self) -> str:
        """The measure in words."""
        if not self.others:
            return str(self.measure)
        arms = "of two policies" if len(self.others) == 1 else f"to the largest of {len(self.others)} policies"
        return f"{self.measure} (ratio {arms})"

    @property
    def others(self) -> tuple[Values, ...]:
        """The policies that `when` is compared with."""
        if self.than is None:
            return ()
        return self.than if isinstance(self.than, tuple) else (self.than,)


class Verdict(NamedTuple):
    """What a row measured, and what it measures with the mechanism switched off."""

    mechanism: Mechanism
    value: float
    control: float

    @property
    def holds(self) -> bool:
        """Whether the value lies within its range, and the control does not."""
        assert self.mechanism.within is not None
        low, high = self.mechanism.within
        return low <= self.value <= high and not low <= self.control <= high


@lru_cache(maxsize=1)
def mechanisms() -> tuple[Mechanism, ...]:
    """The table, by row."""
    rows = YAML(typ="safe").load(TABLE.read_text(encoding="utf-8"))
    return tuple(sorted((Mechanism.model_validate(row) for row in rows), key=lambda each: each.row))


def judge(
    chosen: Sequence[Mechanism], *, threads: int | None = None, progress: Callable[[int], None] | None = None
) -> Iterator[Verdict]:
    """The verdict of each row that has an assertion, in turn; `progress` is told of every row that is done."""
    run = _runner(threads)
    for each in chosen:
        if not each.needs:
            yield Verdict(each, _value(each, run, {}), _value(each, run, each.off))
        if progress is not None:
            progress(1)


_Run = Callable[[str, Values, int, bool], xr.Dataset]


def _runner(threads: int | None) -> _Run:
    """Runs that rows share are made once."""
    known: dict[str, xr.Dataset] = {}

    def run(scenario: str, changes: Values, replications: int, traced: bool) -> xr.Dataset:
        key = repr((scenario, sorted(changes.items(), key=lambda item: item[0]), replications, traced))
        if key not in known:
            found = load(scenario, changes)
            known[key] = simulate(found, replications=replications, seed=SEED, threads=threads, traced=traced)
        return known[key]

    return run


def _value(each: Mechanism, run: _Run, over: Values) -> float:
    """A row's value with further changes laid over its policies."""
    assert each.measure is not None
    more = each.replications, each.measure.needs_traces
    here, *others = (
        each.measure.read(run(each.scenario, {**policy, **over}, *more)) for policy in (each.when, *each.others)
    )
    if not others:
        return here
    there = float(np.max(others))  # nan if any is: Python's own max would hide it
    return here / there if there else float("nan")
