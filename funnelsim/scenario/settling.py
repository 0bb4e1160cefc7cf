"""Finds the ranges in a document, puts their medians in their places, and keeps them as assumptions.

Whether a place takes a number is asked of the reader itself: a range stands where words are refused, so that names,
texts and dates stay as they are. In the same way it is asked whether a place takes what is above 1, below 0, and
between whole numbers, and whether it takes both ends.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from typing import Any

from funnelsim.core.problems import Problem
from funnelsim.scenario.assumptions import Assumption
from funnelsim.scenario.candidates import (
    WORDS,
    Candidate,
    candidates,
    could_be_share,
    could_be_whole,
    ends_of,
    in_its_unit,
    inside,
    middle,
    one,
    said,
)
from funnelsim.scenario.document import Document, Path, dotted
from funnelsim.scenario.ranges import ends, law_of, range_of, scale, uncertain
from funnelsim.scenario.refusal import Refusal, show

Reader = Callable[[Document], list[Problem]]


def settle(document: Document, read: Reader) -> tuple[Assumption, ...]:
    """The assumptions in a document, whose tree gets their medians; what is wrong with them becomes its problems.

    `read` returns all problems of a document's fields.
    """
    found = [Candidate(path, value) for path, value in candidates(document.tree, ())]
    if not found:
        return ()
    probe = Probe(document, read)
    numbers = probe.where_numbers_stand(found)
    for each in found:
        if each not in numbers and isinstance(each.value, dict):
            _refuse(document, each, Refusal("found a range", "here stands a text, not a number", "write the text"))
    sound = [each for each in numbers if _understood(document, each)]
    _put(document.tree, {each.path: middle(each) for each in sound})
    sound = [each for each in probe.with_laws(sound) if each.assumption is not None]
    sound = probe.that_fit(sound)
    for each in sound:
        assert each.assumption is not None
        _put(document.tree, {each.path: each.assumption.written(each.assumption.centre)})
    return tuple(each.assumption for each in sound if each.assumption is not None)


def _refuse(document: Document, each: Candidate, refusal: Refusal) -> None:
    """Note what is wrong with a range; nobody judges its place any more."""
    path = (*each.path, *refusal.at)
    document.problems.append(document.problem(path, refusal.found, refusal.rule, refusal.remedy))
    document.refused.add(each.path)


def _understood(document: Document, each: Candidate) -> bool:
    """Whether a range makes sense by itself."""
    try:
        if isinstance(each.value, dict):
            each.law = uncertain(each.value)
        elif (sides := ends(each.value)) is not None:
            each.range = range_of(each.value, *sides)
    except Refusal as refusal:
        _refuse(document, each, refusal)
        return False
    return True


def _put(tree: Any, values: Mapping[Path, Any]) -> None:
    for path, value in values.items():
        node = tree
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value


class Probe:
    """Asks the reader what places take, by putting something there."""

    def __init__(self, document: Document, read: Reader) -> None:
        self.document, self.read = document, read

    def refused(self, values: Mapping[Path, Any]) -> dict[str, Problem]:
        """The problems at these paths, by key, with these values in their places."""
        if not values:
            return {}
        tree = copy.deepcopy(self.document.tree)
        _put(tree, values)
        known = {dotted(path) for path in values}
        trial = Document(self.document.name, tree, self.document.lines, [], self.document.origins)
        return {problem.key: problem for problem in self.read(trial) if problem.key in known}

    def where_numbers_stand(self, found: list[Candidate]) -> list[Candidate]:
        """Those in whose place words are refused, and a number is not."""
        numbers: list[Candidate] = []
        rest = found
        while rest:
            # What is refused may hide what stands beside it: once it is a number, the rest is asked again.
            words = {each.path: WORDS if isinstance(each.value, dict) else each.value for each in rest}
            no_words = self.refused({**words, **{each.path: middle(each) for each in numbers}})
            more = [each for each in rest if each.key in no_words]
            if not more:
                break
            numbers += more
            rest = [each for each in rest if each not in more]
        # A place that refuses what is in the range, and 1 of its unit too, asks for something else, as a date.
        first = self.refused({each.path: middle(each) for each in numbers})
        doubtful = [each for each in numbers if each.key in first and isinstance(each.value, str)]
        second = self.refused({each.path: one(each) for each in doubtful})
        return [each for each in found if each in numbers and not (each in doubtful and each.key in second)]

    def with_laws(self, sound: list[Candidate]) -> list[Candidate]:
        """The same, each with its assumption, where there is a law that fits its place."""
        shares = self.refused(
            {each.path: in_its_unit(each, 1.5 * scale(each.unit)) for each in sound if could_be_share(each)}
        )
        positive = self.refused({each.path: in_its_unit(each, -1.0) for each in sound if each.range})
        halves = {each.path: math.floor(inside(each)) + 0.5 for each in sound if could_be_whole(each)}
        whole = self.refused(halves)
        for each in sound:
            try:
                law = each.law.law if each.law else None
                if each.range is not None:
                    law = law_of(each.range, share=each.key in shares, positive=each.key in positive)
            except Refusal as refusal:
                _refuse(self.document, each, Refusal(f"found {show(each.value)}", refusal.rule, _uniform(each)))
                continue
            assert law is not None
            each.assumption = Assumption(
                ".".join(map(str, each.path)), said(each.value), each.unit, law, each.key in whole,
                **_stands(self.document, each.path),
            )  # fmt: skip
        return sound

    def that_fit(self, sound: list[Candidate]) -> list[Candidate]:
        """Those of which the place takes both ends; the others are refused."""
        wrong: set[str] = set()
        for at, name in enumerate(("low", "high")):
            beyond = self.refused({each.path: in_its_unit(each, ends_of(each)[at]) for each in sound})
            for each in sound:
                if each.key not in beyond or each.key in wrong:
                    continue
                rule = beyond[each.key].rule or beyond[each.key].found
                which = "end" if each.range else "draws"
                found = f"found {show(each.value) if each.range else 'a range'}"
                _refuse(self.document, each, Refusal(f"{found}, whose {name} {which} cannot be", rule))
                wrong.add(each.key)
        return [each for each in sound if each.key not in wrong]


def _stands(document: Document, path: Path) -> dict[str, Any]:
    """File and line of a path."""
    there = document.problem(path, "")
    return {"file": there.file, "line": there.line}


def _uniform(each: Candidate) -> str:
    """How to write a range that reaches a bound."""
    assert each.range is not None
    low, high = in_its_unit(each, each.range.low), in_its_unit(each, each.range.high)
    return f"write {{uncertain: {{uniform: {{low: {low}, high: {high}}}}}}}"
