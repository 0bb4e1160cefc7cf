"""Journeys: what happened to prospects until they converted or were lost, as a table of events and as ragged arrays."""

from attribution.journeys.events import from_events
from attribution.journeys.paths import from_paths
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
    "as_observed",
    "from_events",
    "from_paths",
    "read",
]
