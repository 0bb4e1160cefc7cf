"""A value that may differ by segment: one number for everyone, or `{smb: 34%, enterprise: 22%, default: 30%}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from funnelsim.core.problems import did_you_mean
from funnelsim.scenario.refusal import Refusal, Surroundings, as_validation_error, cut, surroundings

T = TypeVar("T")
EVERYONE = ""
DEFAULT = "default"


@dataclass(frozen=True)
class PerSegment(Generic[T]):
    """What holds for each segment; `everyone` answers for those not named and is None when all are named."""

    everyone: T | None
    named: Mapping[str, T] = field(default_factory=dict)

    def of(self, segment: str) -> T:
        """The value for one segment."""
        if segment in self.named:
            return self.named[segment]
        if self.everyone is None:
            raise KeyError(segment)
        return self.everyone

    def values(self) -> tuple[T, ...]:
        """Every value that some segment may have."""
        rest = () if self.everyone is None else (self.everyone,)
        return (*self.named.values(), *rest)


@dataclass(frozen=True)
class BySegment:
    """The annotation that makes pydantic read a `PerSegment` of whatever it holds."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        (item,) = get_args(source)
        table = core_schema.dict_schema(core_schema.str_schema(), handler.generate_schema(item))
        return core_schema.with_info_wrap_validator_function(_read, table)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        item = handler(schema)["additionalProperties"]
        by_segment = {"type": "object", "minProperties": 1, "additionalProperties": item}
        return {"anyOf": [item, {**by_segment, "description": "by segment, with `default` for those not named"}]}


Each = Annotated[PerSegment[T], BySegment()]
"""The type of a field that may be given by segment: `Each[Probability]`."""


def everyone(value: T) -> PerSegment[T]:
    """One value for all segments."""
    return PerSegment(value)


def _read(value: Any, handler: Any, info: ValidationInfo) -> PerSegment[Any]:
    """A plain value or a mapping by segment; problems of names and of values are reported together."""
    if isinstance(value, PerSegment):
        return value
    refusals: list[Refusal] = []
    if isinstance(value, dict):
        refusals = list(name_refusals(value, surroundings(info.context)))
        wrong = {refusal.at[0] for refusal in refusals if refusal.at}
        table = {key: item for key, item in value.items() if key not in wrong}
    else:
        table = {EVERYONE: value}
    try:
        parsed = handler(table)
    except ValidationError as error:
        raise as_validation_error(refusals, error) from None
    if refusals:
        raise as_validation_error(refusals)
    default = parsed.pop(DEFAULT, parsed.pop(EVERYONE, None))
    return PerSegment(default, parsed)


def name_refusals(table: Mapping[str, Any], around: Surroundings, also: Iterable[str] = ()) -> Iterable[Refusal]:
    """Segments named in a mapping that do not exist, and segments it forgets."""
    if not table:
        yield Refusal("found an empty mapping", "it must have a value for every segment")
        return
    if around.segments is None:
        return
    known = [*around.segments, DEFAULT]
    for key in table:
        if key not in known:
            remedy = did_you_mean(key, [*known, *also])
            yield Refusal(f"unknown segment {cut(key)}", "a mapping here gives a value by segment", remedy, at=(key,))
    forgotten = [name for name in around.segments if name not in table]
    misspelt = any(key not in known for key in table)
    if forgotten and DEFAULT not in table and not misspelt:
        names = ", ".join(cut(name, 40) for name in forgotten[:5])
        yield Refusal(f"no value for segment {names}", "every segment needs one", "add it, or `default:`")
