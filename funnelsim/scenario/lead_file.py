"""The file of a lead list: its text, its rows, and the troubles one can have with them."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from funnelsim.core.problems import Problem, did_you_mean
from funnelsim.scenario.refusal import cut

GZIP = b"\x1f\x8b"
MOST_BYTES = 2**30


@dataclass(frozen=True)
class Trouble:
    """One thing wrong with a lead list: with a row (`line`), or with what the scenario says of it (`keys`)."""

    found: str
    rule: str = ""
    remedy: str = ""
    keys: tuple[str, ...] = ()
    line: int | None = None
    column: str = ""

    def problem(self, file: str) -> Problem:
        """The trouble of a row, with its place in the CSV file."""
        return Problem(file, self.line, self.column, self.found, self.rule, self.remedy)


class LeadsError(Exception):
    """All troubles of a lead list, rows at most five."""

    def __init__(self, troubles: Iterable[Trouble]) -> None:
        self.troubles = tuple(troubles)
        super().__init__(self.troubles)


def text(file: Path) -> str:
    """The text of a file in UTF-8, with or without a byte order mark, unpacked where it is gzipped."""
    data = _bytes(file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte {data[error.start]:#04x} is no UTF-8"
        line = data.count(b"\n", 0, error.start) + 1
        raise LeadsError([Trouble(found, "a lead list is a text in UTF-8", line=line)]) from None


def _bytes(file: Path) -> bytes:
    """The content of a file, unpacked where it is gzipped."""
    try:
        if not file.exists():
            known = [each.name for each in file.parent.iterdir()] if file.parent.is_dir() else []
            remedy = did_you_mean(file.name, known, most=0).removeprefix("known here: ")
            raise LeadsError(
                [
                    Trouble(
                        f"there is no file {cut(file.name)}",
                        "it is looked for beside the scenario, then in the working directory",
                        remedy if remedy.startswith("did") else "",
                        ("file",),
                    )
                ]
            )
        if not file.is_file():
            raise LeadsError([Trouble(f"{cut(file.name)} is no file", "it must be a CSV file", keys=("file",))])
        data = file.read_bytes()
        return _unpacked(data) if data.startswith(GZIP) else data
    except (OSError, EOFError, zlib.error, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise LeadsError([Trouble(f"{cut(file.name)} cannot be read: {said}", keys=("file",))]) from None


def _unpacked(data: bytes) -> bytes:
    """The content of a gzipped file, refused where it would fill the memory."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
        content = packed.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"it unpacks to more than {MOST_BYTES // 2**20} MiB")
    return content


def rows(reader: Any) -> Iterator[tuple[int, int, list[str]]]:
    """Number of the row, first line of the row, and its cells; blank lines are passed over."""
    row, line = 0, reader.line_num + 1
    for cells in reader:
        if cells:
            row += 1
            yield row, line, cells
        line = reader.line_num + 1
