"""Tables in memory, for compiled code: many arrays behind one number.

A frame lists, for each of its tables, an address and a number of rows; compiled code is handed the address of the frame
itself, an int64, and reads and writes rows in place through readers. So a call costs one argument however many tables
there are, from Python too, and nothing counts references. Python keeps the arrays alive: `Frame` holds them.

With NUMBA_BOUNDSCHECK=1 every row is checked against its table, and the frame against the reader's own layout.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast
from zlib import crc32

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import lower_getattr_generic, lower_setattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, models, register_model
from numpy.typing import NDArray

CHECKED: Final = os.environ.get("NUMBA_BOUNDSCHECK", "") == "1"
NUMBER: Final = np.dtype([("n", "i8")])
"""A row that is one whole number."""

_WORD = 8


class Layout:
    """The tables of a kind of frame, in order, with the dtype of their rows.

    Those named in `within` have one row, which lies in the frame itself: its columns are at a known distance from the
    frame's address.
    """

    def __init__(self, name: str, within: Sequence[str] = (), **tables: np.dtype[Any]) -> None:
        self.name = name
        self.tables: Mapping[str, np.dtype[Any]] = tables
        self.mark = crc32(name.encode())
        self.words = 1 + 2 * len(tables)
        self.within: dict[str, int] = {}
        for table in within:
            self.within[table] = _WORD * self.words
            self.words += -(-tables[table].itemsize // _WORD)

    def place(self, table: str) -> int:
        """The offset in bytes of a table's address; its number of rows follows."""
        return _WORD * (1 + 2 * list(self.tables).index(table))

    def reader(self, table: str, alias: str | None = None) -> Callable[[Any, Any], Any]:
        """The compiled function (frame, index) that gives a row of a table, to read and to write.

        Tables that lie in the same memory need the same `alias`, or none: "".
        """
        return _reader(self, table, Row(self.tables[table], f"{self.name}.{table}" if alias is None else alias, False))

    def size(self, table: str) -> Callable[[Any], Any]:
        """The compiled function (frame) that gives a table's number of rows."""
        return _size(self, table)

    def fixed(self, table: str) -> Callable[[Any, Any], Any]:
        """As `reader`, for a table that never changes while compiled code runs: rows cannot be written, and what is
        read may be kept in a register."""
        return _reader(self, table, Row(self.tables[table], f"{self.name}.{table}", True))


class Frame:
    """Arrays of one layout, and the addresses that compiled code needs.

    `arrays` maps every table to a contiguous array of its dtype; what lies within the frame is copied. With `rows` of
    at least 1 each array has that leading dimension and is contiguous after it, and there is one frame a row: compiled
    code takes the i-th at `address + i * stride`.
    """

    def __init__(self, layout: Layout, arrays: Mapping[str, NDArray[Any]], rows: int = 0) -> None:
        self.layout, self.arrays = layout, dict(arrays)
        words = np.zeros((max(1, rows), layout.words), np.int64)
        words[:, 0] = layout.mark
        for table, dtype in layout.tables.items():
            array = self.arrays[table]
            each = array[:1] if rows else array
            if dtype.itemsize % array.dtype.itemsize or not each.flags.c_contiguous:
                raise TypeError(f"table {table}: need a contiguous array of {dtype}, found {array.dtype}")
            at = layout.place(table) // _WORD
            step = array.strides[0] if rows else 0
            words[:, at] = array.ctypes.data + step * np.arange(max(1, rows))
            words[:, at + 1] = each.nbytes // dtype.itemsize
            if table in layout.within:
                self.arrays[table] = _row_within(words, layout.within[table], array)
        self._words = words
        self.address: int = words.ctypes.data
        self.stride: int = words.strides[0]

    def __getitem__(self, table: str) -> NDArray[Any]:
        return self.arrays[table]


