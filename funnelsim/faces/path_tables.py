"""Tables of what only traces tell: measures of paths, and the records of each side's system."""

from collections.abc import Sequence

from rich.console import Console, RenderableType

from funnelsim.faces.grids import cell, fits, grid, header, listed
from funnelsim.faces.terminal import words
from funnelsim.results.summary import RecordLine, Summary


def path_tables(found: Summary, console: Console) -> list[RenderableType]:
    """Measures of paths, one below the other, if there are any."""
    if found.paths is None:
        return []
    rows = [
        ("engagements before they are known", found.paths.share_anonymous),
        ("way to a deal before the first talk", found.paths.share_before_sales),
        *((f"changes of rep per prospect: {team}", each) for team, each in found.paths.rep_changes.items()),
    ]
    rows = [(title, each) for title, each in rows if each.known]
    return [listed("on the way", rows, console)] if rows else []


def record_tables(lines: Sequence[RecordLine], console: Console) -> list[RenderableType]:
    """Milestones as they were and as the systems have them: in a table, or one below the other where it is too wide."""
    if not lines:
        return []
    columns = [{"true": line.true, **line.reported, "all systems": line.unified} for line in lines]
    table = grid()
    table.add_column("milestone", no_wrap=True)
    for title in columns[0]:
        table.add_column(header(title, [column[title] for column in columns]), justify="right", no_wrap=True)
    for line, column in zip(lines, columns, strict=True):
        table.add_row(words(line.milestone), *(cell(each, console) for each in column.values()))
    if fits(table, console):
        return [table]
    rows = [(f"{line.milestone}, {title}", each) for line, row in zip(lines, columns, strict=True)
            for title, each in row.items() if each.known]  # fmt: skip
    return [listed("milestone", rows, console)]
