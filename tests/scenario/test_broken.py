"""Every broken file is refused with exactly the problems that its first lines announce."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from funnelsim.scenario import ScenarioError, load

from .places import BROKEN

FILES = sorted(BROKEN.glob("*.yaml"))
EXPECT = re.compile(r"# expect: (.*)")
LINE = re.compile(r"(\d+|-): ")


def expected(file: Path) -> list[str]:
    """The announced problems; `14:` is a line of the file itself, `-:` no line, `rows.csv:3:` one of another file."""
    said = [match[1] for line in file.read_text(encoding="utf-8").splitlines() if (match := EXPECT.fullmatch(line))]
    own = [f"{file.name}{each[1:]}" if each.startswith("-") else f"{file.name}:{each}" for each in said]
    return [mine if LINE.match(each) else each for each, mine in zip(said, own, strict=True)]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_broken_file_is_refused_with_all_its_problems_and_no_others(file: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert [str(problem) for problem in caught.value.problems] == expected(file)


def test_there_are_many_broken_files_and_some_have_many_problems() -> None:
    counts = [len(expected(file)) for file in FILES]
    assert len(FILES) >= 70
    assert all(counts)
    assert sum(count >= 5 for count in counts) >= 5


def test_the_error_lists_its_problems_one_per_line_with_their_count() -> None:
    with pytest.raises(ScenarioError) as caught:
        load(BROKEN / "exits_above_one.yaml")
    rule = "they must add up to 1. Lower one of them"
    assert str(caught.value) == (
        f"1 problem:\n  exits_above_one.yaml:11: stages.qualify.exits: probabilities add up to 1.3; {rule}"
    )
