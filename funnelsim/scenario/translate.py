"""Gives every error of pydantic its place in the file and the words a person needs."""

from __future__ import annotations

import types
import typing
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from funnelsim.core.problems import Problem, did_you_mean, nearest
from funnelsim.scenario.document import Document, Path, dotted
from funnelsim.scenario.per_segment import PerSegment
from funnelsim.scenario.refusal import Refusal, show

Finding = tuple[Path, Problem, tuple[Path, ...]]
"""The path in the tree to leave out, the problem, and every path that can no longer be judged."""

MISSING, UNKNOWN = "is missing", "unknown key"


def findings(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Finding]:
    """What pydantic found, each with its place in the document."""
    found = [_finding(each, document, model) for each in error.errors(include_url=False)]  # type: ignore[arg-type]
    misspelt = {judged[1] for _, problem, judged in found if problem.found == UNKNOWN and len(judged) > 1}
    return [each for each in found if each[1].found != MISSING or each[2][0] not in misspelt]


def _finding(error: dict[str, Any], document: Document, model: type[BaseModel]) -> Finding:
    """One error in our words."""
    loc, kind = error["loc"], error["type"]
    path = _in_tree(document.tree, loc)
    inner = error.get("ctx", {}).get("error")
    if isinstance(inner, Refusal):
        return path, document.problem(path, inner.found, inner.rule, inner.remedy), (path,)
    if kind == "missing":
        wanted = (*path, loc[-1])
        problem = document.problem(path, MISSING, "it is required", "", key=dotted(wanted))
        return path, problem, (wanted, path) if path else (wanted,)
    if kind == "extra_forbidden":
        names = _fields_at(model, loc[:-1])
        near = nearest(str(loc[-1]), names)
        problem = document.problem(path, UNKNOWN, "", did_you_mean(str(loc[-1]), names))
        return path, problem, (path, (*path[:-1], near)) if near else (path,)
    found, rule = _said(kind, error)
    return path, document.problem(path, found, rule), (path,)


def _said(kind: str, error: dict[str, Any]) -> tuple[str, str]:
    """Found and rule of an error that pydantic itself raises."""
    found = f"found {show(error['input'])}"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return found, "it must be a mapping of keys"
    if kind in ("tuple_type", "list_type"):
        return found, "it must be a list"
    if kind in ("too_short", "too_long"):
        return found, "it must have " + error["msg"].split("should have ")[-1].split(" after ")[0]
    if kind == "recursion_loop":
        return "refers to itself", "a scenario has no loops of aliases"
    return found, error["msg"][:1].lower() + error["msg"][1:]


def _in_tree(tree: Any, loc: Path) -> Path:
    """The steps of a location that exist in the tree, without those that short forms add, with those they leave out."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(tree, dict) and step not in tree and len(tree) == 1:
            (only,) = tree
            if isinstance(tree[only], dict) and step in tree[only]:
                path, tree = [*path, only], tree[only]
        if (isinstance(tree, dict) and step in tree) or (
            isinstance(tree, list) and isinstance(step, int) and step < len(tree)
        ):
            tree = tree[step]  # type: ignore[index]
            path.append(step)
    return tuple(path)


def _fields_at(model: Any, loc: Path) -> list[str]:
    """The keys that are valid at a location of the model."""
    for step in loc:
        model = _inner(model, step)
    model = _model_in(model)
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items() if field.exclude is not True]


def _inner(kind: Any, step: str | int) -> Any:
    """The type of one step below a type."""
    model = _model_in(kind)
    if model is not None:
        for name, field in model.model_fields.items():
            if step in (name, field.alias):
                return field.annotation
        return None
    origin, args = get_origin(kind), get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return next((found for arg in args if (found := _inner(arg, step)) is not None), None)
    if origin is typing.Annotated:
        return _inner(args[0], step)
    if origin is dict:
        return args[1]
    return args[0] if origin in (tuple, list, PerSegment) else None


def _model_in(kind: Any) -> type[BaseModel] | None:
    """The model a type is, alone or beside None."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    if get_origin(kind) in (typing.Union, types.UnionType, typing.Annotated):
        return next((found for arg in get_args(kind) if (found := _model_in(arg)) is not None), None)
    return None
