"""Waiting lines: who is next, by a total key that does not depend on who came in first.

A place in a line is a row of `links`, one row a prospect's slot, with the key (rank, since, who); smaller comes first.
A line is a row of `heads`. A plain line is a linked list, for keys that mostly come in order; any other is a pairing
heap (Fredman, Sedgewick, Sleator, Tarjan 1986). Both give up any member at once, not only the first.
"""

from typing import Final

import numpy as np

from funnelsim.core.jit import part
from funnelsim.core.rows import Layout

NOBODY: Final = -1

# Eight bytes for `child` and `plain`, though four would do: a row is then a whole number of words.
LINK: Final = np.dtype(
    [("rank", "i8"), ("since", "i8"), ("who", "u8"), ("next", "i4"), ("prev", "i4"), ("child", "i8")], align=True
)
HEAD: Final = np.dtype([("first", "i4"), ("last", "i4"), ("plain", "i8")], align=True)
LINES: Final = Layout("lines", heads=HEAD, links=LINK)
head_at = LINES.reader("heads")
link_at = LINES.reader("links")
n_lines = LINES.size("heads")


@part
def _before(lines, a, b):
    if link_at(lines, a).rank != link_at(lines, b).rank:
        return link_at(lines, a).rank < link_at(lines, b).rank
    if link_at(lines, a).since != link_at(lines, b).since:
        return link_at(lines, a).since < link_at(lines, b).since
    return link_at(lines, a).who < link_at(lines, b).who


@part
def is_before(lines, a, b):
    """Whether slot a comes before slot b."""
    return _before(lines, a, b)


@part
def enqueue(lines, line, slot):
    """Put a slot whose key is set into a line."""
    link_at(lines, slot).child = NOBODY
    link_at(lines, slot).next = NOBODY
    link_at(lines, slot).prev = NOBODY
    if head_at(lines, line).first == NOBODY:
        head_at(lines, line).first = slot
        head_at(lines, line).last = slot
    elif head_at(lines, line).plain:
        _insert_in_list(lines, line, slot)
    else:
        head_at(lines, line).first = _meld(lines, head_at(lines, line).first, slot)


@part
def dequeue(lines, line, slot):
    """Take a slot out of its line, wherever it stands."""
    if head_at(lines, line).plain:
        left, right = link_at(lines, slot).prev, link_at(lines, slot).next
        if left == NOBODY:
            head_at(lines, line).first = right
        else:
            link_at(lines, left).next = right
        if right == NOBODY:
            head_at(lines, line).last = left
        else:
            link_at(lines, right).prev = left
        return
    children = _meld_pairs(lines, link_at(lines, slot).child)
    if head_at(lines, line).first == slot:
        head_at(lines, line).first = children
        return
    _cut(lines, slot)
    if children != NOBODY:
        head_at(lines, line).first = _meld(lines, head_at(lines, line).first, children)


@part
def _insert_in_list(lines, line, slot):
    if _before(lines, slot, head_at(lines, line).first):
        link_at(lines, slot).next = head_at(lines, line).first
        link_at(lines, head_at(lines, line).first).prev = slot
        head_at(lines, line).first = slot
        return
    left = head_at(lines, line).last
    while _before(lines, slot, left):
        left = link_at(lines, left).prev
    right = link_at(lines, left).next
    link_at(lines, slot).prev = left
    link_at(lines, slot).next = right
    link_at(lines, left).next = slot
    if right == NOBODY:
        head_at(lines, line).last = slot
    else:
        link_at(lines, right).prev = slot


@part
def _meld(lines, a, b):
    """One tree of two; the root that comes first keeps the other as its first child."""
    if _before(lines, b, a):
        a, b = b, a
    child = link_at(lines, a).child
    link_at(lines, b).next = child
    link_at(lines, b).prev = a
    if child != NOBODY:
        link_at(lines, child).prev = b
    link_at(lines, a).child = b
    link_at(lines, a).next = NOBODY
    link_at(lines, a).prev = NOBODY
    return a


@part
def _cut(lines, slot):
    """Unhook a tree from its parent or left sibling."""
    left, right = link_at(lines, slot).prev, link_at(lines, slot).next
    if link_at(lines, left).child == slot:
        link_at(lines, left).child = right
    else:
        link_at(lines, left).next = right
    if right != NOBODY:
        link_at(lines, right).prev = left


@part
def _meld_pairs(lines, first):
    """One tree of a row of siblings: in pairs from the left, then all from the right."""
    pairs = NOBODY
    while first != NOBODY:
        a = first
        b = link_at(lines, a).next
        first = NOBODY if b == NOBODY else link_at(lines, b).next
        if b != NOBODY:
            a = _meld(lines, a, b)
        link_at(lines, a).next = pairs
        pairs = a
    root = NOBODY
    while pairs != NOBODY:
        following = link_at(lines, pairs).next
        link_at(lines, pairs).next = NOBODY
        link_at(lines, pairs).prev = NOBODY
        root = pairs if root == NOBODY else _meld(lines, root, pairs)
        pairs = following
    return root
