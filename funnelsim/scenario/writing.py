"""Fields that hold a distribution: how pydantic reads them (distribution_reader.py) and what an editor is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from funnelsim.scenario.distribution_reader import DistributionReader
from funnelsim.scenario.distributions import Distribution
from funnelsim.scenario.per_segment import DEFAULT, EVERYONE, PerSegment
from funnelsim.scenario.refusal import as_validation_error, surroundings


@dataclass(frozen=True)
class DistributionOf:
    """The annotation that makes pydantic read a `Distribution` in a unit: "duration" or "money"."""

    unit: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"x-distribution": self.unit}

    def read(self, value: Any, info: ValidationInfo) -> Distribution:
        """The distribution a value spells."""
        if isinstance(value, Distribution):
            return value
        reader = DistributionReader(self.unit, surroundings(info.context))
        laws = reader.distribution(value)
        if reader.refusals or laws is None:
            raise as_validation_error(reader.refusals)
        rest = laws.pop(DEFAULT, laws.pop(EVERYONE, None))
        return Distribution(PerSegment(rest, laws))


DurationLaw = Annotated[Distribution, DistributionOf("duration")]
MoneyLaw = Annotated[Distribution, DistributionOf("money")]
