"""Names on paper: what people called a stage or a policy, made fit to stand beside a bar.

A name may hold anything: what would be read as a formula, would break the line, or has no letter here is written out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from unicodedata import bidirectional

from matplotlib import rcParams
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

MOST: Final = 24
"""Letters of a name beside a bar."""


def text(name: object, most: int = MOST) -> str:
    """A name on one line, of at most so many letters; dollars are no formula."""
    shown = "".join(_letter(letter) for letter in str(name))
    shown = shown if shown.strip() else repr(shown)
    # Matplotlib leaves out of legends what begins with an underscore.
    shown = f" {shown}" if shown.startswith("_") else shown
    return (shown if len(shown) <= most else f"{shown[: most - 1].rstrip()}…").replace("$", r"\$")


def texts(names: Iterable[object], most: int = MOST) -> list[str]:
    """Names of at most so many letters; those that look alike when they are cut get their number."""
    short = [text(name, most) for name in names]
    return [
        f"{each} ({short[: at + 1].count(each)})" if short.count(each) > 1 else each for at, each in enumerate(short)
    ]


def families() -> list[str]:
    """The usual font families, then those that were found for letters of names so far."""
    return [*rcParams["font.family"], *sorted(_FOUND)]


_FOUND: Final[set[str]] = set()


def _letter(letter: str) -> str:
    """A letter as it is drawn: a blank for one that moves, a number for one that no font here has."""
    if letter.isspace():
        return " "
    # A mark that turns the direction would turn the words beside the name as well.
    if not letter.isprintable() or bidirectional(letter) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "PDI"):
        return ascii(letter)[1:-1]
    family = _family(letter)
    if family is None:
        return ascii(letter)[1:-1]
    if family:
        _FOUND.add(family)
    return letter


@lru_cache(maxsize=4096)
def _family(letter: str) -> str | None:
    """The family of the first font that has a letter: "" for the usual one, None if none has it."""
    if ord(letter) in _letters(findfont(FontProperties())):
        return ""
    fonts = sorted((font.name, font.fname) for font in fontManager.ttflist if font.style == "normal")
    return next((name for name, path in fonts if "Last Resort" not in name and ord(letter) in _letters(path)), None)


@lru_cache(maxsize=1024)
def _letters(path: str) -> frozenset[int]:
    """The letters of a font file; none where it cannot be drawn at any size."""
    try:
        font = get_font(path)
    except (OSError, RuntimeError):
        return frozenset()
    return frozenset(font.get_charmap()) if font.scalable else frozenset()
