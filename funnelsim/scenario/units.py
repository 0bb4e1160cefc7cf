"""Numbers with units as people write them: `5 min`, `22 / d`, `80%`, `4000 / mo`.

Every reader takes what YAML gave and returns a plain number (seconds, per second, money, a share of 1) or raises a
`Refusal` that says what was found, what must hold and what to write instead. It knows nothing of models.
"""

from __future__ import annotations

import math
import re

from funnelsim.scenario.refusal import Refusal, show

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
YEAR = 365.25 * 86400.0
MONTH = YEAR / 12.0
RATE_SECONDS = {**SECONDS, "mo": MONTH, "y": YEAR}
LONGEST = 100 * 366 * 86400.0
"""Seconds: no duration in a scenario is longer than a hundred years."""
LARGEST_MONEY = 1e12

_DIGITS = r"[0-9]+(?:_[0-9]+)*"
NUMBER = rf"[-+]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][-+]?[0-9]+)?"
_NUMBER = re.compile(NUMBER)
_WITH_UNIT = re.compile(rf"\s*({NUMBER})\s*([^\W\d_]+)?\s*", re.ASCII)
_PER = re.compile(r"\s*(.+?)\s*/\s*([A-Za-z]+)\s*", re.DOTALL)
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_LONG_NAMES = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "mins": "min", "minute": "min", "minutes": "min",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "week": "w", "weeks": "w",
    "wk": "w", "month": "mo", "months": "mo", "year": "y", "years": "y", "yr": "y",
}  # fmt: skip


def number(value: object, what: str = "a number", example: str = "1.5") -> float:
    """A finite number, written bare."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Refusal(f"found {show(value)}", f"it must be {what}", f"write {example}")
    if isinstance(value, str):
        return _number_in(value, what, example)
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise Refusal(f"found {show(value)}", f"it must be {what}, and finite", f"write {example}")
    return result


def _number_in(text: str, what: str, example: str, found: object = None) -> float:
    """The number a text spells, refusing thousands separators with a hint; `found` is the whole it is part of."""
    stripped = text.strip()
    whole = text if found is None else found
    if _NUMBER.fullmatch(stripped):
        if math.isinf(parsed := float(stripped.replace("_", ""))):
            raise Refusal(f"found {show(whole)}", f"it must be {what}, and finite", f"write {example}")
        return parsed
    if _THOUSANDS.fullmatch(stripped):
        raise Refusal(
            f"found {show(whole)}", f"it must be {what}, without commas", f"write {stripped.replace(',', '_')}"
        )
    raise Refusal(f"found {show(whole)}", f"it must be {what}", f"write {example}")


def within(value: float, low: float, high: float, what: str, found: object, *, open_low: bool = False) -> float:
    """The value, refused outside `low` to `high` (`open_low`: low itself is outside too)."""
    if value < low or value > high or (open_low and value == low):
        least = f"above {low:g}" if open_low else f"at least {low:g}"
        raise Refusal(f"found {show(found)}", f"{what} must be {least} and at most {high:g}")
    return value


def whole(value: object, low: int, high: int, what: str = "it") -> int:
    """A whole number from `low` to `high`."""
    n = number(value, "a whole number", str(max(low, 1)))
    if n != int(n) or not low <= n <= high:
        raise Refusal(f"found {show(value)}", f"{what} must be a whole number from {low} to {high}")
    return int(n)


def probability(value: object) -> float:
    """A share of 1, written `80%` or 0.8."""
    if isinstance(value, str) and value.strip().endswith("%"):
        p = _number_in(value.strip()[:-1], "a percentage", "80%", value) / 100.0
    else:
        p = number(value, "a probability", "80% or 0.8")
    if not 0.0 <= p <= 1.0:
        percent = isinstance(value, int | float) and 2.0 <= p <= 100.0
        remedy = f"write {p:g}% or {p / 100:g}" if percent else ""
        raise Refusal(f"found {show(value)}", "a probability lies between 0 and 1 (0% and 100%)", remedy)
    return p


def factor(value: object) -> float:
    """A share that may be above 1, at most 100: `150%` or 1.5."""
    if isinstance(value, str) and value.strip().endswith("%"):
        found = _number_in(value.strip()[:-1], "a percentage", "70%", value) / 100.0
    else:
        found = number(value, "a share", "70% or 0.7")
    return within(found, 0.0, 100.0, "a share", value)


def level(value: object) -> float:
    """A number of any sign, or a percentage as a fraction."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return _number_in(value.strip().removesuffix("%"), "a percentage", "60%", value) / 100.0
    return within(number(value), -1e9, 1e9, "a level", value)


def speed(value: object) -> float:
    """A share of normal speed, from 1% to 10,000%: `120%` or 1.2."""
    found = factor(value)
    return within(found, 0.01, 100.0, "a speed", value)


