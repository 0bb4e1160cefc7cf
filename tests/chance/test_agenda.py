"""The agenda agrees with a heap under any sequence of posts and strikes."""

from __future__ import annotations

import heapq
import random
from collections import Counter

import numpy as np
import pytest
from called import clear, is_due, next_key, post, strike
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelsim.chance import agenda as inside
from funnelsim.chance.agenda import AGENDA, KIND_BITS, NEVER_DUE, tables
from funnelsim.core.jit import kernel
from funnelsim.core.rows import Frame


def agenda_of(room: int, shift: int = 4) -> Frame:
    """An empty agenda."""
    frame = Frame(AGENDA, tables(room))
    clear(frame.address, room, shift)
    return frame


def take(agenda: Frame) -> tuple[int, int, int] | None:
    """Strike the next notice and say what it said."""
    key = int(next_key(agenda.address))
    if key == NEVER_DUE:
        return None
    who, token = strike(agenda.address)
    return key, int(who), int(token)


class Twin:
    """An agenda beside a heap: the same keys come out, and under one key the same notices."""

    def __init__(self, room: int, shift: int = 4) -> None:
        self.agenda, self.room = agenda_of(room, shift), room
        self.heap: list[int] = []
        self.under: dict[int, Counter[tuple[int, int]]] = {}
        self.now, self.serial = 0, 0

    def post(self, later: int) -> None:
        key, self.serial = self.now + later, self.serial + 1
        # What the open day holds takes no room from later days, so there may be room for more, never for less.
        fits = bool(post(self.agenda.address, key, self.serial % 1000, self.serial))
        assert fits or len(self.heap) >= self.room
        assert len(self.heap) <= 2 * self.room
        if fits:
            heapq.heappush(self.heap, key)
            self.under.setdefault(key, Counter())[self.serial % 1000, self.serial] += 1

    def take(self) -> None:
        said = take(self.agenda)
        if not self.heap:
            assert said is None
            return
        assert said is not None
        key, who, token = said
        assert key == heapq.heappop(self.heap)
        assert self.under[key][who, token] == 1
        del self.under[key][who, token]
        self.now = key
        # Nothing more is posted under this tick while the kernel asks, so what it is told stays true.
        more = bool(self.heap) and self.heap[0] >> KIND_BITS == key >> KIND_BITS
        assert bool(is_due(self.agenda.address, key >> KIND_BITS)) == more

    def drain(self) -> None:
        while self.heap:
            self.take()
        self.take()
        assert self.agenda["book"]["size"][0] == self.agenda["book"]["due"][0] == 0


LATER = st.one_of(st.integers(0, 40), st.integers(0, 10_000), st.integers(0, 2**45), st.just(0))


@settings(max_examples=100)
@given(st.lists(st.one_of(st.none(), LATER), max_size=150), st.sampled_from([1, 2, 16, 64]), st.integers(KIND_BITS, 20))
def test_an_agenda_agrees_with_a_heap(steps: list[int | None], room: int, shift: int) -> None:
    """None strikes, a number posts so much later than now: ties, the very now, and times of all scales."""
    twin = Twin(room, shift)
    for later in steps:
        if later is None:
            twin.take()
        else:
            twin.post(later)
    twin.drain()


@settings(max_examples=30)
@given(st.lists(st.integers(0, 3), min_size=20, max_size=200))
def test_a_peek_ahead_does_not_forbid_what_is_due_earlier(steps: list[int]) -> None:
    """The kernel looks at the next day before it settles the present tick, and then posts notices before that day."""
    twin = Twin(1024)
    twin.post(10_000)
    for later in steps:
        next_key(twin.agenda.address)
        twin.post(later)
        if later % 2:
            twin.take()
    twin.drain()


@pytest.mark.parametrize("scales", [(1,), (16, 16_000_000), (1, 50, 3_000, 10**12), (0,)])
def test_an_agenda_keeps_step_over_reviews_and_scales(scales: tuple[int, ...]) -> None:
    """A hold model: 2,000 in flight, 30,000 strikes, so that days are reviewed several times."""
    rng = random.Random(4)
    twin = Twin(4096)
    for _ in range(2_000):
        twin.post(rng.randrange(rng.choice(scales) + 1))
    for _ in range(30_000):
        twin.take()
        twin.post(rng.randrange(rng.choice(scales) + 1))
    twin.drain()


def test_the_length_of_a_day_follows_the_traffic() -> None:
    twin = Twin(1024, shift=KIND_BITS)
    shifts = set()
    for gap in (1, 1_000, 1_000_000, 10):
        for _ in range(400):
            twin.post(random.Random(gap).randrange(gap))
        for _ in range(12_000):
            twin.take()
            twin.post(400 * gap)
        shifts.add(int(twin.agenda["book"]["shift"][0]))
        twin.drain()
    assert len(shifts) >= 3


@kernel
def hold(agenda, n, seed, out):
    """Post n notices at scattered keys, then strike them all; the keys in the order in which they came."""
    key = np.uint64(seed)
    for at in range(n):
        key = key * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        inside.post(agenda, np.int64(key >> np.uint64(24 if at % 2 else 50)), at, 0)
    for at in range(n):
        out[at] = inside.next_key(agenda)
        inside.strike(agenda)


def test_an_agenda_sorts_a_hundred_thousand_notices() -> None:
    n = 100_000
    frame, out = agenda_of(1 << 17), np.zeros(n, np.int64)
    hold(frame.address, n, 7, out)
    assert (np.diff(out) >= 0).all()
    assert len(np.unique(out)) > n // 2
    assert next_key(frame.address) == NEVER_DUE


def test_a_crowded_key_gives_all_its_notices() -> None:
    """Batches: thousands of notices due at the same key, in any order."""
    twin = Twin(1 << 13)
    for _ in range(5_000):
        twin.post(160)
    twin.drain()
