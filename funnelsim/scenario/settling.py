"""Finds the ranges in a document, puts their medians in their places, and keeps them as assumptions.

Whether a place takes a number is asked of the reader itself: a range stands where words are refused, so that names,
texts and dates stay as they are. In the same way it is asked whether a place takes what is above 1, below 0, and
between whole numbers, and whether it takes both ends.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from funnelsim.core.problems import Problem
from funnelsim.scenario.assumptions import MEDIAN, Assumption
from funnelsim.scenario.document import Document, Path, dotted
from funnelsim.scenario.ranges import (
    Amount,
    Range,
    Uncertain,
    ends,
    is_uncertain,
    law_of,
    range_of,
    scale,
    uncertain,
)
from funnelsim.scenario.refusal import Refusal, show

FIXED: Final = frozenset(
    {"name", "description", "start", "horizon", "warmup", "tick", "bucket", "currency", "views", "sources", "policies",
     "correlations"}
)  # fmt: skip
"""Blocks that are not about the funnel, or about how it is looked at; policies are read when they are in force."""
WORDS: Final = "(a range)"
FAR: Final = (0.001, 0.999)
"""Draws of a law that a place must take."""

Reader = Callable[[Document], list[Problem]]


@dataclass
class Candidate:
    """What may be a range: its path, what stands there, and what it was found to be."""

    path: Path
    value: Any
    range: Range | None = None
    law: Uncertain | None = None
    assumption: Assumption | None = None

    @property
    def key(self) -> str:
        """Its path as problems have it."""
        return dotted(self.path)

    @property
    def unit(self) -> str:
        """The unit in which it was written."""
        known = self.range or self.law
        return known.unit if known is not None else ""


def settle(document: Document, read: Reader) -> tuple[Assumption, ...]:
    """The assumptions in a document, whose tree gets their medians; what is wrong with them becomes its problems.

    `read` returns all problems of a document's fields.
    """
    found = [Candidate(path, value) for path, value in _candidates(document.tree, ())]
    if not found:
        return ()
    probe = Probe(document, read)
    numbers = probe.where_numbers_stand(found)
    for each in found:
        if each not in numbers and isinstance(each.value, dict):
            _refuse(document, each, Refusal("found a range", "here stands a text, not a number", "write the text"))
    sound = [each for each in numbers if _understood(document, each)]
    _put(document.tree, {each.path: _middle(each) for each in sound})
    sound = [each for each in probe.with_laws(sound) if each.assumption is not None]
    sound = probe.that_fit(sound)
    for each in sound:
        assert each.assumption is not None
        _put(document.tree, {each.path: each.assumption.written(each.assumption.centre)})
    return tuple(each.assumption for each in sound if each.assumption is not None)


def _candidates(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Everything that is written like a range, where numbers may stand."""
    if len(path) == 1 and path[0] in FIXED:
        return
    if is_uncertain(node) or ends(node) is not None:
        yield path, node
        return
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, each in items:
        yield from _candidates(each, (*path, step))


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
            said = self.refused({**words, **{each.path: _middle(each) for each in numbers}})
            more = [each for each in rest if each.key in said]
            if not more:
                break
            numbers += more
            rest = [each for each in rest if each not in more]
        # A place that refuses what is in the range, and 1 of its unit too, asks for something else, as a date.
        first = self.refused({each.path: _middle(each) for each in numbers})
        doubtful = [each for each in numbers if each.key in first and isinstance(each.value, str)]
        second = self.refused({each.path: _one(each) for each in doubtful})
        return [each for each in found if each in numbers and not (each in doubtful and each.key in second)]

    def with_laws(self, sound: list[Candidate]) -> list[Candidate]:
        """The same, each with its assumption, where there is a law that fits its place."""
        shares = self.refused({each.path: _at(each, 1.5 * scale(each.unit)) for each in sound if _in_unit(each)})
        positive = self.refused({each.path: _at(each, -1.0) for each in sound if each.range})
        halves = {each.path: math.floor(_inside(each)) + 0.5 for each in sound if _may_be_whole(each)}
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
                ".".join(map(str, each.path)), _said(each.value), each.unit, law, each.key in whole,
                **_stands(self.document, each.path),
            )  # fmt: skip
        return sound

    def that_fit(self, sound: list[Candidate]) -> list[Candidate]:
        """Those of which the place takes both ends; the others are refused."""
        wrong: set[str] = set()
        for at, name in enumerate(("low", "high")):
            said = self.refused({each.path: _at(each, _ends_of(each)[at]) for each in sound})
            for each in sound:
                if each.key not in said or each.key in wrong:
                    continue
                rule = said[each.key].rule or said[each.key].found
                which = "end" if each.range else "draws"
                found = f"found {show(each.value) if each.range else 'a range'}"
                _refuse(self.document, each, Refusal(f"{found}, whose {name} {which} cannot be", rule))
                wrong.add(each.key)
        return [each for each in sound if each.key not in wrong]


def _said(value: Any) -> str:
    """A range, or a law, as it is written: `triangular: low 20%, mode 25%, high 30%`."""
    if isinstance(value, str):
        return value
    ((family, params),) = next(iter(value.values())).items()
    return f"{family}: " + ", ".join(f"{name} {each}" for name, each in params.items())


def _stands(document: Document, path: Path) -> dict[str, Any]:
    """File and line of a path."""
    there = document.problem(path, "")
    return {"file": there.file, "line": there.line}


def _uniform(each: Candidate) -> str:
    """How to write a range that reaches a bound."""
    assert each.range is not None
    low, high = _at(each, each.range.low), _at(each, each.range.high)
    return f"write {{uncertain: {{uniform: {{low: {low}, high: {high}}}}}}}"


def _at(each: Candidate, number: float) -> Any:
    """A number in the unit of a range."""
    return Amount(number, each.unit).written()


def _middle(each: Candidate) -> Any:
    """Something between the ends that the place should take; words where that is not known."""
    sides = ends(each.value)
    if sides is not None:
        return Amount(_inside(each), sides[1].unit or sides[0].unit).written()
    try:
        each.law = each.law or uncertain(each.value)
    except Refusal:
        return WORDS
    return _at(each, _inside(each))


def _one(each: Candidate) -> Any:
    """1 in the unit of a range."""
    sides = ends(each.value)
    return Amount(1.0, (sides[1].unit or sides[0].unit) if sides else "").written()


def _inside(each: Candidate) -> float:
    """A number inside a range: a whole one where there is one."""
    sides = ends(each.value)
    if sides is not None:
        low, high = sorted(side.number for side in sides)
        return float(math.floor(high)) if math.floor(high) >= low else (low + high) / 2.0
    assert each.law is not None
    return float(each.law.law.ppf(MEDIAN)) * scale(each.law.unit)


def _in_unit(each: Candidate) -> bool:
    """Whether a range could be one of shares."""
    of = each.range
    return of is not None and of.unit in ("", "%") and 0.0 <= of.low and of.high <= scale(of.unit)


def _may_be_whole(each: Candidate) -> bool:
    if each.range is None:
        return not each.unit
    return not each.unit and each.range.low == int(each.range.low) and each.range.high == int(each.range.high)


def _ends_of(each: Candidate) -> tuple[float, float]:
    """The ends of a range, or draws of a law that are far out."""
    if each.range is not None:
        return each.range.low, each.range.high
    assert each.assumption is not None
    low, high = each.assumption.quantile(FAR)
    return float(low), float(high)
