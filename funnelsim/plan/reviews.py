"""The plan's reviews, and the dials that they move."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from funnelsim.plan.graph import ExitName
from funnelsim.plan.layout import DIAL, NONE, REVIEW
from funnelsim.plan.timeline import Timeline
from funnelsim.scenario.check_reviews import start_of
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.reviews import Review

KINDS = ("threshold", "leak", "rate")


@dataclass
class Reviews:
    """Collects the reviews of a scenario; `dials` are what they move: what, and of which stage or channel."""

    scenario: Scenario
    timeline: Timeline
    exits: Sequence[ExitName]
    dials: list[tuple[str, str]] = field(default_factory=list)

    def collect(self, visits: NDArray[np.void], sources: NDArray[np.void]) -> "Reviews":
        """Every review, in the order of the file; visits and sources are told of the dials that hold for them."""
        self.stages, self.channels = list(self.scenario.stages), list(self.scenario.channels)
        for review in self.scenario.reviews.values():
            if review.moves.dial not in self.dials:
                self.dials.append(review.moves.dial)
        sources["dial"] = NONE
        n_segments = len(self.scenario.segments)
        for at, (kind, name) in enumerate(self.dials):
            if kind == "rate":
                sources["dial"][self.channels.index(name)] = at
            else:
                first = self.stages.index(name) * n_segments
                column = "enough_dial" if kind == "threshold" else "leak_dial"
                visits[column][first : first + n_segments] = at
        return self

    def dial_table(self) -> NDArray[np.void]:
        """All dials."""
        bounds = {review.moves.dial: review.between for review in self.scenario.reviews.values()}
        rows: list[tuple[Any, ...]] = []
        for kind, name in self.dials:
            found = None if kind == "rate" else start_of(self.scenario, kind, name)
            begins = 1.0 if found is None else found.values()[0]
            source = self.channels.index(name) if kind == "rate" else NONE
            rows.append((begins, *bounds[kind, name], source, KINDS.index(kind)))
        return np.array(rows, DIAL)

    def review_table(self) -> NDArray[np.void]:
        """All reviews."""
        return np.array([self._row(review) for review in self.scenario.reviews.values()], REVIEW)

    def _row(self, review: Review) -> tuple[Any, ...]:
        looks = review.looks_at
        stage, leaving = looks.entries, NONE
        if stage is None:
            stage = looks.of
            wanted = (looks.of, looks.exit)
            leaving = next(at for at, each in enumerate(self.exits) if (each.stage, each.label) == wanted)
        assert stage is not None
        every = self.timeline.ticks(review.every)
        dial = self.dials.index(review.moves.dial)
        return (every, review.target, review.below, review.above, dial, self.stages.index(stage), leaving)