def duration(value: object, *, low: float = 0.0, open_low: bool = False) -> float:
    """Seconds, from `5 min`, `2 h`, `3 d`, `2 w`; a month is refused, since months differ."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Refusal(f"found {show(value)}", "it must be a duration", "write 5 min, 2 h, 3 d or 2 w")
    amount, unit = _split(value, "a duration", "min")
    if unit in ("mo", "y") or _LONG_NAMES.get(unit) in ("mo", "y"):
        raise Refusal(
            f"found {show(value)}",
            "months and years differ in length, so a duration is written in s, min, h, d or w",
            f"write {amount * RATE_SECONDS[_LONG_NAMES.get(unit, unit)] / 86400:.6g} d",
        )
    seconds = amount * _unit_seconds(unit, amount, value, SECONDS)
    if seconds < low or (open_low and seconds == low):
        raise Refusal(f"found {show(value)}", "a duration here must be " + _least(low, open_low))
    if seconds > LONGEST:
        raise Refusal(f"found {show(value)}", "a duration is at most 100 years")
    return seconds


def _least(low: float, open_low: bool) -> str:
    """The lower bound in words."""
    if open_low:
        return f"more than {low:g} s" if low else "longer than nothing"
    return f"at least {low:g} s" if low else "0 or more"


def _split(value: int | float | str, what: str, unit: str) -> tuple[float, str]:
    """Amount and unit of `5 min`; a bare number is refused with the way out."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value.strip()):
        n = number(value, what, f"5 {unit}")
        raise Refusal(f"found {show(value)}", f"{what} carries a unit (s, min, h, d, w)", f"write {n:g} {unit}")
    match = _WITH_UNIT.fullmatch(value)
    if match is None or match[2] is None:
        raise Refusal(f"found {show(value)}", f"it must be {what}", f"write 5 {unit}")
    return _number_in(match[1], what, f"5 {unit}", value), match[2]


def _unit_seconds(unit: str, amount: float, value: object, units: dict[str, float]) -> float:
    """Seconds in a unit; a long or unknown name is refused with the short one."""
    if unit in units:
        return units[unit]
    short = _LONG_NAMES.get(unit.lower(), unit.lower() if unit.lower() in units else None)
    short = "min" if unit == "m" else short
    remedy = f"write {amount:g} {short}" if short in units else "write 5 min, 2 h, 3 d or 2 w"
    raise Refusal(f"found {show(value)}", f"units are {', '.join(units)}", remedy)


def offset(value: object) -> float:
    """Seconds from the scenario's time to local time, `-14 h` to `14 h`; a bare 0 is allowed."""
    if value == 0 and not isinstance(value, bool):
        return 0.0
    seconds = duration(value, low=-LONGEST)
    if abs(seconds) > 14 * 3600.0:
        raise Refusal(f"found {show(value)}", "an offset lies between -14 h and 14 h")
    return seconds


def per(value: object, what: str, example: str, units: dict[str, float]) -> tuple[str, float]:
    """The text before the slash and the seconds of the unit behind it, of `22 / d`."""
    match = _PER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        bare = isinstance(value, int | float) and not isinstance(value, bool)
        remedy = f"write {number(value, what):g} / {example.split('/')[1].strip()}" if bare else f"write {example}"
        raise Refusal(f"found {show(value)}", f"{what} says per what it counts", remedy)
    unit = match[2]
    if unit not in units:
        short = _LONG_NAMES.get(unit.lower())
        remedy = f"write {match[1]} / {short}" if short in units else f"write {example}"
        raise Refusal(f"found {show(value)}", f"{what} is per {', '.join(units)}", remedy)
    return match[1], units[unit]


def rate(value: object) -> float:
    """Prospects per second, from `22 / d`."""
    text, seconds = per(value, "a rate", "22 / d", RATE_SECONDS)
    amount = _number_in(text, "a rate", "22 / d", value)
    return within(amount, 0.0, 1e9, "a rate", value) / seconds


def growth(value: object) -> float:
    """Compound growth per year as a fraction, from `20% / y`; above -1."""
    text, seconds = per(value, "a trend", "20% / y", {"y": 1.0, "mo": 12.0, "w": 365.25 / 7, "d": 365.25})
    step = _number_in(text.strip().removesuffix("%"), "a trend", "20% / y", value)
    if text.strip().endswith("%"):
        step /= 100.0
    if not -1.0 < step <= 100.0:
        raise Refusal(f"found {show(value)}", "a trend lies above -100% and at most at 10000%")
    yearly = step if seconds == 1.0 else math.expm1(min(seconds * math.log1p(step), 700.0))
    if yearly > 100.0:
        raise Refusal(f"found {show(value)}", "a trend is at most a growth by 10000% / y")
    return yearly


def money(value: object, currency: str = "USD") -> float:
    """An amount of at least 0 in the scenario's currency, from `92`, `92 USD` or `$92` (USD only)."""
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str):
        text = _without_currency(text, currency, value)
    amount = number(text, "an amount of money", f"92 or 92 {currency or 'USD'}")
    return within(amount, 0.0, LARGEST_MONEY, "an amount of money", value)


def _without_currency(text: str, currency: str, value: object) -> str:
    """The digits of an amount, after its currency was compared with the scenario's."""
    if text.startswith("$"):
        text = f"{text[1:].strip()} USD"
    match = re.fullmatch(r"(.*?)\s*([^\W\d_]{2,}|[€£¥₹])", text, re.DOTALL)
    if match is None:
        return text
    if currency and match[2] != currency:
        raise Refusal(
            f"found {show(value)}", f"money is in the scenario's currency, {currency}", f"write {match[1]} {currency}"
        )
    return match[1]


def monthly_money(value: object, currency: str = "USD") -> float:
    """Money per month of 365.25/12 days, from `4000 / mo`."""
    if value == 0 and not isinstance(value, bool):
        return 0.0
    text, seconds = per(value, "a running cost", "4000 / mo", {k: RATE_SECONDS[k] for k in ("d", "w", "mo", "y")})
    return within(money(text, currency) * MONTH / seconds, 0.0, LARGEST_MONEY, "a running cost per month", value)


def say(seconds: float) -> str:
    """A duration as a person would write it, in the largest unit that leaves it short: `90 min`, `8 w`."""
    for unit in ("w", "d", "h", "min"):
        amount = seconds / SECONDS[unit]
        if amount >= 1.0 and f"{amount:.4g}" == f"{amount:.10g}":
            return f"{amount:.4g} {unit}"
    return f"{seconds:.6g} s"
