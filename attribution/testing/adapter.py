"""A CreditModel of this project as a model of paths, and the families it is in."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from attribution.journeys.paths import from_paths
from attribution.journeys.ragged import DAY_US, Journeys
from attribution.journeys.schema import MILESTONES
from attribution.models import (
    CreditModel,
    LastNot,
    Markov,
    MarkovChosen,
    Participation,
    Shapley,
    ShapleyGame,
    ShapleyOrdered,
)
from attribution.models.heuristics import Rule

UNKNOWN = ("every", "names", "counts", "shares")
"""What is taken for granted of a model that nothing is known of."""
BETWEEN = "\x1f"
"""What no name of a channel holds."""


@dataclass(frozen=True)
class OfPaths:
    """A credit model as a callable of paths, conversions, lost journeys and value.

    It returns credit in `conversions` or in `value`. Where a model needs more, touches are one day apart, the last one
    at the conversion, and milestones are spread evenly over the journey.
    """

    model: CreditModel
    credits: str = "conversions"

    def __post_init__(self) -> None:
        if self.credits not in ("conversions", "value"):
            raise ValueError(f"credits is {self.credits!r}; it is conversions or value")

    def __call__(
        self, paths: list[list[str]], converted: list[float], lost: list[float], value: list[float]
    ) -> dict[str, float]:
        """The credit by channel."""
        texts = [BETWEEN.join(path) for path in paths]
        journeys = _dated(from_paths(texts, converted, lost, value, separator=BETWEEN))
        found = getattr(self.model.credit(journeys), self.credits)
        return dict(zip(journeys.channels, found.tolist(), strict=True))

    @property
    def families(self) -> tuple[str, ...]:
        """The families it is in."""
        found = families_of(self.model)
        return tuple("value" if each == "shares" and self.credits == "value" else each for each in found)


def families_of(model: CreditModel) -> tuple[str, ...]:
    """The families a credit model is in; see `FAMILIES`."""
    found = set(UNKNOWN)
    if isinstance(model, Participation):
        found.remove("shares")
    if isinstance(model, LastNot | ShapleyGame):
        found.remove("names")
    if isinstance(model, MarkovChosen):
        # More journeys speak for a higher order.
        found.remove("counts")
    if isinstance(model, Rule | Shapley | ShapleyOrdered):
        found.add("journeys")
    elif isinstance(model, Markov | MarkovChosen) or "lost" in model.needs:
        found.add("rates")
    return tuple(sorted(found))


def _dated(journeys: Journeys) -> Journeys:
    """The same with times and milestones."""
    sizes = np.diff(journeys.offsets)
    place = np.arange(journeys.n_touches) - np.repeat(journeys.offsets[:-1], sizes)
    parts = np.arange(1, len(MILESTONES) + 1)
    return replace(
        journeys,
        time=place * DAY_US,
        end=(sizes - 1) * DAY_US,
        milestones=((sizes[:, None] - 1) * parts // (len(MILESTONES) + 1)).astype(np.int32),
        milestone_names=MILESTONES,
    )
