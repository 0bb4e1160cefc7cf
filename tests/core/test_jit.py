"""Compiled code is kept where it belongs, and no longer than our sources stay as they are."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from funnelsim.core import jit
from funnelsim.core.jit import COMPILED_ROOMS, cache_folder, entry, kernel, part
from funnelsim.core.linking import announcing


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the compiled rooms, whose digest is taken instead of ours; the cache lies beside it."""
    package = Path(jit.__file__).parent.parent
    for room in COMPILED_ROOMS:
        shutil.copytree(package / room, tmp_path / "package" / room, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(jit, "__file__", str(tmp_path / "package" / "core" / "jit.py"))
    monkeypatch.setenv("FUNNELSIM_CACHE_DIR", str(tmp_path / "cache"))
    yield tmp_path / "package"
    cache_folder.cache_clear()


def folder() -> Path:
    """The cache's folder as a fresh process would find it."""
    cache_folder.cache_clear()
    return cache_folder()


@pytest.mark.parametrize("room", COMPILED_ROOMS)
def test_an_edit_in_any_compiled_room_makes_the_cache_stale(room: str, copied: Path) -> None:
    before = folder()
    assert folder() == before
    edited = sorted((copied / room).rglob("*.py"))[-1]
    edited.write_text(edited.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    assert folder() != before


def test_checked_code_has_a_cache_of_its_own(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_BOUNDSCHECK", raising=False)
    before = folder()
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    assert folder() != before


def test_the_cache_lies_where_it_is_told_else_in_the_users_cache(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder().parent == tmp_path / "cache"
    monkeypatch.delenv("FUNNELSIM_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert folder().parent == tmp_path / "xdg" / "funnelsim"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert folder().parent == tmp_path / "home" / ".cache" / "funnelsim"


def test_a_cache_that_cannot_be_written_gives_way_to_a_temporary_one(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FUNNELSIM_CACHE_DIR", str(tmp_path / "file"))
    found = folder()
    assert found.is_dir()
    assert tmp_path / "file" not in found.parents
    found.rmdir()


@kernel
def _sum(a, b, c):
    return (a + b) + c


@part
def _share(a, b):
    return a / b


@kernel
def _halved_share(a, b):
    return _share(a, b) / 2


def test_compiled_arithmetic_is_exact_and_in_order() -> None:
    """Negative control of fastmath: it would add the small ones first."""
    assert _sum(1.0, 1e-16, 1e-16) == 1.0
    assert _sum(1e-16, 1e-16, 1.0) != 1.0
    assert math.isnan(_sum(math.inf, -math.inf, 1.0))


def test_division_by_zero_is_ieee_and_an_inlined_function_is_called_from_another() -> None:
    assert _halved_share(1.0, 0.0) == math.inf
    assert _halved_share(1.0, 4.0) == 0.125


@part
def _half(a):
    return a / 2


@kernel
def _quarter(a):
    return _half(_half(a))


def test_a_part_is_called_from_compiled_code_and_refuses_python() -> None:
    """Negative control of a crash: without an entry for Python such a call jumps to address 0."""
    assert _quarter(8.0) == 2.0
    for _ in range(2):
        with pytest.raises(TypeError, match="_half is called from compiled code only"):
            _half(8.0)


def test_a_part_has_an_entry_for_python_if_one_is_made() -> None:
    assert entry(_half)(8.0) == 4.0


def test_a_kernel_hides_its_parts_and_keeps_what_is_rare_apart(copied: Path) -> None:
    folder()

    @part(rare=True)
    def rarely(a):
        return _half(a) if a > 100.0 else a

    @kernel
    def eighth(a):
        return _half(_half(rarely(a)))

    assert eighth(200.0) == 25.0
    code = eighth.inspect_llvm(eighth.signatures[0])
    defined = [line for line in code.splitlines() if line.startswith("define") and ("half" in line or "rarely" in line)]
    assert len(defined) == 1, "what is small is dissolved in its caller"
    assert "rarely" in defined[0], "what is rare is not"
    assert "internal" in defined[0]


def test_a_kernel_dissolves_what_runs_often_however_often_it_is_called(copied: Path) -> None:
    """Eight calls of a function of some length: left to itself the optimiser keeps it apart."""
    folder()

    def made(**place):
        @part(**place)
        def long(a, b):
            for i in range(b):
                a = a * 3 + (a >> 7) - (a << i) * (a & 0xFF) // (1 + (b & 0xF)) + (a % 13) * (b % 11)
                b = b + (a % 7) - (b % 5) * (a // 17) + (b >> 3) * (a & 0x3F) // (1 + (a & 0x7))
            return a % (1 + (b & 0xFF)) + b % (1 + (a & 0xFF))

        @kernel
        def used(a):
            b = long(a, 3) + long(a + 1, a) + long(a + 2, a) + long(a + 3, a)
            return b + long(b, a) + long(b + 1, a) + long(b + 2, a) + long(b + 3, a)

        value = used(9)
        code = used.inspect_llvm(used.signatures[0])
        return value, sum(line.startswith("define") and "long" in line for line in code.splitlines())

    (apart, kept), (dissolved, gone) = made(), made(often=True)
    assert apart == dissolved
    assert (kept, gone) == (1, 0)


def test_compiling_is_announced_once(copied: Path) -> None:
    """A kernel that is cached says nothing."""
    folder()
    told: list[str] = []

    def made():
        @kernel
        def doubled(a):
            return 2 * a

        return doubled

    with announcing(lambda: told.append("first")):
        assert made()(3) == 6
        assert told == ["first"]
    with announcing(lambda: told.append("second")):
        assert made()(4) == 8
    assert made()(4.5) == 9.0
    assert told == ["first"], "what was cached, and what was compiled afterwards, is not announced"


def test_kernels_release_the_interpreter_lock() -> None:
    assert _sum.targetoptions["nogil"]
    assert not _sum.targetoptions.get("fastmath", False)
