"""What is wrong with a table: every problem at once, each with its column, its rows and the way out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SHOWN = 5


class JourneysError(ValueError):
    """A table that is not one of journeys: what was found, and what would be right."""


class Findings:
    """The problems of one table."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.found: list[str] = []

    def add(self, column: str, found: str, way_out: str) -> None:
        """A problem of a whole column."""
        self.found.append(f"{self.table}: {column}: {found}; {way_out}")

    def rows(self, column: str, found: str, way_out: str, rows: NDArray[Any]) -> None:
        """A problem of some rows, counted from 0; nothing if there are none."""
        rows = np.unique(rows)
        if rows.size:
            shown = ", ".join(f"{row:,}" for row in rows[:SHOWN])
            more = f" and {rows.size - SHOWN:,} more" if rows.size > SHOWN else ""
            where = f"row{'s' if rows.size > 1 else ''} {shown}{more}"
            self.found.append(f"{self.table}: {column}: {found} in {where}; {way_out}")

    def raise_if_any(self) -> None:
        """Raises JourneysError with everything that was found."""
        if self.found:
            raise JourneysError("\n".join(self.found))
