"""Addressed randomness: every random number is a pure function of where it is used.

Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3") maps a 128-bit counter
and a 64-bit key to four 32-bit words. Here

    key     = two words of Philox(counter = (replication, stream version), key = seed)
    counter = (prospect, low word; prospect, high word; place and block; visit and round)

so for one replication addresses cannot collide: the map of counters is a bijection. Two replications of one seed share
a key with probability 2**-64 per pair. A prospect is 63 bits: a digest of its source's name (23 bits) and its rank in
that source (40 bits); a place is a digest of the stage's name (24 bits). The plan resolves digests that meet, so names
never share an address. A word w stands for the uniform (w + 1/2) / 2**32: never 0 or 1, symmetric about 1/2.
"""

from typing import Final

import numpy as np

from funnelsim.chance.philox import philox
from funnelsim.core.jit import part

STREAM_VERSION: Final = 1
"""Changes whenever the same address would give another number; stored with every result."""

# The four words of a block have fixed uses, so one block serves one decision point.
BIRTH: Final = 0  # words: segment, value, intent, score noise
GAP: Final = 1  # words: gaps to arrivals 4i .. 4i+3 of a source
VISIT: Final = 2  # words: duration, patience, exit, routing; at place 0 those of records: see results/records.py
ATTEMPT: Final = 3  # words: reached, effort, gap, spare; one round an attempt
RETURN: Final = 4  # words: recycled, cool-off, spare, spare
PART: Final = 5  # words: component of a mixture for the four words of VISIT
SPREAD: Final = 6  # words: place of a date-only lead within its day
APPROVAL: Final = 7  # words: duration, agrees, spare, spare; one round a stakeholder
TOUCH: Final = 8  # words: gap to the next, seen, raises, observed; one number a touch, place: that of the channel
REACTION: Final = 9  # words: clicks, opts out, spare, spare; as TOUCH

WAY_IN: Final = 10  # words: leaks, spare, spare, spare
REFERRAL: Final = 11  # words: two of an identity; the customer's number of the occasion
TENURE: Final = 14  # words: stays, empty place, spare, spare; one number a rep in the same place; place: its address
BEARING: Final = 12  # words: has, spare, spare, spare; round: that of the attribute
ANSWERED: Final = 13  # words: right, spare, spare, spare; as BEARING

_32: Final = np.uint64(32)
_16: Final = np.uint64(16)
_8: Final = np.uint64(8)


@part
def replication_key(seed, replication):
    """The key of one replication as one uint64; seed any 64-bit integer, replication from 0."""
    purpose = np.uint64(STREAM_VERSION) | (np.uint64(0x66756E6E) << _32)
    w0, w1, _, _ = philox(np.uint64(replication), purpose, np.uint64(seed))
    return (np.uint64(w1) << _32) | np.uint64(w0)


@part
def words(key, prospect, place, block, visit, turn):
    """The four words at an address; key, prospect 64 bits, place < 2**24, block < 2**8, visit and turn < 2**16."""
    where = (np.uint64(place) << _8) | np.uint64(block)
    when = (np.uint64(visit) << _16) | np.uint64(turn)
    return philox(prospect, (when << _32) | where, key)


@part
def uniform(word):
    """The number in (0, 1) that a word stands for."""
    return (np.float64(word) + 0.5) * 2.3283064365386963e-10
