"""The plan's laws: every distribution of a scenario as a row, equal unit laws sharing one quantile table."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from funnelsim.chance import quantiles
from funnelsim.plan.layout import CONSTANT, EMPIRICAL, LAW, MIXTURE, NONE, PART, TABLE
from funnelsim.scenario.distributions import Law

Table = NDArray[np.float64]


@dataclass
class LawBook:
    """Collects laws; the first two tables are always the unit exponential and the standard normal."""

    rows: list[tuple[int, int, int, float, float]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=lambda: [quantiles.exponential(), quantiles.normal()])
    values: list[float] = field(default_factory=list)
    parts: list[tuple[float, int]] = field(default_factory=list)
    _tables_by_law: dict[tuple[str, float], int] = field(default_factory=lambda: {("exponential", 0.0): 0})
    _rows_by_law: dict[tuple[object, float], int] = field(default_factory=dict)

    def enter(self, law: Law | None, unit: float) -> int:
        """The row of a law whose numbers are multiplied by `unit`; NONE for no law."""
        if law is None:
            return NONE
        signature = (repr(law), unit)
        if signature not in self._rows_by_law:
            self._rows_by_law[signature] = self._add(law, unit)
        return self._rows_by_law[signature]

    def _add(self, law: Law, unit: float) -> int:
        if law.family == "mixture":
            members = [(weight, self.enter(part, unit)) for weight, part in law.parts if weight > 0]
            first = len(self.parts)
            for upto, (_, member) in zip(np.cumsum([weight for weight, _ in members]), members, strict=True):
                self.parts.append((float(upto), member))
            return self._row(MIXTURE, first, len(members), 0.0, 0.0)
        if law.family == "empirical":
            first = len(self.values)
            self.values.extend(unit * value for value in law.values or ())
            return self._row(EMPIRICAL, first, len(self.values) - first, 0.0, 0.0)
        if law.family == "constant":
            return self._row(CONSTANT, 0, 0, unit * law.params["value"], 0.0)
        shape, make, shift, scale = _unit_law(law)
        key = (law.family, shape)
        if key not in self._tables_by_law:
            self._tables_by_law[key] = len(self.tables)
            self.tables.append(make())
        return self._row(TABLE, self._tables_by_law[key] * quantiles.ROWS, 0, unit * shift, unit * scale)

    def _row(self, kind: int, first: int, count: int, shift: float, scale: float) -> int:
        self.rows.append((kind, first, count, shift, scale))
        return len(self.rows) - 1

    def law_rows(self) -> NDArray[np.void]:
        """All laws."""
        return np.array(self.rows, LAW)

    def table_rows(self) -> Table:
        """All tables, shape (rows, 4)."""
        return np.ascontiguousarray(np.concatenate(self.tables))

    def value_rows(self) -> Table:
        """All sampled values."""
        return np.array(self.values, np.float64)

    def part_rows(self) -> NDArray[np.void]:
        """All parts of mixtures."""
        return np.array(self.parts, PART)


def _unit_law(law: Law) -> tuple[float, Callable[[], Table], float, float]:
    """Shape, table maker, shift and scale of a law: value = shift + scale * unit quantile."""
    p = law.params
    if law.family == "exponential":
        return 0.0, quantiles.exponential, 0.0, p["mean"]
    if law.family == "gamma":
        return p["cv"], lambda: quantiles.gamma(p["cv"]), 0.0, p["mean"]
    if law.family == "weibull":
        return p["shape"], lambda: quantiles.weibull(p["shape"]), 0.0, p["scale"]
    if law.family == "lognormal":
        return p["sigma"], lambda: quantiles.lognormal(p["sigma"]), 0.0, p["median"]
    low, span = p["low"], p["high"] - p["low"]
    if law.family == "uniform":
        return 0.0, quantiles.uniform, low, span
    mode = (p["mode"] - low) / span
    make = quantiles.triangular if law.family == "triangular" else quantiles.pert
    return mode, lambda: make(mode), low, span
