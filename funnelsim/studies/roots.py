"""Where a mean that depends on x comes to 0, with an interval: the x that a t test does not rule out.

All x are run on the same people, so the sample mean is a curve, and so are the ends of its interval. The root of the
curve is the estimate, the roots of its ends are those of the interval. At each x the t test holds its level, so the
interval holds the true x as often, whatever the slope (test inversion, as Fieller 1954 has it for ratios). Roots are
found by false position (Illinois); of a curve that turns back one of several is found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from funnelsim.studies.paired import Bound

Curve = Callable[[float], Bound]
CLOSE: Final = 1e-3
"""A root is known to a thousandth of the range."""
STEPS: Final = 40


@dataclass(frozen=True)
class Root:
    """The value of x, None where the curve does not come to 0 between the ends, and the ends of its interval; an end is
    None where the range ends before it."""

    x: float | None
    low: float | None
    high: float | None


def root(curve: Curve, start: float, end: float) -> Root:
    """Where a curve comes to 0 between two ends."""
    first, last = curve(start), curve(end)
    slope = 1 if last.value >= first.value else -1

    def of(part: Literal["value", "low", "high"]) -> float | None:
        def height(x: float) -> float:
            return float(slope * getattr(curve(x), part))

        return _crossing(height, start, end)

    x = of("value")
    # Where the curve rises its upper end is the first to reach 0; where it falls, its lower end.
    ends = of("high" if slope > 0 else "low"), of("low" if slope > 0 else "high")
    return Root(x, *ends)


def _crossing(height: Callable[[float], float], low: float, high: float) -> float | None:
    """Where a rising function comes to 0."""
    left, right = height(low), height(high)
    if not left <= 0.0 <= right:
        return None
    close, side = CLOSE * (high - low), 0
    for _ in range(STEPS):
        if high - low <= close or left == right:
            break
        # No nearer to an end than half of what is close, so that both ends come in.
        at = low - left * (high - low) / (right - left)
        at = min(max(at, low + close / 2), high - close / 2)
        here = height(at)
        if here <= 0.0:
            low, left = at, here
            right = right / 2 if side < 0 else right
            side = -1
        else:
            high, right = at, here
            left = left / 2 if side > 0 else left
            side = 1
    return low - left * (high - low) / (right - left) if right > left else low
