"""Both kinds of waiting line agree with a sorted list, wherever members leave."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from called import dequeue, enqueue, is_before
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelsim.chance.lines import HEAD, LINES, LINK, NOBODY
from funnelsim.core.rows import Frame

SLOTS = 40
Key = tuple[int, int, int]


class Twin:
    """Lines beside sorted lists."""

    def __init__(self, plain: bool, n_lines: int = 2) -> None:
        heads = np.zeros(n_lines, HEAD)
        heads["first"] = heads["last"] = NOBODY
        heads["plain"] = plain
        tables: dict[str, Any] = {"heads": heads, "links": np.zeros(SLOTS, LINK)}
        self.frame = Frame(LINES, tables)
        self.lists: list[list[tuple[Key, int]]] = [[] for _ in range(n_lines)]
        self.line_of: dict[int, int] = {}

    def enter(self, line: int, slot: int, rank: int, since: int) -> None:
        link = self.frame["links"][slot]
        link["rank"], link["since"], link["who"] = rank, since, 2**63 + slot
        enqueue(self.frame.address, line, slot)
        self.lists[line] = sorted([*self.lists[line], ((rank, since, 2**63 + slot), slot)])
        self.line_of[slot] = line

    def leave(self, slot: int) -> None:
        line = self.line_of.pop(slot)
        dequeue(self.frame.address, line, slot)
        self.lists[line] = [member for member in self.lists[line] if member[1] != slot]

    def agree(self) -> None:
        for line, members in enumerate(self.lists):
            head = self.frame["heads"][line]
            assert head["first"] == (members[0][1] if members else NOBODY)

    def drain(self) -> None:
        for line in range(len(self.lists)):
            while self.lists[line]:
                self.leave(self.lists[line][0][1])
                self.agree()


STEPS = st.lists(
    st.tuples(st.integers(0, SLOTS - 1), st.integers(0, 1), st.integers(-2, 2), st.integers(0, 5)), max_size=150
)


@pytest.mark.parametrize("plain", [True, False])
@settings(max_examples=100)
@given(steps=STEPS)
def test_a_line_agrees_with_a_sorted_list(plain: bool, steps: list[tuple[int, int, int, int]]) -> None:
    """A slot that stands in a line leaves it, from wherever it stands; one that does not enters, with ties of rank."""
    twin = Twin(plain)
    for slot, line, rank, since in steps:
        if slot in twin.line_of:
            twin.leave(slot)
        else:
            twin.enter(line, slot, rank, since)
        twin.agree()
    twin.drain()


@pytest.mark.parametrize("plain", [True, False])
def test_those_who_come_in_order_leave_in_order(plain: bool) -> None:
    twin = Twin(plain, n_lines=1)
    for slot in range(SLOTS):
        twin.enter(0, slot, 0, slot // 4)
    assert [slot for _, slot in twin.lists[0]] == list(range(SLOTS))
    twin.drain()


def test_before_is_by_rank_then_since_then_who_as_an_unsigned_number() -> None:
    twin = Twin(plain=False)
    links = twin.frame["links"]
    for slot, key in enumerate([(0, 5, 9), (1, 0, 0), (0, 5, 2**63), (0, 6, 0)]):
        links["rank"][slot], links["since"][slot], links["who"][slot] = key
    found = sorted(
        range(4), key=lambda slot: sum(bool(is_before(twin.frame.address, other, slot)) for other in range(4))
    )
    assert found == [0, 2, 3, 1]
