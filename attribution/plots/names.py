"""Names on paper: what a channel is called, made fit to stand beside a bar. It knows nothing of bars.

A name may hold anything: what would be read as a formula, would break the line, or has no letter here is written out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final
from unicodedata import east_asian_width

MOST: Final = 26
"""Letters of a name beside a bar."""


def texts(names: Iterable[Any], most: int = MOST) -> list[str]:
    """Names of at most so many letters, half as many where these are wide, all different if they were.

    Dollars are escaped: pairs of them would make a formula.
    """
    whole = [_lettered(_plain(name)) for name in names]
    short = [_cut(text, most, most - 1) for text in whole]
    # Names of campaigns differ at the end: those that begin alike keep both ends.
    short = [_cut(whole[at], most, most // 2) if short.count(text) > 1 else text for at, text in enumerate(short)]
    seen: dict[str, int] = {}
    for at, text in enumerate(short):
        seen[text] = seen.get(text, 0) + 1
        if seen[text] > 1:
            short[at] = f"{text} ({seen[text]})"
    return [text.replace("$", r"\$") for text in short]


def text(name: Any, most: int = MOST) -> str:
    """One name of at most so many letters."""
    return texts([name], most)[0]


def _plain(name: Any) -> str:
    """A name on one line."""
    shown = "".join(
        letter if letter.isprintable() else " " if letter.isspace() else ascii(letter)[1:-1] for letter in str(name)
    )
    return shown if shown.strip() else repr(shown)


def _cut(text: str, most: int, head: int) -> str:
    """A text with its middle or end left out, where it is too long."""
    wide = sum(east_asian_width(letter) in "WF" for letter in text)
    if len(text) + wide <= most:
        return text
    most, head = (max(3, round(each * len(text) / (len(text) + wide))) for each in (most, head))
    tail = max(0, most - head - 1)
    return f"{text[:head].rstrip()}…{text[len(text) - tail :].lstrip() if tail else ''}"


def _lettered(text: str) -> str:
    """A text with letters that no font on this machine has as their numbers: boxes would all look the same."""
    return "".join(letter if _font_for(letter) is not None else ascii(letter)[1:-1] for letter in text)


def families(shown: Sequence[str]) -> list[str]:
    """The font families that together have all letters of texts, the usual ones first."""
    from matplotlib import rcParams

    found = dict.fromkeys(_font_for(letter) or "" for letter in "".join(shown))
    return [*rcParams["font.family"], *(name for name in found if name)]


def _font_for(letter: str) -> str | None:
    """The family of the first font that has a letter; "" if a usual one does, None if none does."""
    from matplotlib import rcParams

    usual = tuple(rcParams["font.family"])
    return _looked_up(letter, usual, _listed(usual))


def _listed(usual: tuple[str, ...]) -> tuple[str, ...]:
    """The families that a general one, as sans-serif, stands for."""
    from matplotlib import rcParams

    keys = {f"font.{name}" for name in usual}
    return tuple(name for key, names in rcParams.items() if key in keys for name in names)


@lru_cache(maxsize=4096)
def _looked_up(letter: str, usual: tuple[str, ...], listed: tuple[str, ...]) -> str | None:
    if any(ord(letter) in letters for letters in _usual_letters(usual, listed)):
        return ""
    return next((name for name, letters in _installed() if ord(letter) in letters), None)


@lru_cache(maxsize=8)
def _usual_letters(usual: tuple[str, ...], listed: tuple[str, ...]) -> list[frozenset[int]]:
    """The letters of each font that is tried without being asked for."""
    from matplotlib.font_manager import FontProperties, findfont

    found = [findfont(FontProperties())]
    for name in (*usual, *listed):
        try:
            found.append(findfont(FontProperties(family=[name]), fallback_to_default=False))
        except ValueError:
            continue
    return [_letters(path) for path in dict.fromkeys(found)]


@lru_cache(maxsize=1)
def _installed() -> list[tuple[str, frozenset[int]]]:
    """Every family of upright text on this machine, with its letters. Opened only for a letter that is not usual."""
    from matplotlib.font_manager import fontManager

    upright = [font for font in fontManager.ttflist if font.style == "normal" and "Last Resort" not in font.name]
    by_name = {
        font.name: font.fname for font in sorted(upright, key=lambda font: (font.name, font.fname), reverse=True)
    }
    return [(name, _letters(path)) for name, path in sorted(by_name.items())]


@lru_cache(maxsize=4096)
def _letters(path: str) -> frozenset[int]:
    """The letters of a font file; none where it cannot be drawn at any size."""
    from matplotlib.font_manager import get_font

    try:
        font = get_font(path)
    except (OSError, RuntimeError):
        return frozenset()
    return frozenset(font.get_charmap()) if font.scalable else frozenset()
