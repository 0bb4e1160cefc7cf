"""The rules and draws as kernels that Python can call: what the readable engine asks.

It hands over plain whole numbers, which cost half of what NumPy's cost: a key as one of 64 bits with a sign.
"""

import numpy as np

from funnelsim.chance import streams
from funnelsim.core.jit import entry, kernel
from funnelsim.rules import births, clocks, contacts, discovery, exits, laws, reviews, service, tenure

replication_key = kernel(lambda seed, replication: np.int64(streams.replication_key(seed, replication)))
visit_words = kernel(lambda key, who, place, nth: streams.words(key, who, place, streams.VISIT, nth, 0))
gap_words = entry(births.gap_words)
referred_by = entry(births.referred_by)
next_of_rate = entry(births.next_of_rate)
due_at_pace = entry(births.due_at_pace)
attributes = entry(births.attributes)
attributes_of = entry(discovery.attributes_of)
suffices = entry(discovery.suffices)
set_up = entry(reviews.set_up)
see_entry = entry(reviews.see_entry)
see_exit = entry(reviews.see_exit)
next_review = entry(reviews.next_review)
hold_reviews = entry(reviews.hold_reviews)
decided_at = entry(clocks.decided_at)
end_of = entry(clocks.end_of)
left_of = entry(clocks.left_of)
come_within_reach = entry(contacts.come_within_reach)
detail_of = entry(contacts.detail_of)
first_due = entry(contacts.first_due)
forget = entry(contacts.forget)
go_out_of_reach = entry(contacts.go_out_of_reach)
intent_at = entry(contacts.intent_at)
is_ready = entry(contacts.is_ready)
next_touch = entry(contacts.next_touch)
reach = entry(contacts.reach)
score_at = entry(contacts.score_at)
choose_exit = entry(exits.choose_exit)
lasts = entry(laws.lasts)
visit_lasts = entry(laws.visit_lasts)
visit_remains = entry(laws.visit_remains)
residual = entry(laws.residual)
attempt_work = entry(service.attempt_work)
booked = entry(service.booked)
cool_off = entry(service.cool_off)
discounted = entry(exits.discounted)
due_at = entry(service.due_at)
gap_after = entry(service.gap_after)
leaks = entry(service.leaks)
shortened = entry(contacts.shortened)
ticks_of = entry(service.ticks_of)
work_of = entry(service.work_of)
leaves_at = entry(tenure.leaves_at)
successor_at = entry(tenure.successor_at)
has_room = entry(service.has_room)
rank_in_line = entry(service.rank_in_line)
