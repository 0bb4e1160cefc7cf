"""The trace: one row an event, its codes, and the one order in which events of the same tick stand.

The order is tick, code, prospect, stage, visit, rep, detail. It is total: no two rows of a replication are equal in
all of them, so two engines that agree on what happened agree row for row.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

# Codes, in the order in which they stand within a tick.
(
    ARRIVED,  # detail: cell: channel and segment
    TOUCHED,  # a channel reached for it; detail: see `rules.contacts.detail_of`
    FINISHED,  # work or a delay ended; rep; detail: attempt
    BREACHED,  # an SLA tier came due; detail: tier
    STOPPED,  # work was interrupted; rep; detail: ticks of work left
    LEFT,  # detail: exit
    RETURNED,  # cool-off is over; detail: how often by now
    ENTERED,  # stage and visit; a terminal stage too; detail: value in hundredths
    BALKED,  # found the line full
    JOINED,  # entered the line of a team; detail: team
    STARTED,  # a rep took the prospect up; detail: attempt
    WEIGHED,  # the expected wins that a move brings, if they are counted; detail: in 2**-32
    VALUED,  # the expected revenue that it brings; detail: in 2**-10 hundredths
) = range(13)

NAMES: Final = (
    "arrived",
    "touched",
    "finished",
    "breached",
    "stopped",
    "left",
    "returned",
    "entered",
    "balked",
    "joined",
    "started",
    "weighed",
    "valued",
)

ROW: Final = np.dtype(
    [
        ("tick", "i8"),
        ("code", "i4"),
        ("stage", "i4"),
        ("prospect", "u8"),
        ("detail", "i8"),
        ("visit", "i4"),
        ("rep", "i4"),
    ]
)
ORDER: Final = ("tick", "code", "prospect", "stage", "visit", "rep", "detail")


def in_order(rows: NDArray[np.void]) -> NDArray[np.void]:
    """The rows in the canonical order."""
    return rows[np.lexsort([rows[column] for column in reversed(ORDER)])]


def share_tied(rows: NDArray[np.void]) -> float:
    """The share of rows, in [0, 1], whose tick another prospect's row has too: how hard a test of equality is."""
    if rows.size == 0:
        return 0.0
    _, group, people = np.unique(rows["tick"], return_inverse=True, return_counts=True)
    pairs = np.unique(np.stack([rows["tick"].astype(np.uint64), rows["prospect"]]), axis=1)
    ticks, crowd = np.unique(pairs[0], return_counts=True)
    del people
    return float((crowd[group] > 1).mean()) if ticks.size else 0.0
