"""Sets of small numbers as bits of 64-bit words: where the next member is takes no search."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from funnelsim.core.jit import part


@intrinsic
def lowest_bit(typing_context: Any, word: Any) -> Any:
    """The place of the lowest bit of a 64-bit word that is set, from 0; the word is not zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@part
def bit_of(member):
    """The bit that stands for a member in its word, which is the one of number `member >> 6`."""
    return np.int64(1) << (member & 63)
