"""The JSON Schema of scenario files, for completion and hints in editors; made from the models.

It describes what people write, units included. What it accepts may still be refused on loading: a schema cannot add up
probabilities. `python -m funnelsim.scenario.schema` writes it beside this file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from funnelsim.scenario.families import FAMILIES, KINDS
from funnelsim.scenario.fields import DURATION_SCHEMA, MONEY_SCHEMA, PERCENT_SCHEMA
from funnelsim.scenario.model import Scenario

FILE = Path(__file__).with_name("scenario.schema.json")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, with defaults only where a person could write them."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        inner = self.generate_inner(schema["schema"])
        default = schema.get("default")
        written = isinstance(default, str | int | float) and default not in ("", 0)
        return {**inner, "default": default} if written else inner

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Schema:
        """An optional key is left out rather than null."""
        return self.generate_inner(schema["schema"])


def scenario_schema() -> Schema:
    """The JSON Schema of a scenario file."""
    schema = Scenario.model_json_schema(by_alias=True, schema_generator=_Generator)
    definitions: Schema = schema.pop("$defs")
    for part in (schema, *definitions.values()):
        _plain(part)
    definitions = _referred(definitions)
    del schema["properties"]["file"]
    _shorthands(definitions)
    _choices(definitions)
    definitions["duration_distribution"] = _distribution(DURATION_SCHEMA, by_segment="duration_distribution")
    definitions["money_distribution"] = _distribution(MONEY_SCHEMA)
    for part in definitions.values():
        part.pop("title", None)
    schema["title"] = "funnelsim scenario"
    return {"$schema": DIALECT, **schema, "$defs": dict(sorted(definitions.items()))}


def _plain(schema: Schema) -> None:
    """Take away the titles that only repeat a key."""
    for each in schema.get("properties", {}).values():
        if isinstance(each, dict):
            each.pop("title", None)


def _referred(schema: Any) -> Any:
    """The schema with every mark of a distribution turned into a reference; pydantic refuses those it does not know."""
    if isinstance(schema, list):
        return [_referred(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    unit = schema.get("x-distribution")
    reference = {"$ref": f"#/$defs/{unit}_distribution"} if unit else {}
    return {**reference, **{key: _referred(each) for key, each in schema.items() if key != "x-distribution"}}


def _by_segment(schema: Schema) -> list[Schema]:
    """A schema for everyone or by segment."""
    return [schema, {"type": "object", "minProperties": 1, "additionalProperties": schema}]


def _shorthands(definitions: Schema) -> None:
    """The short forms that models read and pydantic does not know."""
    distribution = {"$ref": "#/$defs/duration_distribution"}
    definitions["Exit"] = {
        "description": "a share of the table, by segment or not; or spelt out with p, logit or rest",
        "examples": ["30%", {"smb": "34%", "enterprise": "22%"}, {"rest": True, "reason": "unqualified"}],
        "anyOf": [PERCENT_SCHEMA, definitions["Exit"], {**_by_segment(PERCENT_SCHEMA)[1]}],
    }
    definitions["Patience"] = {"anyOf": [distribution, definitions["Patience"]]}
    normal = definitions["IntentLaw"]
    spelt = {"type": "object", "properties": {"normal": normal}, "required": ["normal"], "additionalProperties": False}
    definitions["IntentLaw"] = {"anyOf": [{"type": "number"}, spelt], "examples": [0.2, {"normal": {"mean": 0.2}}]}


def _choices(definitions: Schema) -> None:
    """Parts of which exactly one key is given."""
    for part, keys in {
        "Arrivals": ("rate", "batches", "replay"),
        "Batches": ("every", "at"),
        "Response": ("half_life", "hyperbolic", "table", "preset"),
    }.items():
        definitions[part]["oneOf"] = [{"required": [key]} for key in keys]


def _distribution(quantity: Schema, by_segment: str = "") -> Schema:
    """A quantity, or one family with its parameters; `by_segment` names the definition that may be given by segment."""
    kinds: Schema = {
        "quantity": quantity,
        "number": {"type": "number", "minimum": 0},
        "count": {"type": "integer", "minimum": 1, "maximum": 10_000},
    }
    if by_segment:
        kinds = {kind: {"anyOf": _by_segment(each)} for kind, each in kinds.items()}
    families = {name: _family(name, kinds) for name in FAMILIES}
    families["constant"] = {"anyOf": [quantity, families["constant"]]}
    values = {"type": "array", "minItems": 1, "items": quantity}
    families["empirical"] = _object({"values": values}, ["values"])
    weight = {"anyOf": _by_segment(PERCENT_SCHEMA)}
    part = _object({"weight": weight, **families}, ["weight"], minProperties=2, maxProperties=2)
    mixture = {"type": "array", "minItems": 2, "items": part}
    spelt = _object({**families, "mixture": mixture}, [], minProperties=1, maxProperties=1)
    again = [{"type": "object", "minProperties": 1, "additionalProperties": {"$ref": f"#/$defs/{by_segment}"}}]
    return {
        "description": "a single value, or one family with its parameters"
        + (", or one by segment" if by_segment else ""),
        "anyOf": [quantity, spelt, *(again if by_segment else [])],
    }


def _family(name: str, kinds: Schema) -> Schema:
    """The parameters of one family, in any of its forms."""
    forms = [_object({each: kinds[KINDS[each]] for each in form.names}, list(form.names)) for form in FAMILIES[name]]
    return {"description": f"{name} distribution", "anyOf": forms} if len(forms) > 1 else forms[0]


def _object(properties: Schema, required: list[str], **more: Any) -> Schema:
    """A mapping of exactly these keys."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False, **more}


def text() -> str:
    """The schema as it is shipped."""
    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
