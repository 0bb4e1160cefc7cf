"""What people write for a number that they do not know: `20% to 30%`, or a distribution under `uncertain`.

A range is a 90% interval: one time in twenty the number lies below it, one time in twenty above. Which law has these
ends is said by what the place takes (`law_of`). Nothing here knows of files or paths.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from funnelsim.core.problems import did_you_mean, nearest
from funnelsim.scenario.distributions import Law
from funnelsim.scenario.families import FAMILIES, KINDS, Form
from funnelsim.scenario.refusal import Refusal, cut, show
from funnelsim.scenario.units import NUMBER

Z95: Final = 1.6448536269514722
"""Where the upper twentieth of a standard normal begins."""
UNCERTAIN: Final = "uncertain"
_UNIT = r"(?:%|[A-Za-z]+|[€£¥₹])?\s*(?:/\s*[A-Za-z]+)?"
_AMOUNT = re.compile(rf"\s*(\$?)\s*({NUMBER})\s*({_UNIT})\s*", re.ASCII | re.DOTALL)
_TO = re.compile(r"\s+to\s+")


@dataclass(frozen=True)
class Amount:
    """A number as written and its unit, such as `d`, `%` or `USD / mo`; empty where it is bare."""

    number: float
    unit: str = ""

    def written(self) -> str | float | int:
        """As a file has it; a bare number as a number."""
        number = int(self.number) if self.number == int(self.number) else self.number
        if not self.unit:
            return number
        gap = "" if self.unit.startswith("%") else " "
        return f"{number!r}{gap}{self.unit}"


@dataclass(frozen=True)
class Range:
    """The two ends of a range, in one unit, low first."""

    low: float
    high: float
    unit: str


@dataclass(frozen=True)
class Uncertain:
    """A law that was written out, in one unit; shares as fractions of 1."""

    law: Law
    unit: str


def amount(text: object) -> Amount | None:
    """A number with its unit; None where a text is something else."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        return Amount(float(text))
    match = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    unit = re.sub(r"\s*/\s*", " / ", re.sub(r"\s+", " ", match[3])).strip()
    if match[1]:
        unit = f"USD {unit}".strip()
    found = float(match[2].replace("_", ""))
    return Amount(found, unit) if math.isfinite(found) else None


def ends(text: object) -> tuple[Amount, Amount] | None:
    """Both sides of `20% to 30%`; None where they are not two numbers."""
    sides = _TO.split(text.strip()) if isinstance(text, str) else ()
    if len(sides) != 2:
        return None
    low, high = amount(sides[0]), amount(sides[1])
    if low is None or high is None:
        return None
    # The unit, or what it is per, may stand once, at the end.
    once = not low.unit or high.unit.startswith(f"{low.unit} / ")
    return (Amount(low.number, high.unit) if once else low), high


def range_of(text: str, low: Amount, high: Amount) -> Range:
    """The range with these ends; raises `Refusal` for one that is backwards, empty or of two units."""
    if low.unit != high.unit:
        found = f"found {low.unit} and {high.unit or 'no unit'} in {show(text)}"
        raise Refusal(found, "both ends of a range have one unit", f"write {low.number:g} to ... {low.unit}")
    if low.number == high.number:
        remedy = f"write {low.written()}"
        raise Refusal(f"found {show(text)}", "a range is wider than nothing", remedy)
    if low.number > high.number:
        remedy = f"write {high.written()} to {low.written()}"
        raise Refusal(f"found {show(text)}", "the low end of a range stands first", remedy)
    return Range(low.number, high.number, low.unit)


def law_of(each: Range, *, share: bool, positive: bool) -> Law:
    """The law with 5% below the low end and 5% above the high one.

    For a `share`, which lies between 0 and 1, logit-normal; for what is `positive` lognormal; else normal. Raises
    `Refusal` where an end lies on a bound, which these laws never reach.
    """
    low, high = each.low / scale(each.unit), each.high / scale(each.unit)
    if share and not 0.0 < low < high < 1.0:
        raise Refusal("", "a twentieth lies beyond each end, so the ends of a share lie above 0% and below 100%")
    if positive and low <= 0.0:
        raise Refusal("", "a twentieth lies below the low end, so it lies above 0")
    if share:
        a, b = math.log(low / (1.0 - low)), math.log(high / (1.0 - high))
        return Law("logit_normal", {"median": 1.0 / (1.0 + math.exp(-(a + b) / 2.0)), "sigma": (b - a) / (2.0 * Z95)})
    if positive:
        return Law("lognormal", {"median": math.sqrt(low * high), "sigma": math.log(high / low) / (2.0 * Z95)})
    return Law("normal", {"mean": (low + high) / 2.0, "sd": (high - low) / (2.0 * Z95)})


