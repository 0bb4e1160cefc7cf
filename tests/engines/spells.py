"""Who is employed when, worked out from the rules of tenure, for tests that look at a trace alone."""

from __future__ import annotations

import numpy as np
from both import Book
from called import leaves_at, successor_at


def spells_of(book: Book, key: int, rep: int) -> list[tuple[int, int]]:
    """From which tick to before which the place of a rep is filled, one after the other."""
    row, nth, out, unsigned = book.reps[rep], 0, list[tuple[int, int]](), np.uint64(key)
    begins = max(0, row.start)
    while begins < min(row.until, book.horizon):
        left = int(leaves_at(book.plan.address, unsigned, rep, nth, begins))
        out.append((begins, min(left, row.until)))
        if left >= book.horizon:
            break
        begins, nth = int(successor_at(book.plan.address, unsigned, rep, nth, left)), nth + 1
    return out
