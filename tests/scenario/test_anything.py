"""Whatever one feeds to the reader, a scenario comes out or a `ScenarioError`, and soon."""

from __future__ import annotations

import os
import re
import time
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from funnelsim.core.problems import ScenarioError
from funnelsim.scenario import Scenario, loads

from . import strategies
from .places import FULL

N_EXAMPLES = 10_000 if os.environ.get("FUNNELSIM_LONG") else 360
MANY = settings(
    max_examples=N_EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    derandomize=not os.environ.get("FUNNELSIM_LONG"),
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
SECONDS = 5.0
FEW = settings(MANY, max_examples=max(N_EXAMPLES // 4, 1))


UNTRANSLATED = re.compile(r"[Vv]alue error|[Aa]ssertion|[Ii]nput should|pydantic|Traceback|Refusal")
"""Words of pydantic and Python that no person should read; a defect of a reader shows as one of them."""


def scenario_or_problems(text: str | bytes, overrides: dict[str, Any] | None = None) -> Scenario | ScenarioError:
    """What comes of a text; any other exception is the defect that these tests look for."""
    start = time.process_time()
    try:
        return loads(text, overrides or {})
    except ScenarioError as error:
        return error
    finally:
        # The time of this process, not of the clock: a busy machine is no defect of the reader.
        assert time.process_time() - start < SECONDS


def assert_useful(outcome: Scenario | ScenarioError) -> None:
    """A refusal has problems, and each can be read on one line."""
    if isinstance(outcome, ScenarioError):
        assert outcome.problems
        for problem in outcome.problems:
            assert problem.found
            assert problem.line is None or problem.line >= 1
            assert len(str(problem).splitlines()) == 1
            assert not UNTRANSLATED.search(str(problem)), problem


@MANY
@given(strategies.anything())
def test_any_text_gives_a_scenario_or_a_scenario_error(text: str | bytes) -> None:
    assert_useful(scenario_or_problems(text))


@FEW
@given(strategies.overrides())
def test_any_override_gives_a_scenario_or_a_scenario_error(overrides: dict[str, Any]) -> None:
    assert_useful(scenario_or_problems(FULL.read_bytes(), overrides))


@FEW
@given(strategies.mutated_trees())
def test_a_scenario_that_is_accepted_is_accepted_again_and_is_equal(text: str) -> None:
    outcome = scenario_or_problems(text)
    if isinstance(outcome, Scenario):
        assert loads(text) == outcome
