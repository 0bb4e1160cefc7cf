"""The shelf: scenario files by path, and the shipped ones by name (`mm1`, `textbook/mm1`)."""

from __future__ import annotations

from pathlib import Path

from funnelsim.core.problems import Problem, ScenarioError, did_you_mean

SUFFIXES = (".yaml", ".yml")


def root() -> Path:
    """The folder of the shipped scenarios: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_shelf"
    return inside if inside.is_dir() else package.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """Shipped scenarios by name, folders included, in order of their names."""
    folder = root()
    files = [file for suffix in SUFFIXES for file in folder.rglob(f"*{suffix}")] if folder.is_dir() else []
    return {file.relative_to(folder).with_suffix("").as_posix(): file for file in sorted(files)}


def find(name_or_path: str | Path) -> Path:
    """The file of a scenario, by its path or its shipped name; raises `ScenarioError` when there is none."""
    path = Path(name_or_path)
    if _is_file(path):
        return path
    wanted = path.with_suffix("").as_posix() if path.suffix in SUFFIXES else path.as_posix()
    known = shipped()
    if wanted in known:
        return known[wanted]
    short = [name for name in known if name.rpartition("/")[2] == wanted]
    if len(short) == 1:
        return known[short[0]]
    raise ScenarioError([_unknown(str(name_or_path), wanted, short, known)])


def _is_file(path: Path) -> bool:
    """Whether a path is a file; no path at all (too long, with a null byte) is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _unknown(asked: str, wanted: str, short: list[str], known: dict[str, Path]) -> Problem:
    """Why a name leads to no scenario."""
    rule = "a scenario is a YAML file or the name of a shipped one"
    if short:
        return Problem(
            asked,
            None,
            "",
            f"there are {len(short)} shipped scenarios of this name",
            rule,
            f"write {' or '.join(short)}",
        )
    names = {name.rpartition("/")[2]: name for name in known} | {name: name for name in known}
    remedy = did_you_mean(wanted, names)
    return Problem(asked, None, "", "there is no such file or scenario", rule, remedy)
