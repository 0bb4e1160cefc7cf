"""The JSON Schema for editors is up to date, accepts what is sound and refuses the commonest slips."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from funnelsim.scenario import document, schema

from .places import FULL, SHIPPED, SMALL, small

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema.FILE.read_text(encoding="utf-8")))
SOUND = [FULL, *sorted(SHIPPED.rglob("*.yaml"))]


def errors(text: str | bytes) -> list[str]:
    """What the schema says of a text."""
    return [error.message for error in VALIDATOR.iter_errors(document.parse(text, "a.yaml").tree)]


def test_the_shipped_schema_is_up_to_date() -> None:
    same = schema.FILE.read_text(encoding="utf-8") == schema.text()
    assert same, "run python -m funnelsim.scenario.schema"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("file", SOUND, ids=[file.stem for file in SOUND])
def test_every_sound_file_fits(file: Path) -> None:
    assert errors(file.read_bytes()) == []


@pytest.mark.parametrize("file", SOUND[1:], ids=[file.stem for file in SOUND[1:]])
def test_every_shipped_file_tells_editors_where_its_schema_is(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    prefix = "# yaml-language-server: $schema="
    assert first.startswith(prefix)
    assert (file.parent / first.removeprefix(prefix)).resolve() == schema.FILE.resolve()


@pytest.mark.parametrize(
    "change",
    [
        ("horizon: 52 w", "horizon: 52"),
        ("horizon: 52 w", "horizn: 52 w"),
        ("duration: 3 d", "duration: 3"),
        ("duration: 3 d", "duration: 3 months"),
        ("won: 30%", "won: 30"),
        ("rate: 5 / d", "rate: 5"),
        ("reps: 2", "reps: two"),
        ("mon-fri 9-17", "monday"),
        ("{terminal: won}", "{terminal: win}"),
        ("duration: 3 d", "duration: {lognorm: {median: 3 d}}"),
        ("duration: 3 d", "duration: {lognormal: {median: 3 d}}"),
        ("{rate: 5 / d}", "{}"),
        ("2026-01-05", "05.01.2026"),
        ("lost: {rest: true}", "lost: {rest: yes}"),
        ("reps: 2", "reps: 2, queue: fiffo"),
        ("reps: 2", "reps: 2, salary: 5200"),
    ],
    ids=range(16),
)
def test_the_commonest_slips_do_not_fit(change: tuple[str, str]) -> None:
    assert errors(SMALL) == []
    assert errors(small(change))


def test_every_key_is_described_for_completion() -> None:
    described = [
        ("description" in field or "$ref" in field, f"{part}.{key}")
        for part, each in [("", VALIDATOR.schema), *VALIDATOR.schema["$defs"].items()]
        for key, field in each.get("properties", {}).items()
    ]
    assert [key for is_described, key in described if not is_described] == []
