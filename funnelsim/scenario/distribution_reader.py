"""Reads a distribution as people write it: `3 d`, `{lognormal: {median: 25 min, p90: 60 min}}`, or one by segment.

Every part is read before anything is refused, so that all that is wrong with a distribution is said at once. The rules
of a family are held for every segment's own numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from funnelsim.core.problems import did_you_mean
from funnelsim.scenario import units
from funnelsim.scenario.distributions import Law
from funnelsim.scenario.families import FAMILIES, KINDS, NAMES, Form
from funnelsim.scenario.per_segment import DEFAULT, EVERYONE, name_refusals
from funnelsim.scenario.refusal import Refusal, Surroundings, cut, show

T = TypeVar("T")
Table = dict[str, T]
"""Values by segment: the key "" stands for everyone, `default` for those not named."""

MOST_VALUES = 1_000_000
TOLERANCE = 1e-9


class DistributionReader:
    """Reads one distribution and keeps every refusal; a method returns None where it refused."""

    def __init__(self, unit: str, around: Surroundings) -> None:
        self.unit, self.around = unit, around
        self.refusals: list[Refusal] = []

    def attempt(self, at: tuple[str | int, ...], read: Callable[[], T]) -> T | None:
        """What `read` returns, or None with its refusal kept."""
        try:
            return read()
        except Refusal as refusal:
            self.refusals.append(refusal.below(*at))
            return None

    def quantity(self, value: object) -> float:
        """A number in the unit of the distribution, 0 or more."""
        if self.unit == "duration":
            return units.duration(value)
        return units.money(value, self.around.currency)

    def distribution(self, value: object, at: tuple[str | int, ...] = (), *, whole: bool = True) -> Table[Law] | None:
        """A quantity, a family, or (where it is the `whole`) a mapping of those by segment."""
        if not isinstance(value, dict):
            amount = self.attempt(at, lambda: self.quantity(value))
            return None if amount is None else {EVERYONE: Law("constant", {"value": amount})}
        families = [key for key in value if key in NAMES]
        if len(families) == 1 and len(value) == 1:
            return self.family(families[0], value[families[0]], (*at, families[0]))
        if families:
            others = [key for key in value if key not in NAMES]
            found = f"found {', '.join(families)}" + (f" beside {', '.join(map(show, others))}" if others else "")
            self.refusals.append(Refusal(found, "a distribution is one family with its parameters", at=at))
            return None
        return self.by_segment(value, at, whole=whole)

    def by_segment(self, value: dict[str, Any], at: tuple[str | int, ...], *, whole: bool) -> Table[Law] | None:
        """A whole distribution per segment."""
        known = {*(self.around.segments or ()), DEFAULT}
        if not whole or not value or (self.around.segments is not None and not known & set(value)):
            key = next(iter(value), "")
            strange = key and key not in known
            found = f"unknown distribution {cut(key)}" if strange else f"found {show(value)}"
            rule = "a distribution is a single value or one family with its parameters"
            self.refusals.append(Refusal(found, rule, did_you_mean(key, NAMES), at=(*at, key) if strange else at))
            return None
        self.refusals += [refusal.below(*at) for refusal in name_refusals(value, self.around, NAMES)]
        laws: Table[Law] = {}
        for segment, item in value.items():
            table = self.distribution(item, (*at, segment), whole=False)
            if table is not None:
                laws[segment] = _of(table, segment)
        return laws

    def family(self, family: str, value: object, at: tuple[str | int, ...]) -> Table[Law] | None:
        """One family with its parameters."""
        if family == "mixture":
            return self.mixture(value, at)
        if family == "constant" and not isinstance(value, dict):
            return self.distribution(value, at, whole=False)
        example = _examples(family)[0]
        if not isinstance(value, dict):
            self.refusals.append(
                Refusal(f"found {show(value)}", f"{family} needs its parameters by name", f"write {example}", at)
            )
            return None
        if family == "empirical":
            return self.empirical(value, at)
        form = self.form(family, value, at)
        params = {name: self.parameter(name, item, (*at, name)) for name, item in value.items() if name in KINDS}
        if form is None or any(table is None for table in params.values()):
            return None
        return self.laws(form, {name: table for name, table in params.items() if table is not None}, at)

    def form(self, family: str, value: dict[str, Any], at: tuple[str | int, ...]) -> Form | None:
        """The way of writing a family that has exactly these parameters."""
        forms = FAMILIES[family]
        names = list(dict.fromkeys(name for form in forms for name in form.names))
        unknown = [key for key in value if key not in names]
        for key in unknown:
            remedy = did_you_mean(key, names)
            self.refusals.append(
                Refusal(f"unknown parameter {cut(key)}", f"{family} does not have it", remedy, (*at, key))
            )
        form = next((form for form in forms if set(form.names) == set(value)), None)
        if form is None and not unknown:
            given = " and ".join(value) or "no parameters"
            choices = " or ".join(_examples(family))
            self.refusals.append(Refusal(f"found {given}", f"{family} is given by {choices}", at=at))
        return form

    def parameter(self, name: str, value: object, at: tuple[str | int, ...]) -> Table[float] | None:
        """One parameter, for everyone or by segment."""
        kind = KINDS[name]

        def read(item: object) -> float:
            if kind == "quantity":
                return self.quantity(item)
            if kind == "count":
                return float(units.whole(item, 1, 10_000, name))
            return units.within(units.number(item), 0.0, 1e6, name, item)

        return self.by_name(value, at, read)

    def by_name(self, value: object, at: tuple[str | int, ...], read: Callable[[object], T]) -> Table[T] | None:
        """A plain value or a mapping of values by segment."""
        if not isinstance(value, dict):
            single = self.attempt(at, lambda: read(value))
            return None if single is None else {EVERYONE: single}
        wrong = list(name_refusals(value, self.around))
        self.refusals += [refusal.below(*at) for refusal in wrong]
        bad = {refusal.at[0] for refusal in wrong if refusal.at}
        table = {
            key: self.attempt((*at, key), lambda item=item: read(item))  # type: ignore[misc]
            for key, item in value.items()
            if key not in bad
        }
        if wrong or any(item is None for item in table.values()):
            return None
        return table  # type: ignore[return-value]

    def laws(self, form: Form, params: dict[str, Table[float]], at: tuple[str | int, ...]) -> Table[Law] | None:
        """The law of every segment that any parameter names."""
        laws: Table[Law] = {}
        for segment in _segments(params.values()):
            numbers = {name: _of(table, segment) for name, table in params.items()}
            law = self.attempt(at, lambda numbers=numbers: form.law(**numbers))  # type: ignore[misc]
            if law is None:
                refusal = self.refusals[-1]
                refusal.found += f" (segment {segment})" if segment not in (EVERYONE, DEFAULT) else ""
                return None
            laws[segment] = law
        return laws

    def empirical(self, value: dict[str, Any], at: tuple[str | int, ...]) -> Table[Law] | None:
        """Measured values, each as likely as any other."""
        for key in value:
            if key != "values":
                self.refusals.append(Refusal(f"unknown parameter {key}", "empirical has `values` only", "", (*at, key)))
        items = value.get("values")
        if not isinstance(items, list) or not 1 <= len(items) <= MOST_VALUES:
            rule = f"empirical needs `values`, a list of 1 to {MOST_VALUES} values"
            self.refusals.append(Refusal(f"found {show(items)}", rule, at=(*at, "values") if "values" in value else at))
            return None
        numbers = [
            self.attempt((*at, "values", i), lambda item=item: self.quantity(item))  # type: ignore[misc]
            for i, item in enumerate(items)
        ]
        if None in numbers:
            return None
        return {EVERYONE: Law("empirical", values=tuple(sorted(n for n in numbers if n is not None)))}

    def mixture(self, value: object, at: tuple[str | int, ...]) -> Table[Law] | None:
        """Parts with weights that add up to 1."""
        if not isinstance(value, list) or not 2 <= len(value) <= 100:
            rule = "a mixture is a list of 2 to 100 parts"
            remedy = "write {mixture: [{weight: 30%, constant: 1 d}, {weight: 70%, exponential: {mean: 3 d}}]}"
            self.refusals.append(Refusal(f"found {show(value)}", rule, remedy, at))
            return None
        parts = [self.part(item, (*at, i)) for i, item in enumerate(value)]
        good = [part for part in parts if part is not None]
        if len(good) < len(parts):
            return None
        laws: Table[Law] = {}
        for segment in _segments([table for part in good for table in part]):
            mixed = tuple((_of(weights, segment), _of(table, segment)) for weights, table in good)
            total = sum(weight for weight, _ in mixed)
            if abs(total - 1.0) > TOLERANCE:
                self.refusals.append(Refusal(f"weights add up to {total:.6g}", "they must add up to 1", at=at))
                return None
            laws[segment] = Law("mixture", parts=mixed)
        return laws

    def part(self, item: object, at: tuple[str | int, ...]) -> tuple[Table[float], Table[Law]] | None:
        """One part of a mixture: its weight and its law."""
        if not isinstance(item, dict) or "weight" not in item:
            rule = "a part of a mixture has a weight and a family"
            self.refusals.append(Refusal(f"found {show(item)}", rule, "write {weight: 30%, constant: 1 d}", at))
            return None
        weights = self.by_name(item["weight"], (*at, "weight"), units.probability)
        law = {key: each for key, each in item.items() if key != "weight"}
        if "mixture" in law:
            self.refusals.append(Refusal("a mixture in a mixture", "write its parts in the outer one", at=at))
            return None
        table = self.distribution(law, at, whole=False)
        return None if weights is None or table is None else (weights, table)


def _segments(tables: Iterable[Table[Any]]) -> list[str]:
    """All segments that any table names, with those who stand for the rest; everyone when nobody is named."""
    tables = list(tables)
    named = dict.fromkeys(key for table in tables for key in table)
    keys = [key for key in named if key not in (EVERYONE, DEFAULT)]
    rest = all(DEFAULT in table or EVERYONE in table for table in tables)
    return ([*keys, DEFAULT] if rest else keys) if keys else [EVERYONE]


def _of(table: Table[T], segment: str) -> T:
    """The value of one segment; where nobody else is left, that of any named one."""
    for key in (segment, DEFAULT, EVERYONE):
        if key in table:
            return table[key]
    return next(iter(table.values()))


def _examples(family: str) -> list[str]:
    """How a family is written, one text per form."""
    if family == "empirical":
        return ["{empirical: {values: [1 d, 2 d]}}"]
    return [f"{{{family}: {{{', '.join(f'{n}: ...' for n in form.names)}}}}}" for form in FAMILIES[family]]
