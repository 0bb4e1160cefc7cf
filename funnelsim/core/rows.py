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
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, models, register_model
from numpy.typing import NDArray

CHECKED: Final = os.environ.get("NUMBA_BOUNDSCHECK", "") == "1"
NUMBER: Final = np.dtype([("n", "i8")])
"""A row that is one whole number."""

_WORD = 8


class Layout:
    """The tables of a kind of frame, in order, with the dtype of their rows."""

    def __init__(self, name: str, **tables: np.dtype[Any]) -> None:
        self.name = name
        self.tables: Mapping[str, np.dtype[Any]] = tables
        self.mark = crc32(name.encode())
        self.words = 1 + 2 * len(tables)

    def place(self, table: str) -> int:
        """The offset in bytes of a table's address; its number of rows follows."""
        return _WORD * (1 + 2 * list(self.tables).index(table))

    def reader(self, table: str) -> Callable[[Any, Any], Any]:
        """The compiled function (frame, index) that gives a row of a table, to read and to write."""
        return _reader(self, table, numba.from_dtype(self.tables[table]))

    def fixed(self, table: str) -> Callable[[Any, Any], Any]:
        """As `reader`, for a table that never changes while compiled code runs: rows cannot be written, and what is
        read may be kept in a register."""
        return _reader(self, table, FixedRow(self.tables[table]))


class Frame:
    """Arrays of one layout, and the addresses that compiled code needs.

    `arrays` maps every table to a contiguous array of its dtype. With `rows` of at least 1 each array has that leading
    dimension, and there is one frame a row: compiled code takes the i-th at `address + i * stride`.
    """

    def __init__(self, layout: Layout, arrays: Mapping[str, NDArray[Any]], rows: int = 0) -> None:
        self.layout, self.arrays = layout, dict(arrays)
        words = np.zeros((max(1, rows), layout.words), np.int64)
        words[:, 0] = layout.mark
        for table, dtype in layout.tables.items():
            array = self.arrays[table]
            if dtype.itemsize % array.dtype.itemsize or not array.flags.c_contiguous:
                raise TypeError(f"table {table}: need a contiguous array of {dtype}, found {array.dtype}")
            at = layout.place(table) // _WORD
            step = array.nbytes // max(1, rows)
            words[:, at] = array.ctypes.data + step * np.arange(max(1, rows))
            words[:, at + 1] = step // dtype.itemsize
        self._words = words
        self.address: int = words.ctypes.data
        self.stride: int = words.strides[0]

    def __getitem__(self, table: str) -> NDArray[Any]:
        return self.arrays[table]


class FixedRow(types.Type):
    """The compiled type of a row of a table that never changes."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        assert dtype.fields is not None
        self.columns = {name: (numba.from_dtype(column[0]), column[1]) for name, column in dtype.fields.items()}
        super().__init__(f"FixedRow({dtype.descr}, {dtype.itemsize})")


@register_model(FixedRow)
class _Address(models.PrimitiveModel):
    """A fixed row is its address."""

    def __init__(self, manager: Any, row_type: Any) -> None:
        super().__init__(manager, row_type, ir.IntType(64))


@infer_getattr
class _Columns(AttributeTemplate):
    key = FixedRow

    def generic_resolve(self, row_type: Any, column: str) -> Any:  # type: ignore[override]
        known = row_type.columns.get(column)
        return None if known is None else known[0]


@lower_getattr_generic(FixedRow)
def _read_column(context: Any, builder: Any, row_type: Any, row: Any, column: str) -> Any:
    column_type, offset = row_type.columns[column]
    pointer = builder.inttoptr(builder.add(row, row.type(offset)), context.get_data_type(column_type).as_pointer())
    load = builder.load(pointer)
    load.set_metadata("invariant.load", builder.module.add_metadata([]))
    return load


def _reader(layout: Layout, table: str, row_type: types.Type) -> Callable[[Any, Any], Any]:
    dtype, place, mark = layout.tables[table], layout.place(table), layout.mark

    def read(typing_context: Any, frame: Any, index: Any) -> Any:
        if not isinstance(frame, types.Integer) or not isinstance(index, types.Integer):
            return None

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            base = context.cast(builder, arguments[0], frame, types.int64)
            at = context.cast(builder, arguments[1], index, types.int64)
            if CHECKED:
                wrong = builder.icmp_signed("!=", _word(builder, base, 0), at.type(mark))
                _refuse(context, builder, wrong, f"not a frame with a table {table}")
                outside = builder.icmp_unsigned(">=", at, _word(builder, base, place + _WORD))
                _refuse(context, builder, outside, f"row outside table {table}")
            first = _word(builder, base, place)
            address = builder.add(first, builder.mul(at, at.type(dtype.itemsize)))
            if isinstance(row_type, FixedRow):
                return address
            return builder.inttoptr(address, context.get_value_type(row_type))

        return row_type(frame, index), generate

    return cast(Callable[[Any, Any], Any], intrinsic(read))


def _word(builder: Any, base: Any, offset: int) -> Any:
    """A word of a frame; it never changes while compiled code runs, so the load may be moved and shared."""
    word = ir.IntType(64)
    pointer = builder.inttoptr(builder.add(base, word(offset)), word.as_pointer())
    load = builder.load(pointer)
    load.set_metadata("invariant.load", builder.module.add_metadata([]))
    return load


def _refuse(context: Any, builder: Any, condition: Any, message: str) -> None:
    with cgutils.if_unlikely(builder, condition):
        context.call_conv.return_user_exc(builder, IndexError, (message,))


def numbers(shape: int | Sequence[int]) -> NDArray[np.int64]:
    """Zeros for a table of whole numbers."""
    return np.zeros(shape, np.int64)
