"""Kinds of notice, in the order in which they are worked off within a tick, and how the kernel enters one.

Two notices of one kind and tick concern different prospects or reps, so their order among each other cannot matter.
"""

from typing import Final

from funnelsim.chance.agenda import KIND_BITS, post
from funnelsim.core.jit import part
from funnelsim.engines.store import give_up, state_at
from funnelsim.plan.layout import terms_at

# Touches first: what is decided at the same tick knows of them.
# Before them those who are referred are born, so that all who come at a tick are there before anybody leaves.
REFERS: Final = 0
TOUCH_DUE: Final = 1
COMES_IN: Final = 2
WORK_ENDS: Final = 3
DELAY_ENDS: Final = 4
ROUTED: Final = 5
RETRY: Final = 6
RETURNS: Final = 7
WALKS_OFF: Final = 8
# Expiry before dispatch: a rep freed at the very tick at which patience ends comes too late.
GIVES_UP: Final = 9
TIER_DUE: Final = 10
REP_LEAVES: Final = 11
REP_COMES: Final = 12
CLOSES: Final = 13
OPENS: Final = 14


@part(often=True)
def notify(plan, store, tick, kind, who, token):
    """Enter a notice; one that is due at the horizon or later is dropped."""
    if tick < terms_at(plan, 0).horizon and not post(state_at(store, 0).agenda, (tick << KIND_BITS) | kind, who, token):
        give_up(store)
