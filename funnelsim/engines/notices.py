"""Kinds of notice, in the order in which they are worked off within a tick, and how the kernel enters one.

Two notices of one kind and tick concern different prospects or reps, so their order among each other cannot matter.
"""

from typing import Final

from funnelsim.chance.agenda import KIND_BITS, post
from funnelsim.core.jit import part
from funnelsim.engines.store import give_up, state_at
from funnelsim.plan.layout import terms_at

WORK_ENDS: Final = 0
DELAY_ENDS: Final = 1
ROUTED: Final = 2
RETRY: Final = 3
RETURNS: Final = 4
WALKS_OFF: Final = 5
# Expiry before dispatch: a rep freed at the very tick at which patience ends comes too late.
GIVES_UP: Final = 6
TIER_DUE: Final = 7
REP_LEAVES: Final = 8
REP_COMES: Final = 9
CLOSES: Final = 10
OPENS: Final = 11


@part(often=True)
def notify(plan, store, tick, kind, who, token):
    """Enter a notice; one that is due at the horizon or later is dropped."""
    if tick < terms_at(plan, 0).horizon and not post(state_at(store, 0).agenda, (tick << KIND_BITS) | kind, who, token):
        give_up(store)
