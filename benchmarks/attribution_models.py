"""attribution as a contender, through its public API alone: from ragged arrays, path strings or a table of events."""

from collections.abc import Callable

import numpy as np

from attribution import Journeys, credit, from_events, from_paths
from attribution.journeys import MILESTONES
from attribution.models import (
    CreditModel,
    First,
    Last,
    Linear,
    LinearDistinct,
    Markov,
    Participation,
    Position,
    ShaoLi,
    Shapley,
    TimeDecay,
)
from benchmarks.reference import Credited, Job
from benchmarks.touches import Touches, draw

MODELS: dict[str, tuple[CreditModel, ...]] = {
    "heuristics": (First(), Last(), Linear()),
    "time decay": (TimeDecay(),),
    "Markov 1": (Markov(1),),
    "Markov 2": (Markov(2),),
    "Markov 3": (Markov(3),),
    "Shapley": (Shapley(),),
    "Shao-Li": (ShaoLi(),),
    "first": (First(),),
    "last": (Last(),),
    "linear": (Linear(),),
    "linear, distinct": (LinearDistinct(),),
    "position": (Position(),),
    "participation": (Participation(),),
}
LEVEL = 90.0


def ragged(drawn: Touches) -> Journeys:
    """The touches as the package keeps them, without a copy of what is long."""
    converted = drawn.converted.astype(float)
    return Journeys(
        drawn.channels,
        drawn.offsets,
        drawn.channel,
        converted,
        1.0 - converted,
        converted.copy(),
        time=drawn.time,
        end=drawn.time[drawn.offsets[1:] - 1],
        milestones=drawn.milestones(len(MILESTONES)),
        milestone_names=MILESTONES,
    )


def source(drawn: Touches, form: str, seed: int) -> Callable[[], Journeys]:
    """What gives journeys out of a form; the form itself is there already."""
    if form == "ragged arrays":
        journeys = ragged(drawn)
        return lambda: journeys
    if form == "path strings":
        paths, converted = drawn.paths(), drawn.converted.astype(float)
        return lambda: from_paths(paths, converted, 1.0 - converted)
    events = drawn.events(seed)
    return lambda: from_events(events)


def credited(model: str, form: str, touches: int, channels: int, seed: int, rare: int = 0) -> Job:
    """One model, or a few, from one form."""
    given, models = source(draw(touches, channels, rare, seed), form, seed), MODELS[model]

    def run() -> tuple[Journeys, list[np.ndarray]]:
        journeys = given()
        return journeys, [each.credit(journeys).conversions for each in models]

    def read(outcome: tuple[Journeys, list[np.ndarray]]) -> Credited:
        journeys, found = outcome
        by_name = [dict(zip(journeys.channels, row.tolist(), strict=True)) for row in found]
        return Credited(touches, {each.label: row for each, row in zip(models, by_name, strict=True)})

    return Job(run, read)


def everything(form: str, touches: int, channels: int, seed: int, resamples: int = 0) -> Job:
    """Every model that is run when nobody names any, with an interval if resamples are asked for."""
    given = source(draw(touches, channels, 0, seed), form, seed)
    interval = {"interval": LEVEL, "resamples": resamples} if resamples else {}

    def read(found: object) -> Credited:
        rows = found["conversions"].to_pandas()  # type: ignore[index]
        return Credited(touches, {str(name): row.to_dict() for name, row in rows.iterrows()})

    return Job(lambda: credit(given(), **interval), read)
