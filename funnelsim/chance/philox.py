"""Philox4x32-10: a bijection of 128-bit counters for every 64-bit key, whose values look random.

Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3". The four words of a counter stand in
one register: both products of a round are one instruction, and so are both exchanges.
"""

from typing import Any, Final

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

_ROUNDS: Final = 10
_FACTORS: Final = (0xD2511F53, 0xCD9E8D57)
_STEPS: Final = (0x9E3779B9, 0xBB67AE85)

_WORDS: Final = ir.VectorType(ir.IntType(32), 4)
_PAIRS: Final = ir.VectorType(ir.IntType(64), 2)


def _pair(builder: Any, first: Any, second: Any) -> Any:
    """Two 64-bit numbers side by side."""
    pair = builder.insert_element(ir.Constant(_PAIRS, ir.Undefined), first, ir.IntType(32)(0))
    return builder.insert_element(pair, second, ir.IntType(32)(1))


@intrinsic
def philox(typing_context: Any, low: Any, high: Any, key: Any) -> Any:
    """Four uint32 words of the counter `low + 2**64 high` under `key`; all arguments uint64, first words lowest."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        long = ir.IntType(64)
        counter_low, counter_high, key_word = arguments
        lower = ir.Constant(_PAIRS, [0xFFFFFFFF] * 2)
        upper = ir.Constant(_PAIRS, [32] * 2)
        factors, steps = ir.Constant(_PAIRS, list(_FACTORS)), ir.Constant(_PAIRS, list(_STEPS))
        across = ir.Constant(_WORDS, [3, 2, 1, 0])
        # Words 0 and 2 of a counter are the lower halves of its pairs; so are the two words of a key.
        counter = _pair(builder, counter_low, counter_high)
        keys = _pair(builder, builder.and_(key_word, long(0xFFFFFFFF)), builder.lshr(key_word, long(32)))
        for turn in range(_ROUNDS):
            if turn:
                keys = builder.add(builder.bitcast(keys, _WORDS), builder.bitcast(steps, _WORDS))
                keys = builder.bitcast(keys, _PAIRS)
            products = builder.mul(builder.and_(counter, lower), factors)
            words = builder.bitcast(products, _WORDS)
            exchanged = builder.bitcast(builder.shuffle_vector(words, words, across), _PAIRS)
            counter = builder.xor(exchanged, builder.xor(builder.lshr(counter, upper), keys))
        halves = [builder.extract_element(counter, ir.IntType(32)(at)) for at in range(2)]
        words = [builder.trunc(builder.lshr(half, long(shift)), ir.IntType(32)) for half in halves for shift in (0, 32)]
        return context.make_tuple(builder, signature.return_type, words)

    return types.UniTuple(types.uint32, 4)(types.uint64, types.uint64, types.uint64), generate
