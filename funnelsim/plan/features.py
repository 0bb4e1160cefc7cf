"""What a plan makes use of, so that what it does not use costs nothing.

Compiled code asks `uses(plan, feature)`. Of a plan that is `known_plain` the answer is no while it is compiled, and
what only serves a feature falls away; of any other plan it is read from the plan's terms.
"""

from typing import Any, Final

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from funnelsim.core.rows import Address, Frame, frame_address
from funnelsim.plan.layout import PLAN, TERMS

OWN_LINES: Final = 1  # reps with lines of their own, or who keep their prospects
RANKED: Final = 2  # lines not in order of coming
HOURS: Final = 4  # calendars that close
LIMITS: Final = 8  # lines that may be full
PROMISES: Final = 16  # deadlines for the first response
ATTEMPTS: Final = 32  # work in several attempts
ROUTES: Final = 64  # a delay before the line
RESPONSE: Final = 128  # an effect of the response time on exits
TRACE: Final = 256  # rows of events: asked for with the run, not written in the plan


def is_plain(plan: Frame) -> bool:
    """Whether a plan uses no feature."""
    return int(plan["terms"]["uses"][0]) == TRACE


_PLAIN: Final = Address("PlainPlan")


@intrinsic
def known_plain(typing_context: Any, plan: Any) -> Any:
    """The plan, as one known to use no feature."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return frame_address(context, builder, arguments[0], plan)

    return _PLAIN(plan), generate


@intrinsic
def uses(typing_context: Any, plan: Any, feature: Any) -> Any:
    """Whether a plan may use a feature."""
    offset, column = PLAN.within["terms"], TERMS.fields["uses"][1]  # type: ignore[index]

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if plan == _PLAIN:
            return ir.Constant(ir.IntType(1), 0)
        base = frame_address(context, builder, arguments[0], plan)
        word = ir.IntType(64)
        pointer = builder.inttoptr(builder.add(base, word(offset + column)), word.as_pointer())
        load = builder.load(pointer)
        load.set_metadata("invariant.load", builder.module.add_metadata([]))
        bit = context.cast(builder, arguments[1], feature, types.int64)
        return builder.icmp_signed("!=", builder.and_(load, bit), word(0))

    return types.boolean(plan, feature), generate
