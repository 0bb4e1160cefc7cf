"""marketing_attribution_models, which is imported as `mam`: a polars table of paths, or of events ("sessions").

Its Markov model, of order 1, shares each conversion out among the channels of its journey. Its Shapley value looks at
the last four channels of a set in the order of the alphabet, unless it is told of more; here it looks at all there are,
where there are no more than twelve.
"""

from typing import Any

import mam
import polars as pl

from benchmarks.reference import Credited, Job
from benchmarks.touches import SEPARATOR, Touches, draw

MOST_IN_SET = 12
RUNS = {
    "heuristics": {"first": "run_first_click", "last": "run_last_click", "linear": "run_linear"},
    "time decay": {"time_decay": "run_time_decay"},
    "Markov 1": {"markov_1": "run_markov"},
    "Shapley": {"shapley": "run_shapley"},
}


def table(drawn: Touches, form: str, seed: int) -> tuple[pl.DataFrame, dict[str, Any]]:
    """A form as a polars table, and how the package is told of it."""
    if form == "path strings":
        frame = pl.DataFrame({"path": pl.from_arrow(drawn.paths()), "converted": drawn.converted})
        told = {"format_type": "grouped_journey", "channels_colname": "path", "occurrences_colname": "journeys"}
        told |= {"journey_with_conv_colname": "converted", "path_separator": SEPARATOR}
        return frame.with_columns(journeys=pl.lit(1, pl.Int64)), told
    told = {"format_type": "session", "channels_colname": "channel", "datetime_colname": "time"}
    told |= {"user_id_colname": "prospect", "journey_with_conv_colname": "conversion", "path_separator": SEPARATOR}
    frame = pl.from_arrow(drawn.events(seed))
    assert isinstance(frame, pl.DataFrame)
    return frame, told


def credited(model: str, form: str, touches: int, channels: int, seed: int, rare: int = 0) -> Job:
    """One model, or a few, from one form."""
    frame, told = table(draw(touches, channels, rare, seed), form, seed)
    more = {"max_size": channels} if model == "Shapley" and channels <= MOST_IN_SET else {}

    def run() -> dict[str, Any]:
        made = mam.MAM(frame, **told)
        return {name: getattr(made, method)(**more) for name, method in RUNS[model].items()}

    def read(found: dict[str, Any]) -> Credited:
        tables = {name: each.to_polars() for name, each in found.items()}
        shares = {name: dict(zip(t["channels"].to_list(), t["attribution"].to_list())) for name, t in tables.items()}  # noqa: B905
        return Credited(touches, {name: {c: v for c, v in row.items() if v} for name, row in shares.items()})

    return Job(run, read)
