"""Overrides: `teams.sdr.reps = 6`, laid over a document before it is read.

A path must lead to a mapping or list entry that exists; its last step may be a key that is not there yet, which the
model then accepts or refuses. Texts are read as YAML, other values are taken as they are. `arrivals` may be left out
of a channel's path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from funnelsim.core.problems import Problem, ScenarioError, did_you_mean, nearest
from funnelsim.scenario.channels import Arrivals
from funnelsim.scenario.document import Document, Path, dotted, scalar
from funnelsim.scenario.refusal import show

ORIGIN = "--set"


class Verbatim(str):
    """A text that is taken as it stands, and not read as YAML; a study makes thousands of them."""

    __slots__ = ()


def lay_over(document: Document, overrides: Mapping[str, object]) -> None:
    """Change the tree of a document in place; what cannot be laid over becomes a problem of the document."""
    for key, value in overrides.items():
        try:
            parsed = _parsed(value)
        except ScenarioError as error:
            document.problems += [
                Problem(ORIGIN, None, key, problem.found, problem.rule, problem.remedy) for problem in error.problems
            ]
            continue
        problem = _set(document, str(key), parsed)
        if problem is not None:
            document.problems.append(problem)


def full_path(tree: Any, key: str) -> str:
    """The dotted path that an override's key stands for."""
    return ".".join(_steps(tree, key))


def _parsed(value: object) -> Any:
    """The value as YAML would give it."""
    if isinstance(value, Verbatim):
        return str(value)
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, date):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _parsed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_parsed(each) for each in value]
    return value


def _set(document: Document, key: str, value: Any) -> Problem | None:
    """Put one value into the tree, or say why its path leads nowhere."""
    *parents, last = steps = _steps(document.tree, key)
    node: Any = document.tree
    path: Path = ()
    for step in parents:
        index = _index(node, step)
        if index is None:
            return _nowhere(document, key, (*path, step), step, node)
        path, node = (*path, index), node[index]
    index = last if isinstance(node, dict) else _index(node, last)
    if index is None or not all(steps):
        return _nowhere(document, key, (*path, last), last, node)
    node[index] = value
    path = (*path, index)
    _forget(document, path)
    document.origins[path] = ORIGIN
    return None


def _steps(tree: Any, key: str) -> list[str]:
    """The steps of a dotted path; a key that itself holds dots (as under `sources`) counts as one step."""
    head, _, rest = key.partition(".")
    if head == "sources" and rest and isinstance(tree.get("sources"), dict):
        known = [name for name in tree["sources"] if rest == name or rest.startswith(f"{name}.")]
        if known:
            name = max(known, key=len)
            return [head, name, *(rest[len(name) + 1 :].split(".") if len(rest) > len(name) else [])]
    steps = key.split(".")
    if head == "channels" and len(steps) > 2 and steps[2] in Arrivals.model_fields:
        # What belongs to arrivals may be said of the channel: channels.leads.replay.file.
        steps.insert(2, "arrivals")
    return steps


def _index(node: Any, step: str) -> str | int | None:
    """The key or index of an existing entry."""
    if isinstance(node, dict):
        return step if step in node else None
    if isinstance(node, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(node):
        return int(step)
    return None


def _forget(document: Document, path: Path) -> None:
    """Drop the lines and problems below a path that was replaced."""
    for known in [known for known in document.lines if known[: len(path)] == path]:
        del document.lines[known]
    key = dotted(path)
    document.problems = [
        problem
        for problem in document.problems
        if problem.file == ORIGIN or not (problem.key == key or problem.key.startswith(f"{key}."))
    ]


def _nowhere(document: Document, key: str, at: Path, step: str, node: Any) -> Problem:
    """The problem of a path that leads nowhere, with the nearest one that does."""
    rule = "an override changes something that is in the scenario"
    if not isinstance(node, dict | list):
        where = dotted(at[:-1]) or "the scenario"
        return Problem(ORIGIN, None, key, f"{where} is {show(node)} and has nothing in it", rule)
    names = list(node) if isinstance(node, dict) else [str(i) for i in range(len(node))]
    remedy = did_you_mean(step, names)
    if nearest(step, names) is None and (longer := _with_same_end(document.tree, key)):
        remedy = f"did you mean {longer}?"
    return Problem(ORIGIN, None, key, f"there is no {dotted(at)}", rule, remedy)


def _with_same_end(tree: Any, key: str) -> str | None:
    """The path in the tree that has all steps of the key in their order, and more between them."""
    steps = key.split(".")
    for path in _paths(tree, ()):
        rest = iter([str(step) for step in path])
        if str(path[-1]) == steps[-1] and all(step in rest for step in steps):
            return dotted(path)
    return None


def _paths(node: Any, path: Path) -> Iterator[Path]:
    """All paths of a tree."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, each in items:
        yield (*path, step)
        yield from _paths(each, (*path, step))
