"""The kinds of fields of a scenario: how each is read (units.py) and what an editor is told of it (JSON Schema)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from funnelsim.core.problems import did_you_mean
from funnelsim.scenario import moments, units
from funnelsim.scenario.refusal import Refusal, show, surroundings


class Part(BaseModel):
    """Any part of a scenario: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False, arbitrary_types_allowed=True)


def text(value: Any) -> str:
    """A text of at most 2,000 characters, on any number of lines; a number is taken as it is written."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Refusal(f"found {show(value)}", "it must be text")
    if not str(value).strip():
        raise Refusal("found an empty text", "it must say something")
    if len(str(value)) > 2000:
        raise Refusal(f"found {len(str(value))} characters", "a text has at most 2000")
    return str(value)


def name(value: Any) -> str:
    """The name of something else in the file."""
    if not isinstance(value, str | int) or isinstance(value, bool) or not str(value).strip():
        raise Refusal(f"found {show(value)}", "it must be a name")
    return str(value)


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Refusal(f"found {show(value)}", "it must be true or false")
    return value


@dataclass(frozen=True)
class OneOf:
    """The annotation of a `Literal` whose refusals name the nearest choice."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        choices = get_args(source)

        def read(value: Any) -> Any:
            if isinstance(value, str) and value in choices:
                return value
            remedy = did_you_mean(value, choices) if isinstance(value, str) else ""
            raise Refusal(f"found {show(value)}", f"it must be one of {', '.join(choices)}", remedy)

        return core_schema.no_info_before_validator_function(read, handler(source))


@dataclass(frozen=True)
class Bounded:
    """The annotation of a bare number from `low` to `high` (`open_low`: above `low`)."""

    low: float
    high: float
    what: str
    open_low: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        lower = "exclusiveMinimum" if self.open_low else "minimum"
        return {"type": "number", lower: self.low, "maximum": self.high}

    def read(self, value: Any) -> float:
        """The number, within its bounds."""
        found = units.number(value)
        return units.within(found, self.low, self.high, self.what, value, open_low=self.open_low)


@dataclass(frozen=True)
class Counted:
    """The annotation of a whole number from `low` to `high`."""

    low: int
    high: int
    what: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    def read(self, value: Any) -> int:
        """The whole number, within its bounds."""
        return units.whole(value, self.low, self.high, self.what)


def _read_with_currency(read: Callable[[Any, str], float]) -> PlainValidator:
    """A validator of money in the currency of the scenario."""

    def validate(value: Any, info: ValidationInfo) -> float:
        return read(value, surroundings(info.context).currency)

    return PlainValidator(validate)


def _pattern(pattern: str, *examples: str) -> dict[str, Any]:
    """The JSON Schema of a text of some form."""
    return {"type": "string", "pattern": rf"^\s*{pattern}\s*$", "examples": list(examples)}


_N = units.NUMBER.replace("?:", "")
_P = _N.removeprefix("[-+]?")
_CURRENCY = r"(\$\s*)?" + _P + r"(\s*[A-Z]{3})?"
DURATION_SCHEMA = _pattern(_P + r"\s*(s|min|h|d|w)", "5 min", "2 h", "3 d", "2 w")
PERCENT_SCHEMA = {
    "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, _pattern(_P + r"\s*%", "80%", "2.5%")],
    "examples": ["80%", 0.8],
}
FACTOR_SCHEMA = {
    "anyOf": [{"type": "number", "minimum": 0, "maximum": 100}, _pattern(_P + r"\s*%", "70%", "150%")],
    "examples": ["70%", 0.7],
}
LEVEL_SCHEMA = {"anyOf": [{"type": "number"}, _pattern(_N + r"\s*%", "60%", "-10%")], "examples": [120, "60%"]}
MONEY_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0}, _pattern(_CURRENCY, "92 USD", "$92")]}
MONTHLY_SCHEMA = {"anyOf": [{"const": 0}, _pattern(_CURRENCY + r"\s*/\s*(d|w|mo|y)", "4000 / mo", "90000 / y")]}
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[-+][0-9]{2}:?[0-9]{2})?)?"
MOMENT_SCHEMA = _pattern(_DATE + _CLOCK, "2026-01-05", "2026-01-05 10:00")


def _positive_duration(value: Any) -> float:
    """Seconds above 0."""
    return units.duration(value, open_low=True)


