"""Views: every stage has exactly one word of each."""

from __future__ import annotations

import re
from typing import Final

from funnelsim.core.problems import nearest
from funnelsim.scenario.check_names import usable
from funnelsim.scenario.document import Path
from funnelsim.scenario.ledger import Ledger
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.refusal import cut
from funnelsim.scenario.views import OWNER, ZONE, Words

_NAME: Final = re.compile(r"\w{1,80}")
_MOST: Final = 12
"""Stages that a problem lists."""


def check_views(scenario: Scenario, ledger: Ledger) -> None:
    """Note names that cannot be, and stages that are unknown, stand twice or are left out."""
    for view in ledger.names("views"):
        path: Path = ("views", view)
        if view in (ZONE, OWNER):
            rule = "this view follows from the stages"
            ledger.add(path, f"the name {view} is taken", rule, "choose another name", needs=())
        elif not _NAME.fullmatch(view):
            rule = "a view is called by letters, digits and _, at most 80 in all"
            ledger.add(path, f'"{cut(view, 40)}" is no usable name', rule, needs=())
        for word in ledger.names("views", view):
            usable(word, (*path, word), ledger)
    for view, words in scenario.views.items():
        _covered(("views", view), words, ledger)


def _covered(path: Path, words: Words, ledger: Ledger) -> None:
    """Each stage once."""
    stages, whole = ledger.names("stages"), ledger.sound(path)
    first: dict[str, str] = {}
    meant: set[str | None] = set()
    for word, listed in words.items():
        for i, stage in enumerate(listed):
            place = (*path, word, i)
            if stage in first:
                found = f"{stage} stands under {first[stage]} already"
                ledger.add(place, found, "a stage has one word of a view", "remove one of the two")
            elif ledger.known("stage", place, stage, stages, "stages"):
                first[stage] = word
            else:
                meant.add(nearest(stage, stages))
    left_out = [stage for stage in stages if stage not in first and stage not in meant]
    if left_out and whole:
        more = f" and {len(left_out) - _MOST} more" if len(left_out) > _MOST else ""
        found = f"no word covers {', '.join(cut(stage, 40) for stage in left_out[:_MOST])}{more}"
        ledger.add(path, found, "every stage has a word of a view", "add what is missing to a word", needs=())
