"""What lies beside the project and is no part of it: tests that need it are skipped where it is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "attribution"


def shared(name: str) -> Path:
    """A file by its name; the test is skipped where it is not there."""
    file = _SHARED / name
    if not file.exists():
        pytest.skip(f"needs {name} of the shared data, which is not part of the project")
    return file
