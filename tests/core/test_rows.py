"""Frames: compiled code reads and writes the rows of the right table of the right frame, in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from funnelsim.core.jit import kernel
from funnelsim.core.rows import CHECKED, NUMBER, Frame, Layout, fetch_ahead, numbers

PLACE = np.dtype([("flag", "i1"), ("word", "u4"), ("x", "f8")], align=True)
BOX = Layout("box", places=PLACE, counts=NUMBER, others=PLACE)
place_at = BOX.reader("places")
count_at = BOX.reader("counts")
other_at = BOX.reader("others")


@kernel
def total(frame, n):
    """The sum of a column over the first n rows."""
    out = 0.0
    for at in range(n):
        out += place_at(frame, at).x
    return out


@kernel
def fill(frame, at, word, x):
    """Write a row of each table."""
    row = place_at(frame, at)
    row.word, row.x, row.flag = word, x, -3
    count_at(frame, at).n += 5
    other_at(frame, at).word = place_at(frame, at).word + np.uint32(1)


def box(*shape: int, rows: int = 0) -> Frame:
    tables: dict[str, Any] = {"places": np.zeros(shape, PLACE), "counts": numbers(shape)}
    return Frame(BOX, tables | {"others": np.zeros(shape, PLACE)}, rows)


def test_compiled_code_writes_the_arrays_that_python_holds() -> None:
    frame = box(4)
    fill(frame.address, 2, np.uint32(2**32 - 2), 1.5)
    assert frame["places"].tolist()[1:] == [(0, 0, 0.0), (-3, 2**32 - 2, 1.5), (0, 0, 0.0)]
    assert frame["counts"].tolist() == [0, 0, 5, 0]
    assert frame["others"]["word"].tolist() == [0, 0, 2**32 - 1, 0]
    frame["places"]["x"] = [1, 2, 3, 4]
    assert total(frame.address, 4) == 10.0


def test_a_stack_of_frames_has_one_frame_a_row() -> None:
    stack = box(3, 4, rows=3)
    for at in range(3):
        fill(stack.address + at * stack.stride, at, 7 + at, 10.0 * at)
    assert stack["places"]["x"].tolist() == np.diag([0.0, 10.0, 20.0, 0.0])[:3].tolist()
    assert stack["counts"].sum(axis=1).tolist() == [5, 5, 5]
    assert [total(stack.address + at * stack.stride, 4) for at in range(3)] == [0.0, 10.0, 20.0]


def test_a_frame_refuses_what_compiled_code_would_misread() -> None:
    tables: dict[str, Any] = {"counts": numbers(4), "others": np.zeros(4, PLACE)}
    with pytest.raises(TypeError, match="table places: need a contiguous array"):
        Frame(BOX, {**tables, "places": np.zeros(8, PLACE)[::2]})
    with pytest.raises(TypeError, match="table places"):
        Frame(BOX, {**tables, "places": np.zeros(4, "V7")})
    with pytest.raises(KeyError):
        Frame(BOX, tables)


DESK = Layout("desk", within=("lamp", "pen"), lamp=PLACE, drawers=NUMBER, pen=NUMBER)
lamp_at, drawer_at, pen_at = DESK.reader("lamp"), DESK.reader("drawers"), DESK.fixed("pen")
drawers_of = DESK.size("drawers")


@kernel
def tidy(frame):
    """Fill every drawer with the pen's number and light the lamp as often."""
    for at in range(drawers_of(frame)):
        drawer_at(frame, at).n = pen_at(frame, 0).n
        lamp_at(frame, 0).word += np.uint32(pen_at(frame, 0).n)


def test_a_row_within_the_frame_is_seen_from_both_sides() -> None:
    frame = Frame(DESK, {"lamp": np.zeros(1, PLACE), "drawers": numbers(3), "pen": numbers(1)})
    frame["pen"]["n" if frame["pen"].dtype.names else slice(None)] = 7
    tidy(frame.address)
    assert frame["drawers"].tolist() == [7, 7, 7]
    assert frame["lamp"].tolist() == [(0, 21, 0.0)]


def test_a_row_within_the_frame_is_one_row_of_one_frame() -> None:
    tables: dict[str, Any] = {"lamp": np.zeros(2, PLACE), "drawers": numbers(3), "pen": numbers(1)}
    with pytest.raises(TypeError, match="one row"):
        Frame(DESK, tables)


SHARED = Layout("shared", numbers=NUMBER, halves=np.dtype([("h", "u4")]))
whole_at, half_at = SHARED.reader("numbers", alias="both"), SHARED.reader("halves", alias="")


@kernel
def write_under(frame, read_again):
    """Write a half under a number that was read; what the number is then."""
    before = whole_at(frame, 0).n
    half_at(frame, 1).h = np.uint32(read_again)
    return before, whole_at(frame, 0).n


def test_what_shares_memory_is_read_again_after_a_write() -> None:
    """Without `alias` the second read may be taken from the first."""
    both = numbers(1)
    frame = Frame(SHARED, {"numbers": both, "halves": both.view(np.uint32)})
    assert write_under(frame.address, 5) == (0, 5 << 32)


def test_a_fixed_row_cannot_be_written() -> None:
    @kernel
    def scribble(frame):
        pen_at(frame, 0).n = 3

    # What Numba makes of the refusal depends on where its output goes.
    with pytest.raises(Exception):  # noqa: B017
        scribble(0)


@kernel
def fetched(frame, at):
    """A row's word, fetched ahead, also when the row is far outside."""
    fetch_ahead(place_at(frame, at + 1_000_000))
    fetch_ahead(place_at(frame, at))
    return place_at(frame, at).word


@pytest.mark.skipif(CHECKED, reason="where rows are checked, one far outside is refused")
def test_a_row_fetched_ahead_is_the_same_row() -> None:
    frame = box(4)
    frame["places"]["word"][2] = 9
    assert fetched(frame.address, 2) == 9


def test_empty_tables_are_allowed() -> None:
    frame = box(0)
    assert total(frame.address, 0) == 0.0


def test_layouts_of_different_names_have_different_marks() -> None:
    assert Layout("box", rows=NUMBER).mark == Layout("box", rows=NUMBER).mark
    assert Layout("box", rows=NUMBER).mark != Layout("tray", rows=NUMBER).mark
    assert BOX.place("places") < BOX.place("counts") < BOX.place("others") < 8 * BOX.words
