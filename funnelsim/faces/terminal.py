"""Where text goes: consoles for standard output and standard error, and names made safe to print."""

import os
import shutil
import sys
from functools import lru_cache
from typing import IO, Final

from rich.console import Console
from rich.text import Text

PIPED_WIDTH: Final = 120
"""Columns where standard output is no terminal and COLUMNS does not say otherwise."""


def output() -> Console:
    """The console of standard output: as wide as the terminal, plain text of a fixed width in a pipe or file."""
    return _console(sys.stdout)


def messages() -> Console:
    """The console of standard error."""
    return _console(sys.stderr)


def _console(file: IO[str]) -> Console:
    if hasattr(file, "reconfigure"):
        # A terminal without these letters shows others instead of an error.
        file.reconfigure(errors="replace")
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        width = int(columns)
    else:
        width = shutil.get_terminal_size().columns if file.isatty() else PIPED_WIDTH
    return Console(file=file, width=max(20, width), highlight=False, markup=False, emoji=False, soft_wrap=False)


def plain(text: object) -> str:
    """A text on one line, without anything a terminal would obey instead of print."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def words(text: object, style: str = "") -> Text:
    """A text that is shown as it is written, brackets and all."""
    return Text(plain(text), style=style)


@lru_cache(maxsize=4)
def signs(encoding: str | None) -> tuple[str, str]:
    """Plus-minus, and what stands where there is nothing; in the letters of an encoding."""
    try:
        "± ·".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "+/-", "-"
    return "±", "·"
