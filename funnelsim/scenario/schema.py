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

from funnelsim.scenario.candidates import FIXED
from funnelsim.scenario.families import FAMILIES, KINDS, NAMES
from funnelsim.scenario.fields import (
    _CURRENCY,
    _N,
    _P,
    DURATION_SCHEMA,
    MOMENT_SCHEMA,
    MONEY_SCHEMA,
    MONTHLY_SCHEMA,
    PERCENT_SCHEMA,
)
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.ranges import LAWS, UNCERTAIN
from funnelsim.scenario.units import NUMBER

FILE = Path(__file__).with_name("scenario.schema.json")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
SHARED = {"duration": DURATION_SCHEMA, "share": PERCENT_SCHEMA, "money": MONEY_SCHEMA, "moment": MOMENT_SCHEMA}
"""Units that come again and again, as definitions of their own."""
EXACT = ("Correlation", "DealColumns", "Policy", "Source", "moment")
"""Definitions in which no range stands for a number."""
STARTS = (_N, _P, _CURRENCY)
"""How patterns of numbers with units begin."""
WORDS = ("enum", "const", "examples", "default", "required", "pattern", "propertyNames")
"""Keys of a schema under which no schema stands."""


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, with defaults only where a person could write them."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        inner = self.generate_inner(schema["schema"])
        default = schema.get("default")
        written = isinstance(default, str | int | float) and default not in ("", 0)
        return {**inner, "default": default} if written else inner


def scenario_schema() -> Schema:
    """The JSON Schema of a scenario file."""
    schema: Schema = Scenario.model_json_schema(by_alias=True, schema_generator=_Generator)
    del schema["properties"]["file"]
    definitions: Schema = schema["$defs"]
    for part in (schema, *definitions.values()):
        _plain(part)
    _shorthands(definitions)
    _choices(definitions)
    definitions |= _distribution("duration", DURATION_SCHEMA, by_segment=True)
    definitions |= _distribution("money", MONEY_SCHEMA)
    shared = _shared(schema)
    fixed = {key: each for key, each in shared["properties"].items() if key in FIXED}
    exact = {name: each for name, each in shared["$defs"].items() if name in EXACT}
    shared = _ranged({**shared, "$defs": {**shared["$defs"], **SHARED}})
    shared["properties"] |= fixed
    shared["$defs"] = dict(sorted({**shared["$defs"], **exact, "range": _range()}.items()))
    return {"$schema": DIALECT, "title": "funnelsim scenario", **shared}


