"""The agenda: what is due when, as a calendar queue (Brown 1988) that fits the length of its days to the traffic.

A notice has a `key` that orders it; `who` and `token`, neither of them negative nor above 2**31, say whom it concerns.
Notices of one day hang in one bucket; a day is taken whole into `today`, sorted, and worked off from its end. Below the
last notice of the day lies a row that is never due and concerns nobody, so whoever looks at the end always finds
something. The order of notices of equal key is not defined: what happens under one key must not depend on it.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from funnelsim.core.bits import LANES, n_above
from funnelsim.core.jit import part
from funnelsim.core.rows import NUMBER, Layout

KIND_BITS: Final = 4
"""Low bits of a key: the kind of what is due; the tick stands above them."""
EMPTY: Final = -1

NOTICE: Final = np.dtype([("key", "i8"), ("whom", "i8"), ("next", "i8")])
DUE: Final = np.dtype([("key", "i8"), ("whom", "i8")])
BOOK: Final = np.dtype(
    [
        ("day", "i8"),  # the open day: key >> shift
        ("shift", "i8"),  # a day lasts 2**shift keys: whole ticks
        ("due", "i8"),  # notices of the open day
        ("size", "i8"),  # notices of later days
        ("free", "i8"),  # first unused row of notices
        ("room", "i8"),  # rows of notices, buckets and today, a power of two
        ("struck", "i8"),  # since the last review
        ("scanned", "i8"),  # buckets and notices looked at since the last review
        ("since", "i8"),  # the key at the last review
    ]
)
AGENDA: Final = Layout(
    "agenda", within=("book",), book=BOOK, notices=NOTICE, buckets=NUMBER, today=DUE, keys=NUMBER, whoms=NUMBER
)
book_at = AGENDA.reader("book")
notice_at = AGENDA.reader("notices")
room_of = AGENDA.size("notices")
bucket_at = AGENDA.reader("buckets")
today_at = AGENDA.reader("today")
pile_key_at = AGENDA.reader("keys")
pile_whom_at = AGENDA.reader("whoms")

NEVER_DUE: Final = 0x7FFFFFFFFFFFFFFF
"""Above every key; a key is below 2**59."""
_REVIEW: Final = 4096
NOBODY_DUE: Final = 0xFFFFFFFF
"""Above everybody whom a notice may concern; all bits of the half word that says whom."""
_FEW: Final = 2 * LANES
"""Keys of so few notices are told apart, in the pile, by the place at which each lies there: no two are equal."""
_FEW_BITS: Final = _FEW.bit_length() - 1
_A_DAY: Final = 6
"""Notices that a day should have."""


def tables(room: int) -> dict[str, NDArray[Any]]:
    """The tables of an agenda for `room` notices, a power of two."""
    rows = dict.fromkeys(AGENDA.tables, room) | {"book": 1, "today": 1 + room, "keys": max(room, _FEW)}
    return {table: np.zeros(rows[table], dtype) for table, dtype in AGENDA.tables.items()}


@part
def clear(agenda, room, shift):
    """An empty agenda for `room` notices, a power of two, whose days last 2**shift keys to begin with: whole ticks."""
    for at in range(room):
        notice_at(agenda, at).next = at + 1
        bucket_at(agenda, at).n = EMPTY
    notice_at(agenda, room - 1).next = EMPTY
    floor = today_at(agenda, 0)
    floor.key, floor.whom = NEVER_DUE, NOBODY_DUE
    book = book_at(agenda, 0)
    book.day, book.shift, book.due, book.size, book.free, book.room = 0, shift, 0, 0, 0, room
    book.struck, book.scanned, book.since = 0, 0, 0


@part(often=True)
def post(agenda, key, who, token):
    """Enter what is due; False if there is no room left."""
    book = book_at(agenda, 0)
    day, whom = key >> book.shift, (np.int64(token) << 32) | np.int64(who)
    if day <= book.day:
        return _insert(agenda, key, whom)
    at = book.free
    if at == EMPTY:
        return False
    notice = notice_at(agenda, at)
    book.free = notice.next
    book.size += 1
    bucket = bucket_at(agenda, day & (book.room - 1))
    notice.key, notice.whom, notice.next = key, whom, bucket.n
    bucket.n = at
    return True


@part
def _insert(agenda, key, whom):
    """Into the open day, which is kept latest first; False if it is full."""
    book = book_at(agenda, 0)
    last = book.due
    if last == book.room:
        return False
    place = last + 1
    book.due = place
    while today_at(agenda, place - 1).key < key:
        _move(agenda, place, place - 1)
        place -= 1
    row = today_at(agenda, place)
    row.key, row.whom = key, whom
    return True


@part
def _move(agenda, to, origin):
    row, other = today_at(agenda, to), today_at(agenda, origin)
    row.key, row.whom = other.key, other.whom


@part
def next_key(agenda):
    """The key of what is due next; NEVER_DUE if nothing is."""
    book = book_at(agenda, 0)
    if book.due == 0:
        if book.size == 0:
            return np.int64(NEVER_DUE)
        _turn_page(agenda)
    return today_at(agenda, book.due).key


@part
def strike(agenda):
    """Remove what is due next; whom it concerns, and its token."""
    book = book_at(agenda, 0)
    whom = today_at(agenda, book.due).whom
    book.due -= 1
    book.struck += 1
    return whom & NOBODY_DUE, whom >> 32


@part
def is_due(agenda, tick):
    """Whether anything is due at a tick, the present one: whoever asked for the next key has opened its day."""
    return today_at(agenda, book_at(agenda, 0).due).key >> KIND_BITS == tick


@part
def upcoming(agenda):
    """Whom the notice concerns that is due next, if it is known already: NOBODY_DUE if its day is not open yet."""
    return today_at(agenda, book_at(agenda, 0).due).whom & NOBODY_DUE


@part
def _turn_page(agenda):
    """Open the next day that has notices; there are some, and the open day has none."""
    book = book_at(agenda, 0)
    if book.struck >= _REVIEW or book.scanned > 8 * _REVIEW:
        _review(agenda)
    day, last, mask = book.day, book.day + book.room, book.room - 1
    while day < last:
        day += 1
        if bucket_at(agenda, day & mask).n != EMPTY and _take_day(agenda, day):
            book.scanned += day - book.day
            book.day = day
            return
    earliest = np.int64(NEVER_DUE)
    for bucket in range(book.room):
        at = bucket_at(agenda, bucket).n
        while at != EMPTY:
            earliest = min(earliest, notice_at(agenda, at).key >> book.shift)
            at = notice_at(agenda, at).next
    book.scanned += 2 * book.room
    book.day = earliest
    _take_day(agenda, earliest)


@part
def _take_day(agenda, day):
    """Move a day's notices from their bucket to the open day, latest first; False if there are none."""
    book = book_at(agenda, 0)
    bucket = bucket_at(agenda, day & (book.room - 1))
    at, kept, due, looked = bucket.n, np.int64(EMPTY), np.int64(0), np.int64(0)
    while at != EMPTY:
        notice = notice_at(agenda, at)
        following = notice.next
        looked += 1
        if notice.key >> book.shift == day:
            pile_key_at(agenda, due).n = (notice.key << _FEW_BITS) | (due & (_FEW - 1))
            pile_whom_at(agenda, due).n = notice.whom
            notice.next = book.free
            book.free = at
            due += 1
        else:
            notice.next = kept
            kept = at
        at = following
    bucket.n = kept
    book.scanned += looked
    if due <= _FEW:
        _place(agenda, due)
    else:
        _sort(agenda, due)
    book.due = due
    book.size -= due
    return due > 0


