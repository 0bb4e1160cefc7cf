"""A scenario and what might be done differently: each policy laid over it, with its own place in what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from funnelsim.core.problems import Problem, ScenarioError, did_you_mean
from funnelsim.scenario import document as documents
from funnelsim.scenario.loading import changed
from funnelsim.scenario.model import Scenario
from funnelsim.scenario.overrides import ORIGIN
from funnelsim.scenario.policies import Policy, PolicyFile

BASELINE: Final = "baseline"
Policies = Mapping[str, "Policy | Mapping[str, Any] | Scenario"]
"""By name a policy, its changes alone, or a whole scenario."""


@dataclass(frozen=True)
class Variant:
    """A policy in force: its name, the funnel with its changes, and what it says of itself."""

    name: str
    scenario: Scenario
    says: str = ""
    changes: Mapping[str, Any] | None = None
    cost: float = 0.0
    """What it costs a month beyond what the funnel counts."""
    once: float = 0.0
    """What it costs to bring in."""


def wanted(policies: Policies, names: Sequence[str]) -> dict[str, Any]:
    """The policies of these names; all of them for no name. Raises ScenarioError with every name that is none."""
    problems = [_unknown(name, list(policies)) for name in names if name not in policies]
    if problems:
        raise ScenarioError(problems)
    return {name: policies[name] for name in names or policies}


def variants(scenario: Scenario, policies: Policies | None = None) -> list[Variant]:
    """The policies of a scenario (default: its own), in force.

    Raises ScenarioError with the problems of all policies.
    """
    given: Policies = scenario.policies if policies is None else policies
    found, problems = [], []
    for name in given:
        if name == BASELINE:
            problems.append(Problem("policies", None, name, "the name is taken", "", "choose another name"))
            continue
        try:
            found.append(_variant(scenario, name, given[name]))
        except ScenarioError as error:
            problems += [_placed(problem, name, scenario) for problem in error.problems]
    if problems:
        raise ScenarioError(problems)
    return found


def _variant(scenario: Scenario, name: str, policy: Policy | Mapping[str, Any] | Scenario) -> Variant:
    if isinstance(policy, Scenario):
        return Variant(name, policy)
    if not isinstance(policy, Policy):
        return Variant(name, changed(scenario, policy), "", dict(policy))
    in_force = changed(scenario, policy.changes)
    return Variant(name, in_force, policy.says, policy.changes, policy.cost, policy.once)


def _placed(problem: Problem, name: str, scenario: Scenario) -> Problem:
    """A problem of a change, where the policy says it: in the scenario's file, if it stands there."""
    if problem.file != ORIGIN:
        return problem
    own = scenario.policies.get(name)
    written = (
        next((path for path in own.changes if path == problem.key or problem.key.startswith(f"{path}.")), None)
        if own
        else None
    )
    if written is None:
        return replace(problem, file=f"policies.{name}")
    origin = scenario._origin
    line = documents.parse(origin.text, origin.name).line(("policies", name, "set", written))
    return replace(problem, file=origin.name, line=line, key=f"policies.{name}.set.{problem.key}")


def _unknown(name: str, known: list[str]) -> Problem:
    remedy = did_you_mean(name, known) or "write a policies: block, or --set teams.sdr.reps=7"
    return Problem("policies", None, name, "there is no such policy", "", remedy)


def policies_in(path: str | Path, currency: str = "USD") -> dict[str, Policy]:
    """The policies of a file of its own, which has one key, `policies`.

    Raises ScenarioError with all problems.
    """
    from pydantic import ValidationError

    from funnelsim.scenario.refusal import Surroundings
    from funnelsim.scenario.translate import findings

    file = Path(path)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ScenarioError([Problem(str(path), None, "", f"cannot be read: {error.strerror or error}")]) from None
    document = documents.parse(data, file.name)
    if document.problems:
        raise ScenarioError(document.problems)
    try:
        return PolicyFile.model_validate(document.tree, context=Surroundings(None, currency)).policies
    except ValidationError as error:
        raise ScenarioError([problem for _, problem, _ in findings(error, document, PolicyFile)]) from None