def scale(unit: str) -> float:
    """What a number with this unit is divided by for its law: shares are fractions of 1."""
    return 100.0 if unit.startswith("%") else 1.0


def _normal(mean: float, sd: float) -> Law:
    if sd <= 0.0:
        raise Refusal(f"sd is {sd:g}", "sd must be more than 0", at=("sd",))
    return Law("normal", {"mean": mean, "sd": sd})


def _beta(mean: float, sd: float) -> Law:
    if not 0.0 < mean < 1.0:
        raise Refusal(f"mean is {mean:g}", "the mean of a beta lies between 0 and 1", at=("mean",))
    if not 0.0 < sd * sd < mean * (1.0 - mean):
        rule = f"sd lies between 0 and {math.sqrt(mean * (1.0 - mean)):.4g} for this mean"
        raise Refusal(f"sd is {sd:g}", rule, at=("sd",))
    n = mean * (1.0 - mean) / (sd * sd) - 1.0
    return Law("beta", {"a": mean * n, "b": (1.0 - mean) * n})


LAWS: Final[Mapping[str, tuple[Form, ...]]] = {
    **{name: FAMILIES[name] for name in ("uniform", "triangular", "pert", "lognormal")},
    "normal": (Form(("mean", "sd"), _normal),),
    "beta": (Form(("mean", "sd"), _beta),),
}
"""Families of what is uncertain, with their parameters."""


def is_uncertain(value: object) -> bool:
    """Whether a mapping is `{uncertain: {family: ...}}`, and not a stage or segment of that name."""
    if not isinstance(value, Mapping) or list(value) != [UNCERTAIN]:
        return False
    inner = value[UNCERTAIN]
    return isinstance(inner, Mapping) and len(inner) == 1 and nearest(str(next(iter(inner))), LAWS) is not None


def uncertain(value: Mapping[str, Any]) -> Uncertain:
    """The law under `uncertain`; raises `Refusal` with the place below the value."""
    ((family, params),) = value[UNCERTAIN].items()
    if family not in LAWS:
        remedy = did_you_mean(family, LAWS)
        raise Refusal(f"unknown distribution {cut(family)}", "", remedy, at=(UNCERTAIN, family))
    at = (UNCERTAIN, family)
    forms = LAWS[family]
    form = next((each for each in forms if isinstance(params, Mapping) and set(each.names) == set(params)), None)
    if form is None:
        choices = " or ".join(f"{{{family}: {{{', '.join(f'{n}: ...' for n in each.names)}}}}}" for each in forms)
        raise Refusal(f"found {show(params)}", f"{family} is given by {choices}", at=at)
    unit = _unit_of(form, params, at)
    numbers = {name: _number(name, params[name], unit, at) for name in form.names}
    return Uncertain(_law(form.law, numbers, at), unit)


def _unit_of(form: Form, params: Mapping[str, Any], at: tuple[str, ...]) -> str:
    """The unit that all quantities share."""
    found: dict[str, str] = {}
    for name in form.names:
        if KINDS[name] == "quantity" and (each := amount(params[name])) is not None:
            found[each.unit] = name
    if len(found) > 1:
        units = " and ".join(unit or "no unit" for unit in found)
        raise Refusal(f"found {units}", "the parameters of a distribution have one unit", at=at)
    return next(iter(found), "")


def _number(name: str, value: object, unit: str, at: tuple[str, ...]) -> float:
    each = amount(value)
    wanted = unit if KINDS[name] == "quantity" else ""
    if each is None or each.unit != wanted:
        example = "20%" if wanted == "%" else f"20 {wanted}".strip()
        raise Refusal(f"found {show(value)}", "it must be a number", f"write {example}", at=(*at, name))
    return each.number / scale(wanted)


def _law(law: Callable[..., Law], numbers: Mapping[str, float], at: tuple[str, ...]) -> Law:
    try:
        return law(**numbers)
    except Refusal as refusal:
        raise refusal.below(*at) from None
