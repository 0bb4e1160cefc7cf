"""What channels sent to those who were there already, and what came of it, by bucket and channel."""

from typing import Final

import numpy as np

from funnelsim.results.run import COUNT, Reals, Run, Variable, variable

_COUNTS: Final = {
    "touches_sent": ("sent", "times the channel reached for a prospect"),
    "touches_seen": ("seen", "touches that were seen"),
    "clicks": ("clicked", "touches that were clicked"),
    "hand_raises": ("raised", "touches at which a prospect asked for a talk"),
    "referrals": ("referred", "prospects whom customers referred through the channel"),
    "opt_outs": ("opted_out", "touches at which a prospect wanted no more"),
}


def touches(run: Run) -> dict[str, Variable]:
    """Counts of touches; none where no channel touches anybody."""
    if run.compiled.plan["touches"].size == 0:
        return {}
    dims = "replication bucket channel"
    return {
        name: variable(dims, by_channel(run, count), COUNT, long_name) for name, (count, long_name) in _COUNTS.items()
    }


def by_channel(run: Run, count: str) -> Reals:
    """A count of touches by replication, bucket and channel of the results; zero for channels that touch nobody."""
    found = run.tally[count]
    out = np.zeros((*found.shape[:2], len(run.compiled.channels)))
    for at, channel in enumerate(run.compiled.plan["touches"]["channel"].tolist()):
        out[:, :, channel] += found[:, :, at]
    return out
