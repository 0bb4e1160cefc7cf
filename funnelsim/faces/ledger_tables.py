"""Tables of money and promises: what was spent on what, and the agreement month by month."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console, RenderableType
from rich.text import Text

from funnelsim.faces.grids import cell, fits, grid, header, matters
from funnelsim.faces.terminal import words
from funnelsim.results.scorecard import SCORE_TITLES, ScoreLine
from funnelsim.results.summary import Summary

_KEPT: Final = (
    "The agreement, and in which share of replications each side kept to it; in the last line, of all periods."
)


def ledger_tables(found: Summary, console: Console) -> list[RenderableType]:
    """What was spent, by account."""
    spent = {account: each for account, each in found.ledger.items() if matters(each)}
    if not spent:
        return []
    table = grid()
    table.add_column("spent on")
    table.add_column(header("", spent.values()).strip(), justify="right", no_wrap=True)
    for account, each in spent.items():
        table.add_row(account, cell(each, console))
    return [table] if fits(table, console) else []


def scorecard_tables(lines: Sequence[ScoreLine], console: Console) -> list[RenderableType]:
    """The agreement month by month, and over all of them; or one below the other if there is no room."""
    if not lines:
        return []
    table = grid()
    table.add_column("from", no_wrap=True)
    keys = list(lines[0].estimates)
    for key in keys:
        title = header(SCORE_TITLES[key], [line.estimates[key] for line in lines])
        table.add_column(title, justify="right", no_wrap=True)
    for line in lines:
        if line is lines[-1]:
            table.add_section()
        table.add_row(line.bucket, *(cell(line.estimates[key], console) for key in keys))
    shown: RenderableType = table if fits(table, console) else _score_list(lines, console)
    return [words(_KEPT, "dim"), shown]


def _score_list(lines: Sequence[ScoreLine], console: Console) -> Text:
    """Each bucket with its numbers one below the other, for narrow terminals."""
    out = Text()
    for line in lines:
        out.append(f"\n{line.bucket}\n", "bold")
        for key, each in line.estimates.items():
            out.append(f"  {SCORE_TITLES[key]} ({each.unit})\n    ").append(cell(each, console)).append("\n")
    return out
