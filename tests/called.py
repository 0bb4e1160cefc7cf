"""Compiled functions as Python may call them.

Some are compiled without an entry for Python, and which ones is a matter of speed that may change: so tests call none
directly, but these, which do nothing but call them.
"""

from __future__ import annotations

from funnelsim.chance import agenda, lines, streams
from funnelsim.core.jit import kernel
from funnelsim.rules import births, clocks, exits, laws, tenure

philox = kernel(lambda low, high, key: streams.philox(low, high, key))
replication_key = kernel(lambda seed, replication: streams.replication_key(seed, replication))
words = kernel(lambda key, who, place, block, visit, turn: streams.words(key, who, place, block, visit, turn))
uniform = kernel(lambda word: streams.uniform(word))

clear = kernel(lambda frame, room, shift: agenda.clear(frame, room, shift))
post = kernel(lambda frame, key, who, token: agenda.post(frame, key, who, token))
next_key = kernel(lambda frame: agenda.next_key(frame))
strike = kernel(lambda frame: agenda.strike(frame))
is_due = kernel(lambda frame, tick: agenda.is_due(frame, tick))

enqueue = kernel(lambda frame, line, slot: lines.enqueue(frame, line, slot))
dequeue = kernel(lambda frame, line, slot: lines.dequeue(frame, line, slot))
is_before = kernel(lambda frame, a, b: lines.is_before(frame, a, b))

business = kernel(lambda plan, calendar, tick: clocks.business(plan, calendar, tick))
end_of = kernel(lambda plan, calendar, tick, work: clocks.end_of(plan, calendar, tick, work))
left_of = kernel(lambda plan, calendar, begun, tick, work: clocks.left_of(plan, calendar, begun, tick, work))
lasts = kernel(
    lambda plan, law, key, who, place, visit, turn, lane, word: laws.lasts(
        plan, law, key, who, place, visit, turn, lane, word
    )
)
attributes = kernel(
    lambda plan, source, key, who, segment, value: births.attributes(plan, source, key, who, segment, value)
)
choose_exit = kernel(
    lambda plan, stage, segment, key, who, word, response, intent, nth: exits.choose_exit(
        plan, stage, segment, key, who, word, response, intent, 0.0, nth, 0, 0
    )
)
leaves_at = kernel(lambda plan, key, rep, nth, hired: tenure.leaves_at(plan, key, rep, nth, hired))
successor_at = kernel(lambda plan, key, rep, nth, left: tenure.successor_at(plan, key, rep, nth, left))
