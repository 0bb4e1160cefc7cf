"""What a page is made of: cells, tables, pictures and sections. They know nothing of funnels or of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from funnelsim.faces.numbers import with_interval
from funnelsim.results.estimates import Estimate

PLUS_MINUS, NOTHING_THERE = "±", "·"
TONES: Final = {1: "better", -1: "worse", 0: ""}
"""Classes of cells by verdict; the words stand in the cells as well."""


@dataclass(frozen=True)
class Cell:
    """A text, whether it is a number, and its tone: better, worse, good, doubtful, poor or none."""

    text: str
    is_number: bool = False
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """What it shows, the head of each column, and rows of cells; a cell may be a plain text."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A caption, what a person who cannot see it is told, the picture as a data URI, and the table behind it."""

    caption: str
    alt: str
    uri: str
    table: Table
    is_wide: bool = False
    is_printed: bool = True


@dataclass(frozen=True)
class Section:
    """A title, paragraphs, tables and pictures; `name` is its class on the page."""

    name: str
    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    folded: tuple[Table, ...] = field(default=())
    """Tables that are shown on demand and are not printed."""


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """A table of texts, cells and estimates."""
    return Table(caption, tuple(head), tuple(tuple(cell(each) for each in row) for row in rows))


def cell(what: Any) -> Cell:
    """A cell of a text, an estimate with its interval, or a cell."""
    if isinstance(what, Cell):
        return what
    if isinstance(what, Estimate):
        return Cell(with_interval(what, PLUS_MINUS, NOTHING_THERE), is_number=True)
    return Cell(str(what))


def number(value: Any, low: Any = np.nan, high: Any = np.nan) -> Estimate:
    """A number with the ends of its interval, for a cell of a column whose head has the unit."""
    return Estimate(float(value), float(low), float(high), "")


def bounded(ds: Any, *names: str) -> Estimate:
    """The mean of a dataset of one place with its ends; by default `mean`, `low` and `high`."""
    value, low, high = names or ("mean", "low", "high")
    return number(ds[value], ds[low], ds[high])