@part
def _place(agenda, due):
    """The pile into the open day, latest first: a notice stands behind as many as come after it.

    To count them takes no branch that a processor would have to guess.
    """
    first = min(due, np.int64(LANES))
    for i in range(due):
        key = pile_key_at(agenda, i).n
        place = n_above(pile_key_at(agenda, 0), first, key)
        if due > LANES:
            place += n_above(pile_key_at(agenda, LANES), due - LANES, key)
        row = today_at(agenda, 1 + place)
        row.key, row.whom = key >> _FEW_BITS, pile_whom_at(agenda, i).n


@part(rare=True)
def _sort(agenda, due):
    """The pile into the open day, latest first: Shell's sort, with gaps that keep a crowded day below n**(3/2)."""
    for i in range(due):
        row = today_at(agenda, 1 + i)
        row.key, row.whom = pile_key_at(agenda, i).n >> _FEW_BITS, pile_whom_at(agenda, i).n
    gap = np.int64(1)
    while gap < due // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(1 + gap, 1 + due):
            moving = today_at(agenda, i)
            key, whom = moving.key, moving.whom
            j = i
            while j > gap and today_at(agenda, j - gap).key < key:
                _move(agenda, j, j - gap)
                j -= gap
            row = today_at(agenda, j)
            row.key, row.whom = key, whom
        gap //= 3


@part(rare=True)
def _review(agenda):
    """Choose the length of a day anew, from how far the agenda moved, and hang all notices up again."""
    book = book_at(agenda, 0)
    shift, now = book.shift, book.day << book.shift
    gap = max(np.int64(1), _A_DAY * (now - book.since) // max(np.int64(1), book.struck))
    book.struck, book.scanned, book.since = 0, 0, now
    wanted = np.int64(KIND_BITS)
    while (np.int64(1) << wanted) < gap:
        wanted += 1
    if shift in (wanted, wanted - 1):
        return
    chain = np.int64(EMPTY)
    for bucket in range(book.room):
        at = np.int64(bucket_at(agenda, bucket).n)
        while at != EMPTY:
            following = np.int64(notice_at(agenda, at).next)
            notice_at(agenda, at).next = chain
            chain = at
            at = following
        bucket_at(agenda, bucket).n = EMPTY
    # No notice left is due before the end of the open day: begin with the new day in which that lies.
    book.day = (((book.day + 1) << shift) >> wanted) - 1
    book.shift = wanted
    while chain != EMPTY:
        following = np.int64(notice_at(agenda, chain).next)
        bucket = bucket_at(agenda, (notice_at(agenda, chain).key >> wanted) & (book.room - 1))
        notice_at(agenda, chain).next = bucket.n
        bucket.n = chain
        chain = following
