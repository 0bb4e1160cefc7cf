"""What a plan makes use of, so that what it does not use costs nothing.

Compiled code asks `uses(plan, feature)`. Of a plan that is known to be plain the answer is no while it is compiled, and
what only serves a feature falls away; of any other plan it is read from the plan's terms.
"""

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from funnelsim.core.jit import part
from funnelsim.core.rows import Address, Frame, fixed_word, frame_address
from funnelsim.plan.layout import PLAN, terms_at

OWN_LINES: Final = 1  # reps with lines of their own, or who keep their prospects
RANKED: Final = 2  # lines not in order of coming
HOURS: Final = 4  # calendars that close
LIMITS: Final = 8  # lines that may be full
PROMISES: Final = 16  # deadlines for the first response
ATTEMPTS: Final = 32  # work in several attempts
ROUTES: Final = 64  # a delay before the line
RESPONSE: Final = 128  # an effect of the response time on exits
MIXED: Final = 256  # laws that mix others, or give back values seen
FEEDS: Final = 512  # prospects in batches or from a list
TRAITS: Final = 1024  # prospects who differ: in segment or value, or in what decides their exits
SHIFTS: Final = 2048  # reps who come or leave
CELLS: Final = 4096  # prospects of several channels or segments
APPROVALS: Final = 8192  # stages that several stakeholders must agree to
TOUCHES: Final = 16384  # channels that touch prospects
HANDOFFS: Final = 32768  # stages that hand prospects over before their time is over
PEOPLE: Final = 65536  # reps who differ in speed or skill, or who change what prospects think
SALES: Final = 131072  # stages that book something before the journey ends
REFERRALS: Final = 262144  # customers who bring others
DISCOUNTS: Final = 524288  # stages that give away a share of a deal
HIDDEN: Final = 1048576  # attributes of prospects that nobody sees
BANDS: Final = 2097152  # exits that take deals by their value
REVIEWS: Final = 4194304  # rules of feedback
DEALS: Final = 8388608  # deals that are open at the start
ATTRITION: Final = 16777216  # reps who leave by themselves
EXPECTED: Final = 33554432  # wins counted by their chances too
AGAIN: Final = RANKED | PROMISES | ATTEMPTS | SHIFTS | DEALS
"""What may bring a prospect to a line or to a rep more than once in a visit."""

_PLAIN: Final = Address("PlainPlan")


def is_plain(plan: Frame) -> bool:
    """Whether a plan uses no feature."""
    return int(plan["terms"]["uses"][0]) == 0


@intrinsic
def as_plain(typing_context: Any, plan: Any) -> Any:
    """The plan, as one known to be plain."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return frame_address(context, builder, arguments[0], plan)

    return _PLAIN(plan), generate


@intrinsic
def known_plain(typing_context: Any, plan: Any) -> Any:
    """Whether a plan is known to be plain while code is compiled."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(ir.IntType(1), int(plan == _PLAIN))

    return types.boolean(plan), generate


@intrinsic
def uses(typing_context: Any, plan: Any, feature: Any) -> Any:
    """Whether a plan uses a feature, or one of several; of a plain plan it is known before any code is optimised."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if plan == _PLAIN:
            return ir.Constant(ir.IntType(1), 0)
        used = fixed_word(builder, PLAN, frame_address(context, builder, arguments[0], plan), "terms", "uses")
        asked = context.cast(builder, arguments[1], feature, types.int64)
        return builder.icmp_signed("!=", builder.and_(used, asked), used.type(0))

    return types.boolean(plan, feature), generate


@part
def n_segments(plan):
    """Segments of prospects."""
    return terms_at(plan, 0).n_segments if uses(plan, TRAITS) else np.int64(1)
