"""Events come in the order of prospect, time and kind, whatever the blocks are in which they are put in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from attribution.journeys import from_events, sorting
from attribution.journeys.sorting import BITS, CONVERSION, MILESTONE, TOUCH, in_order

KINDS = np.array([0, TOUCH, MILESTONE, CONVERSION, TOUCH | CONVERSION], np.int8)


def drawn(n: int, n_prospects: int, seed: int = 1, codes: int = 4) -> tuple[Any, ...]:
    """Prospects, times, kinds and codes of events; many are at one instant."""
    rng = np.random.default_rng(seed)
    who, time = rng.integers(0, n_prospects, n), rng.integers(0, 40, n)
    return who, time, rng.choice(KINDS, n), rng.integers(0, codes, n).astype(np.uint16)


def in_blocks(monkeypatch: pytest.MonkeyPatch, events: int, most: int) -> None:
    """Blocks of so many events, and at most so many blocks, about."""
    monkeypatch.setattr(sorting, "A_BLOCK", events)
    monkeypatch.setattr(sorting, "MOST_BLOCKS", most)


def agrees(who: Any, time: Any, kind: Any, code: Any, n_prospects: int) -> None:
    """The same as NumPy's stable sort by all keys."""
    rows = np.flatnonzero(kind)
    order = rows[np.lexsort((kind[rows], time[rows], who[rows]))]
    for with_rows in (True, False):
        found, sizes = in_order(who, n_prospects, time, kind, code, sorting.SINCE, with_rows)
        assert found.rows.tolist() == (order.tolist() if with_rows else [])
        np.testing.assert_array_equal(found.when, time[order])
        np.testing.assert_array_equal(found.what, code[order].astype(int) << BITS | kind[order])
        np.testing.assert_array_equal(found.first, np.searchsorted(who[order], np.arange(n_prospects + 1)))
        same = (np.diff(who[order]) == 0) & (np.diff(found.when) == 0) & (np.diff(found.what) == 0)
        assert sizes.twice == same.sum()


@pytest.mark.parametrize(("events", "most"), [(1, 1 << 10), (1, 4), (64, 1 << 10), (1 << 15, 1 << 10)])
@pytest.mark.parametrize(("n", "n_prospects"), [(0, 0), (0, 5), (1, 1), (3, 1000), (3000, 256), (3000, 257), (3000, 1)])
def test_blocks_change_nothing(
    monkeypatch: pytest.MonkeyPatch, n: int, n_prospects: int, events: int, most: int
) -> None:
    """More blocks than prospects with events, prospects on their borders, and one prospect with everything."""
    in_blocks(monkeypatch, events, most)
    agrees(*drawn(n, max(1, n_prospects)), n_prospects)


def test_codes_that_leave_no_room_for_prospects() -> None:
    """Of 27 bits: every prospect is then a block."""
    who, time, kind, code = drawn(500, 40)
    code = code.astype(np.int32)
    code[7], kind[7] = (1 << 27) - 1, TOUCH
    agrees(who, time, kind, code, 40)


@pytest.mark.parametrize("turned", [1, -1])
def test_many_events_of_one_prospect_are_merged(turned: int) -> None:
    """One by one, half a million events in the wrong order would be moved a hundred thousand million times."""
    n = 500_000
    time = np.arange(n)[::turned] // 3
    kind = np.random.default_rng(2).choice(KINDS[1:], n)
    agrees(np.zeros(n, np.int64), time, kind, np.zeros(n, np.uint16), 1)


@pytest.mark.parametrize("again", ["since", "all", "first"])
@pytest.mark.parametrize("valued", [True, False])
def test_journeys_are_the_same_from_blocks(monkeypatch: pytest.MonkeyPatch, again: str, valued: bool) -> None:
    who, time, kind, code = drawn(4000, 300, seed=3)
    rows = {
        "prospect": who + 12,
        "time": time,
        "channel": np.array(["d", "a", "c", "b"])[code],
        "kind": np.array(["loss", "touch", "touch", "conversion", "touch"])[np.searchsorted(KINDS, kind)],
    }
    if valued:
        rows |= {"value": np.arange(4000) / 7, "segment": np.array(["x", "y"])[who % 2]}
    whole = from_events(pa.table(rows), again=again)
    in_blocks(monkeypatch, 1, 1 << 10)
    parts = from_events(pa.table(rows), again=again)
    for name in ("offsets", "channel", "time", "end", "converted", "lost", "value", "prospect", "segment"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))
    if valued:
        assert whole.segment is not None
        assert whole.prospect is not None
        np.testing.assert_array_equal(whole.segment, whole.prospect % 2)
    else:
        np.testing.assert_array_equal(whole.value, whole.converted)
