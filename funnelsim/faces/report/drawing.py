"""Pictures for a page: SVG in a data URI, so that the page asks nobody for anything and no name in it is SVG."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

from funnelsim import plots
from funnelsim.faces.report.parts import Picture, Table

if TYPE_CHECKING:
    from funnelsim.plots.picture import Drawn


def picture(draw: Callable[[], Drawn], caption: str, alt: str, behind: Table, **how: bool) -> Picture:
    """What a function draws, with its caption, its words and the table behind it; `how` is is_wide and is_printed."""
    data = base64.b64encode(plots.svg(draw)).decode("ascii")
    return Picture(caption, alt, f"data:image/svg+xml;base64,{data}", behind, **how)
