"""The agenda: what is due when, as a calendar queue (Brown 1988) that fits the length of its days to the traffic.

A notice is a row of `notices`: `key` orders it, `who` and `token` say whom it concerns. Notices of one day hang in one
bucket; a day is taken whole, sorted, and worked off from the end of `today`. The order of notices of equal key is not
defined: what happens under one key must not depend on it.
"""

from typing import Final

import numpy as np

from funnelsim.core.jit import part
from funnelsim.core.rows import NUMBER, Layout

KIND_BITS: Final = 4
"""Low bits of a key: the kind of what is due; the tick stands above them."""
EMPTY: Final = -1

NOTICE: Final = np.dtype([("key", "i8"), ("who", "i4"), ("token", "i4"), ("next", "i4"), ("spare", "i4")], align=True)
BOOK: Final = np.dtype(
    [
        ("day", "i8"),  # the open day: key >> shift
        ("shift", "i8"),  # a day lasts 2**shift keys
        ("size", "i8"),  # notices entered
        ("due", "i8"),  # notices of the open day
        ("free", "i8"),  # first unused row of notices
        ("room", "i8"),  # rows of notices and buckets, a power of two
        ("struck", "i8"),  # since the last review
        ("scanned", "i8"),  # buckets and notices looked at since the last review
        ("since", "i8"),  # the key at the last review
    ]
)
AGENDA: Final = Layout("agenda", book=BOOK, notices=NOTICE, buckets=NUMBER, today=NUMBER)
book_at = AGENDA.reader("book")
notice_at = AGENDA.reader("notices")
bucket_at = AGENDA.reader("buckets")
today_at = AGENDA.reader("today")

_REVIEW: Final = 4096
_LATEST: Final = 0x7FFFFFFFFFFFFFFF


@part
def clear(agenda, room, shift):
    """An empty agenda for `room` notices, a power of two, whose days last 2**shift keys to begin with."""
    for at in range(room):
        notice_at(agenda, at).next = at + 1
        bucket_at(agenda, at).n = EMPTY
    notice_at(agenda, room - 1).next = EMPTY
    book = book_at(agenda, 0)
    book.day, book.shift, book.size, book.due, book.free, book.room = 0, shift, 0, 0, 0, room
    book.struck, book.scanned, book.since = 0, 0, 0


@part
def post(agenda, key, who, token):
    """Enter what is due; False if there is no room left."""
    book = book_at(agenda, 0)
    at = book.free
    if at == EMPTY:
        return False
    notice = notice_at(agenda, at)
    book.free = notice.next
    book.size += 1
    notice.key, notice.who, notice.token = key, who, token
    day = key >> book.shift
    if day <= book.day:
        _insert(agenda, at, key)
    else:
        bucket = bucket_at(agenda, day & (book.room - 1))
        notice.next = bucket.n
        bucket.n = at
    return True


@part
def _insert(agenda, at, key):
    """Into the open day, which is kept latest first."""
    book = book_at(agenda, 0)
    place = book.due
    while place > 0 and notice_at(agenda, today_at(agenda, place - 1).n).key < key:
        today_at(agenda, place).n = today_at(agenda, place - 1).n
        place -= 1
    today_at(agenda, place).n = at
    book.due += 1


@part
def peek(agenda):
    """The row of the next notice; EMPTY if nothing is due."""
    book = book_at(agenda, 0)
    if book.due == 0:
        if book.size == 0:
            return np.int64(EMPTY)
        _turn_page(agenda)
    return today_at(agenda, book.due - 1).n


@part
def strike(agenda):
    """Remove the notice that `peek` gave."""
    book = book_at(agenda, 0)
    book.due -= 1
    at = today_at(agenda, book.due).n
    notice_at(agenda, at).next = book.free
    book.free = at
    book.size -= 1
    book.struck += 1


@part
def _turn_page(agenda):
    """Open the next day that has notices; the agenda is not empty and the open day is."""
    book = book_at(agenda, 0)
    if book.struck >= _REVIEW or book.scanned > 8 * _REVIEW:
        _review(agenda)
    mask = book.room - 1
    for _ in range(book.room):
        book.day += 1
        book.scanned += 1
        if bucket_at(agenda, book.day & mask).n != EMPTY and _take_day(agenda, book.day & mask):
            return
    earliest = np.int64(_LATEST)
    for bucket in range(book.room):
        at = bucket_at(agenda, bucket).n
        while at != EMPTY:
            earliest = min(earliest, notice_at(agenda, at).key >> book.shift)
            at = notice_at(agenda, at).next
    book.scanned += 2 * book.room
    book.day = earliest
    _take_day(agenda, earliest & mask)


@part
def _take_day(agenda, bucket):
    """Move the open day's notices from their bucket, latest first; False if there are none."""
    book = book_at(agenda, 0)
    at = np.int64(bucket_at(agenda, bucket).n)
    kept, due = np.int64(EMPTY), np.int64(0)
    while at != EMPTY:
        notice = notice_at(agenda, at)
        following = np.int64(notice.next)
        book.scanned += 1
        if notice.key >> book.shift == book.day:
            today_at(agenda, due).n = at
            due += 1
        else:
            notice.next = kept
            kept = at
        at = following
    bucket_at(agenda, bucket).n = kept
    if due > 1:
        _sort(agenda, due)
    book.due = due
    return due > 0


@part
def _sort(agenda, due):
    """Latest first: Shell's sort, with gaps that keep the rare crowded day below n**(3/2)."""
    gap = 1
    while gap < due // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, due):
            moving = today_at(agenda, i).n
            key = notice_at(agenda, moving).key
            j = i
            while j >= gap and notice_at(agenda, today_at(agenda, j - gap).n).key < key:
                today_at(agenda, j).n = today_at(agenda, j - gap).n
                j -= gap
            today_at(agenda, j).n = moving
        gap //= 3


@part
def _review(agenda):
    """Choose the length of a day anew, from how far the agenda moved, and hang all notices up again."""
    book = book_at(agenda, 0)
    shift, now = book.shift, book.day << book.shift
    gap = max(np.int64(1), (now - book.since) // max(np.int64(1), book.struck))
    book.struck, book.scanned, book.since = 0, 0, now
    wanted = np.int64(0)
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
