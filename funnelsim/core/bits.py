"""Sets of small numbers as bits of a word: where the next member is, and how many there are, takes no search."""

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from funnelsim.core.jit import part
from funnelsim.core.rows import NUMBER, Row

BITS: Final = 64
"""Places in a word."""
LANES: Final = 8
"""Numbers that are compared with another at once."""


@intrinsic
def lowest_bit(typing_context: Any, word: Any) -> Any:
    """The place of the lowest bit of a 64-bit word that is set, from 0; the word is not zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@intrinsic
def n_above(typing_context: Any, row: Any, n: Any, least: Any) -> Any:
    """How many of n numbers are larger than another; n is at most LANES, and so many rows there are from `row` on."""
    if not isinstance(row, Row) or row.size != NUMBER.itemsize:
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        many = ir.VectorType(ir.IntType(64), LANES)
        numbers = builder.load(builder.inttoptr(arguments[0], many.as_pointer()), align=NUMBER.itemsize)
        first = builder.insert_element(ir.Constant(many, ir.Undefined), arguments[2], ir.IntType(32)(0))
        all_alike = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        members = builder.icmp_signed(">", numbers, builder.shuffle_vector(first, first, all_alike))
        found = builder.zext(builder.bitcast(members, ir.IntType(LANES)), ir.IntType(64))
        beyond = builder.shl(ir.IntType(64)(-1), arguments[1])
        return builder.ctpop(builder.and_(found, builder.not_(beyond)))

    return types.int64(row, types.int64, types.int64), generate


@part
def bit_of(member):
    """The bit that stands for a member in its word, which is the one of number `member >> 6`."""
    return np.int64(1) << (member & 63)
