"""Paths that were refused and can no longer be judged; questions about them take no longer when there are many."""

from __future__ import annotations

from collections.abc import Iterable

from funnelsim.scenario.document import Path


class Taint:
    """A set of refused paths."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._refused: set[Path] = set()
        self._above: set[Path] = set()
        self.add(*paths)

    def add(self, *paths: Path) -> None:
        """Refuse more paths."""
        for path in paths:
            self._refused.add(path)
            self._above.update(path[:depth] for depth in range(len(path) + 1))

    def below(self, path: Path) -> bool:
        """Whether the path or anything below it was refused."""
        return path in self._above

    def covers(self, path: Path) -> bool:
        """Whether the path or anything above it was refused."""
        return any(path[:depth] in self._refused for depth in range(len(path) + 1))

    def touches(self, path: Path) -> bool:
        """Whether the path, anything above it or anything below it was refused."""
        return self.below(path) or self.covers(path)
