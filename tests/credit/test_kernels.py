"""Compiled code is kept until its file has changed: so a kernel calls nothing that stands in another file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import attribution

FILES = sorted(Path(next(iter(attribution.__path__))).rglob("*.py"))


def is_kernel(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        ast.unparse(each) in ("kernel", "in_lanes") for each in node.decorator_list
    )


def foreign_calls(source: str) -> list[str]:
    """What kernels call that was imported from this package."""
    tree = ast.parse(source)
    ours = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("attribution")
        for alias in node.names
    }
    kernels = [node for node in ast.walk(tree) if is_kernel(node)]
    called = [each.func for node in kernels for each in ast.walk(node) if isinstance(each, ast.Call)]
    return [name.id for name in called if isinstance(name, ast.Name) and name.id in ours]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_kernels_call_nothing_from_other_files(file: Path) -> None:
    assert foreign_calls(file.read_text(encoding="utf-8")) == []


def test_a_foreign_call_would_be_seen() -> None:
    """Negative control."""
    source = "from attribution.jit import kernel\nfrom attribution.x import f\n@kernel\ndef g(a):\n    return f(a)\n"
    assert foreign_calls(source) == ["f"]
    assert sum(is_kernel(node) for file in FILES for node in ast.walk(ast.parse(file.read_text()))) > 20