Text = Annotated[str, PlainValidator(text), WithJsonSchema({"type": ["string", "number"]})]
Name = Annotated[str, PlainValidator(name), WithJsonSchema({"type": "string"})]
Flag = Annotated[bool, PlainValidator(flag), WithJsonSchema({"type": "boolean"})]
Probability = Annotated[float, PlainValidator(units.probability), WithJsonSchema(PERCENT_SCHEMA)]
Factor = Annotated[float, PlainValidator(units.factor), WithJsonSchema(FACTOR_SCHEMA)]
Speed = Annotated[float, PlainValidator(units.speed), WithJsonSchema(FACTOR_SCHEMA)]
Duration = Annotated[float, PlainValidator(units.duration), WithJsonSchema(DURATION_SCHEMA)]
PositiveDuration = Annotated[float, PlainValidator(_positive_duration), WithJsonSchema(DURATION_SCHEMA)]
Level = Annotated[float, PlainValidator(units.level), WithJsonSchema(LEVEL_SCHEMA)]
Offset = Annotated[
    float,
    PlainValidator(units.offset),
    WithJsonSchema({"anyOf": [{"const": 0}, _pattern(_N + r"\s*(s|min|h)", "1 h", "-5 h", "5.5 h")]}),
]
Rate = Annotated[
    float,
    PlainValidator(units.rate),
    WithJsonSchema(_pattern(_P + r"\s*/\s*(s|min|h|d|w|mo|y)", "22 / d", "3 / h")),
]
Growth = Annotated[
    float,
    PlainValidator(units.growth),
    WithJsonSchema(_pattern(_N + r"\s*%?\s*/\s*(d|w|mo|y)", "20% / y", "-5% / y")),
]
Money = Annotated[float, _read_with_currency(units.money), WithJsonSchema(MONEY_SCHEMA)]
MonthlyMoney = Annotated[float, _read_with_currency(units.monthly_money), WithJsonSchema(MONTHLY_SCHEMA)]
Moment = Annotated[datetime, PlainValidator(moments.moment), WithJsonSchema(MOMENT_SCHEMA)]
Day = Annotated[date, PlainValidator(moments.day), WithJsonSchema(_pattern(_DATE, "2026-12-25"))]
Logit = Annotated[float, Bounded(-100.0, 100.0, "a log-odds number")]
Multiplier = Annotated[float, Bounded(0.0, 1e6, "a multiplier")]
Points = Annotated[float, Bounded(-1e6, 1e6, "points")]
Visits = Annotated[float, Bounded(0.0, 1e6, "visits per lead")]
Lessons = Annotated[float, Bounded(0.0, 1e6, "lessons")]
Enough = Annotated[float, Bounded(0.0, 1e6, "lessons", open_low=True)]
Exponent = Annotated[float, Bounded(0.0, 100.0, "an exponent", open_low=True)]
Spread = Annotated[float, Bounded(0.0, 100.0, "a standard deviation")]
Slots = Annotated[int, Counted(1, 1_000_000, "deals at once")]
Reps = Annotated[int, Counted(0, 10_000, "a number of reps")]
Waiting = Annotated[int, Counted(0, 1_000_000_000, "a queue limit")]
Priority = Annotated[int, Counted(0, 99, "a priority class")]
Answers = Annotated[int, Counted(0, 16, "a number of attributes")]
Stakeholders = Annotated[int, Counted(1, 1000, "a number of stakeholders")]
Tries = Annotated[int, Counted(1, 1000, "a number of attempts")]
DayOfMonth = Annotated[int, Counted(1, 28, "a day of every month")]
Returns = Annotated[int, Counted(0, 1000, "a number of returns")]
BatchSize = Annotated[int, Counted(1, 100_000_000, "a batch")]
Year = Annotated[int, Counted(1900, 2200, "a year")]

Owner = Annotated[Literal["marketing", "sales", "success"], OneOf()]
Clock = Annotated[Literal["business", "calendar"], OneOf()]
Terminal = Annotated[Literal["won", "lost"], OneOf()]
SaleKind = Annotated[Literal["new", "renewal", "expansion"], OneOf()]
Milestone = Annotated[Literal["lead", "mql", "sal", "sql", "opportunity"], OneOf()]
Recorded = Annotated[Literal["lead", "mql", "sal", "sql", "opportunity", "close"], OneOf()]
Bucket = Annotated[Literal["month", "week", "day", "quarter"], OneOf()]
Queue = Annotated[Literal["fifo", "lifo", "score", "value", "deadline", "priority", "preemptive"], OneOf()]
Assignment = Annotated[Literal["pooled", "round_robin", "least_loaded", "sticky"], OneOf()]
Deed = Annotated[Literal["count", "reprioritise", "reassign", "escalate", "pull_back"], OneOf()]
Scale = Annotated[Literal["probability", "odds"], OneOf()]
Preset = Annotated[Literal["none", "mild", "moderate", "steep_hbr", "stress_lrm"], OneOf()]
Confidence = Annotated[Literal["H", "M", "L", "assumed"], OneOf()]
