"""The nodes of a YAML text, composed within bounds of size, depth and number, so that no file can hang the reader.

What YAML itself cannot read becomes a problem with its line; what the nodes mean is not known here.
"""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.nodes import MappingNode
from ruamel.yaml.scanner import Scanner

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.scenario.refusal import cut

MOST_BYTES = 1_000_000
MOST_NODES = 60_000
DEEPEST = 40
LONGEST_TAG = 200
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class TooMuchError(YAMLError):
    """A document that is too deep or too large."""

    def __init__(self, found: str, rule: str, line: int | None) -> None:
        super().__init__(found)
        self.found, self.rule, self.line = found, rule, line

    def problem(self, file: str) -> Problem:
        """The same as a problem of a file."""
        return Problem(file, self.line, "", self.found, self.rule)


class _BoundedComposer(Composer):
    """Composes nodes and stops where a document is too deep or too large."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # YAML 1.2 lets an anchor be set again; ruamel would warn on the terminal, without the file.
        self.warn_double_anchors = False
        self.level = self.n_nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.level += 1
        self.n_nodes += 1
        if self.level > DEEPEST or self.n_nodes > MOST_NODES:
            line = self.parser.peek_event().start_mark.line + 1
            if self.level > DEEPEST:
                raise TooMuchError("nested too deeply", f"a scenario is at most {DEEPEST} levels deep", line)
            raise TooMuchError("too many entries", f"a scenario has at most {MOST_NODES}", line)
        node = super().compose_node(parent, index)
        self.level -= 1
        return node

    def check_end_doc_comment(self, end_event: Any, node: Any) -> None:
        """Comments are not kept."""


class _BoundedScanner(Scanner):
    """Scans tokens and stops at tags of no sensible length, on which the scanner would take quadratic time."""

    def scan_tag(self) -> Any:
        head = self.reader.prefix(LONGEST_TAG)
        if len(head) == LONGEST_TAG and not any(c.isspace() or c == "\0" for c in head):
            raise TooMuchError("found a tag without an end", "a scenario has no tags", self.reader.line + 1)
        return super().scan_tag()


def compose(data: str | bytes, name: str) -> MappingNode:
    """The root node of a text; a `ScenarioError` when it is no YAML mapping at all."""
    text = _decoded(data, name)
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer, yaml.Scanner = _BoundedComposer, _BoundedScanner
        root = yaml.compose(text)
    except TooMuchError as error:
        raise ScenarioError([error.problem(name)]) from None
    except (YAMLError, YAMLStreamError, ValueError, RecursionError) as error:
        raise ScenarioError([_syntax_problem(error, name)]) from None
    if not isinstance(root, MappingNode):
        found = "the file is empty" if root is None else "the file is not a mapping"
        raise ScenarioError([Problem(name, 1, "", found, "a scenario is a mapping of keys", "start with `name: ...`")])
    return root


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
