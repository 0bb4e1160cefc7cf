"""Overrides change what they name before anything is judged, and say so where they are at fault."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from funnelsim.scenario import ScenarioError, load, loads

from .places import FULL, SMALL


def problems(overrides: dict[str, Any], text: str = SMALL) -> list[str]:
    """The problems of the small scenario under overrides."""
    with pytest.raises(ScenarioError) as caught:
        loads(text, overrides, name="a.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_a_value_is_changed_and_the_rest_is_not() -> None:
    changed = loads(SMALL, {"teams.sdr.reps": "6", "stages.demo.duration": "{exponential: {mean: 4 d}}"})
    assert len(changed.teams["sdr"].reps) == 6
    assert changed.stages["demo"].duration is not None
    assert changed.stages["demo"].duration.of("all").family == "exponential"
    assert changed.stages["qualify"] == loads(SMALL).stages["qualify"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("start", "2026-02-02"),
        ("start", date(2026, 2, 2)),
        ("teams.sdr.reps", 6),
        ("teams.sdr.reps", [{"count": 6}]),
        ("channels.web.arrivals.rate", "9 / d"),
        ("channels.web.arrivals", {"rate": "9 / d"}),
        ("stages.demo.exits.won", 0.35),
        ("stages.demo.exits.won", "35%"),
        ("stages.demo.exits.won", "{p: 35%}"),
        ("name", "a: b"),
        ("name", '"quoted"'),
        ("description", "two\nlines"),
    ],
)
def test_texts_are_read_as_yaml_and_other_values_are_taken(key: str, value: object) -> None:
    if value == "a: b":
        assert problems({key: value}) == ["--set: name: found a mapping with the keys a; it must be text"]
    else:
        assert loads(SMALL, {key: value}) != loads(SMALL)


def test_an_entry_of_a_list_is_changed_by_its_number() -> None:
    changed = load(FULL, {"teams.sdr.reps.1.count": "1", "stages.qualify.sla.on_breach.0.after": "2 h"})
    assert len(changed.teams["sdr"].reps) == 2
    sla = changed.stages["qualify"].sla
    assert sla is not None
    assert sla.on_breach[0].after.of("smb") == 7200


def test_an_optional_key_that_is_not_there_yet_is_added() -> None:
    changed = loads(
        SMALL,
        {
            "teams.sdr.max_queue": "5",
            "warmup": "4 w",
            "stages.wait": "{duration: 1 d, exits: {won: 1}}",
            "channels.web.enters": "wait",
            "stages.wait.exits": "{qualify: 100%}",
        },
    )
    assert changed.teams["sdr"].max_queue == 5
    assert changed.warmup == 28 * 86_400
    assert changed.channels["web"].enters == "wait"


def test_a_path_that_leads_nowhere_names_the_nearest_one() -> None:
    rule = "an override changes something that is in the scenario"
    assert problems({"teams.sdrs.reps": "3"}) == [
        f"--set: teams.sdrs.reps: there is no teams.sdrs; {rule}. Did you mean sdr?"
    ]
    assert problems({"temas.sdr.reps": "3"}) == [
        f"--set: temas.sdr.reps: there is no temas; {rule}. Did you mean teams?"
    ]
    assert problems({"channels.wbe.arrivals.rate": "3 / d"}) == [
        f"--set: channels.wbe.arrivals.rate: there is no channels.wbe; {rule}. Did you mean web?"
    ]
    assert problems({"stages.demo.duration.mean": "3 d"}) == [
        f'--set: stages.demo.duration.mean: stages.demo.duration is "3 d" and has nothing in it; {rule}'
    ]


def test_arrivals_may_be_left_out_of_the_path_of_a_channel() -> None:
    assert loads(SMALL, {"channels.web.rate": "3 / d"}) == loads(SMALL, {"channels.web.arrivals.rate": "3 / d"})


def test_steps_that_were_left_out_are_put_back_in_the_hint() -> None:
    (said,) = problems({"sdr.reps": "3"})
    assert said.endswith("Did you mean teams.sdr.reps?")


def test_an_unknown_key_is_a_problem_of_the_override() -> None:
    assert problems({"teams.sdr.rep": "3"}) == ["--set: teams.sdr.rep: unknown key. Did you mean reps?"]


def test_a_bad_value_is_a_problem_of_the_override_and_lines_of_the_rest_stay() -> None:
    found = problems({"teams.sdr.reps": "-3"}, SMALL.replace("40%", "140%"))
    assert found[0].startswith('a.yaml:10: stages.qualify.exits.demo: found "140%"')
    assert found[1].startswith("--set: teams.sdr.reps: found -3")


def test_what_an_override_replaces_is_not_judged_any_more() -> None:
    broken = SMALL.replace("30 min", "30").replace("3 d", "&x 3 d\n    duration: 4 d")
    assert len(problems({}, broken)) == 2
    assert loads(broken, {"stages.qualify.duration": "30 min", "stages.demo.duration": "4 d"}).stages


def test_several_bad_overrides_are_named_together() -> None:
    assert len(problems({"a.b": "1", "teams.x.y": "1", "teams.sdr.reps": "[", "warmup": "!x 5"})) == 4


def test_a_key_with_dots_under_sources_can_be_changed() -> None:
    changed = load(FULL, {"sources.stages.qualify.exits.year": "2020"})
    assert changed.sources["stages.qualify.exits"].year == 2020
