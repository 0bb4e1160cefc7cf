"""A YAML 1.2 document as plain dicts, lists and scalars, with the line of every key.

Texts, numbers, true, false and null are the only scalars: dates stay texts, tags are refused, nothing is executed.
Aliases are copied out, within the bounds of yaml_nodes.py.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.scenario.refusal import cut
from funnelsim.scenario.yaml_nodes import DEEPEST, MOST_NODES, TooMuchError, compose

Path = tuple[str | int, ...]

_CORE = "tag:yaml.org,2002:"
_MERGE = "<<"


@dataclass
class Document:
    """The tree of a file, the line of every path (from 1) and what was wrong already."""

    name: str
    tree: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    origins: dict[Path, str] = field(default_factory=dict)
    """Paths that come from elsewhere than the file, with the name of where (`--set`)."""
    refused: set[Path] = field(default_factory=set)
    """Paths whose problem is known already; nobody judges them again."""

    def line(self, path: Path) -> int | None:
        """The line of a path, or of its nearest ancestor that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def problem(self, path: Path, found: str, rule: str = "", remedy: str = "", key: str | None = None) -> Problem:
        """A problem at a path of this document."""
        for depth in range(len(path), 0, -1):
            if path[:depth] in self.origins:
                return Problem(self.origins[path[:depth]], None, key or dotted(path), found, rule, remedy)
        return Problem(self.name, self.line(path), dotted(path) if key is None else key, found, rule, remedy)


def dotted(path: Path) -> str:
    """A path as people read it: `stages.qualify.sla.on_breach.0.after`."""
    return ".".join(cut(str(step), 40) for step in path)


def parse(data: str | bytes, name: str) -> Document:
    """The document in a text; a `ScenarioError` when it is no YAML mapping at all."""
    root = compose(data, name)
    reader = _TreeReader(Document(name, {}))
    try:
        reader.refuse_tag(root, (), "map")
        reader.document.tree = reader.mapping(root, ())
    except TooMuchError as error:
        raise ScenarioError([error.problem(name)]) from None
    return reader.document


@lru_cache(maxsize=4)
def _kept(data: bytes, name: str) -> Document:
    return parse(data, name)


def parsed_again(data: bytes, name: str) -> Document:
    """The document of a text that is read many times, as `parse` gives it; the caller may change it."""
    kept = _kept(data, name)
    return Document(name, copy.deepcopy(kept.tree), dict(kept.lines), list(kept.problems))


def scalar(text: str) -> Any:
    """The value a piece of YAML spells, for `--set`; raises `ScenarioError`."""
    return copy.deepcopy(_scalar(text))


@lru_cache(maxsize=256)
def _scalar(text: str) -> Any:
    document = parse("value:\n  " + text.replace("\n", "\n  "), "--set")
    if document.problems:
        raise ScenarioError(document.problems)
    return document.tree.get("value")


class _TreeReader:
    """Turns nodes into plain values and notes the line of every key."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.n_nodes = 0

    def value(self, node: Node, path: Path) -> Any:
        """The plain value of a node."""
        self.n_nodes += 1
        if self.n_nodes > MOST_NODES or len(path) > 2 * DEEPEST:
            line = node.start_mark.line + 1
            raise TooMuchError("aliases unfold to too many entries", f"a scenario has at most {MOST_NODES}", line)
        if isinstance(node, MappingNode):
            self.refuse_tag(node, path, "map")
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            self.refuse_tag(node, path, "seq")
            return self.sequence(node, path)
        assert isinstance(node, ScalarNode)
        return self.scalar(node, path)

    def refuse(self, node: Node, path: Path, found: str, rule: str = "", remedy: str = "") -> None:
        """Note a problem at the line of a node."""
        line = node.start_mark.line + 1
        self.document.problems.append(Problem(self.document.name, line, dotted(path), found, rule, remedy))

    def refuse_tag(self, node: Node, path: Path, *allowed: str) -> None:
        """Refuse tags such as `!!python/object`: a scenario is data only."""
        tag = str(node.tag)
        if tag.removeprefix(_CORE) not in allowed:
            self.refuse(
                node, path, f"found the tag {cut(tag.replace(_CORE, '!!'))}", "a scenario has no tags", "remove it"
            )

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        """A mapping with texts as keys; a key that comes twice is a problem, and its first value stays."""
        result: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.refuse(key_node, path, "a key is a list or a mapping", "keys are names")
                continue
            key = key_node.value
            if key == _MERGE and key_node.style is None:
                self.merge(value_node, path, merged)
            elif key in result:
                first = self.document.lines[(*path, key)]
                self.refuse(
                    key_node,
                    (*path, key),
                    f"found a second time, after line {first}",
                    "a key stands once",
                    "remove one of the two",
                )
            else:
                self.document.lines[(*path, key)] = key_node.start_mark.line + 1
                result[key] = self.value(value_node, (*path, key))
        return {**merged, **result} if merged else result

    def merge(self, node: Node, path: Path, merged: dict[str, Any]) -> None:
        """Take over the keys of an aliased mapping (`<<: *base`), or of several; earlier ones win."""
        for each in node.value if isinstance(node, SequenceNode) else [node]:
            if not isinstance(each, MappingNode):
                self.refuse(each, path, "<< is followed by no mapping", "<< takes over the keys of a mapping")
                continue
            known = dict(self.document.lines)
            for key, value in self.mapping(each, path).items():
                merged.setdefault(key, value)
            self.document.lines.update(known)

    def sequence(self, node: SequenceNode, path: Path) -> list[Any]:
        """A list."""
        for i, each in enumerate(node.value):
            self.document.lines[(*path, i)] = each.start_mark.line + 1
        return [self.value(each, (*path, i)) for i, each in enumerate(node.value)]

    def scalar(self, node: ScalarNode, path: Path) -> Any:
        """A text, a number, true, false or null; dates stay texts."""
        self.refuse_tag(node, path, "str", "null", "bool", "int", "float", "timestamp", "merge", "value")
        kind, text = str(node.tag).removeprefix(_CORE), node.value
        if kind == "null" and text in ("", "~", "null", "Null", "NULL"):
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind == "int":
            return _integer(text)
        if kind == "float":
            return _floating(text)
        return text


def _integer(text: str) -> int | str:
    """A whole number, also `1_000`; the text itself where it is none, as are `0x1F` and numbers of 4000 digits."""
    try:
        return int(text)
    except ValueError:
        return text


def _floating(text: str) -> float | str:
    """A number with a point, also `.inf` and `.nan`; the text itself where it is none."""
    plain = text.lower()
    try:
        return float(plain.replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return text
