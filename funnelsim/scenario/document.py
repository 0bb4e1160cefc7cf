"""A YAML 1.2 document as plain dicts, lists and scalars, with the line of every key.

Texts, numbers, true, false and null are the only scalars: dates stay texts, tags are refused, nothing is executed.
Aliases are copied out, and size, depth and number of nodes are bounded, so that no file can hang the reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scanner import Scanner

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.scenario.refusal import cut

Path = tuple[str | int, ...]

MOST_BYTES = 1_000_000
MOST_NODES = 60_000
DEEPEST = 40
LONGEST_TAG = 200
_CORE = "tag:yaml.org,2002:"
_MERGE = "<<"
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Document:
    """The tree of a file, the line of every path (from 1) and what was wrong already."""

    name: str
    tree: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    origins: dict[Path, str] = field(default_factory=dict)
    """Paths that come from elsewhere than the file, with the name of where (`--set`)."""

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


class _TooMuchError(YAMLError):
    """A document that is too deep or too large."""

    def __init__(self, found: str, rule: str, line: int | None) -> None:
        super().__init__(found)
        self.found, self.rule, self.line = found, rule, line


class _BoundedComposer(Composer):
    """Composes nodes and stops where a document is too deep or too large."""

    depth = 0
    n_nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.depth += 1
        self.n_nodes += 1
        if self.depth > DEEPEST or self.n_nodes > MOST_NODES:
            line = self.parser.peek_event().start_mark.line + 1
            if self.depth > DEEPEST:
                raise _TooMuchError("nested too deeply", f"a scenario is at most {DEEPEST} levels deep", line)
            raise _TooMuchError("too many entries", f"a scenario has at most {MOST_NODES}", line)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def check_end_doc_comment(self, end_event: Any, node: Any) -> None:
        """Comments are not kept."""


class _BoundedScanner(Scanner):
    """Scans tokens and stops at tags of no sensible length, on which the scanner would take quadratic time."""

    def scan_tag(self) -> Any:
        head = self.reader.prefix(LONGEST_TAG)
        if len(head) == LONGEST_TAG and not any(c.isspace() or c == "\0" for c in head):
            raise _TooMuchError("found a tag without an end", "a scenario has no tags", self.reader.line + 1)
        return super().scan_tag()


def parse(data: str | bytes, name: str) -> Document:
    """The document in a text; a `ScenarioError` when it is no YAML mapping at all."""
    text = _decoded(data, name)
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer, yaml.Scanner = _BoundedComposer, _BoundedScanner
        root = yaml.compose(text)
    except _TooMuchError as error:
        raise ScenarioError([Problem(name, error.line, "", error.found, error.rule)]) from None
    except (YAMLError, YAMLStreamError, ValueError, RecursionError) as error:
        raise ScenarioError([_syntax_problem(error, name)]) from None
    if not isinstance(root, MappingNode):
        found = "the file is empty" if root is None else "the file is not a mapping"
        raise ScenarioError([Problem(name, 1, "", found, "a scenario is a mapping of keys", "start with `name: ...`")])
    reader = _TreeReader(Document(name, {}))
    try:
        reader.document.tree = reader.mapping(root, ())
    except _TooMuchError as error:
        raise ScenarioError([Problem(name, error.line, "", error.found, error.rule)]) from None
    return reader.document


def scalar(text: str) -> Any:
    """The value a piece of YAML spells, for `--set`; raises `ScenarioError`."""
    document = parse("value:\n  " + text.replace("\n", "\n  "), "--set")
    if document.problems:
        raise ScenarioError(document.problems)
    return document.tree.get("value")


def _decoded(data: str | bytes, name: str) -> str:
    """The text of a file in UTF-8, with or without a byte order mark."""
    if len(data) > MOST_BYTES:
        rule = f"a scenario has at most {MOST_BYTES // 1_000_000} MB"
        raise ScenarioError([Problem(name, None, "", f"the file has {len(data)} bytes", rule)])
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = bytes(data).count(b"\n", 0, error.start) + 1  # type: ignore[arg-type]
        found = f"byte {error.object[error.start]:#04x} is no UTF-8"
        raise ScenarioError([Problem(name, line, "", found, "a scenario is a text in UTF-8")]) from None
    text = text.removeprefix("\ufeff")
    if odd := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        found = f"character U+{ord(odd[0]):04X} is not allowed"
        raise ScenarioError([Problem(name, line, "", found, "a scenario is printable text")])
    return text


def _syntax_problem(error: Exception, name: str) -> Problem:
    """What YAML itself could not read, with its line."""
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        said = " ".join(part for part in (error.context, error.problem) if part)
        return Problem(name, line, "", f"not YAML: {cut(said, 200)}", "", _hint(said))
    return Problem(name, None, "", f"not YAML: {cut(str(error), 200)}")


def _hint(said: str) -> str:
    """The way out of the commonest slips in YAML."""
    if "\\t" in said or "tab" in said:
        return "indent with blanks, not with tabs"
    if "mapping values are not allowed" in said:
        return "put a text that holds `: ` in quotes, and indent keys of one mapping alike"
    if "expected ',' or" in said:
        return "close the bracket, or put a comma between entries"
    return ""


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
            raise _TooMuchError("aliases unfold to too many entries", f"a scenario has at most {MOST_NODES}", line)
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
