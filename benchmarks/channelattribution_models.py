"""ChannelAttribution: paths with counts as a pandas table, its first three heuristics at once, Markov by simulation."""

import ChannelAttribution
import pandas as pd

from benchmarks.reference import Credited, Job
from benchmarks.touches import SEPARATOR, draw

HEURISTICS = {"first": "first_touch", "last": "last_touch", "linear": "linear_touch"}


def credited(model: str, touches: int, channels: int, seed: int, rare: int = 0, package_seed: int = 0) -> Job:
    """The heuristics, or a Markov model with the package's own seed."""
    drawn = draw(touches, channels, rare, seed)
    converted = drawn.converted.astype(int)
    frame = pd.DataFrame({"path": drawn.paths().to_pandas(), "converted": converted, "lost": 1 - converted})
    told = {"sep": SEPARATOR, "flg_pro": False}

    def heuristics() -> pd.DataFrame:
        return ChannelAttribution.heuristic_models(frame, "path", "converted", **told)

    def markov() -> pd.DataFrame:
        order = int(model.removeprefix("Markov "))
        return ChannelAttribution.markov_model(
            frame, "path", "converted", var_null="lost", order=order, seed=package_seed, verbose=False, **told
        )

    def read(found: pd.DataFrame) -> Credited:
        rows = found.set_index("channel_name")
        if model != "heuristics":
            return Credited(touches, {model.lower().replace(" ", "_"): rows["total_conversions"].to_dict()})
        return Credited(touches, {name: rows[own].to_dict() for name, own in HEURISTICS.items()})

    return Job(heuristics if model == "heuristics" else markov, read)
