"""Tables of what rules made of prospects: discovery with its errors, and what reviews have moved."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console, RenderableType

from funnelsim.faces.grids import cell, fits, grid, header, listed
from funnelsim.faces.terminal import words
from funnelsim.results.summary import DialLine, DiscoveryLine

_TITLES: Final = {
    "asked": "asked",
    "qualified": "seem able",
    "precision": "of these, are",
    "recall": "of the able, seem so",
}


def discovery_tables(lines: Sequence[DiscoveryLine], console: Console) -> list[RenderableType]:
    """Who was asked, who seemed to have enough, and how often that was right."""
    if not lines:
        return []
    table = grid()
    table.add_column("discovery", no_wrap=True)
    for key, title in _TITLES.items():
        table.add_column(header(title, [line.estimates[key] for line in lines]), justify="right", no_wrap=True)
    for line in lines:
        table.add_row(words(line.stage), *(cell(line.estimates[key], console) for key in _TITLES))
    if fits(table, console):
        return [table]
    rows = [(f"{line.stage}, {_TITLES[key]}", line.estimates[key]) for line in lines for key in _TITLES]
    return [listed("discovery", rows, console)]


def dial_tables(lines: Sequence[DialLine], console: Console) -> list[RenderableType]:
    """Where reviews have moved what they move."""
    if not lines:
        return []
    table = grid()
    table.add_column("moved by reviews", no_wrap=True)
    for title in ("after the first period", "at the end"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("unit")
    for line in lines:
        table.add_row(words(line.dial), cell(line.first, console), cell(line.last, console), line.last.unit)
    if fits(table, console):
        return [table]
    both = [pair for line in lines for pair in ((f"{line.dial}, first", line.first), (f"{line.dial}, last", line.last))]
    return [listed("moved by reviews", both, console)]
