"""Tables of results: text cells under headings, printed with Rich; nothing is computed here."""

import sys
from dataclasses import dataclass, field
from math import isnan

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

PLAIN_WIDTH = 170


@dataclass
class Table:
    """A title, headings, rows of text and notes below."""

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def problem(self, label: str, reason: str) -> None:
        """A row that could not be measured, with its reason where nobody overlooks it."""
        self.rows.append((label, *("-",) * (len(self.headings) - 1)))
        self.notes.append(f"{label}: {reason}")

    def show(self) -> None:
        """Print to the terminal; plain and wide enough where the output is a file or a pipe."""
        console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH, no_color=True)
        table = RichTable(title=self.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
        for place, heading in enumerate(self.headings):
            table.add_column(heading, justify="right" if place else "left", no_wrap=True)
        for row in self.rows:
            table.add_row(*row)
        console.print(table)
        for note in self.notes:
            console.print(f"  {note}", highlight=False, markup=False, soft_wrap=True)
        if self.notes:
            console.print()


def number(value: float, digits: int = 3) -> str:
    """A number with `digits` significant digits at least, thousands separated; `-` if there is none."""
    if isnan(value):
        return "-"
    if value == 0:
        return "0"
    decimals = max(0, digits - len(f"{abs(value):.0f}".lstrip("0")))
    return f"{value:,.{decimals}f}"


def share(value: float) -> str:
    """A share in per cent; `-` if there is none."""
    return "-" if isnan(value) else f"{value:.2%}"


def score(value: float) -> str:
    """A z score with its sign; `-` if there is none."""
    return "-" if isnan(value) else f"{value:+.1f}"


def rate(value: float) -> str:
    """A rate a second with thousands and millions as words."""
    if value >= 1e6:
        return f"{number(value / 1e6)} M"
    return f"{number(value / 1e3)} k" if value >= 1e3 else number(value)


def times(value: float) -> str:
    """A ratio."""
    return "-" if isnan(value) else f"{number(value)}x"
