"""The ledger of problems across fields: it drops what only follows from something that was refused already."""

from __future__ import annotations

from collections.abc import Iterable

from funnelsim.core.problems import Problem, did_you_mean
from funnelsim.scenario.document import Document, Path
from funnelsim.scenario.refusal import cut, segments_of
from funnelsim.scenario.taint import Taint


class Ledger:
    """Problems found so far in a document, and the paths that cannot be judged any more."""

    def __init__(self, document: Document, tainted: Taint) -> None:
        self.document = document
        self.tainted = tainted
        self.problems: list[Problem] = []

    def sound(self, *paths: Path) -> bool:
        """Whether nothing on, above or below these paths was refused."""
        return not any(self.tainted.touches(path) for path in paths)

    def add(
        self, path: Path, found: str, rule: str = "", remedy: str = "", needs: Iterable[Path] | None = None
    ) -> None:
        """Note a problem, unless something it rests on (`needs`, default the path itself) was refused."""
        if self.sound(*((path,) if needs is None else needs)):
            self.problems.append(self.document.problem(path, found, rule, remedy))

    def names(self, *path: str) -> list[str]:
        """The keys written at a path of the file, refused or not."""
        node: object = self.document.tree
        for step in path:
            node = node.get(step) if isinstance(node, dict) else None
        return list(node) if isinstance(node, dict) else []

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments of the file, refused or not: those for which every value by segment is complete."""
        return segments_of(self.document.tree) or ()

    def wrote(self, *path: str) -> bool:
        """Whether a key stands in the file and holds something."""
        node: object = self.document.tree
        for step in path:
            node = node.get(step) if isinstance(node, dict) else None
        return node is not None

    def known(self, what: str, path: Path, name: str, names: list[str], section: str = "") -> bool:
        """Whether a name is one of the names; an unknown one is noted and its path no longer judged."""
        if name in names:
            return True
        if not section or self.sound((section,)) or names:
            there = "" if names else f"there are no {section or what + 's'}"
            self.add(path, f"unknown {what} {cut(name)}", there, did_you_mean(name, names))
        self.tainted.add(path)
        return False
