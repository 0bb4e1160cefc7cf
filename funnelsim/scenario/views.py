"""Views: vocabularies laid over the stages of one funnel; each stage has one word of each view.

A view changes nothing that happens. Two of them are never written, they follow from the stages: `owner`, and `zone`
where a stage has one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from funnelsim.scenario.model import Scenario

ZONE: Final = "zone"
OWNER: Final = "owner"
NO_ZONE: Final = "(none)"
"""The word of stages without a zone."""
_OWNERS: Final = ("marketing", "sales", "success")

Words = dict[str, tuple[str, ...]]
"""The words of a view, in order, each with its stages."""


def views_of(scenario: Scenario) -> dict[str, Words]:
    """All views of a resolved scenario by name: those that are written, then `zone` and `owner`."""
    zones = {name: stage.zone or NO_ZONE for name, stage in scenario.stages.items()}
    in_order = sorted(dict.fromkeys(zones.values()), key=NO_ZONE.__eq__)
    views = dict(scenario.views)
    if in_order != [NO_ZONE]:
        views[ZONE] = _grouped(zones, in_order)
    views[OWNER] = _grouped({name: stage.owner for name, stage in scenario.stages.items()}, _OWNERS)
    return views


def _grouped(word_of: dict[str, str], words: Iterable[str]) -> Words:
    """Stages by their words; a word that no stage has is left out."""
    found = {word: tuple(stage for stage, each in word_of.items() if each == word) for word in words}
    return {word: stages for word, stages in found.items() if stages}
