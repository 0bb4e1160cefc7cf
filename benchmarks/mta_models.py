"""mta: paths with counts as a pandas table, which it copies and splits; made anew for each run, as a user would.

Repeats of a channel are kept (`allow_loops`) and no times made up (`add_timepoints`): both would only cost it time. Its
time decay is one of ranks: the earliest channel of a journey weighs 1, the next one 2, and so on.
"""

from collections.abc import Callable

import mta
import pandas as pd

from benchmarks.reference import Credited, Job
from benchmarks.touches import SEPARATOR, draw

RUNS: dict[str, dict[str, Callable[[mta.MTA], mta.MTA]]] = {
    "heuristics": {
        "first": lambda made: made.first_touch(normalize=False),
        "last": lambda made: made.last_touch(normalize=False),
        "linear": lambda made: made.linear(share="proportional", normalize=False),
    },
    "time decay": {"time_decay": lambda made: made.time_decay(normalize=False)},
    "Markov 1": {"markov_1": lambda made: made.markov(normalize=False)},
    "Shapley": {"shapley": lambda made: made.shapley(normalize=False)},
    "Shao-Li": {"shao_li": lambda made: made.shao(normalize=False)},
}
ITS_NAMES = {"first": "first_touch", "last": "last_touch", "markov_1": "markov", "shao_li": "shao"}


def credited(model: str, touches: int, channels: int, seed: int, rare: int = 0, alike: bool = False) -> Job:
    """One model, or a few; with `alike`, journeys of one path are one row."""
    drawn = draw(touches, channels, rare, seed)
    converted = drawn.converted.astype(int)
    columns = {"path": drawn.paths().to_pandas(), "total_conversions": converted, "total_null": 1 - converted}
    frame = pd.DataFrame(columns)
    if alike:
        frame = frame.groupby("path", as_index=False).sum()

    def run() -> mta.MTA:
        made = mta.MTA(frame, allow_loops=True, add_timepoints=False, sep=SEPARATOR)
        for each in RUNS[model].values():
            each(made)
        return made

    def read(made: mta.MTA) -> Credited:
        found = {name: made.attribution[ITS_NAMES.get(name, name)] for name in RUNS[model]}
        return Credited(touches, {name: {c: float(v) for c, v in row.items()} for name, row in found.items()})

    return Job(run, read)