def _row_within(words: NDArray[np.int64], offset: int, row: NDArray[Any]) -> NDArray[Any]:
    """The place of a table of one row in its frame, filled."""
    if words.shape[0] > 1 or row.shape != (1,):
        raise TypeError(f"a table within its frame has one row, found {row.shape} for {words.shape[0]} frames")
    place = words[0, offset // _WORD :].view(np.uint8)[: row.itemsize].view(row.dtype)
    place[:] = row
    return place


class Address(types.Type):
    """The compiled type of a frame's address of which more is known than that it is one."""


@register_model(Address)
class _FrameAddress(models.PrimitiveModel):
    def __init__(self, manager: Any, address: Any) -> None:
        super().__init__(manager, address, ir.IntType(64))


def frame_address(context: Any, builder: Any, value: Any, known: Any) -> Any:
    """A frame's address as 64 bits."""
    return value if isinstance(known, Address) else context.cast(builder, value, known, types.int64)


class Row(types.Type):
    """The compiled type of a row: its address, with the columns of its table.

    Rows of a fixed table are read only, and what is read may be kept in a register. A row is known by `alias`: writing
    to one table, or to one column, cannot change what is read of another, so that may be kept as well. Tables that
    share their memory share an alias, or have none.
    """

    def __init__(self, dtype: np.dtype[Any], alias: str, fixed: bool) -> None:
        assert dtype.fields is not None
        self.columns = {name: (numba.from_dtype(column[0]), column[1]) for name, column in dtype.fields.items()}
        self.size, self.alias, self.fixed = dtype.itemsize, alias, fixed
        super().__init__(f"Row({alias}, {fixed}, {dtype.descr}, {dtype.itemsize})")


@register_model(Row)
class _Address(models.PrimitiveModel):
    def __init__(self, manager: Any, row_type: Any) -> None:
        super().__init__(manager, row_type, ir.IntType(64))


@infer_getattr
class _Columns(AttributeTemplate):
    key = Row

    def generic_resolve(self, row_type: Any, column: str) -> Any:  # type: ignore[override]
        known = row_type.columns.get(column)
        return None if known is None else known[0]


@lower_getattr_generic(Row)
def _read_column(context: Any, builder: Any, row_type: Any, row: Any, column: str) -> Any:
    pointer = _pointer(context, builder, row_type, row, column)
    return _marked(builder, builder.load(pointer), row_type, column)


@lower_setattr_generic(Row)
def _write_column(context: Any, builder: Any, signature: Any, arguments: Any, column: str) -> None:
    row_type, value_type = signature.args
    if row_type.fixed:
        raise NotImplementedError(f"{row_type.alias} is fixed: its {column} cannot be written")
    row, value = arguments
    value = context.cast(builder, value, value_type, row_type.columns[column][0])
    pointer = _pointer(context, builder, row_type, row, column)
    _marked(builder, builder.store(value, pointer), row_type, column)


def _pointer(context: Any, builder: Any, row_type: Row, row: Any, column: str) -> Any:
    column_type, offset = row_type.columns[column]
    return builder.inttoptr(builder.add(row, row.type(offset)), context.get_data_type(column_type).as_pointer())


def _marked(builder: Any, access: Any, row_type: Row, column: str) -> Any:
    """A load or store of a column with what is known of it."""
    column_type, offset = row_type.columns[column]
    width = column_type.bitwidth // 8
    if offset % width or row_type.size % width:
        access.align = 1
    module = builder.module
    if row_type.fixed:
        access.set_metadata("invariant.load", module.add_metadata([]))
    elif row_type.alias:
        zero = ir.Constant(ir.IntType(64), 0)
        column_mark = module.add_metadata([f"{row_type.alias}.{column}", module.add_metadata(["funnelsim"]), zero])
        access.set_metadata("tbaa", module.add_metadata([column_mark, column_mark, zero]))
    return access


def _reader(layout: Layout, table: str, row_type: Row) -> Callable[[Any, Any], Any]:
    dtype, place, mark, within = layout.tables[table], layout.place(table), layout.mark, layout.within.get(table)

    def read(typing_context: Any, frame: Any, index: Any) -> Any:
        if not isinstance(frame, types.Integer | Address) or not isinstance(index, types.Integer):
            return None

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            base = frame_address(context, builder, arguments[0], frame)
            at = context.cast(builder, arguments[1], index, types.int64)
            if CHECKED:
                wrong = builder.icmp_signed("!=", _word(builder, base, 0), at.type(mark))
                _refuse(context, builder, wrong, f"not a frame with a table {table}")
                outside = builder.icmp_unsigned(">=", at, _word(builder, base, place + _WORD))
                _refuse(context, builder, outside, f"row outside table {table}")
            if within is not None:
                return builder.add(base, at.type(within))
            return builder.add(_word(builder, base, place), builder.mul(at, at.type(dtype.itemsize)))

        return row_type(frame, index), generate

    return cast(Callable[[Any, Any], Any], intrinsic(read))


@intrinsic
def fetch_ahead(typing_context: Any, row: Any) -> Any:
    """Have a row brought into the cache, which will be read soon."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        for offset in range(0, row.size, 64):
            place = builder.inttoptr(builder.add(arguments[0], arguments[0].type(offset)), byte)
            builder.call(prefetch, [place, number(1), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(row), generate


def _size(layout: Layout, table: str) -> Callable[[Any], Any]:
    place = layout.place(table) + _WORD

    def read(typing_context: Any, frame: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return _word(builder, frame_address(context, builder, arguments[0], frame), place)

        return types.int64(frame), generate

    return cast(Callable[[Any], Any], intrinsic(read))


def _word(builder: Any, base: Any, offset: int) -> Any:
    """A word of a frame; it never changes while compiled code runs, so the load may be moved and shared."""
    word = ir.IntType(64)
    pointer = builder.inttoptr(builder.add(base, word(offset)), word.as_pointer())
    load = builder.load(pointer)
    load.set_metadata("invariant.load", builder.module.add_metadata([]))
    return load


def fixed_word(builder: Any, layout: Layout, frame: Any, table: str, column: str) -> Any:
    """A column of 64 bits of a table within its frame that never changes while compiled code runs."""
    fields = layout.tables[table].fields
    assert fields is not None
    return _word(builder, frame, layout.within[table] + fields[column][1])


def _refuse(context: Any, builder: Any, condition: Any, message: str) -> None:
    with cgutils.if_unlikely(builder, condition):
        context.call_conv.return_user_exc(builder, IndexError, (message,))


def numbers(shape: int | Sequence[int]) -> NDArray[np.int64]:
    """Zeros for a table of whole numbers."""
    return np.zeros(shape, np.int64)
