"""The funnel in the words of a view, and its pipeline: two tables, so that nobody reads one as the other."""

from collections.abc import Mapping
from typing import Final

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from funnelsim.faces.grids import cell, fits, grid, header
from funnelsim.faces.terminal import plain, words
from funnelsim.results.estimates import Estimate
from funnelsim.results.views import FUNNEL_TITLES, PIPELINE_TITLES, ViewSummary, WordLine

_FUNNEL: Final = (
    "Funnel: those born in the period, by the words that they ever reached before its end. Conversion: of those who "
    "reached a word, who reached the next one."
)
_PIPELINE: Final = (
    "Pipeline: whoever came and left in the period, whenever born, from one stage of a word to another as well; in "
    "process is a time average."
)


def view_parts(found: ViewSummary, console: Console) -> list[RenderableType]:
    """The two tables, each with what its numbers are; word by word where there is no room for tables."""
    for with_stages in (True, False):
        funnel = _table(found, FUNNEL_TITLES, console, with_stages=with_stages)
        pipeline = _table(found, PIPELINE_TITLES, console)
        if fits(funnel, console) and fits(pipeline, console):
            return [funnel, words(_FUNNEL, "dim"), *_bounds(found, console), pipeline, words(_PIPELINE, "dim")]
    return [
        _list(found, FUNNEL_TITLES, console), words(_FUNNEL, "dim"), *_bounds(found, console),
        _list(found, PIPELINE_TITLES, console), words(_PIPELINE, "dim"),
    ]  # fmt: skip


def _table(found: ViewSummary, titles: Mapping[str, str], console: Console, *, with_stages: bool = False) -> Table:
    table = grid()
    table.add_column(plain(found.view), no_wrap=True)
    for key, title in titles.items():
        column = [_row(line, titles)[key] for line in found.words]
        table.add_column(header(title, column), justify="right", no_wrap=True)
    if with_stages:
        table.add_column("stages", no_wrap=True)
    for line in found.words:
        cells = [words(cell(each, console)) for each in _row(line, titles).values()]
        table.add_row(words(line.word), *cells, *([words(", ".join(line.stages))] if with_stages else ()))
    return table


def _row(line: WordLine, titles: Mapping[str, str]) -> Mapping[str, Estimate]:
    return line.funnel if titles is FUNNEL_TITLES else line.pipeline


def _list(found: ViewSummary, titles: Mapping[str, str], console: Console) -> Text:
    """Each word with its numbers one below the other, for narrow terminals."""
    out = Text()
    for line in found.words:
        out.append(f"\n{plain(line.word)}\n", "bold")
        for key, each in _row(line, titles).items():
            if each.known:
                out.append(f"  {titles[key]} ({each.unit})\n    ").append(cell(each, console)).append("\n")
    return out


def _bounds(found: ViewSummary, console: Console) -> list[Text]:
    """What is not known exactly of how many reached a word."""
    return [
        words(
            f"{line.word}: at least {cell(line.funnel['reached'], console)} prospects reached it, at most "
            f"{cell(line.at_most, console)}; its stages can be reached by several ways, and who took more than one is "
            "not told apart.",
            "dim",
        )
        for line in found.words
        if line.at_most.known
    ]
