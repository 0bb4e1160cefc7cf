"""The house: imports go down the floors, in no circle, and `import funnelsim` is light.

The floors are those of architecture.md. All imports of a file count, also those inside functions; what is imported for
type checking only must keep the floors too, but may close a circle, since it does not run.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import funnelsim

ROOT = Path(next(iter(funnelsim.__path__)))
FLOORS = {
    "core": 0,
    "chance": 1,
    "scenario": 2,
    "plan": 3,
    "rules": 4,
    "engines": 5,
    "results": 6,
    "studies": 7,
    "plots": 8,
    "faces": 9,
}
DOOR = 10
"""`funnelsim/__init__.py` and `__main__.py` see everything; nobody imports them."""
HEAVY = ("matplotlib", "jinja2", "numba", "scipy", "numpy", "xarray", "pydantic", "ruamel.yaml", "simpy", "pyarrow")
LAZY = {
    "matplotlib": {"plots"},
    "jinja2": {"faces"},
    "simpy": {"engines"},
}
"""What is imported where it is used, inside functions, or by the one room that is about it."""


class Import(NamedTuple):
    """One import of our own: from a module, to a module, and whether it runs."""

    importer: str
    imported: str
    line: int
    runs: bool


def module_of(file: Path) -> str:
    """The dotted name of a file of the package."""
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(file): file for file in sorted(ROOT.rglob("*.py"))}


def floor_of(module: str) -> int:
    """The floor of a module, by the room it lies in."""
    parts = module.split(".")
    return FLOORS[parts[1]] if len(parts) > 1 and parts[1] in FLOORS else DOOR


def walk(node: ast.AST, runs: bool = True) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Every import below a node, and whether it runs."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, runs
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            for each in child.body:
                yield from walk(ast.Module([each], []), False)
            for each in child.orelse:
                yield from walk(ast.Module([each], []), runs)
        else:
            yield from walk(child, runs)


def imports_of(text: str, module: str) -> list[Import]:
    """What a file imports of ours; a name from a package that is a module counts as that module."""
    found = []
    for node, runs in walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: imports are absolute"
            base = node.module or ""
            names = [f"{base}.{each.name}" if f"{base}.{each.name}" in FILES else base for each in node.names]
        else:
            names = [each.name for each in node.names]
        ours = sorted({name for name in names if name.split(".")[0] == "funnelsim"})
        found += [Import(module, name, node.lineno, runs) for name in ours]
    return found


def upward(imports: list[Import]) -> list[str]:
    """Imports that lead to a higher floor, as sentences."""
    return [
        f"{each.importer}:{each.line} (floor {floor_of(each.importer)}) imports {each.imported} "
        f"(floor {floor_of(each.imported)})"
        for each in imports
        if floor_of(each.imported) > floor_of(each.importer)
    ]


def circle(imports: list[Import]) -> list[str]:
    """A circle of files that import one another when they run; empty if there is none."""
    graph: dict[str, set[str]] = {}
    for each in imports:
        if each.runs and each.imported != each.importer:
            graph.setdefault(each.importer, set()).add(each.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


IMPORTS = [each for module, file in FILES.items() for each in imports_of(file.read_text(encoding="utf-8"), module)]


def test_every_file_lies_in_a_room_with_a_floor() -> None:
    strays = [module for module in FILES if floor_of(module) == DOOR]
    assert set(strays) <= {"funnelsim", "funnelsim.__main__"}
    assert len(FILES) > 60
    assert len(IMPORTS) > 150


def test_imports_go_down() -> None:
    assert upward(IMPORTS) == []


def test_imports_run_in_no_circle() -> None:
    assert circle(IMPORTS) == []


def test_an_import_upwards_and_a_circle_are_found() -> None:
    """Negative control."""
    text = "def f():\n    from funnelsim.engines.run import run_kernel\n"
    (wrong,) = imports_of(text, "funnelsim.rules.laws")
    assert upward([wrong]) == ["funnelsim.rules.laws:2 (floor 4) imports funnelsim.engines.run (floor 5)"]
    assert upward(imports_of("import funnelsim", "funnelsim.core.ticks")) != []
    there, back = (
        Import("funnelsim.core.a", "funnelsim.core.b", 1, True),
        Import("funnelsim.core.b", "funnelsim.core.a", 1, True),
    )
    assert circle([there, back])
    assert not circle([there, back._replace(runs=False)])


@pytest.mark.parametrize("package", LAZY)
def test_some_packages_are_known_to_one_room_only(package: str) -> None:
    users = set()
    for module, file in FILES.items():
        for node, _ in walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            if any(name.split(".")[0] == package for name in names):
                users.add(module.split(".")[1])
    assert users <= LAZY[package]


def loaded_by(statement: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*(name for name in {HEAVY!r} if name in sys.modules), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import funnelsim") == set()


def test_a_scenario_is_read_without_the_engines_and_without_drawing() -> None:
    loaded = loaded_by("from funnelsim.scenario import load\nload('mm1')")
    assert not loaded & {"numba", "matplotlib", "simpy", "xarray", "scipy"}
    assert "pydantic" in loaded
