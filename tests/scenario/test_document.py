"""YAML is read as data: with the line of every key, without surprises of YAML 1.1, and within bounds."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest

from funnelsim.core.problems import ScenarioError
from funnelsim.scenario import document


def tree(text: str | bytes) -> dict[str, Any]:
    """The tree of a text."""
    return document.parse(text, "a.yaml").tree


def refusal(text: str | bytes) -> str:
    """The first problem of a text that is no document."""
    with pytest.raises(ScenarioError) as caught:
        document.parse(text, "a.yaml")
    return str(caught.value.problems[0])


def test_scalars_are_those_of_yaml_1_2_and_dates_stay_texts() -> None:
    text = (
        "a: on\nb: off\nc: no\nd: true\ne: 12:30\nf: 2026-01-05\ng: 1_000\nh: 1e3\ni: .5\nj: ~\nk: '5'\nl: 1,0\nm: 0x1F"
    )
    assert tree(text) == {
        "a": "on",
        "b": "off",
        "c": "no",
        "d": True,
        "e": "12:30",
        "f": "2026-01-05",
        "g": 1000,
        "h": 1000.0,
        "i": 0.5,
        "j": None,
        "k": "5",
        "l": "1,0",
        "m": "0x1F",
    }


def test_infinity_and_no_number_are_read_so_that_they_can_be_refused_by_their_place() -> None:
    found = tree("a: .inf\nb: -.inf\nc: .nan")
    assert (found["a"], found["b"]) == (math.inf, -math.inf)
    assert math.isnan(found["c"])


def test_a_directive_does_not_bring_yaml_1_1_back() -> None:
    assert tree("%YAML 1.1\n---\na: on\nb: 12:30\nc: 0o17") == {"a": "on", "b": "12:30", "c": "0o17"}


def test_keys_are_texts() -> None:
    assert tree("1: a\ntrue: b\n2026-01-05: c\nnull: d") == {"1": "a", "true": "b", "2026-01-05": "c", "null": "d"}


def test_every_key_has_its_line() -> None:
    found = document.parse("a: 1\nb:\n  c: {d: 1,\n    e: 2}\n  f:\n    - x\n    - y: 1\n", "a.yaml")
    lines = {document.dotted(path): line for path, line in found.lines.items()}
    assert lines == {"a": 1, "b": 2, "b.c": 3, "b.c.d": 3, "b.c.e": 4, "b.f": 5, "b.f.0": 6, "b.f.1": 7, "b.f.1.y": 7}
    assert found.line(("b", "c", "nowhere")) == 3


def test_aliases_are_copied_and_keep_the_lines_of_their_anchor() -> None:
    found = document.parse("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\n", "a.yaml")
    assert found.tree == {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2}}
    assert found.lines["c", "b"] == 1
    assert found.lines["d", "e"] == 5


def test_an_anchor_may_be_set_again_and_an_alias_takes_the_last_one_before_it() -> None:
    assert tree("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_forty_levels_are_read_and_more_are_refused() -> None:
    assert tree("a: " + "[" * 39 + "]" * 39)
    assert refusal("a: " + "[" * 40 + "]" * 40) == "a.yaml:1: nested too deeply; a scenario is at most 40 levels deep"


def test_a_key_that_comes_twice_is_a_problem_and_the_first_value_stays() -> None:
    found = document.parse("a: 1\nb: 2\na: 3\n", "a.yaml")
    assert found.tree == {"a": 1, "b": 2}
    assert [str(problem) for problem in found.problems] == [
        "a.yaml:3: a: found a second time, after line 1; a key stands once. Remove one of the two"
    ]


def test_tags_are_refused_and_nothing_is_executed() -> None:
    found = document.parse("a: !!python/object/apply:os.system [exit 1]\nb: !x 1\nc: !!str 5\n", "a.yaml")
    assert [problem.key for problem in found.problems] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff\xfea: 1", "a.yaml:1: byte 0xff is no UTF-8"),
        (b"a: 1\nb: \xe9", "a.yaml:2: byte 0xe9 is no UTF-8"),
        ("a: 1\nb: \x00", "a.yaml:2: character U+0000 is not allowed"),
        ("a: \ud800", "a.yaml:1: character U+D800 is not allowed"),
        ("", "a.yaml:1: the file is empty"),
        ("# only a comment", "a.yaml:1: the file is empty"),
        ("- a", "a.yaml:1: the file is not a mapping"),
        ("text", "a.yaml:1: the file is not a mapping"),
        ("a: 1\n  b: 2", "a.yaml:2: not YAML: mapping values are not allowed here"),
        ("a: [1, 2", "a.yaml:1: not YAML: while parsing a flow sequence expected ',' or ']'"),
        ("a: 'x", "a.yaml:1: not YAML: while scanning a quoted scalar found unexpected end of stream"),
        ("x" * 1_000_001, "a.yaml: the file has 1000001 bytes"),
    ],
)
def test_what_is_no_document_is_refused_with_its_line(text: str | bytes, said: str) -> None:
    assert refusal(text).startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 500_000,
        "{" * 500_000,
        "- " * 400_000,
        "? " * 400_000,
        "!" * 900_000,
        "a: " + "!" * 900_000,
        "&" * 900_000,
        "a: &a [" + "*a, " * 9 + "]",
        "a: " + "&a " * 300_000,
        "*" * 900_000,
        ":" * 900_000,
        "'" * 900_001,
        "b: [&a [1,1,1,1,1,1,1,1,1,1], "
        + "".join(f"&a{i} [{','.join(['*a' + (str(i - 1) if i else '')] * 10)}]," for i in range(9))
        + "]",
    ],
    ids=range(13),
)
def test_no_text_hangs_the_reader(text: str) -> None:
    start = time.perf_counter()
    assert refusal(text)
    assert time.perf_counter() - start < 20.0


def test_a_number_of_many_digits_stays_a_text() -> None:
    assert tree("a: " + "9" * 5000) == {"a": "9" * 5000}
