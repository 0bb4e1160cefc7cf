"""What a run assumes: every number of its scenario file with where it comes from, or that nobody says.

A source belongs to a path and to all below it that have none of their own. Values are shown as they were written; what
was changed after the file was read, as `--set` does, is listed with what it became.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import xarray as xr

from funnelsim.core.problems import ScenarioError
from funnelsim.scenario import document as documents
from funnelsim.scenario.loading import loads

NO_NUMBERS: Final = ("name", "description", "sources", "views", "policies", "start", "bucket", "currency", "tick")
"""Parts of a scenario that assume nothing of the funnel."""
DEEP: Final = 3
"""Steps of a path below which numbers are shown together."""
MOST, SHORT = 160, 90
"""Letters of a value, and of one that has a source beside it."""


@dataclass(frozen=True)
class Assumption:
    """A path, its value as it was written, and who says so; no source is ''."""

    path: str
    value: str
    source: str = ""
    year: int | None = None
    confidence: str = "assumed"


@dataclass(frozen=True)
class Change:
    """A value that differs from the file: its path in the scenario as read, and what it was and is."""

    path: str
    before: str
    after: str


def assumptions(ds: xr.Dataset) -> tuple[Assumption, ...]:
    """Those with a source in the order of the file, then those without."""
    tree, sources = _tree(ds), json.loads(ds.attrs["scenario"]).get("sources") or {}
    sourced = [
        Assumption(path, written(_at(tree, path), SHORT), each["source"], each.get("year"), each["confidence"])
        for path, each in sources.items()
    ]
    parts = {key: value for key, value in tree.items() if key not in NO_NUMBERS}
    return (*sourced, *(Assumption(path, written(value)) for path, value in _unsourced(parts, "", sources)))


def _tree(ds: xr.Dataset) -> dict[str, Any]:
    """The scenario as it was written; as it was read where there is no file."""
    text = str(ds.attrs.get("scenario_file", ""))
    if text:
        tree: dict[str, Any] = documents.parse(text.encode(), "scenario").tree
        return tree
    found: dict[str, Any] = _without_nothing(json.loads(ds.attrs["scenario"]))
    return found


def _without_nothing(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _without_nothing(each) for key, each in node.items() if each is not None and each != {}}
    return node


def _at(tree: Any, path: str) -> Any:
    """What stands at a path; names may hold dots, so the longest key that fits is taken."""
    while path and isinstance(tree, Mapping):
        fitting = [key for key in map(str, tree) if path == key or path.startswith(f"{key}.")]
        if not fitting:
            return None
        key = max(fitting, key=len)
        tree, path = tree[key], path[len(key) + 1 :]
    return tree


def _unsourced(node: Mapping[str, Any], above: str, sources: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Parts of a scenario that hold a number and have no source."""
    for key, value in node.items():
        path = f"{above}.{key}" if above else str(key)
        if path in sources:
            continue
        deeper = any(name.startswith(f"{path}.") for name in sources)
        if isinstance(value, Mapping) and (deeper or path.count(".") + 1 < DEEP):
            yield from _unsourced(value, path, sources)
        elif any(letter.isdigit() for letter in written(value, 10_000)):
            yield path, value


def written(value: Any, most: int = MOST) -> str:
    """A value on one line, as YAML has it in braces."""
    if isinstance(value, Mapping):
        text = ", ".join(f"{key}: {written(each, most)}" for key, each in value.items())
        text = f"{{{text}}}"
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(written(each, most) for each in value)}]"
    else:
        text = {True: "true", False: "false", None: ""}.get(value, str(value)) if _plain(value) else str(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def changes(ds: xr.Dataset) -> tuple[Change, ...] | None:
    """What differs from the scenario's file; None where there is no file, or it can no longer be read."""
    text = str(ds.attrs.get("scenario_file", ""))
    if not text:
        return None
    try:
        before = json.loads(loads(text).model_dump_json(warnings="none"))
    except (ScenarioError, OSError):
        return None
    return tuple(_differences(before, json.loads(ds.attrs["scenario"]), ""))


def _differences(before: Any, after: Any, above: str) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            path = f"{above}.{key}" if above else str(key)
            yield from _differences(before.get(key), after.get(key), path)
    elif isinstance(before, list) and isinstance(after, list) and len(before) != len(after):
        yield Change(above, f"{len(before)} entries", f"{len(after)} entries")
    elif isinstance(before, list) and isinstance(after, list):
        for at, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, f"{above}[{at}]")
    elif before != after:
        yield Change(above, written(before), written(after))
