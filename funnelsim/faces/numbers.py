"""Numbers as people read them: no more digits than the interval allows, and thousands apart."""

import math
from typing import Final

from funnelsim.results.estimates import Estimate

MOST_DIGITS: Final = 6
"""Digits after the point at most."""
_NO_WIDTH: Final = 1e-9
"""An interval narrower than this share of its value comes from rounding and is none."""


def with_interval(each: Estimate, plus_minus: str, nothing: str) -> str:
    """`412 ± 9`; the value alone where one replication gives no interval, `nothing` where there is no value."""
    if not each.known:
        return nothing
    if math.isnan(each.half):
        return rounded(each.value, max(0, place(each.value, 3)))
    if each.half <= _NO_WIDTH * abs(each.value):
        last = 0 if each.value == round(each.value) else max(0, place(each.value, 4))
        return f"{rounded(each.value, last)} {plus_minus} 0"
    last = place(each.half, 2 if _leading(each.half) < 3 else 1)
    return f"{rounded(each.value, last)} {plus_minus} {rounded(each.half, last)}"


def place(x: float, significant: int) -> int:
    """The decimal place of a number's last significant digit: 2 for hundredths, -3 for thousands."""
    if x == 0 or not math.isfinite(x):
        return 0
    return min(MOST_DIGITS, significant - 1 - math.floor(math.log10(abs(x))))


def _leading(x: float) -> float:
    """A number scaled to lie between 1 and 10."""
    return float(abs(x) / 10 ** math.floor(math.log10(abs(x)))) if x else 0.0


def rounded(x: float, last: int) -> str:
    """A number rounded to a decimal place, thousands apart."""
    # Zero has no sign.
    return f"{round(x, last) + 0.0:,.{max(0, last)}f}"


def count(n: int) -> str:
    """A whole number."""
    return f"{n:,}"
