"""What all tables share: their lines, headers with units, cells, and whether there is room."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from funnelsim.faces.numbers import with_interval
from funnelsim.faces.terminal import plain, signs, words
from funnelsim.results.estimates import NOTHING, Estimate

if TYPE_CHECKING:
    import xarray as xr


def grid() -> Table:
    """An empty table."""
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))


def header(title: str, column: Iterable[Estimate]) -> str:
    """A title and below it the unit that all estimates of a column share."""
    unit = next((each.unit for each in column if each.known), NOTHING.unit)
    return f"{title}\n({plain(unit)})" if unit else title


def cell(each: Estimate, console: Console) -> str:
    """An estimate with its interval, in the signs that a console has."""
    return with_interval(each, *signs(console.encoding))


def bounded(row: "xr.Dataset", name: str, unit: str) -> Estimate:
    """A variable of a study with its `_low` and `_high`, where one value is left of each."""
    value, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return Estimate(value, low, high, unit)


def fits(table: Table, console: Console) -> bool:
    """Whether a table can be shown without cutting anything off."""
    return Measurement.get(console, console.options.update(width=1000), table).maximum <= console.width


def listed(head: str, rows: Sequence[tuple[str, Estimate]], console: Console) -> RenderableType:
    """Estimates under a head, each with its title and unit."""
    table = grid()
    table.add_column(head)
    table.add_column("", justify="right")
    table.add_column("unit")
    for title, each in rows:
        table.add_row(words(title), cell(each, console), plain(each.unit))
    if fits(table, console):
        return table
    lines = [f"{plain(title)} ({plain(each.unit)})\n  {cell(each, console)}" for title, each in rows]
    return Text("\n".join(lines) + "\n")


def matters(each: Estimate) -> bool:
    """Whether an estimate is known and not zero."""
    return each.known and each.value != 0


def print_trimmed(part: RenderableType, console: Console) -> None:
    """Print without blanks at the ends of lines."""
    with console.capture() as capture:
        console.print(part)
    for line in capture.get().splitlines():
        console.file.write(f"{line.rstrip()}\n")
