"""The shelf as people see it: what is shipped, and a copy of it to edit."""

import os
import shutil
from pathlib import Path

from rich import box
from rich.table import Table

from funnelsim.core.problems import Problem, ScenarioError
from funnelsim.faces.terminal import words
from funnelsim.scenario import loads
from funnelsim.scenario.schema import FILE
from funnelsim.scenario.shelf import find, shipped

_MARK = "# yaml-language-server: $schema="


def shelf_table() -> Table:
    """Names of shipped scenarios and what each is."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("name", no_wrap=True)
    table.add_column("what it is", overflow="fold")
    for name, file in shipped().items():
        table.add_row(words(name), words(title_of(file)))
    return table


def title_of(file: Path) -> str:
    """What a scenario says of itself: the first line of its first comment, else its name."""
    for line in file.read_text("utf-8").splitlines():
        said = line.lstrip("#").strip()
        if line.startswith("#") and said and not line.startswith(_MARK):
            return said.rstrip(".:")
        if line.startswith("name:"):
            return line.removeprefix("name:").strip()
    return ""


def copy_scenario(name: str, file: Path | None) -> list[Path]:
    """Copy a shipped scenario and the lists it replays; the files written. Nothing is overwritten."""
    source = find(name)
    if source not in shipped().values():
        raise ScenarioError(
            [Problem(name, None, "", "this is a file", "init copies shipped scenarios", "see funnelsim list")]
        )
    target = file if file is not None else Path(source.name)
    if target.is_dir():
        target = target / source.name
    text = source.read_text("utf-8")
    scenario = loads(text, file=source)
    lists = [channel.arrivals.replay.file for channel in scenario.channels.values() if channel.arrivals.replay]
    beside = [path for path in lists if path.parent == source.parent]
    targets = [target, *(target.parent / path.name for path in beside)]
    for path in targets:
        if path.exists():
            raise FileExistsError(17, "exists", str(path))
    target.write_text(with_schema(text, target), "utf-8")
    for path in beside:
        shutil.copyfile(path, target.parent / path.name)
    return targets


def with_schema(text: str, target: Path) -> str:
    """The text of a scenario with its first line naming the schema from where it will stand."""
    first, newline, rest = text.partition("\n")
    if not first.startswith(_MARK):
        return text
    try:
        place = os.path.relpath(FILE, target.resolve().parent)
    except ValueError:
        place = str(FILE)
    return f"{_MARK}{Path(place).as_posix()}{newline}{rest}"
