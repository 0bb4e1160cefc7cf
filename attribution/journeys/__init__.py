"""Journeys: what happened to prospects until they converted or were lost, as a table of events and as ragged arrays."""

from attribution.journeys.events import from_events
from attribution.journeys.paths import from_paths
from attribution.journeys.pieces import Pieces, in_pieces
from attribution.journeys.problems import JourneysError
from attribution.journeys.ragged import Journeys
from attribution.journeys.schema import (
    COLUMNS,
    KINDS,
    MILESTONES,
    OUTCOMES,
    SCHEMA,
    TRUTH,
    Column,
    as_observed,
    read,
)
from attribution.journeys.transforms import (
    Transform,
    collapse,
    compose,
    first_occurrence,
    frequency,
    identity,
    remove_if_last_and_not_all,
    remove_unless_all,
)
from attribution.journeys.windows import conversion_window, ignore_direct, lookback, only, without

__all__ = [
    "COLUMNS",
    "KINDS",
    "MILESTONES",
    "OUTCOMES",
    "SCHEMA",
    "TRUTH",
    "Column",
    "Journeys",
    "JourneysError",
    "Pieces",
    "Transform",
    "as_observed",
    "collapse",
    "compose",
    "conversion_window",
    "first_occurrence",
    "frequency",
    "from_events",
    "from_paths",
    "identity",
    "ignore_direct",
    "in_pieces",
    "lookback",
    "only",
    "read",
    "remove_if_last_and_not_all",
    "remove_unless_all",
    "without",
]
