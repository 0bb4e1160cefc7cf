"""Where a scenario was read from, so that it can be read again with changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Origin:
    """The text of a scenario, its file, and what was laid over it; all origins are equal, for none says anything of the
    funnel."""

    text: bytes = field(default=b"", compare=False)
    file: Path | None = field(default=None, compare=False)
    name: str = field(default="", compare=False)
    overrides: Mapping[str, object] = field(default_factory=dict, compare=False)