def _ranged(schema: Any) -> Any:
    """The schema, in which a range may stand for any number."""
    if isinstance(schema, list):
        return [_ranged(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if _is_number(schema):
        said = {key: schema[key] for key in ("description", "examples", "default") if key in schema}
        options = schema["anyOf"] if "anyOf" in schema else [{k: v for k, v in schema.items() if k not in said}]
        return {**said, "anyOf": [*options, {"$ref": "#/$defs/range"}]}
    return {key: each if key in WORDS else _ranged(each) for key, each in schema.items()}


def _is_number(schema: Schema) -> bool:
    """Whether a schema asks for a number, bare or with a unit."""
    if "anyOf" in schema:
        return all(_is_number(each) or each == {"const": 0} for each in schema["anyOf"])
    pattern = str(schema.get("pattern", ""))
    return schema.get("type") in ("number", "integer") or any(pattern.startswith(rf"^\s*{each}") for each in STARTS)


def _range() -> Schema:
    """What stands for a number that nobody knows exactly."""
    number: Schema = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": rf"^\s*\$?\s*{NUMBER}"}]}
    laws = {
        name: {"anyOf": [_object(dict.fromkeys(form.names, number), list(form.names)) for form in forms]}
        for name, forms in LAWS.items()
    }
    side = rf"\s*\$?\s*{NUMBER}[^0-9]*"
    return {
        "description": "a number that nobody knows exactly: its 90% interval, or a distribution",
        "examples": ["20% to 30%", "2 d to 4 d", {"uncertain": {"triangular": {"low": 1, "mode": 2, "high": 4}}}],
        "anyOf": [
            {"type": "string", "pattern": rf"^{side}\sto\s{side}$"},
            _object({UNCERTAIN: _object(laws, [], minProperties=1, maxProperties=1)}, [UNCERTAIN]),
        ],
    }


def _shared(schema: Any) -> Any:
    """The schema with references for marks of distributions and for the units that come again and again."""
    if isinstance(schema, list):
        return [_shared(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    for name, unit in SHARED.items():
        if all(schema.get(key) == each for key, each in unit.items()):
            rest = {key: each for key, each in schema.items() if key not in unit}
            return {"$ref": f"#/$defs/{name}", **rest}
    mark = schema.get("x-distribution")
    reference = {"$ref": f"#/$defs/{mark}_distribution"} if mark else {}
    return {**reference, **{key: _shared(each) for key, each in schema.items() if key != "x-distribution"}}


def _plain(schema: Schema) -> None:
    """Take away the titles that only repeat a key."""
    for each in schema.get("properties", {}).values():
        if isinstance(each, dict):
            each.pop("title", None)


def _by_segment(schema: Schema) -> list[Schema]:
    """A schema for everyone or by segment."""
    return [schema, {"type": "object", "minProperties": 1, "additionalProperties": schema}]


def _shorthands(definitions: Schema) -> None:
    """The short forms that models read and pydantic does not know."""
    distribution = {"x-distribution": "duration"}
    definitions["Exit"] = {
        "description": "a share of the table, by segment or not; or spelt out with p, logit, value or rest",
        "examples": ["30%", {"smb": "34%", "enterprise": "22%"}, {"rest": True, "reason": "unqualified"}],
        "anyOf": [PERCENT_SCHEMA, definitions["Exit"], {**_by_segment(PERCENT_SCHEMA)[1]}],
    }
    definitions["Chance"] = {
        "description": "a probability, by segment or not; or spelt out with p or logit",
        "examples": ["30%", {"logit": -1, "intent": 0.5}],
        "anyOf": [PERCENT_SCHEMA, definitions["Chance"], {**_by_segment(PERCENT_SCHEMA)[1]}],
    }
    for part, short in {
        "Leak": {"anyOf": _by_segment(PERCENT_SCHEMA)},
        "Ramp": DURATION_SCHEMA,
        "Reliability": {"anyOf": _by_segment(PERCENT_SCHEMA)},
        "Sale": {"enum": ["new", "renewal", "expansion"]},
        "Tool": MONTHLY_SCHEMA,
    }.items():
        definitions[part] = {"anyOf": [short, definitions[part]]}
    definitions["Patience"] = {"anyOf": [distribution, definitions["Patience"]]}
    normal = definitions["IntentLaw"]
    spelt = {"type": "object", "properties": {"normal": normal}, "required": ["normal"], "additionalProperties": False}
    definitions["IntentLaw"] = {"anyOf": [{"type": "number"}, spelt], "examples": [0.2, {"normal": {"mean": 0.2}}]}


def _choices(definitions: Schema) -> None:
    """Parts of which exactly one key is given."""
    for part, keys in {
        "Arrivals": ("rate", "batches", "replay"),
        "Batches": ("every", "at"),
        "Touches": ("rate", "drip"),
        "Response": ("half_life", "hyperbolic", "table", "preset"),
    }.items():
        definitions[part]["oneOf"] = [{"required": [key]} for key in keys]


def _distribution(unit: str, quantity: Schema, *, by_segment: bool = False) -> Schema:
    """The definitions of a distribution in a unit: a quantity, or one family with its parameters; or one by segment."""
    kinds: Schema = {
        "quantity": quantity,
        "number": {"type": "number", "minimum": 0},
        "count": {"type": "integer", "minimum": 1, "maximum": 10_000},
    }
    if by_segment:
        kinds = {kind: {"anyOf": _by_segment(each)} for kind, each in kinds.items()}
    families = {name: _family(name, kinds) for name in FAMILIES}
    families["constant"] = {"anyOf": [quantity, families["constant"]]}
    families["empirical"] = _object({"values": {"type": "array", "minItems": 1, "items": quantity}}, ["values"])
    weight = {"anyOf": _by_segment(PERCENT_SCHEMA)}
    part = _object({"weight": weight, **families}, ["weight"], minProperties=2, maxProperties=2)
    mixture = {"type": "array", "minItems": 2, "items": part}
    law = {
        "description": "a single value, or one family with its parameters",
        "anyOf": [quantity, _object({**families, "mixture": mixture}, [], minProperties=1, maxProperties=1)],
    }
    each = {"$ref": f"#/$defs/{unit}_law"}
    names = {"propertyNames": {"not": {"enum": list(NAMES)}}}
    whole = [each, {**_by_segment(each)[1], **names}] if by_segment else [each]
    return {f"{unit}_law": law, f"{unit}_distribution": {"anyOf": whole}}


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
