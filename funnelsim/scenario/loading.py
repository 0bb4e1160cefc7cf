"""From a text to a scenario, or to everything that is wrong with it.

Pydantic judges fields; what it refuses is left out and the rest is read again, so that the checks across fields
(checks.py) can run on what is sound. A check that would have needed something left out is not made.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from funnelsim.core.problems import Problem, ScenarioError, did_you_mean
from funnelsim.scenario import document as documents
from funnelsim.scenario import shelf
from funnelsim.scenario.assumptions import Assumptions
from funnelsim.scenario.check_whole import sizes
from funnelsim.scenario.checks import check
from funnelsim.scenario.correlations import pairs
from funnelsim.scenario.document import Document
from funnelsim.scenario.model import CURRENCY, Scenario
from funnelsim.scenario.origin import Origin
from funnelsim.scenario.overrides import Verbatim, lay_over
from funnelsim.scenario.refusal import Surroundings, segments_of
from funnelsim.scenario.resolve import resolved
from funnelsim.scenario.settling import settle
from funnelsim.scenario.taint import Taint
from funnelsim.scenario.translate import findings

NO_OVERRIDES: Mapping[str, object] = {}
STAND_INS: dict[str, Any] = {"name": "?", "start": "2000-01-03", "horizon": "52 w", "channels": {}, "stages": {}}
"""What stands for a required key that is missing or refused, so that the rest can be judged."""


def load(name_or_path: str | Path, overrides: Mapping[str, object] = NO_OVERRIDES) -> Scenario:
    """The scenario in a file, or a shipped one by its name; raises `ScenarioError` with all problems."""
    file = shelf.find(name_or_path)
    try:
        data = file.read_bytes()
    except OSError as error:
        found = f"cannot be read: {error.strerror or error}"
        raise ScenarioError([Problem(str(name_or_path), None, "", found)]) from None
    return loads(data, overrides, file=file)


def loads(
    text: str | bytes,
    overrides: Mapping[str, object] = NO_OVERRIDES,
    *,
    file: str | Path | None = None,
    name: str | None = None,
) -> Scenario:
    """The scenario in a text; `file` is where it would stand, `name` what problems call it."""
    path = Path(file) if file is not None else None
    called = name or (path.name if path is not None else "<text>")
    data = text.encode() if isinstance(text, str) else text
    return _loaded(documents.parse(data, called), Origin(data, path, called, dict(overrides)))


def _loaded(document: Document, origin: Origin) -> Scenario:
    """The scenario in a document, with what its origin says laid over it."""
    lay_over(document, origin.overrides)
    if too_large := sizes(document):
        raise ScenarioError([*document.problems, *too_large])
    items = settle(document, lambda trial: read(trial).problems)
    reading = read(document)
    scenario = resolved(reading.scenario, origin.file)
    correlated, unrelated = pairs(reading.scenario.correlations, items, document)
    problems = [*document.problems, *reading.problems, *check(scenario, document, reading.tainted), *unrelated]
    if problems:
        raise ScenarioError(_in_order(problems, document))
    found = _with_noise(scenario)
    found._origin, found._assumptions = origin, Assumptions(items, correlated)
    return found


def changed(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """A scenario that was loaded, with more laid over it: values by their path, as `--set` takes them.

    Raises `ScenarioError` with all problems, ValueError for a scenario that was not read from a text.
    """
    origin = scenario._origin
    if not origin.text:
        raise ValueError(f"{scenario.name}: it was not loaded, so no path of it can be changed; load or loads it")
    document = documents.parsed_again(origin.text, origin.name)
    return _loaded(document, replace(origin, overrides={**origin.overrides, **changes}))


def with_values(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """A scenario with a value for each of its assumptions, by path and in the unit of the assumption.

    Assumptions that are not named have their medians. Raises `ScenarioError` where values cannot be together, KeyError
    for a path that is none of an assumption.
    """
    known = {each.path: each for each in scenario.assumptions}
    if unknown := [path for path in values if path not in known]:
        remedy = did_you_mean(unknown[0], known) or "it has none"
        raise KeyError(f"{unknown[0]} is no assumption of {scenario.name}: {remedy}")
    written = {path: each.written(float(values.get(path, each.centre))) for path, each in known.items()}
    return changed(
        scenario, {path: Verbatim(each) if isinstance(each, str) else each for path, each in written.items()}
    )


def _with_noise(scenario: Scenario) -> Scenario:
    """The scenario with the noise of the score that leads to its AUC."""
    if scenario.score.auc is None:
        return scenario
    from funnelsim.scenario.score_quality import with_noise  # here: numpy

    return with_noise(scenario)


@dataclass
class Reading:
    """What could be read of a document: the scenario without its refused parts, the problems, and the refused paths."""

    scenario: Scenario
    problems: list[Problem] = field(default_factory=list)
    tainted: Taint = field(default_factory=Taint)


def read(document: Document) -> Reading:
    """The scenario in a document, with refused parts left out."""
    context = around(document.tree)
    problems: list[Problem] = []
    tainted = Taint(_paths_of(document))
    tree = document.tree
    pruned: Document = document
    while True:
        try:
            return Reading(Scenario.model_validate(tree, context=context), problems, tainted)
        except ValidationError as error:
            found = findings(error, pruned, Scenario)
        consequential = [tainted.below(judged[0]) for _, _, judged in found]
        if tree is document.tree:
            tree = copy.deepcopy(tree)
        for (path, problem, judged), follows in zip(found, consequential, strict=True):
            if not follows:
                problems.append(problem)
            tainted.add(*judged)
            _leave_out(tree, path, judged[0])
        pruned = Document(document.name, tree, document.lines, [], document.origins)


def around(tree: Mapping[str, Any]) -> Surroundings:
    """What single values must know of the whole: segments and currency."""
    currency = tree.get("currency", "USD")
    known = isinstance(currency, str) and CURRENCY.fullmatch(currency) is not None
    return Surroundings(segments_of(tree), currency if known else "")


def _paths_of(document: Document) -> set[documents.Path]:
    """The paths that the reader of the document has refused already."""
    keys = {problem.key for problem in document.problems}
    found = {path for path in document.lines if documents.dotted(path) in keys} if keys else set()
    return found | document.refused


def _leave_out(tree: Any, path: documents.Path, wanted: documents.Path) -> None:
    """Remove a refused part, at its nearest key of a mapping; a required key of the root gets its stand-in."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    if not path:
        if wanted and wanted[0] in STAND_INS:
            tree[wanted[0]] = copy.deepcopy(STAND_INS[str(wanted[0])])
        return
    *parents, last = path
    node = tree
    for step in parents:
        if not isinstance(node, dict | list) or (isinstance(node, dict) and step not in node):
            return
        node = node[step]  # type: ignore[index]
    if not isinstance(node, dict):
        return
    node.pop(last, None)
    if not parents and last in STAND_INS:
        node[last] = copy.deepcopy(STAND_INS[str(last)])


def _in_order(problems: list[Problem], document: Document) -> list[Problem]:
    """Problems in the order of the file, each once."""
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda p: (p.file != document.name, p.line is None, p.line or 0))
