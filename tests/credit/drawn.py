"""Journeys drawn for laws, and the same as plain rows, in which to say without arrays what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from attribution.journeys import Journeys

HOUR_US = 3_600_000_000
NAMES = ("a", "aa", "b", "direct")


@dataclass(frozen=True)
class Row:
    """One journey: names and hours of its touches, the touch before each milestone, its end, and what became of it."""

    path: tuple[str, ...]
    hours: tuple[int, ...]
    milestones: tuple[int, ...]
    end: int
    converted: float
    lost: float
    value: float

    def with_touches(self, stays: Sequence[int], names: Sequence[str] = ()) -> Row:
        """With the touches of these numbers alone, under other names if some are given."""
        return replace(
            self,
            path=tuple(names) or tuple(self.path[at] for at in stays),
            hours=tuple(self.hours[at] for at in stays),
            milestones=tuple(
                max((n for n, at in enumerate(stays) if at <= reached), default=-1) for reached in self.milestones
            ),
        )


@st.composite
def _row(draw: Callable[..., object]) -> Row:
    def some(numbers: st.SearchStrategy[int], n: int) -> list[int]:
        return draw(st.lists(numbers, min_size=n, max_size=n))  # type: ignore[return-value]

    path = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=7))
    assert isinstance(path, list)
    hours = np.cumsum(some(st.integers(0, 20), len(path))).tolist()
    wait, *counts = some(st.integers(0, 40), 1) + some(st.integers(0, 3), 3)
    milestones = some(st.integers(-1, len(path) - 1), 2)
    converted, lost, each = map(float, counts)
    return Row(tuple(path), tuple(hours), tuple(milestones), hours[-1] + wait, converted, lost, converted * each)


ROWS = st.lists(_row(), min_size=1, max_size=8)


def journeys_of(rows: Sequence[Row]) -> Journeys:
    """The journeys of rows; prospects are numbered, and every other one is in another segment."""
    sizes, n = [len(row.path) for row in rows], len(rows)
    return Journeys(
        channels=NAMES,
        offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        channel=np.array([NAMES.index(name) for row in rows for name in row.path], np.int32),
        converted=np.array([row.converted for row in rows]),
        lost=np.array([row.lost for row in rows]),
        value=np.array([row.value for row in rows]),
        time=np.array([hour for row in rows for hour in row.hours], np.int64) * HOUR_US,
        end=np.array([row.end for row in rows], np.int64) * HOUR_US,
        milestones=np.array([row.milestones for row in rows], np.int32),
        milestone_names=("lead", "opportunity"),
        prospect=np.arange(n),
        segment=(np.arange(n) % 2).astype(np.int32),
        segments=("even", "odd"),
        left_out={"touches that nobody saw": 3},
    )


def rows_of(journeys: Journeys) -> list[Row]:
    """The journeys as rows; prospects and segments must still belong together."""
    assert journeys.time is not None
    assert journeys.end is not None
    assert journeys.milestones is not None
    assert journeys.prospect is not None
    assert journeys.segment is not None
    assert (journeys.prospect % 2 == journeys.segment).all()
    assert journeys.time.size == journeys.channel.size == journeys.offsets[-1]
    hours, end = (journeys.time // HOUR_US).tolist(), (journeys.end // HOUR_US).tolist()
    return [
        Row(
            tuple(journeys.channels[code] for code in journeys.channel[begin:stop]),
            tuple(hours[begin:stop]),
            tuple(journeys.milestones[j].tolist()),
            end[j],
            float(journeys.converted[j]),
            float(journeys.lost[j]),
            float(journeys.value[j]),
        )
        for j, (begin, stop) in enumerate(zip(journeys.offsets[:-1], journeys.offsets[1:], strict=True))
    ]


def order_alone(journeys: Journeys) -> Journeys:
    """The same journeys, where nobody knows times and milestones."""
    return replace(journeys, time=None, end=None, milestones=None, milestone_names=())


def counted(before: Journeys, after: Journeys) -> dict[str, int]:
    """What was left out in between, by reason. What was left out earlier must still be there."""
    assert all(after.left_out[why] >= n for why, n in before.left_out.items())
    more = {why: n - before.left_out.get(why, 0) for why, n in after.left_out.items()}
    return {why: n for why, n in more.items() if n}
