"""The response effect: what remains of a chance when the first response comes late.

f(0) = 1 and f falls with the response time; `causal_share` c makes 1 - c (1 - f) of it. The presets are observational
(their numbers and sources stand beside them) and therefore come with a causal share of one half, which is assumed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema, model_validator

from funnelsim.scenario import units
from funnelsim.scenario.fields import (
    DURATION_SCHEMA,
    PERCENT_SCHEMA,
    Exponent,
    Name,
    Part,
    PositiveDuration,
    Preset,
    Probability,
    Scale,
)
from funnelsim.scenario.per_segment import Each, PerSegment, everyone
from funnelsim.scenario.refusal import Refusal, as_validation_error, show

Points = tuple[tuple[float, float], ...]


def _points(value: Any, info: ValidationInfo) -> Points:
    """Points (seconds, factor) of a curve: from 0 min, times ascending, factors in 0 to 1."""
    if isinstance(value, tuple):
        return value
    if not isinstance(value, list) or not 2 <= len(value) <= 1000:
        raise Refusal(f"found {show(value)}", "a table has 2 to 1000 points", "write [[0 min, 1], [1 h, 0.5]]")
    points: list[tuple[float, float]] = []
    refusals: list[Refusal] = []
    for i, point in enumerate(value):
        try:
            points.append(_point(point))
        except Refusal as refusal:
            refusals.append(refusal.below(i))
    if refusals:
        raise as_validation_error(refusals)
    times = [time for time, _ in points]
    if times[0] != 0.0:
        raise Refusal(f"the first time is {show(value[0][0])}", "the table starts at 0 min", "add [0 min, 1]")
    for before, after, row in zip(times[:-1], times[1:], value[1:], strict=True):
        if after <= before:
            raise Refusal(f"{show(row[0])} is not after the time before it", "times must ascend")
    return tuple(points)


def _point(point: Any) -> tuple[float, float]:
    """One point of the table."""
    if not isinstance(point, list) or len(point) != 2:
        raise Refusal(f"found {show(point)}", "a point is a time and a factor", "write [5 min, 0.9]")
    time = 0.0 if point[0] == 0 and not isinstance(point[0], bool) else units.duration(point[0])
    return time, units.probability(point[1])


Table = Annotated[
    Points,
    PlainValidator(_points),
    WithJsonSchema(
        {
            "type": "array",
            "minItems": 2,
            "items": {
                "type": "array",
                "items": {"anyOf": [{"const": 0}, DURATION_SCHEMA, PERCENT_SCHEMA]},
                "minItems": 2,
                "maxItems": 2,
            },
            "examples": [[["0 min", 1], ["5 min", 0.9], ["1 h", 0.5]]],
        }
    ),
]


class Hyperbolic(Part):
    """f(t) = floor + (1 - floor) / (1 + (t / tau) ** a), tau in seconds."""

    tau: Each[PositiveDuration] = Field(description="the time at which half of the effect is gone")
    a: Each[Exponent] = Field(default=everyone(1.0), description="how steeply it falls")
    floor: Each[Probability] = Field(default=everyone(0.0), description="what remains at last")


class Response(Part):
    """The response effect of a stage; after loading `preset` is spelt out and `floor` is that of the curve."""

    half_life: Each[PositiveDuration] | None = Field(default=None, description="time in which the effect halves")
    floor: Each[Probability] = Field(default=everyone(0.0), description="what remains at last")
    hyperbolic: Hyperbolic | None = Field(default=None, description="a curve with a long tail")
    points: Table | None = Field(
        default=None, alias="table", description="a curve through points, straight between them"
    )
    preset: Preset | None = Field(default=None, description="a curve known from the literature, observational")
    causal_share: Each[Probability] | None = Field(
        default=None, description="which share of the curve is cause; default 1, for presets 50%"
    )
    on: tuple[Name, ...] | None = Field(
        default=None, description="the exits it acts on; default those that do not lose"
    )
    scale: Scale = Field(default="", description="what it multiplies: probability or odds")  # type: ignore[arg-type]  # resolved later

    @property
    def shape(self) -> Literal["half_life", "hyperbolic", "table", "none"]:
        """Which curve it is."""
        if self.half_life is not None:
            return "half_life"
        if self.hyperbolic is not None:
            return "hyperbolic"
        return "none" if self.points is None else "table"

    @property
    def tau(self) -> PerSegment[float] | None:
        """Seconds at which a hyperbolic curve has lost half of its effect."""
        return None if self.hyperbolic is None else self.hyperbolic.tau

    @property
    def a(self) -> PerSegment[float] | None:
        """Exponent of a hyperbolic curve."""
        return None if self.hyperbolic is None else self.hyperbolic.a

    @model_validator(mode="after")
    def _one_curve(self) -> Response:
        given = {
            "half_life": self.half_life,
            "hyperbolic": self.hyperbolic,
            "table": self.points,
            "preset": self.preset,
        }
        curves = [name for name, curve in given.items() if curve is not None]
        if len(curves) != 1:
            found = f"found {' and '.join(curves)}" if curves else "found no curve"
            raise Refusal(found, f"a response effect is exactly one of {', '.join(given)}")
        if "floor" in self.model_fields_set and self.half_life is None:
            remedy = "write it inside hyperbolic" if self.hyperbolic is not None else "remove it"
            raise Refusal(f"found floor beside {curves[0]}", "floor goes with half_life", remedy)
        return self


def spelt_out(response: Response) -> Response:
    """The response with its preset written as a curve, its floor and its defaults filled in."""
    changes: dict[str, Any] = {}
    if response.preset is not None:
        changes.update(PRESETS[response.preset])
    hyperbolic = changes.get("hyperbolic", response.hyperbolic)
    if hyperbolic is not None:
        changes["floor"] = hyperbolic.floor
    if response.causal_share is None:
        changes["causal_share"] = everyone(0.5 if response.preset is not None else 1.0)
    if response.scale:
        changes["scale"] = response.scale
    return response.model_copy(update={"scale": "probability", **changes})


def _curve(floor: float, tau: float, a: float) -> dict[str, Any]:
    """A hyperbolic curve for everyone; tau in seconds."""
    curve = Hyperbolic.model_construct(floor=everyone(floor), tau=everyone(tau), a=everyone(a))
    return {"hyperbolic": curve}


def _steps(*points: tuple[float, float]) -> dict[str, Any]:
    """A curve on the odds through points (minutes, factor)."""
    return {"points": tuple((60.0 * minutes, factor) for minutes, factor in points), "scale": "odds"}


PRESETS: dict[str, dict[str, Any]] = {
    "none": {},
    # Software Advice 2013, 6 million visitors: +30% over the mean at 5 s, the mean at 11 min; the floor is assumed.
    "mild": _curve(0.65, 5.74 * 60.0, 1.0),
    # Optifai 2025-26, close rate by delay, N = 939 firms: fitted, rmse 0.038 of the peak.
    "moderate": _curve(0.325, 25.0 * 60.0, 1.07),
    # Oldroyd, McElheran, Elkington, HBR March 2011: odds of qualifying 1/7 after the first hour, 1/60 after a day.
    "steep_hbr": _steps((0, 1.0), (60, 1.0), (60 + 1 / 60, 1 / 7), (1440, 1 / 7), (1440 + 1 / 60, 1 / 60)),
    # Lead Response Management 2007: odds of qualifying fall 21 times from 5 to 30 min, as t ** -1.70; held afterwards.
    "stress_lrm": _steps((0, 1.0), (5, 1.0), *((m, (m / 5.0) ** -1.7) for m in (7.5, 10, 15, 20, 30))),
}
